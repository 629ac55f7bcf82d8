"""Quantities in a text, normalised so that they can be compared: "$5bn", "a third", "up to 300"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rag.language.datewords import masked
from rag.language.memory import MEMORY
from rag.language.models import in_name
from rag.language.numerals import (
    SCALES,
    VAGUE,
    fraction,
    glued,
    numeral,
    ordinal,
    points,
)
from rag.language.units import HEAT, LENGTHS, MEASURES, MONEY, PERCENT, SYMBOLS
from rag.language.words import Word, clause_of, words
from rag.types import Span

Kind = Literal["count", "percent", "money", "ordinal", "duration", "measure", "time", "vague"]
Bound = Literal["exact", "about", "most", "least"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One number of a text.

    `value` is in the base unit of `unit`: 1.2 million is 1200000, a third is 0.3333 (kind
    `percent`), "two hours" is 7200 `second`, "two years" is 24 `month`, `$5bn` is 5e9 `USD`.
    """

    span: Span
    text: str
    value: float
    kind: Kind
    unit: str = ""
    bound: Bound = "exact"
    nouns: tuple[str, ...] = ()
    """Stems of the words that it counts: ("north", "korean", "soldier")."""
    earlier: bool = False
    """True when the text gives it as the value of an earlier time ("from 12", "a year ago")."""


_BOUNDS: tuple[tuple[Bound, str], ...] = (
    ("most", r"up to|as (?:many|much) as|at (?:the )?most|(?:no|not) more than|a maximum of"),
    ("most", r"(?:few|less|low)er than|less than|under|below|at a maximum|not exceeding"),
    ("least", r"at least|as few as|(?:no|not) (?:few|less)(?:er)? than|a minimum of|more than"),
    ("least", r"over|above|exceed(?:ing|s|ed)?|upwards of|in excess of|topp?(?:ed|s)"),
    ("about", r"about|around|approximately|roughly|some|(?:an )?estimated|close to|nearly"),
    ("about", r"almost|(?:in )?the region of|just (?:over|under)|circa|an average of"),
)
_BEFORE = tuple(
    (bound, re.compile(rf"\b(?:{said})\s+(?:(?:an?|the|some)\s+)?[$£€¥₹]?\s?$", re.IGNORECASE))
    for bound, said in _BOUNDS
)
_AFTER: tuple[tuple[Bound, re.Pattern[str]], ...] = (
    ("least", re.compile(r"\s?\+|\s+or more\b|\s+at least\b|\s+and (?:above|over)\b")),
    ("most", re.compile(r"\s+or (?:fewer|less)\b|\s+at (?:the )?most\b")),
    ("about", re.compile(r"\s+or so\b|\s+on average\b")),
)
_DEGREE = re.compile(r"[ -]?[°º]? ?")
"""What stands between a number and the scale of a temperature."""
_EARLIER_BEFORE = re.compile(
    r"\b(?:from|compared (?:with|to)|against|previous(?:ly)?|instead of|rather than|earlier|"
    r"(?:up|down) on|as opposed to)\s+(?:(?:an?|the|about|around|some|just|only)\s+)?[$£€¥₹]?\s?$",
    re.IGNORECASE,
)
_EARLIER_AFTER = re.compile(
    r"^[^.;,:\d$£€]{0,30}?\b(?:last year|last month|last quarter|the previous|"
    r"a year (?:ago|earlier)|"
    r"the year before|a (?:month|week|decade) (?:ago|earlier)|previously)\b",
    re.IGNORECASE,
)


@MEMORY.of_texts(bytes_a_character=2)
def numbers(text: str) -> tuple[Quantity, ...]:
    """Return the quantities of a text in order; years and the days of dates are not among them."""
    run = words(masked(text))
    found: list[Quantity] = []
    i = 0
    while i < len(run):
        quantity, after = _at(text, run, i)
        if quantity is not None:
            found.append(quantity)
        i = max(after, i + 1)
    return tuple(_shared(text, found))


