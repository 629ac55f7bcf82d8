"""Cues that change what a sentence claims: negation, modality and quotation.

A cue works on a focus: the first word of content after it ("would not cut" has the focus "cut").
Foci are compared, not whole sentences, so that a "not" elsewhere in a source does no harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.language.memory import MEMORY
from rag.language.words import Word, clause_of, lexicon, lists, stem, words

_LISTS = lists("cues")
_NOT = _LISTS["not"]
_DENY = _LISTS["deny"]
_DENY_NEEDS = {
    "failed": "to",
    "fail": "to",
    "fails": "to",
    "failing": "to",
    "stopped": "short",
    "declined": "to",
    "declines": "to",
    "decline": "to",
    "declining": "to",
    "prevented": "from",
    "unable": "to",
    "dropped": "plans",
    "scrapped": "plans",
    "abandoned": "plans",
    "halted": "plans",
}
_PHRASES = (("ruled", "out"), ("rules", "out"), ("rule", "out"), ("ruling", "out"))
_IDLE_AFTER_NO = _LISTS["idle_after_no"]
_LIGHT = _LISTS["light"]

_LEVELS = {
    **dict.fromkeys(
        lexicon(
            "may might could possibly perhaps allegedly alleged reportedly accused "
            "want wants seek seeks suspected considering mulling appears seems believed likely "
            "rumoured rumored potentially unconfirmed probably hopes hoping hope"
        ),
        1,
    ),
    **dict.fromkeys(
        lexicon(
            "will would shall plans planned planning plan intends intended expected "
            "expects set due scheduled vowed pledged promised aims proposed proposes "
            "threatened threatens agreed"
        ),
        2,
    ),
}
_NEEDS_TO = _LISTS["needs_to"]
FACT = 3
AHEAD = frozenset(
    map(stem, lexicon("decide plan intend expect schedule vow pledge promise aim propose want"))
)
"""Stems of what tells of a thing to come and says no more than "will" or "would"."""
_TO_COME = AHEAD | {"will", "would", "shall"}


@dataclass(frozen=True, slots=True)
class Cue:
    """A negation or modal with the stem it works on and the stems it may reach.

    `excepted` is True where what follows takes it back for a time or a case: "nobody had landed
    before India did", "did not resign until Friday".
    """

    text: str
    word: str
    focus: str
    reach: frozenset[str]
    level: int = 0
    excepted: bool = False


@dataclass(frozen=True, slots=True)
class Claims:
    """What a text asserts: stems it negates, stems it hedges (with how sure it is), the rest."""

    negated: tuple[Cue, ...]
    hedged: tuple[Cue, ...]
    plain: frozenset[str]


@MEMORY.of_texts(bytes_a_character=8)
def claims(text: str) -> Claims:
    """Read the negations and modals of a text."""
    run = words(text)
    negated: list[Cue] = []
    hedged: list[Cue] = []
    touched: set[int] = set()
    hedge_touched: set[int] = set()
    for i in range(len(run)):
        size = _negator(run, i)
        if size and (k := _focus(text, run, i + size)) is not None:
            negated.append(replace(_cue(text, run, i, k), excepted=_excepted(text, run, i)))
            touched.add(k)
        ahead = _foreseen(run, i)
        level = 2 if ahead else _modal(run, i)
        if level and (k := _focus(text, run, ahead or i + 1)) is not None:
            hedged.append(replace(_cue(text, run, i, k), text=run[i].low, level=level))
            hedge_touched.add(k)
    plain = {w.stem for k, w in enumerate(run) if w.content and k not in touched}
    sure = {w.stem for k, w in enumerate(run) if k not in hedge_touched}
    hedges = tuple(c for c in hedged if c.focus not in sure)
    return Claims(tuple(c for c in negated if c.focus not in plain), hedges, frozenset(plain))


def _cue(text: str, run: Sequence[Word], i: int, k: int) -> Cue:
    _, end = clause_of(text, run[k].start)
    reach = frozenset(w.stem for w in run[k : k + 5] if w.content and w.start < end)
    return Cue(_said(text, run, i, k), run[i].low, run[k].stem, reach)


@MEMORY.of_texts(bytes_a_character=2)
def denials(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Return each negation's own words with every stem up to the end of its clause."""
    run = words(text)
    found = []
    for i in range(len(run)):
        size = _negator(run, i)
        if not size or run[i].low in _DENY or _excepted(text, run, i):
            continue
        start, end = clause_of(text, run[i].start)
        after = [w for w in run[i + size :] if start <= w.start < end]
        said = (
            " ".join(text[run[i].start : after[min(3, len(after) - 1)].end].split())
            if after
            else ""
        )
        found.append((said, frozenset(w.stem for w in after if w.content)))
    return tuple(found)


_EXCEPT = re.compile(r"\b(?:until|till|except|other than|besides|apart from)\b", re.IGNORECASE)
_BEFORE = re.compile(r"\bbefore\b", re.IGNORECASE)
_AHEAD = 200
"""Characters after a negation in which it may be taken back."""
_NOBODY = _LISTS["nobody"]


