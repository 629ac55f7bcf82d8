"""Does the statement say more than its source in a small word: all, first, because, before?

The words that are compared elsewhere are those of content. These change what they claim: "all
schools" for "some schools", "the longest" for "among the longest", "because of" for what merely
stands in the same sentence, a deed for the suspicion of it, "before the vote" for what it led to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.language.predicates import fold, predicates
from rag.language.when import dates
from rag.language.words import Word, clause_of, lexicon, words
from rag.types import day
from rag.verify.ground import TOLD_BEFORE, Finding, Ground, bare, sense

_EVERY = re.compile(r"\b(?:all|every|everyone|everybody|each|entire|whole|always)\b", re.IGNORECASE)
_SOME = re.compile(
    r"\b(?:some|several|many|most|few|part|parts|partly|half|majority|dozens|hundreds|thousands|"
    r"nearly all|almost all|not all)\b",
    re.IGNORECASE,
)
_ONLY = re.compile(r"\b(?:only|sole|solely|alone|exclusively)\b", re.IGNORECASE)
_AMONG = re.compile(
    r"\b(?:among(?:st)?|(?:one|some|part|two|three|few) of)\s+(?:the\s+)?(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
_MOST = re.compile(r"\b(?:most|best|worst|first|last|\w{2,}est)\b", re.IGNORECASE)
_NO_SUPERLATIVE = lexicon(
    "forest protest interest request arrest test rest west guest quest contest harvest invest "
    "honest modest suggest budapest bucharest latest manifest digest conquest unrest midwest "
    "northwest southwest"
)

_BECAUSE = re.compile(
    r"\b(?:because|due to|owing to|caused? by|as a result of|thanks to|on account of)\b",
    re.IGNORECASE,
)
_LINKS = re.compile(
    r"\b(?:because|due|owing|result|thanks|account|after|since|as|for|over|with|amid|by|from|"
    r"following|when|if|through|without|given|so|to)\b",
    re.IGNORECASE,
)
"""What may stand ahead of a cause in its own clause."""
_CAUSES = re.compile(
    r"\b(?:caus\w+|result\w*|reason\w*|why|blam\w+|led|leads|leading|spark\w+|trigger\w*|"
    r"prompt\w*|forc\w+|cit(?:es|ed|ing)|attribut\w+|mean[st]?|ma[dk]e\w*|help\w*|dr[io]v\w+|"
    r"stem\w*|saying|arguing|die[ds]? of|brought|set off|thus|therefore|explain\w*|follow\w*|"
    r"allow\w*|let)\b",
    re.IGNORECASE,
)
"""Verbs and nouns that make a cause of what stands with them."""
_BROUGHT_IN = 0.5
"""Share of a cause's words that its source must have more of."""

_SUSPECTS = lexicon(
    "suspect suspects suspected alleges allege alleged allegedly accuse accuses accused accusing "
    "claims claimed claim claiming believes believed suspicion suspicions allegation allegations "
    "accusation accusations rumours rumors rumoured rumored reportedly charges"
)
"""Words after which a thing is only thought or charged; "said" is not one of them."""
_REPORTS = _SUSPECTS | lexicon(
    "says said say told tells according charged charge deny denies denied blame blames blamed "
    "think thinks thought trial tried indicted insist insists insisted argue argues argued may "
    "might could possibly probably likely"
)
MOST = 0.6
"""Share of a statement's words that stand in what is only suspected."""


def scope_findings(statement: str, ground: Ground) -> Iterator[Finding]:
    """Check "all" where the source has "some", "only", and superlatives that it shares out.

    "Among the longest" and "one of the first" is what the source may say of more than one.
    """
    source = " ".join(ground.texts)
    found, part = _EVERY.search(statement), _SOME.search(source)
    if found and part and not _EVERY.search(source):
        yield Finding("scope", "partly", f"the source says {part.group()!r}, not {found.group()!r}")
    if (found := _ONLY.search(statement)) and not _ONLY.search(source):
        yield Finding("scope", "partly", f"the source does not say {found.group()!r}")
    for most in _MOST.finditer(statement):
        low = most.group().lower()
        if low in _NO_SUPERLATIVE or _AMONG.search(statement[: most.start()]):
            continue
        there = [m for m in _MOST.finditer(source) if m.group().lower() == low]
        if there and all(_AMONG.search(source[: m.start()]) for m in there):
            yield Finding("scope", "partly", f"the source only says that it is among the {low}")


