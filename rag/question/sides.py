"""Two reports set side by side: what a question says that each of them says.

"Does the article from Fortune claim that A, while the Verge article suggests that B?" has two
sides: Fortune with A, The Verge with B.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.language.words import fold
from rag.question.publishers import named, short

_CUT = re.compile(
    r",? (?:while(?: also)?|whereas|as opposed to|in contrast (?:to|with)|unlike|but)\b"
    r"|,? and (?=(?:does|do|did|is|was|are|were|has|have)\b)",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"\b(?:suggest|claim|report|indicate|impl(?:y|ie)|state|describe|mention|attribute|argue|say|"
    r"allege|discuss|highlight|emphasi[sz]e|note|portray|depict|anticipate|accuse|credit|recommend|"
    r"warn|predict|announce|confirm|deny|denie|show|reveal|present|criti(?:que|ci[sz]e)|praise|"
    r"focus|acknowledge|explain|express|advocate|detail|feature|cite|involve|agree|align)"
    r"(?:s|es|d|ed|ing)?\b(?: on| about| to| with)?(?: that\b)?",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^\W*(?:do|does|did|is|are|was|were|has|have|can|could|will|would)\b\s*", re.IGNORECASE
)
_DENIED = re.compile(
    r"\b(?:fail(?:s|ed)? to|do(?:es)? not|did not|doesn['’]t|didn['’]t|never|without)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one report is said to say; `outlets` are those that it may stand in, any if empty."""

    text: str
    claim: str
    outlets: tuple[str, ...] = ()
    denied: bool = False
    """True when the report is said not to say it: "fails to mention", "does not discuss"."""


def sides(question: str, publishers: Sequence[str]) -> tuple[Side, ...]:
    """Cut a question for a yes or no into what it says of each report.

    A piece without an outlet of its own takes the one before it. A question that is not about
    reports, or about one only, has a single side.
    """
    text = " ".join(question.split()).rstrip("?! ")
    body = _LEAD.sub("", text)
    found: list[Side] = []
    for piece in _pieces(body):
        outlets = named(piece, publishers) or (found[-1].outlets if found else ())
        claim = _claim(piece, outlets)
        denied = bool(_DENIED.search(piece.removesuffix(claim)))
        found.append(Side(text=piece, claim=claim, outlets=outlets, denied=denied))
    return tuple(found)


def _pieces(text: str) -> list[str]:
    pieces = [p.strip(" ,;") for p in _CUT.split(text)]
    pieces = [_LEAD.sub("", p) for p in pieces if len(p.split()) > 3]
    return pieces or [text]


def _claim(piece: str, outlets: Sequence[str]) -> str:
    """Return what is said, without who says it: from the first verb of saying behind an outlet."""
    low = fold(piece)
    ends = [low.find(fold(short(o))) + len(short(o)) for o in outlets if fold(short(o)) in low]
    start = min(ends, default=0)
    said = _SAYS.search(piece, start)
    return piece[said.end() :].strip(" ,'’") if said else piece[start:].strip(" ,'’")
