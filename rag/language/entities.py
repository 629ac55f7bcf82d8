"""Who and what an article names: people, organisations and places, each with all its mentions.

A surname, an acronym or a short form stands for the full name that the same article has of it.
Across articles an entity is known by its key: the full name without accents, middle initials and
doubled letters, so that Zelensky and Zelenskyy are one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rag.language.kinds import (
    BODIES,
    LEAST,
    ROLES,
    STATES,
    Kind,
    around,
    folded,
    listed,
    people_of,
    place,
    weigh,
)
from rag.language.names import Name, names
from rag.language.places import PHRASES
from rag.language.words import fold, lexicon
from rag.types import Span

READER = 2
"""Raise it when the same text gives other entities than before: every article is read again."""

_NEAR = 40
"""Characters before and behind a mention that say something of its kind."""
_SUFFIX = frozenset({"jr", "sr", "ii", "iii"})
_COUNTRY = {"usa": "United States", "uk": "United Kingdom", "eu": "European Union"}
_LEGAL = lexicon("inc corp co ltd llc plc corporation company")
_ENDS = lexicon("son sons brothers daughters partners associates company co")
"""What stands behind "and" only in the name of a firm: "Barlow and Sons"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Somebody or something that an article names."""

    kind: Kind
    key: str
    """The same wherever it is named."""
    name: str
    """As the article has it in full."""
    mentions: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mention:
    span: Span
    text: str
    words: tuple[str, ...]
    title: str
    sure: bool


def read(text: str, sentences: Sequence[Span]) -> tuple[Entity, ...]:
    """Return the entities of a text in the order in which they are first named."""
    mentions = [m for span in sentences for m in _mentions(span.of(text), span.start)]
    groups = _grouped(mentions)
    found = [e for group in groups if (e := _entity(text, group)) is not None]
    return tuple(sorted(_joined(found), key=lambda e: e.mentions[0]))


def _whole(sentence: str) -> Iterable[Name]:
    """Return the names of a sentence, those that an "and" cuts in two put together again."""
    held: list[Name] = []
    for name in names(sentence):
        before = held[-1] if held else None
        if before is not None and sentence[before.span.end : name.span.start] == " and ":
            span = Span(start=before.span.start, end=name.span.end)
            if name.parts[0] in _ENDS:
                parts = (*before.parts, "and", *name.parts)
                held[-1] = replace(before, span=span, text=span.of(sentence), parts=parts)
                continue
        held.append(name)
    return held


def _mentions(sentence: str, start: int) -> Iterable[_Mention]:
    for name in _whole(sentence):
        for first, last, title in _cut(name.span.of(sentence), name.title):
            at = name.span.start + first
            said = re.sub(r"(?:'s|’s|[’',;:])+$", "", sentence[at : name.span.start + last])
            words = folded(said)
            if words and words[-1][0].isalpha() and not people_of(words[-1]):
                span = Span(start=start + at, end=start + at + len(said))
                sure = name.sure or bool(title) or first > 0
                yield _Mention(span=span, text=said, words=words, title=title, sure=sure)


def _cut(text: str, title: str) -> Iterable[tuple[int, int, str]]:
    """Cut a run of capitals into names: start, end, and the role that stands before.

    "Acme Chair Ann Lee of the Coast Guard" has three of them.
    """
    run = list(re.finditer(r"\S+", text))
    lows = ["".join(folded(word[0])) for word in run]
    at = 0
    for i in range(len(run) + 1):
        if i < len(run) and not _parts(lows, at, i):
            continue
        first = next((j for j in range(at, i) if not _leads(lows, j, i)), i)
        adjective = i < len(run) and i - first == 1 and lows[first] in STATES  # "US Senator"
        if first < i and not adjective:
            yield run[first].start(), run[i - 1].end(), title
        title = lows[i] if i < len(run) and lows[i] in ROLES else ""
        at = i + 1


def _parts(lows: Sequence[str], at: int, i: int) -> bool:
    """Return True where a name ends: at a role, or at "of" behind a person."""
    if lows[i] in ROLES - {"st"}:
        return i < len(lows) - 1
    person = lows[at] in listed("first_names") and i - at > 1 and not BODIES & set(lows[at:i])
    opened = lows[i] == "the" and i == 1  # "Mending the Mora Dam"
    return opened or lows[i] == "for" or (lows[i] in {"of", "in"} and person)


def _leads(lows: Sequence[str], i: int, end: int) -> bool:
    """Return True for a word that stands before a name: "of State", "the", "Russian"."""
    if lows[i] in {"of", "the", "and", ""}:
        return True
    ahead = lows[i + 1] if i + 1 < end else ""
    named = ahead in listed("first_names") and end - i > 2
    return named and (people_of(lows[i]) or (i > 0 and lows[i - 1] == "of"))


def _grouped(mentions: Sequence[_Mention]) -> list[list[_Mention]]:
    """Put the mentions of one thing together, fullest names first."""
    groups: list[list[_Mention]] = []
    for mention in sorted(mentions, key=lambda m: (-len(m.words), not m.sure, m.span)):
        home = next((g for g in groups if _same(g[0], mention)), None)
        if home is None:
            groups.append([mention])
        else:
            home.append(mention)
    return groups


def _same(full: _Mention, short: _Mention) -> bool:
    """Return True when a name stands for a fuller one of the same article."""
    if full.words == short.words or _key(full.words) == _key(short.words):
        return True
    bodies = bool(set(full.words) & BODIES) or "&" in full.text
    if len(short.words) == 1:
        return len(full.words) > 1 and _stands_for(short, full, bodies=bodies)
    if bodies:
        return full.words[-len(short.words) :] == short.words  # "US Coast Guard", "Coast Guard"
    return full.words[-1] == short.words[-1] and full.words[0] == short.words[0]


def _stands_for(short: _Mention, full: _Mention, *, bodies: bool) -> bool:
    """Return True for the acronym, the surname, or the first word of an organisation."""
    word = short.words[0]
    if word == _initials(full.words):
        return short.text.replace(".", "").isupper()
    person = full.words[0] in listed("first_names") and not bodies
    if word in BODIES:
        return bodies and word in full.words
    if place(word) and not person:
        return False
    return word == (full.words[0] if bodies else full.words[-1])


def _initials(words: tuple[str, ...]) -> str:
    return "".join(w[0] for w in words if w not in {"of", "the", "and", "for"})


def _entity(text: str, group: Sequence[_Mention]) -> Entity | None:
    full = group[0]
    weights = weigh(full.words, full.text)
    cues: set[tuple[Kind, float]] = set()
    for mention in group:
        before = text[max(0, mention.span.start - _NEAR) : mention.span.start]
        after = text[mention.span.end : mention.span.end + _NEAR]
        cues |= around(before, after, mention.title)
    seen: Counter[Kind] = Counter()
    for kind, by in cues:
        seen[kind] += by  # type: ignore[assignment]
    doubtful = not any(m.sure for m in group) and len(full.words) == 1
    if doubtful and not place(full.words[0]) and seen["person"] < LEAST:
        return None  # a word that only ever opens a sentence
    for kind in weights:
        weights[kind] += max(-1.5, min(3.5, seen[kind]))
    kind = max(weights, key=lambda k: weights[k])
    if weights[kind] < LEAST:
        return None
    spans = tuple(sorted(m.span for m in group))
    return Entity(kind=kind, key=key_of(full.text, kind), name=shown(full.text), mentions=spans)


def _joined(found: Iterable[Entity]) -> Iterable[Entity]:
    """Put entities together that have the same key."""
    by_key: dict[tuple[Kind, str], Entity] = {}
    for one in found:
        other = by_key.get((one.kind, one.key))
        spans = tuple(sorted({*one.mentions, *(other.mentions if other else ())}))
        name = other.name if other else one.name
        by_key[one.kind, one.key] = Entity(kind=one.kind, key=one.key, name=name, mentions=spans)
    return by_key.values()


def shown(text: str) -> str:
    """Return a name as it is shown: a country by its usual name, all else as it stands."""
    words = folded(text)
    said = re.sub(r"^[Tt]he ", "", " ".join(text.split()))
    said = said.title() if said.isupper() and place(" ".join(words)) else said
    return _COUNTRY.get(_key(words), said)


def key_of(text: str, kind: Kind) -> str:
    """Return the key of a full name: what its spellings share."""
    words = folded(text)
    if kind == "person":
        kept = [w for w in words if len(w) > 1 and w not in _SUFFIX]
        said = " ".join(kept or words)
        return re.sub(r"i+", "i", re.sub(r"(.)\1", r"\1", said.replace("y", "i")))
    if kind == "organisation":
        while len(words) > 1 and words[-1].rstrip(",") in _LEGAL:
            words = words[:-1]
        return " ".join(words).rstrip(",")
    return _key(words)


def _key(words: tuple[str, ...]) -> str:
    if words in PHRASES:
        return PHRASES[words]
    joined = " ".join(words)
    return {"us": "usa", "america": "usa", "britain": "uk"}.get(joined, joined)


_TAGGED = {
    tag: re.compile(rf"\b{tag}:(?:\"([^\"]+)\"|“([^”]+)”|(\S+))", re.IGNORECASE)
    for tag in ("entity", "collection")
}


def tagged(
    text: str, tag: Literal["entity", "collection"] = "entity"
) -> tuple[str, tuple[str, ...]]:
    """Take `entity:"Jerome Powell"` out of what a person typed: the rest, and the names."""
    pattern = _TAGGED[tag]
    named = tuple(" ".join(filter(None, found)) for found in pattern.findall(text))
    return " ".join(pattern.sub(" ", text).split()), named


def keys_of(name: str) -> tuple[str, ...]:
    """Return the keys and the folded form by which an entity of this name is found."""
    kinds: tuple[Kind, ...] = ("person", "organisation", "place")
    return tuple(dict.fromkeys((*(key_of(name, kind) for kind in kinds), form_of(name))))


def form_of(text: str) -> str:
    """Return a mention as it is compared: folded."""
    return " ".join(folded(text)) or fold(text.replace("\0", " "))
