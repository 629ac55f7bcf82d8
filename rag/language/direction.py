"""Words that have an opposite ("rose", "before", "approved"), with what they are said of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.language.cues import claims
from rag.language.memory import MEMORY
from rag.language.numerals import NUMERALS
from rag.language.opposites import OPPOSITES
from rag.language.predicates import doers, fold, predicates
from rag.language.units import SYMBOLS
from rag.language.words import Word, clause_of, lists, stem, words

_POLE: dict[str, list[tuple[int, int]]] = {}
for _group, _sides in enumerate(OPPOSITES):
    for _side, _members in enumerate(_sides):
        for _member in _members:
            _POLE.setdefault(stem(_member), []).append((_group, _side))


_ORDER = next(k for k, (left, _) in enumerate(OPPOSITES) if "before" in left)
"""The group of "before" and "after", which are said of two things."""
_COMES = frozenset(stem(w) for w in ("come", "happen", "occur", "follow", "take", "place"))
"""What is said of any event."""
_REACH = 25
"""Words to either side that tell what a turn is about."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A word with an opposite, and the stems of its clause to tell what it is about."""

    text: str
    group: int
    side: int
    about: frozenset[str]
    subject: str
    """The stem of the last content word before it in its clause: what rose."""
    ahead: frozenset[str] = frozenset()
    """For "before" and "after": the stems of the sentence ahead of it, with `behind` those after
    it in its clause."""
    behind: frozenset[str] = frozenset()

    def shares(self, other: Turn) -> int:
        """Count what two turns are both about; the subject counts three times."""
        return len(self.about & other.about) + 2 * (
            bool(self.subject) and self.subject == other.subject
        )


@MEMORY.of_texts(bytes_a_character=8)
def turns(text: str) -> tuple[Turn, ...]:
    """Return the words of a text that have an opposite ("rose", "before", "approved")."""
    run = words(text)
    negated = {c.focus for c in claims(text).negated}
    found = []
    for k, word in enumerate(run):
        poles = _POLE.get(word.stem, ())
        if not poles or word.stem in negated or _elsewhere(run, k):
            continue
        start, end = clause_of(text, word.start)
        near = [o for o in run[max(0, k - _REACH) : k + _REACH] if start <= o.start < end]
        about = frozenset(o.stem for o in near if o is not word and _tells(o))
        ahead = [o.stem for o in near if o.start < word.start and o.content]
        subject = _doer(text, run, word) or (ahead[-1] if ahead else "")
        if poles[0][0] == _ORDER:
            found.append(_ordering(run, k, Turn(word.text, *poles[0], about, subject), end))
        else:
            found += [Turn(word.text, group, side, about, subject) for group, side in poles]
    return tuple(found)


_LISTS = lists("direction")
_ABOUT = _LISTS["about"]
"""What may stand between "over" and what it bounds."""
_BOUNDS = _LISTS["bounds"]
"""What "over" bounds beside numbers."""


def _elsewhere(run: Sequence[Word], k: int) -> bool:
    """Say whether "over" or "under" bounds nothing: "a row over gifts", "under the plan"."""
    if run[k].low not in {"over", "under"}:
        return False
    after = next((w for w in run[k + 1 : k + 5] if w.low not in _ABOUT), None)
    if after is None:
        return True
    number = after.low[0].isdigit() or after.low in NUMERALS or after.low in SYMBOLS
    return not number and after.low not in _BOUNDS


def _doer(text: str, run: Sequence[Word], word: Word) -> str:
    """Return the stem of what a verb without a subject goes on to speak of: "and sold"."""
    said = predicates(text)
    k = max(i for i, c in enumerate(said) if c.start <= word.start)
    if any(said[k].start <= w.start < word.start and w.content for w in run):
        return ""
    whom = doers(text)[k]
    return next((w.stem for w in reversed(run[: run.index(word)]) if fold(w) in whom), "")


def _ordering(run: Sequence[Word], k: int, turn: Turn, end: int) -> Turn:
    """Add to "before" or "after" what stands on its two sides."""
    ahead = frozenset(o.stem for o in run[max(0, k - _REACH) : k] if _tells(o))
    behind = frozenset(o.stem for o in run[k + 1 : k + 9] if _tells(o) and o.start < end)
    return replace(turn, ahead=ahead, behind=behind)


def _misordered(mine: Turn, theirs: Sequence[Turn]) -> Turn | None:
    """Return the "before" or "after" of a source that puts the same two things the other way.

    "After the vote" contradicts "before the vote" where the same is said to have happened; it says
    nothing against "before the recess". "X before Y" contradicts "Y before X".
    """
    for other in (t for t in theirs if t.group == _ORDER):
        if mine.side != other.side:
            if mine.behind & other.behind and mine.ahead & other.ahead:
                return other
        elif (
            mine.ahead & other.behind - mine.behind
            and mine.behind & other.ahead - mine.ahead
            and not mine.ahead & other.ahead - mine.behind - _COMES
        ):
            return other
    return None


def _tells(word: Word) -> bool:
    return word.content or word.low[0].isdigit()


def opposed(statement: str, sources: Sequence[str]) -> tuple[Turn, Turn] | None:
    """Return a word of the statement and its opposite in the sources, when they disagree.

    The source clause that shares most words with the statement's clause decides, so a sentence
    that has both "rose" and "fell" is read by what rose and what fell.
    """
    theirs = [t for s in sources for t in turns(s)]
    for mine in turns(statement):
        if mine.group == _ORDER:
            if (rival := _misordered(mine, theirs)) is not None:
                return mine, rival
            continue
        same = [t for t in theirs if t.group == mine.group and t.side == mine.side]
        other = [t for t in theirs if t.group == mine.group and t.side != mine.side]
        if not other:
            continue
        rival = max(other, key=mine.shares)
        best = max((mine.shares(t) for t in same), default=-1)
        if mine.shares(rival) > max(best, 0):
            return mine, rival
    return None