def cause_findings(statement: str, ground: Ground) -> Iterator[Finding]:
    """Check that what a statement gives as the cause is there, and that something links it."""
    found = _BECAUSE.search(statement)
    if found is None or not (reason := sense(statement[found.end() :])):
        return
    effect = sense(statement[: found.start()])
    held = len(reason & (ground.union | ground.around)) / len(reason)
    if held <= _BROUGHT_IN or not any(_caused(t, reason, effect) for t in ground.texts):
        yield Finding("cause", "partly", "the source does not give this as the cause")


def _caused(text: str, reason: frozenset[str], effect: frozenset[str]) -> bool:
    """Say whether a source has a word that gives a cause, or one ahead of this cause.

    "A strike stopped the mines" has the strike as a cause too.
    """
    if _CAUSES.search(text):
        return True
    for clause in predicates(bare(text)):
        told = [w.start for w in words(text) if fold(w) in reason and clause.holds(w.start)]
        if told and _LINKS.search(text[clause.start : told[0]]):
            return True
        if reason & clause.subject and effect & (clause.content - clause.subject):
            return True
    return False


_WAS_EARLIER = re.compile(
    r"\b(?:before|prior|until|till|previous(?:ly)?|earlier|former(?:ly)?|original(?:ly)?"
    r"|initial(?:ly)?|had (?:been|stood|\w+ed)|used to|from (?=[\d$£€])|no longer|not yet"
    r"|instead of|rather than|ahead of)\b",
    re.IGNORECASE,
)
"""Words by which a source tells of a state that is over, or of what something changed from."""


def earlier_findings(statement: str, ground: Ground) -> Iterator[Finding]:
    """Check that what is told as the state before something is not what came of it.

    The source says so in a word, or came out before the day that is named.
    """
    found = TOLD_BEFORE.search(statement)
    if found is None or any(_WAS_EARLIER.search(text) for text in ground.texts):
        return
    start = next((w.first for w in dates(found[1]) if w.first), None)
    published = [day(p.published) for p in ground.premises]
    if start is None or not any(p is not None and p < start for p in published):
        yield Finding("earlier", "partly", "the source does not say that it was so before")


_DENIED = re.compile(
    r"\b(?:which|that|but|and) (?:\w+ ){1,3}(?:denie[sd]|deny|disputes?|disputed)\b", re.IGNORECASE
)
"""What is told is disowned by one of whom it is told: ", which he denies"."""


def suspicion_findings(statement: str, ground: Ground) -> Iterator[Finding]:
    """Check that what the source only suspects or alleges is not told as a fact."""
    if any(w.low in _REPORTS for w in words(statement)):
        return
    mine = frozenset(w.stem for w in words(statement) if w.content)
    for text in ground.close(sense(statement)):
        run = words(text)
        if (denied := _DENIED.search(text)) and _told(mine, run, 0, denied.start()):
            yield Finding("suspicion", "partly", f"the source says {denied.group()!r}")
            return
        for word in run:
            if word.low not in _SUSPECTS:
                continue
            _, end = clause_of(text, word.start)
            if _told(mine, run, word.end, end):
                yield Finding("suspicion", "partly", f"the source only says {word.text!r}")
                return


def _told(mine: frozenset[str], run: Sequence[Word], start: int, end: int) -> bool:
    """Say whether most words of a statement stand in a stretch of a source."""
    held = mine & {w.stem for w in run if start <= w.start < end and w.content}
    return len(held) >= 2 and len(held) >= MOST * len(mine)
