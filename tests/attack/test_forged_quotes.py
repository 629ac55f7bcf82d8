"""Quotes that no article holds, made from quotes that one does: none may pass the checks."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from rag.ingest.clean import clean
from rag.ingest.sources.reading import Draft, find, read
from rag.language.cues import quotes
from rag.language.sentences import split
from rag.verify.checks import quote_findings
from rag.verify.ground import Ground, Premise
from rag.verify.verifier import RuleVerifier
from tests.attack.sizes import figure, size

SIZE = size(2_000, 2_000, 10_000)
SAMPLE = Path(__file__).parents[2] / "eval" / "sample"
MARKS = ("“”", '""', "«»", "„“", "‘’", "''", "「」")
ALIKE = {"a": "а", "c": "с", "e": "е", "i": "і", "o": "о", "p": "р", "x": "х", "A": "Α", "T": "Т"}
"""Latin letters and what looks like them in Cyrillic and Greek."""


@cache
def texts() -> tuple[str, ...]:
    found = (draft for path in find([SAMPLE]) for draft in read(path))
    return tuple(clean(d.text) for d in found if isinstance(d, Draft))


class Place:
    """Some words in a row, where they stand, and what a check is told about the place."""

    def __init__(self, rng: random.Random) -> None:
        self.text = rng.choice(texts())
        spans = [s for s in split(self.text) if len(s.of(self.text).split()) > 8]
        span = rng.choice(spans)
        self.sentence = span.of(self.text)
        words = self.sentence.rstrip(".").split()
        start = rng.randrange(0, len(words) - 6)
        self.words = words[start : start + rng.randint(5, 12)]

    def premise(self) -> Premise:
        return Premise(text=self.sentence, context=self.sentence, article=self.text)


def truncated(place: Place, rng: random.Random) -> list[str]:
    at = rng.randrange(1, len(place.words) - 2)
    return place.words[:at] + place.words[at + rng.randint(1, 2) :]


def paraphrased(place: Place, rng: random.Random) -> list[str]:
    other = rng.choice(["reportedly", "entirely", "nobody", "gladly", "billions", "yesterday"])
    at = rng.randrange(1, len(place.words) - 1)
    return [*place.words[:at], other, *place.words[at + 1 :]]


def swapped(place: Place, rng: random.Random) -> list[str]:
    at = rng.randrange(0, len(place.words) - 2)
    words = list(place.words)
    words[at], words[at + 2] = words[at + 2], words[at]
    return words


def homoglyph(place: Place, rng: random.Random) -> list[str]:
    text = " ".join(place.words)
    places = [i for i, letter in enumerate(text) if letter in ALIKE]
    i = rng.choice(places)
    return (text[:i] + ALIKE[text[i]] + text[i + 1 :]).split()


def foreign(place: Place, rng: random.Random) -> list[str]:
    return Place(rng).words


FORGERS: Sequence[Callable[[Place, random.Random], list[str]]] = (
    truncated,
    paraphrased,
    swapped,
    homoglyph,
    foreign,
)


def plain(text: str) -> str:
    return " ".join(re.findall(r"[\w'’]+", text.lower()))


def forgeries(size: int) -> Iterator[tuple[str, str, Place]]:
    """Yield the kind of a forgery, a statement that quotes it, and the place it was made from."""
    rng = random.Random(20260716)
    made = 0
    while made < size:
        forge = FORGERS[made % len(FORGERS)]
        place = Place(rng)
        words = forge(place, rng)
        if f" {plain(' '.join(words))} " in f" {plain(place.text)} ":
            continue  # by chance the article has these very words
        yield forge.__name__, _said(" ".join(words), made), place
        made += 1


def _said(quote: str, number: int) -> str:
    opening, closing = MARKS[number % len(MARKS)]
    quoted = f"{opening}{quote}{closing}"
    forms = (f"The statement was {quoted}.", f"{quoted}, it was said.", f"It said {quoted} there.")
    return forms[number % len(forms)]


def test_no_forged_quote_is_accepted() -> None:
    verifier = RuleVerifier()
    passed: Counter[str] = Counter()
    first: dict[str, str] = {}
    for kind, statement, place in forgeries(SIZE):
        if verifier.check(statement, [place.premise()]).support in ("supported", "partly"):
            passed[kind] += 1
            first.setdefault(kind, f"{statement} <- {place.sentence}")
    figure("forged quotes", made=SIZE, accepted=passed.total())
    assert passed == {}, first


def test_true_quotes_are_not_taken_for_forged_ones() -> None:
    rng = random.Random(7)
    for number in range(300):
        place = Place(rng)
        statement = _said(" ".join(place.words), number)
        found = list(quote_findings(statement, Ground([place.premise()])))
        assert [f for f in found if f.support == "unsupported"] == [], statement


def test_a_quote_that_leaves_out_the_not_is_contradicted() -> None:
    source = "The mayor said she would not close the old harbour this year."
    premise = Premise(text=source, article=source)
    verdict = RuleVerifier().check("The mayor said she would “close the old harbour”.", [premise])
    assert verdict.support == "contradicted"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ('He said "we took the money and ran.', "we took the money and ran"),
        ('We would do it again," he said.', "We would do it again"),
        ("Er sagte „alles ist weg“ dazu.", "alles ist weg"),
        ("«tout est perdu» a-t-il dit", "tout est perdu"),
        ('The 6" gun fired at once.', None),
        ("The workers' union and the mayor's office met.", None),
    ],
)
def test_quotes_are_found_whatever_their_marks(statement: str, expected: str | None) -> None:
    assert quotes(statement) == ((expected,) if expected else ())


@pytest.mark.parametrize(
    ("statement", "whole"),
    [
        ("He spoke 「of the “big and old” town」.", "of the “big and old” town"),
        ("“the “big and old” town sank”, it was said.", "the “big and old” town sank"),
        ('He said "the “big and old” town".', "the “big and old” town"),
        ("Er nannte „die “große” Stadt“.", "die “große” Stadt"),
        ("「themselves,” said in his address」", "themselves,” said in his address"),
        (
            "It said ‘Policymakers' June from projections’ there.",
            "Policymakers' June from projections",
        ),
        ("''Policymakers' June from projections''", "Policymakers' June from projections"),
    ],
)
def test_a_quote_with_marks_inside_is_also_found_whole(statement: str, whole: str) -> None:
    assert whole in quotes(statement)


def test_what_stands_between_two_quotes_is_none() -> None:
    said = '"One more," he said of the “big one”, "and an old one." ‘Here we are’ and ‘there’.'
    assert [q for q in quotes(said) if "he said" in q or "are’ and" in q] == []