def _at(text: str, run: Sequence[Word], i: int) -> tuple[Quantity | None, int]:
    word = run[i]
    if word.low in VAGUE and not (i and run[i - 1].low in SCALES):
        span = Span(start=word.start, end=word.end)
        nouns = _nouns(text, run, i + 1)
        return Quantity(span=span, text=word.text, value=0, kind="vague", nouns=nouns), i + 1
    if ":" in word.low and word.low[0].isdigit():
        span = Span(start=word.start, end=word.end)
        clock = sum(float(p) * f for p, f in zip(word.low.split(":"), (60, 1, 0), strict=False))
        return Quantity(span=span, text=word.text, value=clock, kind="time"), i + 1
    if in_name(text, run, i):
        return None, i + 1
    if (step := points(text, run, i)) is not None:
        return _points(text, run, i, step), step[1]
    for reader, kind in ((fraction, "percent"), (ordinal, "ordinal"), (numeral, "count")):
        read = reader(text, run, i)
        if read is not None:
            return _quantity(text, run, i, read, kind), read[1]  # type: ignore[arg-type]
    return None, i + 1


def _points(text: str, run: Sequence[Word], i: int, read: tuple[float, int]) -> Quantity:
    start, end = run[i].start, run[read[1] - 1].end
    return Quantity(
        span=Span(start=start, end=end),
        text=text[start:end],
        value=read[0],
        kind="percent",
        unit="point",
        bound=_bound(text, start, end),
        nouns=_nouns(text, run, read[1]),
        earlier=_is_earlier(text, start, end),
    )


def _quantity(
    text: str, run: Sequence[Word], i: int, read: tuple[float, int], kind: Kind
) -> Quantity:
    value, after = read
    if kind == "percent":
        value *= 100
    start, end, unit = run[i].start, run[after - 1].end, "%" if kind == "percent" else ""
    symbol = run[i - 1] if i else None
    if kind == "count":
        kind, unit, factor, taken = _unit(text, run, after)
        value *= factor
        after += taken
        end = run[after - 1].end
        if symbol is not None and symbol.low in SYMBOLS and glued(text, symbol, run[i]):
            kind, unit, start = "money", SYMBOLS[symbol.low], symbol.start
    return Quantity(
        span=Span(start=start, end=end),
        text=text[start:end],
        value=round(value, 6),
        kind=kind,
        unit=unit,
        bound=_bound(text, start, end),
        nouns=_nouns(text, run, after),
        earlier=_is_earlier(text, start, end),
    )


def _unit(text: str, run: Sequence[Word], i: int) -> tuple[Kind, str, float, int]:
    """Read the unit at `run[i]`: kind, unit, factor to the base unit, words taken."""
    if i >= len(run) or not glued(text, run[i - 1], run[i]):
        return _heat(text, run, i)
    lows = [w.low for w in run[i : i + 2]]
    if lows[0] in PERCENT | {"basis"} or lows == ["per", "cent"]:
        taken = 2 if lows[0] == "per" else 1
        point = i + taken < len(run) and run[i + taken].stem == "point"
        factor = 0.01 if lows[0] == "basis" else 1.0
        return "percent", "point" if point else "%", factor, taken + point
    skipped = 1 if lows[0] in {"us", "usa"} and len(lows) == 2 else 0
    stem = run[i + skipped].stem
    if stem in MONEY:
        return "money", MONEY[stem], 0.01 if stem in {"cent", "penc"} else 1.0, 1 + skipped
    if stem in LENGTHS and not skipped:
        return "duration", *LENGTHS[stem], 1
    if stem in MEASURES and not skipped:
        return "measure", *MEASURES[stem], 1
    return _heat(text, run, i)


