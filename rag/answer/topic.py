"""What articles mention: names as they stand, other words in any form, and exactly that is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.language.entities import form_of, key_of
from rag.language.names import names
from rag.language.words import STOP, fold, lexicon, stem, stems, words
from rag.types import Filter

if TYPE_CHECKING:
    from rag.archive.archive import Archive
    from rag.archive.catalogue import Card

READ = 2_000
"""Up to so many articles are read to see that a name stands there as it is written."""
_LIGHT = lexicon("going getting gone got being having")


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What articles are to mention."""

    names: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def said(self) -> str:
        """What is looked for, in words."""
        named = " and ".join(f"“{name}”" for name in self.names)
        if not self.words:
            return named
        said = " and ".join(f"“{word}”" for word in self.words)
        forms = "in any of its forms" if len(self.words) == 1 else "in any of their forms"
        if not named:
            return f"{said}, {forms}, in one passage or the title"
        return f"{named}, with {said} ({forms}) in one passage; in other languages the name alone"


def topic_of(text: str) -> Topic:
    """Read what articles are to mention: names as they stand, other words in any form."""
    quoted = re.findall(r"[\"“]([^\"”]+)[\"”]", text)
    rest = "of " + re.sub(r"[\"“][^\"”]+[\"”]", " ", text)  # no name opens a sentence here
    found = [n for n in names(rest) if n.sure or len(n.parts) > 1]
    spans = [n.span for n in found]
    kept = (
        w
        for w in words(rest)
        if not any(s.start <= w.start < s.end for s in spans)
        and w.low not in STOP | _LIGHT
        and w.low[0].isalnum()
    )
    named = (re.sub(r"(?:'s|’s)$", "", n.text) for n in found)
    return Topic(
        names=tuple(dict.fromkeys((*quoted, *named))),
        words=tuple(dict.fromkeys(re.sub(r"'s$", "", w.low) for w in kept)),
    )


def alternatives(text: str) -> tuple[Topic, ...]:
    """Return the topics of which an article must have one: "Powell or Yellen" has two."""
    parts = [text] if re.search(r"[\"“]", text) else re.split(r",? or ", text)
    found = (topic_of(part) for part in parts)
    return tuple(topic for topic in found if topic.names or topic.words)


def in_title(topic: Topic, title: str) -> bool:
    """Say whether a title has all names and words of a topic."""
    low, have = fold(title), stems(title)
    named = all(_as_written(name).search(low) for name in topic.names)
    return named and all(stem(word) in have for word in topic.words)


def mentioning(archive: Archive, topic: Topic, cards: Sequence[Card]) -> set[int]:
    """Return the numbers of the articles that mention a topic.

    In other languages than English the names alone are looked for.
    """
    listed = {c.n for c in cards}
    found = _all_of(archive, topic.names, topic.words) & listed
    if topic.names and topic.words:
        foreign = {c.n for c in cards if c.language and not c.language.startswith("en")}
        found |= _all_of(archive, topic.names, ()) & foreign
    if topic.names and len(found) <= READ:
        patterns = [_as_written(name) for name in topic.names]
        texts = archive.whole(sorted(found))
        found = {n for n, text in texts if all(_stands(p, text) for p in patterns)}
    if len(topic.names) == 1 and not topic.words and " " in topic.names[0]:
        found |= _spelt_otherwise(archive, topic.names[0], cards)
    return found


def _all_of(archive: Archive, names: Sequence[str], words: Sequence[str]) -> set[int]:
    """Return the articles that have each name, with all other words in the same passage."""
    found = [archive.matching([name, *words]) for name in names] or [archive.matching(words)]
    return set.intersection(*found)


def _as_written(name: str) -> re.Pattern[str]:
    said = r"[\s-]+".join(map(re.escape, fold(name).split()))
    return re.compile(rf"(?<!\w){said}(?!\w)", re.IGNORECASE)


def _stands(name: re.Pattern[str], text: str) -> bool:
    """Say whether a name stands in a text, which is folded only where it must be."""
    return bool(name.search(text) or (not text.isascii() and name.search(fold(text))))


def _spelt_otherwise(archive: Archive, name: str, cards: Sequence[Card]) -> set[int]:
    """Return the articles that name the same person in another spelling."""
    if key_of(name, "person") == form_of(name):
        return set()
    within = archive.allowed(Filter(entities=(name,))) or set()
    return {c.n for c in cards if c.id in within}
