"""The answer and nothing else: the words of a verified statement that fill what was asked.

    short("How many jobs will go?", "The plant will cut up to 300 jobs.")  ->  "up to 300"

Nothing is worded anew: what is returned stands in the statement, with its "up to" or "about", so
that it is as true as the statement is. Where no such words are found, None.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from rag.language.cues import claims
from rag.language.eventday import told
from rag.language.facts import AnswerType, answer_type
from rag.language.names import Name, names
from rag.language.numbers import Kind, Quantity, numbers
from rag.language.places import COUNTRIES
from rag.language.terms import held_stems
from rag.language.when import When, dates
from rag.language.words import STOP, Word, fold, words
from rag.types import Answer, Span

LONGEST = 8
"""Most words of a short answer that is neither a name nor a value."""

_KINDS: dict[AnswerType, frozenset[Kind]] = {
    "money": frozenset({"money"}),
    "percent": frozenset({"percent"}),
    "duration": frozenset({"duration"}),
    "number": frozenset({"count", "measure", "percent", "money", "duration", "ordinal", "vague"}),
}
_HEDGE = re.compile(
    r"(?:\b(?:up to|as (?:many|much) as|at (?:least|most)|(?:no |not )?(?:more|less|fewer) than"
    r"|about|around|nearly|almost|roughly|some|over|under|an estimated|approximately)\s+)"
    r"(?:[$£€¥₹]\s?)?$",
    re.IGNORECASE,
)
_AGE = re.compile(r"\b(\d{1,3})(?=[ -]years?[ -]old\b)|\baged? (\d{1,3})\b|, (\d{1,3})(?=[,.;)]|$)")
_REASON = re.compile(
    r"\b(?:because(?: of)?|due to|owing to|citing|in order to|so that|(?:after|over|amid)"
    r"(?! (?:\w+ )?(?:\d|one|two|three|four|five|six|seven|eight|nine|ten|half)))\s+"
    r"(.+?)[.]?$",
    re.IGNORECASE,
)
_COPULA = re.compile(
    r"^(?:(?:is|are|was|were|be|been|has|have|had|will|would|called|named|known as|to|that|it)"
    r"\s+)+",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“]([^\"“”\n]{2,80})[\"”]")
_POSSESSIVE = re.compile(r"['’]s?$")
_HEAD = re.compile(
    r"\b(?:what|which)\s+((?:[\w’'-]+\s+){0,4}?[\w’'-]+)(?=\s+(?:did|does|do|is|are"
    r"|was|were|has|have|had|will|would|can|could|may|might|should|to)\b)",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?:in|at|near|to|from|outside|off|on)\s+((?:the\s+)?(?:[\w.’'-]+\s+){0,3}?"
    r"[A-Z][\w.’'-]*(?:\s+(?:of\s+)?[A-Z][\w.’'-]*)*)"
)


def short(question: str, statement: str) -> str | None:
    """Return the words of a statement that answer a question; None when they cannot be told.

    Args:
        question: In full.
        statement: One verified sentence.
    """
    said = statement.strip()
    kind = answer_type(question)
    if len(words(said)) <= 2:
        return None
    if kind in _KINDS:
        found = _old(question, said) or _value(question, said, _KINDS[kind])
    else:
        found = _READERS.get(kind, _thing)(question, said)
    return _POSSESSIVE.sub("", found.strip(" ,;:.–—-")) or None if found else None


def shortened(answer: Answer, question: str) -> Answer:
    """Return an answer with nothing but the words asked for, if a statement of it has them.

    Where sources disagree it stays as it is: one value would be a silent choice.
    """
    if answer.conflicts or answer.timeline:
        return answer
    for statement in answer.statements:
        if found := short(question, statement.text):
            return replace(answer, statements=(replace(statement, text=found),))
    return answer


def _old(question: str, said: str) -> str | None:
    if "how old" not in fold(question):
        return None
    match = _AGE.search(said)
    return next(filter(None, match.groups())) if match else None


def _value(question: str, said: str, kinds: frozenset[Kind]) -> str | None:
    """Return the quantity that counts what the question does, with its bound."""
    given = {q.value for q in numbers(question)}
    asked = held_stems(question)
    found = [q for q in numbers(said) if q.kind in kinds and q.value not in given]
    if not found:
        return None
    best = max(found, key=lambda q: (bool(set(q.nouns) & asked), not q.earlier, -q.span.start))
    return _bounded(said, best)


def _bounded(said: str, quantity: Quantity) -> str:
    hedge = _HEDGE.search(said[: quantity.span.start])
    start = hedge.start() if hedge else quantity.span.start
    return said[start : quantity.span.end]


def _day(question: str, said: str) -> str | None:
    """Return the date that the question does not have; its year or month when that is asked."""
    asked = fold(question)
    only_said = [t.when.span for t in told(said, None) if t.said]
    found = [d for d in dates(said) if fold(d.text) not in asked and d.span not in only_said]
    if not found:
        return None
    best = max(found, key=_exact)
    if re.search(r"\b(?:what|which) year\b", asked) and best.year:
        return str(best.year)
    if re.search(r"\b(?:what|which) month\b", asked):
        return next((w.text for w in words(best.text) if w.text[0].isupper()), best.text)
    return re.sub(r"^(?:in|of|since|until|by|from|during)\s+", "", best.text)


def _exact(when: When) -> tuple[bool, bool, bool, int]:
    """Rank dates: those with a year, a day and a month first, then those that stand first."""
    return when.year is not None, when.day is not None, when.month is not None, -when.span.start


def _who(question: str, said: str) -> str | None:
    """Return the person or body that the question does not name, "A and B" as one."""
    asked = fold(question)
    new = [n for n in names(said) if not _asked_for(n, asked) and n.last not in COUNTRIES]
    # What only opens a sentence may be no name: "Residents re-elected Ann Lee".
    new = [n for n in new if n.sure] or new
    return _joined(said, new[0], new) if new else None


def _asked_for(name: Name, asked: str) -> bool:
    return fold(name.text) in asked or all(p in asked for p in name.parts)


def _joined(said: str, first: Name, known: list[Name]) -> str:
    """Return a name with those that an "and" or a comma lists beside it."""
    end = first.span.end
    for name in known[1:]:
        if not re.fullmatch(r"\s*(?:,|and|, and|or)\s*", said[end : name.span.start]):
            break
        end = name.span.end
    return said[first.span.start : end]


def _where(question: str, said: str) -> str | None:
    """Return the place: a name that the question lacks, one after "in" or "near" before others."""
    asked = fold(question)
    for match in _PLACE.finditer(said):
        if fold(match[1]) not in asked and not dates(match[1]):
            return match[1]
    new = [n for n in names(said) if not _asked_for(n, asked)]
    return _joined(said, new[0], new) if new else None


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


def _why(question: str, said: str) -> str | None:
    match = _REASON.search(said)
    return match[1] if match and not held_stems(match[1]) <= held_stems(question) else None


def _thing(question: str, said: str) -> str | None:
    """Return the phrase with the head that "which ..." asks for, or what the question lacks."""
    head = _HEAD.search(question)
    if head and (found := _phrase(said, words(head[1])[-1].stem)):
        return found
    return _rest(question, said)


def _phrase(said: str, head: str) -> str | None:
    """Return the noun phrase that ends in a word, if there is more to it than that word."""
    run = words(said)
    for k, word in enumerate(run):
        if word.stem != head:
            continue
        i = k
        while i and _goes_on(said, run[i - 1], run[i]):
            i -= 1
        if i < k:
            return said[run[i].start : word.end]
    return None


def _goes_on(said: str, left: Word, right: Word) -> bool:
    near = said[left.end : right.start] in {"", " ", "-"}
    part = left.end == right.start  # the M of "M88"
    return near and (part or left.low not in STOP) and not left.low.endswith("ed")


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


_READERS: dict[AnswerType, Callable[[str, str], str | None]] = {
    "date": _day,
    "person": _who,
    "organisation": _who,
    "place": _where,
    "yesno": _polar,
    "reason": _why,
}