def _heat(text: str, run: Sequence[Word], i: int) -> tuple[Kind, str, float, int]:
    """Read a unit of temperature, "C", "°C" or "degrees Celsius", as `_unit` does."""
    last = i + int(i < len(run) and run[i].stem == "degre")
    scale = HEAT.get(run[last].text) if last < len(run) else None
    if scale is None or not _DEGREE.fullmatch(text[run[last - 1].end : run[last].start]):
        return "count", "", 1.0, 0
    after = run[last + 1] if last + 1 < len(run) else None
    letter = len(run[last].text) == 1
    named = after is not None and after.content and glued(text, run[last], after)
    if letter and (named or text[run[last].end :].startswith("-")):
        return "count", "", 1.0, 0  # 12 C students, 35 F-16 jets
    return "measure", scale, 1.0, last - i + 1


def bounded(text: str, span: Span) -> Span:
    """Return a number with the words that bound it: "above 20,000", "300 or more"."""
    ahead = (pattern.search(text, max(0, span.start - 32), span.start) for _, pattern in _BEFORE)
    behind = (pattern.match(text, span.end) for _, pattern in _AFTER)
    start = min((m.start() for m in ahead if m), default=span.start)
    end = max((m.end() for m in behind if m), default=span.end)
    return Span(start=start, end=end if start == span.start else span.end)


def _bound(text: str, start: int, end: int) -> Bound:
    before, after = text[max(0, start - 32) : start], text[end : end + 16]
    for bound, pattern in _BEFORE:
        if pattern.search(before):
            return bound
    return next((b for b, pattern in _AFTER if pattern.match(after)), "exact")


def _is_earlier(text: str, start: int, end: int) -> bool:
    _, limit = clause_of(text, start)
    before = text[max(0, start - 32) : start]
    return bool(_EARLIER_BEFORE.search(before) or _EARLIER_AFTER.search(text[end:limit]))


def _nouns(text: str, run: Sequence[Word], i: int) -> tuple[str, ...]:
    """Return the stems of up to four words that the number counts, ending at the first break."""
    found: list[str] = []
    if i < len(run) and run[i].low == "of":
        i += 1 + (i + 1 < len(run) and run[i + 1].low in {"the", "them", "these", "those", "its"})
    for k in range(i, min(i + 4, len(run))):
        if k and not glued(text, run[k - 1], run[k]):
            break
        if run[k].content:
            found.append(run[k].stem)
        elif not found or not in_name(text, run, k):
            break
    return tuple(found)


def _shared(text: str, found: list[Quantity]) -> list[Quantity]:
    """Give the first of "10 to 15 percent" or "$5-6 million" the unit and scale of the second."""
    for k in range(len(found) - 1):
        left, right = found[k], found[k + 1]
        gap = text[left.span.end : right.span.start]
        if left.kind not in {"count", "money"} or gap.strip() not in {"to", "-", "–", "and", "or"}:
            continue
        if right.kind in {"percent", "duration", "measure"} and left.kind == "count":
            size = next(
                (
                    f
                    for u, f in [*LENGTHS.values(), *MEASURES.values()]
                    if u == right.unit and _ends(right, f)
                ),
                1.0,
            )
            found[k] = replace(left, kind=right.kind, unit=right.unit, value=left.value * size)
        elif gap.strip() in {"to", "-", "–"}:
            scale = next((x for x in (1e12, 1e9, 1e6, 1e3) if right.value >= x), 1.0)
            scaled = left.value < 1000 <= right.value and right.text[-1].isalpha()
            found[k] = replace(left, value=left.value * (scale if scaled else 1.0))
            if left.kind == "money" and right.kind == "count":
                found[k + 1] = replace(right, kind="money", unit=left.unit)
    return found


def _ends(quantity: Quantity, factor: float) -> bool:
    """Say whether the last word of a quantity is the unit of this factor."""
    last = words(quantity.text)[-1].stem
    table = LENGTHS.get(last) or MEASURES.get(last)
    return table is not None and table[1] == factor
