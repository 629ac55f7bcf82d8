"""Small repairs of what the model wrote, made from the source's own words and checked again.

The one that matters: a source has somebody say a thing, and the answer states it as a fact. The
answer is then given back its speaker, as the source names him, instead of being thrown away.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.language.names import names
from rag.language.speech import speeches
from rag.language.words import words
from rag.types import Citation

LONGEST = 70
"""Most characters of a speaker: what is longer is a clause, not a person."""

_DETERMINER = re.compile(
    r"(?:\b(?:a|an|the|one|another|several|some|two|his|her|its|their)\s+)?$", re.IGNORECASE
)
_TITLE = re.compile(r"(?:[A-Z][\w’'-]+ ){1,3}$")
"""Capitalised words before a name: an office, such as "Defense Secretary"."""
_HELPER = re.compile(r"(?:\s+(?:has|have|had|also|then|later|\w{3,}ly))+\s*$", re.IGNORECASE)
"""What may stand between a speaker and the verb: "Meloni has also claimed"."""
_CLAUSE = re.compile(r"[,;:“”\"()]|\b(?:that|which|who|when|while|but|and then)\b", re.IGNORECASE)
_HOLDS = re.compile(
    r"(?:[\w’'.-]+ ){1,5}(?:gave|gives|offer(?:s|ed)|cite[sd]|makes?|made|holds?|held|takes|took"
    r"|express(?:es|ed)|voice[sd]|has|had) (?:(?:the|an?|as|his|her|its|their) )*(?:reason|argument"
    r"|case|point|view|opinion|explanation|justification|belief|hope|fear|concern) that\b"
)
"""How a statement opens that tells what somebody holds, without a verb of saying."""


def attributed(statement: str, citations: tuple[Citation, ...]) -> str | None:
    """Return the statement with its speaker added; None when the source names none.

    What somebody "gave the reason that" is his already, even if the source has another say it.
    """
    if _HOLDS.match(statement) and any(n.span.start == 0 for n in names(statement)):
        return None
    for citation in citations:
        speaker = _speaker(citation.quote, statement)
        if speaker and not _named(statement, speaker):
            body = statement.rstrip().rstrip(".!").rstrip()
            return f"{body}, according to {speaker}."
    return None


def _speaker(quote: str, statement: str) -> str | None:
    """Return the words before or after the first verb of saying that name who speaks.

    Who is in the statement already is not named a second time.
    """
    here = {w.low for w in words(statement)}
    for speech in speeches(quote):
        if speech.name is None or speech.verb == "according":
            continue
        name = speech.name.span
        if name.end <= speech.span.start:
            start = name.start - len(_last(_TITLE, quote[: name.start]))
            start -= len(_last(_DETERMINER, quote[:start]))
            phrase = _HELPER.sub("", quote[start : speech.span.start]).strip()
        else:
            phrase = quote[speech.span.end : name.end].strip()
        if here & {name.last for name in names(phrase)}:
            continue
        if len(phrase) <= LONGEST and not _CLAUSE.search(phrase):
            return _as_object(phrase)
    return None


def _last(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match.group() if match else ""


def _as_object(phrase: str) -> str:
    """Lower the capital of a leading "A" or "The", which opened a sentence."""
    first, _, rest = phrase.partition(" ")
    return f"{first.lower()} {rest}" if first in ("A", "An", "The", "One", "Another") else phrase


def _named(statement: str, speaker: str) -> bool:
    held = {w.stem for w in words(statement)}
    return all(w.stem in held for w in words(speaker) if w.content)


def voiced(
    question: str, statement: str, citations: Sequence[Citation], voices: Sequence[str]
) -> str:
    """Return a statement with the speaker in whose mouth its sources put it; itself, if it has him.

    Args:
        question: Whom it names need not be named again.
        statement: One sentence of an answer.
        citations: What bears it out.
        voices: For each citation who says it, empty where its outlet does.
    """
    if not citations or not all(voices) or speeches(statement):
        return statement
    held = {w.low for w in words(f"{question} {statement}")}
    told = [w.low for w in words(voices[0]) if w.content]
    if not told or told[-1] in held or not statement.rstrip().endswith((".", "!")):
        return statement
    body = statement.rstrip().rstrip(".!").rstrip()
    return f"{body}, according to {_with_article(voices[0])}."


_BODIES = re.compile(
    r"\b(?:ministry|department|agency|guard|council|office|command|nations|corps|staff|court|house"
    r"|bank|union|pentagon|kremlin|police|army|navy|government|league|committee|commission"
    r"|administration|organi[sz]ation)$",
    re.IGNORECASE,
)
_HAS_OWNER = re.compile(r"['’]s?\s")


def _with_article(voice: str) -> str:
    """Return a speaker as it stands in a sentence: "the US official", "Mayor Ana Holt"."""
    last = voice.rsplit(maxsplit=1)[-1]
    plain = last[0].islower() or _BODIES.search(voice)
    plural = last.endswith("s") and last[0].islower()
    return f"the {voice}" if plain and not plural and not _HAS_OWNER.search(voice) else voice
