"""Names that a number tells apart: Artemis II is not Artemis III, nor F-15 F-16."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.language.datewords import masked
from rag.language.sentences import sentences
from rag.language.words import fold, words
from rag.types import Support
from rag.verify.ground import Finding, Ground, Premise

_NUMBERED = re.compile(r"\b([A-Z][A-Za-z]*)[ -](\d{1,4}[A-Z]?|[IVX]{1,4})\b")


_NEAR = 200
"""How many characters ahead of a sentence may say which of its kind it speaks of."""
_IT = re.compile(r"\W*(?:it|its|they|their)\b", re.IGNORECASE)
_BESIDE = re.compile(
    r"\b(?:unlike|like|than|after|before|since|from|successors? (?:of|to)|as with)\W+(?:\w+\W+)?$",
    re.IGNORECASE,
)
"""What stands ahead of a thing that something is only compared with."""


def designation_findings(statement: str, ground: Ground) -> Iterator[Finding]:
    """Check names that a number tells apart: Artemis II is not Artemis III, nor F-15 F-16.

    A sentence that opens with Artemis III is not about Artemis II, though its article is; "its
    budget", right after Artemis III, may not be that of Artemis II. A second citation that names
    Artemis II does not mend that.
    """
    mine = _numbered(statement)
    if not mine:
        return
    source = [*ground.texts, *ground.contexts, *{p.article for p in ground.premises}]
    known = {pair for text in source for part in sentences(text) for pair in _numbered(part)}
    for (name, number), written in mine.items():
        others = {n for base, n in known if base == name}
        if not others:
            continue
        support: Support = "contradicted"
        if (name, number) in known:
            if any((name, n) in mine for n in others - {number}):
                continue
            told = [_spoken(premise, name, number) for premise in ground.premises]
            sure = {n for n, own in told if own} - {number}
            others = sure or {n for n, _ in told if n}
            if not sure and (not others or number in others):
                continue
            support = "unsupported" if sure else "partly"
        base = re.split(r"[ -]", written)[0]
        reason = f"the source speaks of {base} {min(others)}, not of {written}"
        yield Finding("designation", support, reason)


def _numbered(text: str) -> dict[tuple[str, str], str]:
    """Return the names with a number in a text, as name and number, with how each is written."""
    return {(fold(m[1]), m[2]): m.group() for m in _NUMBERED.finditer(masked(text))}


def _spoken(premise: Premise, name: str, number: str) -> tuple[str, bool]:
    """Return which of its kind a sentence speaks of, "" if that is open, and whether that is sure.

    It is the one that it names, unless only as something to compare with, or not as its subject
    right after the one in question. "It" is what was named last before: for sure if the sentence
    before opens with that.
    """
    start = premise.article.find(premise.text)
    before = masked(premise.article[max(0, start - _NEAR) : start]) if start > 0 else ""
    named = [m for m in _NUMBERED.finditer(before) if fold(m[1]) == name]
    own = [m for m in _NUMBERED.finditer(masked(premise.text)) if fold(m[1]) == name]
    if number in {m[2] for m in own}:
        return number, True
    if own:
        ahead = premise.text[: own[0].start()]
        near = number in {m[2] for m in named} and not _opens(ahead)
        return ("", False) if near or _BESIDE.search(ahead) else (own[0][2], True)
    if not named or not _IT.match(premise.text):
        return "", False
    sentence = re.split(r"[.!?\n]\s+", before[: named[-1].start()])[-1]
    last = re.search(r"[.!?]\s+\S", before[named[-1].end() :].rstrip()) is None
    return named[-1][2], last and _opens(sentence)


def _opens(ahead: str) -> bool:
    """Say whether what follows opens a sentence: at most an article and an adjective ahead."""
    return len(words(ahead)) <= 2