def _excepted(text: str, run: Sequence[Word], i: int) -> bool:
    """Say whether the negation at `i` holds only until something, or but for something."""
    rest = text[run[i].end : run[i].end + _AHEAD].partition(". ")[0]
    had = any(w.low == "had" for w in run[max(0, i - 1) : i + 5])
    return bool(_EXCEPT.search(rest) or (run[i].low in _NOBODY and had and _BEFORE.search(rest)))


def _negator(run: Sequence[Word], i: int) -> int:
    """Return how many words the negation at `i` takes, 0 where there is none."""
    low = run[i].low
    following = run[i + 1].low if i + 1 < len(run) else ""
    if low in _NOT or (low.endswith(("n't", "nt")) and low in _CONTRACTED):
        return 0 if following in _IDLE_AFTER_NO and following != "longer" else 1
    if low in _DENY:
        needs = _DENY_NEEDS.get(low)
        return 1 if needs is None else 2 * (following == needs)
    return 2 if (low, following) in _PHRASES else 0


_CONTRACTED = frozenset(
    f"{w}{end}"
    for w in lexicon(
        "is are was were do does did has have had would could should wo ca must might need"
    )
    for end in ("n't", "nt")
)


def _modal(run: Sequence[Word], i: int) -> int:
    word = run[i]
    level = _LEVELS.get(word.low, 0)
    if word.low == "may" and word.capital and i:
        return 0  # the month
    if level and word.low in _NEEDS_TO:
        return level if i + 1 < len(run) and run[i + 1].low == "to" else 0
    return level


_FORESEES = _LISTS["foresees"]


def looks_ahead(text: str) -> bool:
    """Say whether a text tells of something to come."""
    return any(w.stem in _TO_COME for w in words(text))


def _foreseen(run: Sequence[Word], i: int) -> int:
    """Return the index after "to" in "analysts expect the economy to shrink", else 0."""
    if run[i].low not in _FORESEES:
        return 0
    return next((k + 1 for k in range(i + 2, min(i + 8, len(run))) if run[k].low == "to"), 0)


def _focus(text: str, run: Sequence[Word], i: int) -> int | None:
    """Return the index of the first content word at or after `i` in the same clause."""
    for k in range(i, min(i + 6, len(run))):
        if k and any(c in ",;:.!?()\n" for c in text[run[k - 1].end : run[k].start]):
            return None
        word = run[k]
        if word.content and not word.low.endswith("ly") and word.low not in _LIGHT:
            return k
        if word.low in {"that", "but", "if", "because", "when"} and k > i:
            return None
    return None


def _said(text: str, run: Sequence[Word], i: int, k: int) -> str:
    start = run[i - 1].start if i and run[i].low == "not" else run[i].start
    return " ".join(text[start : run[k].end].split())


_MARK = '"“”„‟«»「」『』〝〞＂'
_QUOTED = re.compile(
    rf"[{_MARK}]([^{_MARK}\n]{{3,4000}})[{_MARK}]"
    r"|(?<!\w)[‘‚‹'`]{1,2}([^\n`]{8,4000}?)['’›]{1,2}(?!\w)"
)
_OPENED = re.compile(r"(?:(?<!\S)[\"＂]|[“„«「『〝])(\S.*)$", re.DOTALL)
_CLOSED = re.compile(r"^(.*?[^\W\d][,.!?…]?)(?:[\"＂](?!\w)|[”»」』〞])", re.DOTALL)
_PAIRS = ("“”", "«»", "„“", "「」", "『』", "〝〞")
_STRAIGHT = re.compile(r"(?<!\w)\"([^\"\n]{3,4000})\"(?!\w)")
_SINGLE = re.compile(r"(?<!\w)(?:‘([^‘’\n]{8,4000})’|''([^\n]{8,4000}?)'')(?!\w)")


def quotes(text: str) -> tuple[str, ...]:
    """Return the words between quotation marks, of at least two words.

    What a mark opens and none closes goes to the end, and the other way round: a quote of two
    sentences is cut in two before it is looked at. A quote with marks inside is returned whole as
    well as in its parts, for between the parts nothing would be looked at.
    """
    found = [a or b for a, b in _QUOTED.findall(text)]
    found += _around(text)
    rest = _QUOTED.sub(" ", text)
    found += [m[1] for pattern in (_OPENED, _CLOSED) if (m := pattern.search(rest))]
    return tuple(q.strip(" ,.") for q in found if " " in q.strip())


def _around(text: str) -> list[str]:
    """Return the quotes that hold further marks, or an apostrophe that looks like their end."""
    outer = [text[start:end] for pair in _PAIRS for start, end in _paired(text, pair)]
    outer += _STRAIGHT.findall(text)
    single = [a or b for a, b in _SINGLE.findall(text)]
    return [q for q in outer if any(c in _MARK for c in q)] + [q for q in single if "'" in q]


def _paired(text: str, pair: str) -> Iterator[tuple[int, int]]:
    """Yield where the text between two marks of a pair stands that are in no other such pair.

    A mark that stands as an opening one does is no closing one: „the “big” town“.
    """
    start = depth = 0
    for mark in re.finditer(rf"{pair[0]}|\n|(?<!\s){pair[1]}|{pair[1]}(?!\w)", text):
        if mark[0] == pair[0]:
            start = start if depth else mark.end()
            depth += 1
        elif mark[0] == "\n":
            depth = 0
        elif depth:
            depth -= 1
            if not depth:
                yield start, mark.start()
