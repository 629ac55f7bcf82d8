"""Invented news in which a rule says which article changes which answer, and to what.

Every kind of question is a template in `watched.toml`: what is reported first, what changes it, the
same told by another outlet, and what else may be said of the subject. The names are made of
syllables, so that no model knows them. Half of the kinds of each set are sealed: nothing was fitted
to them.
"""

from __future__ import annotations

import hashlib
import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

from rag.types import Article

Kind = Literal["base", "change", "repeat", "beside", "other", "noise"]
Half = Literal["open", "sealed", "all"]
Set = Literal["first", "second", "third", "fourth"]

FIRST = date(2024, 3, 1)
_TAKEN: dict[Half, tuple[int, ...]] = {"open": (0,), "sealed": (1,), "all": (0, 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """How one kind of question is asked and answered; `{x}` is the subject, `{v}` the value."""

    question: str
    title: str
    base: str
    change: Sequence[str]
    repeat: Sequence[str]
    beside: Sequence[tuple[str, str]]
    """Titles and texts that speak of the subject, and change nothing."""
    values: Literal["count", "small", "tenths", "person", "day", "town", "text"]
    texts: tuple[str, str] = ("", "")
    """The two values where they are fixed."""


@cache
def _words() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def templates(which: Set, half: Half = "all") -> list[Template]:
    """Return the kinds of question of a set, or one half of them."""
    kinds = [kind for kind in _words()["kind"] if kind["set"] == which]
    return [
        Template(**{name: value for name, value in kind.items() if name != "set"})
        for n, kind in enumerate(kinds)
        if n % 2 in _TAKEN[half]
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One invented article."""

    key: str
    kind: Kind
    subject: int
    """Which question it is about; -1 for none."""
    title: str
    text: str
    outlet: str
    day: date
    value: str = ""
    """What the answer becomes, where it changes it."""

    def article(self) -> Article:
        """Return it as an article to store."""
        return Article(
            id=self.key,
            digest=hashlib.sha256(self.text.encode()).hexdigest(),
            text=self.text,
            title=self.title,
            publisher=self.outlet,
            published=self.day,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Questions, what is reported before they are watched, and what comes after, by commit."""

    questions: tuple[str, ...]
    kinds: tuple[str, ...]
    """For each question what it has in common with others: they are put by one template."""
    base: tuple[Report, ...]
    commits: tuple[tuple[Report, ...], ...]


def world(
    *,
    watches: int = 50,
    articles: int = 500,
    changes: int = 40,
    at_once: int = 10,
    which: Set = "first",
    half: Half = "all",
    seed: int = 11,
) -> World:
    """Make a world."""
    chance = random.Random(seed)  # noqa: S311 - to draw examples
    chosen = templates(which, half)
    towns = [f"{a}{b}" for a in _words()["starts"] for b in _words()["ends"]]
    chance.shuffle(towns)
    subjects = [(chosen[n % len(chosen)], towns.pop()) for n in range(watches)]
    values = [_values(template, towns, chance) for template, _ in subjects]
    maker = _Maker(subjects, values, towns, chance)
    base = [maker.report("base", n, FIRST) for n in range(watches)]
    base += [maker.report("noise", -1, FIRST) for _ in range(watches)]
    kinds: list[tuple[Kind, int]] = [("change", n) for n in chance.sample(range(watches), changes)]
    rest: Sequence[Kind] = ("repeat", "beside", "other", "noise")
    while len(kinds) < articles:
        kinds.append((rest[len(kinds) % 4], chance.randrange(watches)))
    chance.shuffle(kinds)
    commits = tuple(
        tuple(
            maker.report(kind, n, FIRST + timedelta(days=1 + start // at_once))
            for kind, n in kinds[start : start + at_once]
        )
        for start in range(0, articles, at_once)
    )
    return World(
        questions=tuple(t.question.format(x=x) for t, x in subjects),
        kinds=tuple(t.question for t, _ in subjects),
        base=tuple(base),
        commits=commits,
    )


class _Maker:
    """Writes reports; a repeat tells the value that holds when it comes."""

    def __init__(
        self,
        subjects: Sequence[tuple[Template, str]],
        values: Sequence[tuple[str, str]],
        towns: list[str],
        chance: random.Random,
    ) -> None:
        self._subjects, self._values, self._towns = subjects, values, towns
        self._chance, self._changed, self._count = chance, set[int](), 0

    def report(self, kind: Kind, subject: int, day: date) -> Report:
        self._count += 1
        told = self._told(kind, subject)
        fill = self._chance.sample(_words()["fill"], 3)
        return Report(
            key=f"r{self._count}",
            kind=kind,
            subject=subject if kind in ("base", "change", "repeat", "beside") else -1,
            title=told[0],
            text=" ".join([told[1], *fill]),
            outlet=self._chance.choice(_words()["outlets"]),
            day=day,
            value=self._values[subject][1] if kind == "change" else "",
        )

    def _told(self, kind: Kind, subject: int) -> tuple[str, str]:
        if kind == "noise":
            title, text = self._chance.choice(_words()["noise"])
            town = self._chance.choice(self._towns)
            return title.format(x=town), text.format(x=town)
        template, town = self._subjects[subject]
        if kind == "beside":
            title, text = self._chance.choice(template.beside)
            return title.format(x=town), text.format(x=town)
        if kind == "other":  # the like of it elsewhere, which nobody watches
            town = self._chance.choice(self._towns)
            value = _values(template, self._towns, self._chance)[0]
            return template.title.format(x=town), template.base.format(x=town, v=value)
        if kind == "change":
            self._changed.add(subject)
        value = self._values[subject][subject in self._changed]
        words = {"base": [template.base], "change": template.change, "repeat": template.repeat}[
            kind
        ]
        if kind == "repeat" and subject in self._changed and template.texts[0].startswith("no"):
            words = template.change
        told = self._chance.choice(words)
        return template.title.format(x=town), told.format(x=town, v=value)


def _values(template: Template, towns: Sequence[str], chance: random.Random) -> tuple[str, str]:
    """Return the value that a subject has first, and the one that it gets."""
    match template.values:
        case "count":
            count = chance.randrange(11, 400)
            pair = str(count), str(count + chance.randrange(7, 90))
        case "small":
            count = chance.randrange(2, 9)
            pair = str(count), str(count + chance.randrange(2, 9))
        case "tenths":
            tenths = chance.randrange(31, 90)
            pair = f"{tenths / 10}", f"{(tenths + chance.randrange(8, 40)) / 10}"
        case "person":
            given, family = (chance.sample(_words()[name], 2) for name in ("given", "family"))
            pair = f"{given[0]} {family[0]}", f"{given[1]} {family[1]}"
        case "day":
            first = FIRST + timedelta(days=chance.randrange(120, 200))
            second = first + timedelta(days=chance.randrange(30, 90))
            pair = f"{first:%-d %B %Y}", f"{second:%-d %B %Y}"
        case "town":
            first_town, second_town = chance.sample(list(towns), 2)
            pair = first_town, second_town
        case _:
            pair = template.texts[0], template.texts[1]
    return pair


def changed(world: World) -> Iterator[tuple[int, Report]]:
    """Yield the number of the commit and the report of each change."""
    for number, commit in enumerate(world.commits):
        for report in commit:
            if report.kind == "change":
                yield number, report
