"""The answer and nothing else: the words of a verified statement that fill what was asked.

    short("How many jobs will go?", "The plant will cut up to 300 jobs.", reader)  ->  "up to 300"

Nothing is worded anew: what is returned stands in the statement, with its "up to" or "about", so
that it is as true as the statement is. Where no such words are found, None.
"""

from __future__ import annotations

import re
from dataclasses import replace

from rag.language.cues import claims
from rag.language.eventday import told
from rag.language.facts import answer_type
from rag.language.names import names
from rag.language.terms import held_stems
from rag.language.when import When, dates
from rag.language.words import STOP, fold, words
from rag.models.reader import Reader
from rag.types import Answer, Span

LEAST = -4.0
"""Log odds below which a sentence that was checked has no words that answer."""
SURE = 0.0
"""The same where a clause may answer, of which the reader knows little: it is to be sure."""
LONGEST = 8
"""Most words of what is told where it finds none."""
_HEDGE = re.compile(
    r"(?:\b(?:up to|as (?:many|much) as|at (?:least|most)|(?:no |not )?(?:more|less|fewer) than"
    r"|about|around|nearly|almost|roughly|some|over|under|an estimated|approximately)\s+)"
    r"(?:[$£€¥₹]\s?)?$",
    re.IGNORECASE,
)
_COPULA = re.compile(
    r"^(?:(?:is|are|was|were|be|been|has|have|had|will|would|called|named|known as|to|that|it)"
    r"\s+)+",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“]([^\"“”\n]{2,80})[\"”]")
_POSSESSIVE = re.compile(r"['’]s?$")


def short(question: str, statement: str, reader: Reader | None) -> str | None:
    """Return the words of a statement that answer a question; None when they cannot be told.

    Args:
        question: In full.
        statement: One verified sentence.
        reader: Finds them; without it yes and no are told, and what a question lacks.
    """
    said = statement.strip()
    kind = answer_type(question)
    if len(words(said)) <= 2:
        return None
    if kind == "yesno":  # which no words of the sentence say
        return _polar(question, said)
    least = SURE if kind == "thing" else LEAST  # "What did the court decide?"
    found = None if reader is None else _read(question, said, reader, least)
    if found is None:
        return _rest(question, said) if kind == "thing" else None
    return _day(question, found) if kind == "date" else found


def _read(question: str, said: str, reader: Reader, least: float) -> str | None:
    """Return the words that the reader finds, with the bound ahead of them and names whole."""
    (reading,) = reader.read([(question, "", said)])
    span, odds = reading.best()
    if odds < least:
        return None
    whole = _whole_names(said, span)
    hedge = _HEDGE.search(said[: whole.start])
    found = said[hedge.start() if hedge else whole.start : whole.end].strip(' ,;:.–—-"“”')
    return _POSSESSIVE.sub("", found) or None


def shortened(answer: Answer, question: str, reader: Reader | None) -> Answer:
    """Return an answer with nothing but the words asked for, if a statement of it has them.

    Where sources disagree it stays as it is: one value would be a silent choice.
    """
    if answer.conflicts or answer.timeline:
        return answer
    for statement in answer.statements:
        if found := short(question, statement.text, reader):
            return replace(answer, statements=(replace(statement, text=found),))
    return answer


def _day(question: str, said: str) -> str:
    """Return the date that the question does not have; its year or month when that is asked."""
    asked = fold(question)
    only_said = [t.when.span for t in told(said, None) if t.said]
    found = [d for d in dates(said) if fold(d.text) not in asked and d.span not in only_said]
    if not found:
        return said
    best = max(found, key=_exact)
    if re.search(r"\b(?:what|which) year\b", asked) and best.year:
        return str(best.year)
    if re.search(r"\b(?:what|which) month\b", asked):
        return next((w.text for w in words(best.text) if w.text[0].isupper()), best.text)
    return re.sub(r"^(?:in|of|since|until|by|from|during)\s+", "", best.text)


def _exact(when: When) -> tuple[bool, bool, bool, int]:
    """Rank dates: those with a year, a day and a month first, then those that stand first."""
    return when.year is not None, when.day is not None, when.month is not None, -when.span.start


def _polar(question: str, said: str) -> str | None:
    """Return yes or no where the statement says or denies what the question asks, else None."""
    opening = re.match(r"(yes|no)\b", said, re.IGNORECASE)
    if opening:
        return opening[1].capitalize()
    wanted, held = held_stems(question), held_stems(said)
    if len(wanted & held) < 0.8 * len(wanted):
        return None
    denied = bool(claims(said).negated) != bool(claims(question).negated)
    return "No" if denied else "Yes"


def _rest(question: str, said: str) -> str | None:
    """Return the run of words with most that the question does not have, when it is short."""
    held = held_stems(question)
    run = words(said)
    told = [w.stem not in held and w.low not in STOP for w in run]
    runs: list[range] = []
    start: int | None = None
    for k, word in enumerate(run):
        breaks = k and set(said[run[k - 1].end : word.start]) & set(',;:()—"“”')
        if start is not None and (breaks or (not told[k] and word.stem in held)):
            runs.append(range(start, k))
            start = None
        if start is None and told[k]:
            start = k
    if start is not None:
        runs.append(range(start, len(run)))
    best = max(runs, key=lambda r: sum(told[k] for k in r), default=range(0))
    kept = [k for k in best if told[k]]
    if not kept:
        return None
    ends = Span(start=run[kept[0]].start, end=run[kept[-1]].end)
    found = _COPULA.sub("", _whole_names(said, ends).of(said))
    return found if 1 <= len(words(found)) <= LONGEST else None


def _whole_names(said: str, span: Span) -> Span:
    """Return a span with the rest of the names and titles that it cuts: "Port" of "Port Clare"."""
    quoted = (Span(start=m.start(1), end=m.end(1)) for m in _QUOTED.finditer(said))
    cut = [s for s in (*(n.span for n in names(said)), *quoted) if s.overlaps(span)]
    start, end = min([span.start, *(c.start for c in cut)]), max([span.end, *(c.end for c in cut)])
    return Span(start=start, end=end)
