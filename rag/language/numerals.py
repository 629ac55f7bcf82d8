"""Number words and digits to values: "twelve", "two and a half million", "1,200", "5bn"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.language.words import Word, lexicon

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDER = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
NUMERALS = {w: i for i, w in enumerate(_SMALL.split())} | {
    w: 10 * (i + 2) for i, w in enumerate(_TENS.split())
}

SCALES = {
    "hundred": 1e2,
    "dozen": 12.0,
    "thousand": 1e3,
    "k": 1e3,
    "million": 1e6,
    "mn": 1e6,
    "m": 1e6,
    "billion": 1e9,
    "bn": 1e9,
    "b": 1e9,
    "trillion": 1e12,
    "tn": 1e12,
}
_LETTERS = frozenset({"k", "m", "mn", "b", "bn", "tn"})
"""Scales that only count when they follow digits ("5bn", "5 m" but never a lone "m")."""

VAGUE = lexicon("dozens hundreds thousands millions billions trillions scores")

ORDINALS = {w: i + 1 for i, w in enumerate(_ORDER.split())}
FRACTIONS = {
    "half": 2,
    "third": 3,
    "quarter": 4,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "tenth": 10,
}
_GLUE = frozenset({" ", "-", "", "\u00a0", "–", "\u2011"})


def digits(low: str) -> float | None:
    """Return the value of a token of digits; None for a clock time or a chain such as 1.2.3."""
    if ":" in low:
        return None
    head, *groups = low.split(",")
    if groups and all(len(g.split(".")[0]) == 3 for g in groups):
        low = head + "".join(groups)
    try:
        return float(low)
    except ValueError:
        return None


def glued(text: str, left: Word, right: Word) -> bool:
    """Say whether two words stand together with no more than a space or a hyphen between."""
    return text[left.end : right.start] in _GLUE


def _scale(text: str, run: Sequence[Word], i: int, *, after_digits: bool) -> float | None:
    if i == 0 or i >= len(run) or not glued(text, run[i - 1], run[i]):
        return None
    low = run[i].low
    if low in _LETTERS:
        near = text[run[i - 1].end : run[i].start] == ""
        return SCALES[low] if after_digits and (near or low in {"bn", "mn", "tn"}) else None
    return SCALES.get(low)


def _half(run: Sequence[Word], i: int) -> int:
    """Return how many words "and a half" takes at `i`, else 0."""
    return 3 if [w.low for w in run[i : i + 3]] == ["and", "a", "half"] else 0


def numeral(text: str, run: Sequence[Word], i: int) -> tuple[float, int] | None:
    """Read the number that starts at `run[i]`: its value and the index after it.

    A fraction ("a third", "half") is read by `fraction`, a bare "a" counts only before a scale.
    """
    low = run[i].low
    after_digits = low[0].isdigit()
    if after_digits:
        value = digits(low)
    elif low in {"a", "an"} and i + 1 < len(run) and run[i + 1].low in SCALES:
        value = 1.0 if run[i + 1].low not in _LETTERS else None
    elif low == "half" and [w.low for w in run[i + 1 : i + 2]] in (["a"], ["dozen"], ["million"]):
        step = 2 if run[i + 1].low == "a" else 1
        scale = SCALES.get(run[i + step].low) if i + step < len(run) else None
        return (scale / 2, i + step + 1) if scale else None
    else:
        value = float(NUMERALS[low]) if low in NUMERALS else None
    if value is None:
        return None
    return _grow(text, run, i + 1, value, after_digits=after_digits)


def _grow(
    text: str, run: Sequence[Word], i: int, value: float, *, after_digits: bool
) -> tuple[float, int]:
    """Add to `value` the words that go on with the same number."""
    total = 0.0
    while i < len(run) and (glued(text, run[i - 1], run[i])):
        skip = _half(run, i)
        scale = _scale(text, run, i, after_digits=after_digits)
        more = None if after_digits else NUMERALS.get(run[i].low)
        if skip:
            value, i = value + 0.5, i + skip
        elif scale is not None:
            value, i = value * scale, i + 1
            if scale >= 1e3:
                total, value = total + value, 0.0
        elif run[i].low == "and" and _goes_on(run, i, total, value):
            i += 1
        elif more is not None and _fits(total, value, more):
            value, i = value + more, i + 1
        else:
            break
    return total + value, i


def _goes_on(run: Sequence[Word], i: int, total: float, value: float) -> bool:
    """Say whether "and" at `i` is inside a number, as in "two hundred and five"."""
    spelled = i + 1 < len(run) and run[i + 1].low in NUMERALS
    return spelled and run[i - 1].low in SCALES and (total + value) >= 100


def _fits(total: float, value: float, more: int) -> bool:
    """Say whether the numeral `more` can follow: "twenty" + "five", "hundred" + "five"."""
    if value == 0 and total:
        return True
    return value % 100 == 0 or (value % 100 >= 20 and value % 10 == 0 and 0 < more < 10)


_POINT = re.compile(
    r"(?:an?[\s-]|(?P<three>three)[\s-])?(?P<part>half|quarters?)[\s-]"
    r"(?:of[\s-])?(?:an?[\s-])?(?:percentage[\s-])?points?\b",
    re.IGNORECASE,
)


def points(text: str, run: Sequence[Word], i: int) -> tuple[float, int] | None:
    """Read "a half-point", "a quarter of a percentage point" at `run[i]`, in percentage points."""
    match = _POINT.match(text, run[i].start)
    if match is None:
        return None
    value = 0.5 if match["part"].lower() == "half" else 0.75 if match["three"] else 0.25
    return value, next((k for k in range(i, len(run)) if run[k].start >= match.end()), len(run))


def fraction(text: str, run: Sequence[Word], i: int) -> tuple[float, int] | None:
    """Read "a third of", "two-thirds", "three quarters", "half of" at `run[i]`."""
    low = run[i].low
    follows = [w.low for w in run[i + 1 : i + 3]]
    if low == "half" and follows[:1] != ["a"]:
        return None if _no_share(text, run, i) else (0.5, i + 1)
    if not follows:
        return None
    top = 1 if low in {"a", "an"} else NUMERALS.get(low)
    part = FRACTIONS.get(follows[0].removesuffix("s") if follows[0] != "halves" else "half")
    if not top or not part or top >= part or not glued(text, run[i], run[i + 1]):
        return None
    plural = follows[0].endswith("s")
    if plural == (top > 1) and (plural or follows[1:] == ["of"] or low == "one"):
        return top / part, i + 2
    return None


def _no_share(text: str, run: Sequence[Word], i: int) -> bool:
    """Say whether "half" at `i` is no share of anything: "the second half", "half-time"."""
    period = i > 0 and (run[i - 1].low in ORDINALS or run[i - 1].low == "last")
    return period or text[run[i].end : run[i].end + 1] in {"-", "\u2011"}


def ordinal(_: str, run: Sequence[Word], i: int) -> tuple[float, int] | None:
    """Read "first", "21st", "1,000th" at `run[i]`; "second" only where it cannot be a time."""
    low = run[i].low
    if low in ORDINALS:
        return float(ORDINALS[low]), i + 1
    tail = run[i + 1] if i + 1 < len(run) else None
    digits = low.replace(",", "")
    if digits.isdigit() and tail is not None and tail.low in {"st", "nd", "rd", "th"}:
        return (float(digits), i + 2) if tail.start == run[i].end else None
    return None
