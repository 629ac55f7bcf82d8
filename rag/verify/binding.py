"""Is the predicate said of this subject? "Smith quit. Doe led the agency." has no "Smith led".

All the words of such a statement are in its sources, so that comparing words lets it pass. Here
the sentence that holds what the statement says is asked whom it says it of: a name that the
statement does not have, standing where its subject stands, is somebody else. A pronoun or "the
agency" there links it to the sentence before, and nothing is objected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.language.names import Name, names
from rag.language.places import ALIAS
from rag.language.sentences import split
from rag.language.speech import speeches
from rag.language.thesaurus import same
from rag.language.words import STOP, Word, lexicon, stem, words
from rag.verify.ground import Finding, Ground, Premise, line

_PRONOUNS = lexicon("he she they it his her their its him them who we i our my this that these")
_OF = re.compile(
    r"\b(?:in|of|at|from|with|to|by|for|on|near|against|over|about|outside|inside|through|than"
    r"|between|across|into|under|around|as|like|and|or|including)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
"""Before a name that is no subject."""
_PASSIVE = re.compile(r"\s*\b(?:was|were|is|are|been|being)\s")
_WHO = re.compile(r",? who\b")
MOST_AHEAD = 3
"""Words that may stand ahead of a subject: "On Friday", "The former"."""
NEXT = 6
"""Characters between a verb and its object."""
ENOUGH = 0.6
"""Share of a predicate that a sentence must hold to be the one that says it."""


def binding_findings(statement: str, ground: Ground) -> Iterator[Finding]:
    """Check that what is said of the statement's subject is said of it in the source."""
    subject = _subject(statement)
    if subject is None or speeches(statement):
        return  # who says something has a check of its own
    predicate = [w for w in line(statement[subject.span.end :]) if w not in _folded(subject)]
    premise = _holder(predicate, ground, least=2)
    if premise is None:
        return
    passive = bool(_PASSIVE.match(statement, subject.span.end))
    other = _bound(premise.text, frozenset(predicate), subject, passive=passive)
    if other is not None:
        reason = f"the source says this of {other.text}, not of {subject.text}"
        yield Finding("binding", "unsupported", reason)


def referred(statement: str, ground: Ground) -> frozenset[str]:
    """Return the words of a statement's subject where its source only refers to it.

    "Doe spoke. She led the agency." has "Doe led" when nobody else is named whom "she" could mean.
    """
    subject = _subject(statement) or _opening(statement, ground)
    if subject is None:
        return frozenset()
    predicate = [w for w in line(statement[subject.span.end :]) if w not in _folded(subject)]
    premise = _holder(predicate, ground, least=1)
    if premise is None or any(_same(n, subject) for n in names(premise.text)):
        return frozenset()
    before = sentence_before(premise, ground)
    opens = words(premise.text)[:1]
    refers = bool(opens) and (opens[0].low in _PRONOUNS or opens[0].low == "the")
    known = [n for n in names(before) if n.sure or _same(n, subject)]
    others = [n for n in known if not _OF.search(before[: n.span.start])]
    mine = [n for n in others if _same(n, subject)]
    clear = bool(mine) and len(mine) == len(others)
    rival = _bound(premise.text, frozenset(predicate), subject)
    return _folded(subject) if refers and clear and rival is None else frozenset()


def sentence_before(premise: Premise, ground: Ground) -> str:
    """Return the other premises, or the sentence ahead of this one where it stands alone."""
    rest = [p.text for p in ground.premises if p is not premise]
    ahead = premise.context.partition(premise.text)[0].strip()
    spans = split(ahead)
    return spans[-1].of(ahead) if spans and premise.text in premise.context else " ".join(rest)


def _subject(statement: str) -> Name | None:
    """Return the name that opens a statement, which is then its subject."""
    first = next((n for n in names(statement) if n.sure), None)
    if first is None or (len(first.parts) == 1 and first.last in ALIAS.values()):
        return None  # a country often stands for its people: "American officials"
    ahead = statement[: first.span.start]
    return first if len(words(ahead)) <= MOST_AHEAD and not _OF.search(ahead) else None


def _opening(statement: str, ground: Ground) -> Name | None:
    """Return the lone capitalised word that opens a statement, if a source has it as a name."""
    first = next(iter(names(statement)), None)
    known = {p for n in ground.known.names for p in n.parts}
    return first if first and first.span.start == 0 and set(first.parts) <= known else None


def _folded(name: Name) -> frozenset[str]:
    return frozenset(ALIAS.get(p) or same(stem(p)) for p in name.parts)


def _holder(predicate: list[str], ground: Ground, *, least: int) -> Premise | None:
    """Return the premise that holds most of a predicate, if it holds enough of it."""
    wanted = set(predicate)
    if len(wanted) < least:
        return None
    held = [len(wanted & s) for s in ground.senses]
    best = max(range(len(held)), key=held.__getitem__)
    return ground.premises[best] if held[best] >= max(least, ENOUGH * len(wanted)) else None


def _bound(
    source: str, predicate: frozenset[str], subject: Name, *, passive: bool = False
) -> Name | None:
    """Return another name of which a source says a predicate; None when it may be the subject."""
    run = [w for w in words(source) if w.content or w.low in _PRONOUNS]
    told = [w for w in run if (ALIAS.get(w.low) or same(w.stem)) in predicate]
    if not told:
        return None
    known = [n for n in names(source) if n.span.start < told[0].start]
    if any(_same(n, subject) for n in names(source)):
        return _relative(source, known, told[0], subject)
    if passive and not _PASSIVE.search(source[: told[0].start][-12:]):
        after = [n for n in names(source) if 0 <= n.span.start - told[0].end <= NEXT]
        return after[0] if after else None
    lead = source[: told[0].start]
    pronoun = max((w.start for w in words(lead) if w.low in _PRONOUNS), default=-1)
    rivals = [n for n in known if n.span.start > pronoun and _stands(source, n, told[0])]
    return rivals[-1] if rivals else None


def _stands(source: str, name: Name, told: Word) -> bool:
    """Say whether a name stands where the subject of a word does: at the front, or just ahead."""
    if _OF.search(source[: name.span.start]):
        return False
    between = [w for w in words(source[name.span.end : told.start]) if w.low not in STOP]
    ahead = [w for w in words(source[: name.span.start]) if w.low not in STOP]
    opens = len(ahead) <= 1 and (name.sure or len(name.parts) > 1)
    return (name.sure and len(between) <= 2) or opens


def _relative(source: str, known: list[Name], told: Word, subject: Name) -> Name | None:
    """Return the other name in "Smith praised Doe, who led the agency", of which it says "led"."""
    if not known or _same(known[-1], subject):
        return None
    between = source[known[-1].span.end : told.start]
    return known[-1] if _WHO.match(between) and len(words(between)) <= 4 else None


def _same(a: Name, b: Name) -> bool:
    """Say whether two names may mean one: they share a word, or one abbreviates the other."""
    initials = {"".join(p[0] for p in n.parts) for n in (a, b) if len(n.parts) > 1}
    return bool(set(a.parts) & set(b.parts)) or bool(initials & {a.last, b.last})
