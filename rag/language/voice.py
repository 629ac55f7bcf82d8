"""Whose words a sentence of an article gives: the speaker as the article names it.

"the ministry said" speaks for the ministry that the article has named before, "he said" for whom
it has quoted last; a sentence without a verb of saying is the outlet's own.
"""

from __future__ import annotations

import re

from rag.language.kinds import BODIES
from rag.language.memory import MEMORY
from rag.language.names import Name, names
from rag.language.numbers import numbers
from rag.language.places import ALIAS
from rag.language.speech import COLLECTIVE, Speech, speeches
from rag.language.words import STOP, words
from rag.types import Article, Span

LONGEST = 8
"""Most words of a speaker: what is longer is a clause."""
_BACK = 2_000
"""How far back a speaker may have been named, in characters."""
_NEAR = 200
"""How far back "he" may have been named where nobody was quoted before."""
_BREAK = re.compile(
    r"[,;:.!?“”\"()]\s|\s[–—-]\s|—|[“”\"]|\b(?:and|but|that|which|while|when|whereas|as|because"
    r"|unless|after|before)\b\s|^(?:in|on|at|by|during|since|until) (?:[A-Z]\w+ (?=the\s))?"
)
_ARTICLE = re.compile(r"^(?:the|a|an|one|another|some|two|its|his|her|their)\s+", re.IGNORECASE)
_ADVERB = re.compile(
    r"(?:\s+(?:has|have|had|also|then|later|earlier|\w{3,}ly))+\s*$", re.IGNORECASE
)
_PRONOUNS = frozenset({"he", "she", "they", "it", "who", "we", "i"})
_SOMEBODY = frozenset({"he", "she"})
_PLACED = re.compile(r"\b(?:in|at|near|from|outside) (?:the )?\Z", re.IGNORECASE)
"""What stands ahead of a place."""
_WHO = re.compile(
    r"\b(?:he|she|they|it|who|has|had|would|this|figures?|reports?|counts?|estimates?|projections?|account)\b",
    re.IGNORECASE,
)
"""What is in no speaker: pronouns, and papers, which speak for nobody."""
_APART = re.compile(r",\s+[^,]{2,60},\s*$")
"""An aside between a speaker and the verb: "the minister, Ivana Kovačević, told"."""
_PUTS = re.compile(
    r"(?!(?i:after|and|as|at|before|but|by|for|from|if|in|of|on|since|so|that|then|there|this|until"
    r"|when|while|with)\b)(?P<who>[\w’' -]{3,50}?)(?: (?:now|still|already|also))?"
    r"(?<! was)(?<! were)(?<! is)(?<! are)(?<! be)(?<! been)"
    r" (?:sp(?:oke|eaks?|oken) of|counts?|counted|reckons?|expect(?:s|ed)?"
    r"|measured(?= [\d.,]+(?!.?\d)(?! \w))"
    r"|(?:puts?|gave|gives?) (?:it|them|this|that|(?:the|its|their) [\w ]{2,50}) (?:at|as))"
    r" (?=.*\d)"
)
"""Who gives a number without a verb of saying: "the guild put the loss at 400 barrels"."""

_DEED = re.compile(r"\w{2}(?:[st]ion|ment|ing)s?$")
"""The endings of what is done, which some bodies have too: a decision, but a commission."""


def voice(article: Article, span: Span) -> str:
    """Return who says what stands at `span`; empty where the article says it itself."""
    before = article.text[max(0, span.start - _BACK) : span.start]
    return _voice(span.of(article.text), before)


@MEMORY.of_texts(bytes_a_character=2)
def _voice(sentence: str, before: str) -> str:
    for speech in speeches(sentence):
        if speech.span.of(sentence)[0].isupper() and speech.verb == "states":
            continue  # the United States
        if speech.name is None and speech.noun in _PRONOUNS:
            return _last_named(before, somebody=speech.noun in _SOMEBODY)
        if found := _phrase(sentence, speech):
            return _in_full(found, before)
    puts = _PUTS.match(sentence)
    who = _short(puts["who"].strip()) if puts else ""
    return _in_full(who, before) if who and not _is_deed(who) else ""


def _is_deed(phrase: str) -> bool:
    """Say whether a phrase names what was done, such as a decision: it speaks for nobody."""
    last = words(phrase)[-1].low
    return _DEED.search(last) is not None and last not in BODIES | COLLECTIVE


def _phrase(sentence: str, speech: Speech) -> str:
    """Return the words that name who speaks, beside the verb of saying."""
    if speech.verb == "according":
        behind = _BREAK.split(sentence[speech.span.end :], maxsplit=1)[0]
        if not sentence[: speech.span.start].strip():  # "According to the ministry 300 came."
            behind = behind[: min((q.span.start for q in numbers(behind)), default=len(behind))]
        return _short(behind.strip(" .").removeprefix("to ").strip())
    if speech.name is not None and speech.name.span.start > speech.span.start:
        return _titled(speech.name)
    before = sentence[: speech.span.start]
    if _APART.search(before) and speech.name is not None:
        return _titled(speech.name)
    breaks = list(_BREAK.finditer(before))
    said = _short(_ADVERB.sub("", before[breaks[-1].end() if breaks else 0 :]).strip())
    return said or (_titled(speech.name) if speech.name is not None else "")


def _short(phrase: str) -> str:
    """Return a phrase without its article; nothing when it is too long to name anybody."""
    plain = _ARTICLE.sub("", phrase).strip(" ,")
    fits = 0 < len(plain.split()) <= LONGEST and not _WHO.search(plain)
    return plain if fits else ""


def _titled(name: Name) -> str:
    return name.text


def _in_full(phrase: str, before: str) -> str:
    """Return a bare noun, "ministry", as the name that the article gave it before."""
    if names(phrase):
        return phrase
    content = {w.low for w in words(phrase) if w.low not in STOP}
    for speech in reversed(speeches(before)):
        if speech.name is None:
            continue
        named = _phrase(before, speech)
        if content and content <= {w.low for w in words(named)}:
            return named
    return phrase


def _last_named(before: str, *, somebody: bool) -> str:
    """Return the last speaker that was named; nothing when nobody was.

    Args:
        before: What stands ahead of the sentence.
        somebody: True when it must be a person: "she said".
    """
    told = [s for s in reversed(speeches(before)) if s.noun not in _PRONOUNS]
    named = (s for s in told if s.name is not None or not somebody)
    quoted = next((found for s in named if (found := _phrase(before, s))), "")
    near = [n for n in names(before[-_NEAR:]) if n.last not in ALIAS]
    if somebody:  # where it was is nobody: "The trial of Ilse Korten opened in Lund."
        near = [n for n in near if not _PLACED.search(before[-_NEAR:], 0, n.span.start)] or near
    return quoted or (near[-1].text if near else "")


def same_voice(one: str, other: str) -> bool:
    """Say whether two phrases name one speaker: "Defense Ministry in Moscow" and "Russia's"."""
    first, second = (_key(one), _key(other))
    return bool(first and second) and (first <= second or second <= first)


def _key(phrase: str) -> frozenset[str]:
    """Return the words of a speaker that tell it from others, without the place it stands in."""
    plain = re.split(r"\s(?:in|of|at|from)\s", phrase, maxsplit=1)[0]
    kept = (w.low.removesuffix("'s").removesuffix("’s") for w in words(plain))
    lows = [low for low in kept if low not in STOP and low != "s"]
    return frozenset(low for low in lows if low not in ALIAS or len(lows) == 1)
