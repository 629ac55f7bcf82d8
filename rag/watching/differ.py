"""What changed between two answers to one question, told apart from what is only worded otherwise.

A second source that says the same is no change, nor is the same value in other words: what counts
is whether there is an answer, whether its sources agree, the value, and whether what the old answer
cites still stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rag.answer.differ.disagree import equal
from rag.answer.differ.figures import Value, values
from rag.archive.notices import Difference, Kind, Quoted
from rag.language.facts import answer_type
from rag.language.names import names
from rag.language.terms import held_stems
from rag.types import Answer, Citation
from rag.watching.side import for_yes_or_no, tells_nothing, turned
from rag.watching.stood import Stood
from rag.watching.succession import succession

About = Callable[[Answer, Answer], bool]
"""Says of an old and a new answer whether they speak of one thing."""
ALIKE = 0.6
"""Part of the words of the shorter sentence that two sentences share which say the same."""
SURE = 0.5
"""The confidence that it must have where there was no answer."""
_NAMED = ("person", "organisation", "place")
"""What questions ask for that a name answers: without a new one nothing is new."""
_QUOTES = 3
"""Most quotes that are shown for an answer."""


def differences(
    old: Answer, new: Answer, stood: Sequence[Stood], about: About
) -> tuple[Difference, ...]:
    """Return what changed.

    Args:
        old: As it was.
        new: As it is.
        stood: Of the words that the old answer cites those that stand no more.
        about: Says whether the new answer speaks of what the old one speaks of.
    """
    return tuple(_differences(old, new, stood, about))


def _differences(
    old: Answer, new: Answer, stood: Sequence[Stood], about: About
) -> Iterator[Difference]:
    was, now = quotes(old), quotes(new)
    kind = _kind(old, new, about, lost=bool(stood))
    if kind is not None:
        yield Difference(kind=kind, old=told(old), new=told(new), was=was, now=now)
    for one in _once(stood):
        yield Difference(
            kind="source",
            old=one.quoted.quote,
            new=one.now or one.why,
            was=(one.quoted,),
            now=(one.renewed,) if one.renewed else (),
        )


def _once(stood: Sequence[Stood]) -> list[Stood]:
    """Leave out further quotes of an article that is gone as a whole."""
    return list(
        {(one.quoted.article_id, one.now or one.why): one for one in reversed(stood)}.values()
    )[::-1]


def _kind(old: Answer, new: Answer, about: About, *, lost: bool) -> Kind | None:
    """Return what of an answer is another than before; None where it says the same.

    What is new need not answer: only where a source was `lost` is it a change that nothing does.
    """
    if new.outcome == "declined":
        return "outcome" if lost and old.outcome != "declined" else None
    if not lost and not (_answers(old, new, about) and not tells_nothing(told(new))):
        return None
    if old.outcome == "declined":
        return "outcome"
    if _disputed(new) and not _disputed(old):
        return "verdict"
    return None if same(old, new) else "value"


def _answers(old: Answer, new: Answer, about: About) -> bool:
    """Return True when what is new answers the question, and speaks of what was told before."""
    return new.confidence >= SURE if old.outcome == "declined" else about(old, new)


def _disputed(answer: Answer) -> bool:
    return answer.verdict is not None and answer.verdict.kind == "disputed"


def same(old: Answer, new: Answer) -> bool:
    """Return True when two answers give the same value, or say the same where there is none."""
    if for_yes_or_no(new.question):
        return not turned(new.question, told(old), told(new))
    before, after = value(old), value(new)
    if before in told_whole(old):
        return _within(old, new)
    if not before:
        return _said_alike(new.question, old.text, new.text)
    if after in told_whole(new) and succession(new.question, before, after):
        return False
    return not after or same_value(before, after) or not _comparable(before, after)


def _within(old: Answer, new: Answer) -> bool:
    """Return True when what is new says the same as an old answer that is a whole sentence."""
    before, after = value(old), value(new)
    if after and held_stems(after) <= held_stems(before):
        return True
    one, other = (_figures(new.question, text) for text in (before, told(new)))
    if one and other:
        return any(_equal(a, b) for a in one for b in other)
    if answer_type(new.question) in _NAMED and not _names(told(new)) - _names(
        before + " " + new.question
    ):
        return True
    return _said_alike(new.question, old.text, new.text)


def same_value(one: str, other: str) -> bool:
    """Return True when two values are one: equal numbers, or one name within the other."""
    numbers = list(values(one)), list(values(other))
    if all(numbers):
        return any(_equal(a, b) for a in numbers[0] for b in numbers[1])
    words = held_stems(one), held_stems(other)
    if not all(words):
        return " ".join(one.casefold().split()) == " ".join(other.casefold().split())
    return words[0] <= words[1] or words[1] <= words[0]


def _comparable(one: str, other: str) -> bool:
    """Return False for values that measure different things: a length is no weight."""
    numbers = list(values(one)), list(values(other))
    return not all(numbers) or any(
        a.kind == b.kind and (a.kind != "measure" or a.unit == b.unit)
        for a in numbers[0]
        for b in numbers[1]
    )


def _equal(one: Value, other: Value) -> bool:
    return (one.kind, one.unit) == (other.kind, other.unit) and equal(one, other)


def _figures(question: str, text: str) -> list[Value]:
    """Return the figures of a sentence but for those that the question gives: "flight 212"."""
    given = list(values(question))
    return [v for v in values(text) if not any(_equal(v, g) for g in given)]


def told_whole(answer: Answer) -> frozenset[str]:
    """Return the sentences of an answer: a value that is one of them is no value in few words."""
    return frozenset((*(s.text for s in answer.statements), *(c.quote for c in answer.citations)))


def _said_alike(question: str, one: str, other: str) -> bool:
    """Return True when two sentences share most of what they say besides the question's words."""
    asked = held_stems(question)
    words = held_stems(one) - asked, held_stems(other) - asked
    short = min(map(len, words))
    return not short or len(words[0] & words[1]) >= ALIKE * short


def _names(text: str) -> set[str]:
    return {name.last for name in names(text)}


def value(answer: Answer) -> str:
    """Return the value of an answer; empty where it has none in few words."""
    return (answer.verdict.value or "") if answer.verdict else ""


def told(answer: Answer) -> str:
    """Return an answer in one line, for people."""
    if answer.outcome == "declined":
        return answer.verdict.text if answer.verdict else "No answer."
    return value(answer) or (answer.statements[0].text if answer.statements else "")


def quotes(answer: Answer) -> tuple[Quoted, ...]:
    """Return the quotes behind an answer: those with its value, else the first."""
    return tuple(Quoted.of(c.source, c.quote) for c in _held(answer)[:_QUOTES])


def lead(answer: Answer) -> Citation | None:
    """Return the citation that tells an answer: the first with its value, else the first."""
    return next(iter(_held(answer)), None)


def _held(answer: Answer) -> Sequence[Citation]:
    """Return the citations with the value of an answer, in its words or as an equal figure."""
    given = value(answer)
    if not given:
        return answer.citations
    told = list(values(given))
    return (
        [c for c in answer.citations if given in c.quote]
        or [c for c in answer.citations if any(_equal(a, b) for a in told for b in _dated(c))]
        or answer.citations[:1]
    )


def _dated(citation: Citation) -> Iterator[Value]:
    return values(citation.quote, citation.source.published)
