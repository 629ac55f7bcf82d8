"""The slots that the phrases of a question fill: what is counted, about what, from whom, when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Literal

from rag.language.datewords import MONTHS
from rag.language.numerals import NUMERALS
from rag.question.cut import Piece
from rag.question.holding import Wanted
from rag.question.phrases import CUES, Part

_LIGHT: frozenset[Part] = frozenset({"glue", "filler", "owns"})
_WITHIN: frozenset[Part] = frozenset(
    {"other", "glue", "cue", "and", "or", "number", "loose", "days", "list", "owns", "most",
     "first", "latest", "filler", "wrote", "outlets", "thing", "longest", "here", "more", "people",
     "places", "organisations"}
)  # fmt: skip
"""Parts that may stand inside a topic that no word such as "about" opens."""
_AHEAD: frozenset[Part] = frozenset(
    {"count", "list", "what", "latest", "newest", "first", "longest", "shortest", "have", "there",
     "number", "thing", "most", "more", "outlet", "span", "gap"}
)  # fmt: skip
"""What may stand before a topic that stands before its noun: "the latest Brexit article"."""
_SEARCHED: frozenset[Part] = frozenset(
    {"noun", "count", "list", "number", "period", "outlet", "author", "language", "latest",
     "newest", "first", "per"}
)  # fmt: skip
"""Parts that are typed as mere words."""
_FEW = 3
"""Most words of a topic among such words."""
_GROUP: dict[str, Wanted] = {
    "outlet": "outlets", "publisher": "outlets", "newspaper": "outlets", "paper": "outlets",
    "source": "outlets", "author": "authors", "journalist": "authors", "reporter": "authors",
    "writer": "authors", "month": "months", "year": "years", "day": "days", "date": "days",
    "language": "languages",
}  # fmt: skip
_Group = Literal[
    "outlets", "authors", "languages", "months", "years", "days", "people", "places",
    "organisations",
]  # fmt: skip
_GROUPS: tuple[_Group, ...] = (
    "outlets", "authors", "languages", "months", "years", "days", "people", "places",
    "organisations",
)  # fmt: skip
_BESIDE = re.compile(r"(?:versus|vs|than|compar)", re.IGNORECASE)
_AUX = re.compile(r"(?:did|does|do|has|have|had|is|are|was|were|can)", re.IGNORECASE)
_NOUNS: frozenset[Part] = frozenset({"noun", "loose", "thing"})
_IDLE = 3
"""Most words that are passed over."""
_LONGEST = 8
"""Most words of a topic that nothing opens."""


class Slots:
    """What the phrases of one question fill."""

    def __init__(self, text: str, pieces: Sequence[Piece]) -> None:
        self.text = text
        self.pieces = list(pieces)
        self.topic = ""
        self.cue: Piece | None = None
        """What opens the topic, or what stands behind it."""
        self.unread: list[str] = []
        """Words that were passed over."""
        self.understood = self._find_topic()
        self.parts = frozenset(piece.part for piece in self.pieces)

    def has(self, *parts: Part) -> bool:
        """Return True when a phrase of one of these parts is there."""
        return not self.parts.isdisjoint(parts)

    def first(self, *parts: Part) -> Piece | None:
        """Return the first phrase of these parts."""
        return next((piece for piece in self.pieces if piece.part in parts), None)

    def said(self, *parts: Part) -> str:
        """Return the words of the first phrase of these parts, in small letters."""
        piece = self.first(*parts)
        return piece.text.lower() if piece else ""

    def values(self, part: Part) -> tuple[str, ...]:
        """Return the outlets, authors or languages that are named."""
        return tuple(dict.fromkeys(p.value for p in self.pieces if p.part == part))

    def _find_topic(self) -> bool:
        """Take the topic; False where words are left over that can be none."""
        for n, piece in enumerate(self.pieces):
            if piece.part == "topic":
                self.topic, self.cue = piece.text, self.pieces[n - 1]
        unread = [n for n, piece in enumerate(self.pieces) if piece.part == "other"]
        if not unread:
            return True
        first, last = unread[0], unread[-1]
        inside = self.pieces[first : last + 1]
        if not self.topic and all(piece.part in _WITHIN for piece in inside):
            self.cue = self._licence(first, last)
            if self.cue is not None:
                self.topic = self.text[inside[0].start : inside[-1].end]
                self.pieces[first : last + 1] = []
                return self.topic[0] in '"“' or len(self.topic.split()) <= _LONGEST
        if not self.topic and self._keywords(inside):
            self.topic, self.cue = self.text[inside[0].start : inside[-1].end], inside[0]
            self.pieces[first : last + 1] = []
            return True
        return self._pass_over()

    def _keywords(self, inside: Sequence[Piece]) -> bool:
        """Say whether it is words for a search, no sentence: "articles Smith May 2024 count"."""
        rest = [p for p in self.pieces if p not in inside]
        dates = [p.text.split()[0].lower() for p in rest if p.part == "period"]
        return (
            any(p.part == "noun" for p in rest)
            and {p.part for p in rest} <= _SEARCHED
            and all(p.part == "other" for p in inside)
            and len(inside) <= _FEW
            and len(rest) > 1
            and all(said[0].isdigit() or said.rstrip(".") in MONTHS for said in dates)
        )

    def _pass_over(self) -> bool:
        """Leave verbs unread that can change little; False where other words are left over."""
        while unread := [n for n, piece in enumerate(self.pieces) if piece.part == "other"]:
            first = last = unread[0]
            while last + 1 in unread:
                last += 1
            run = self.pieces[first : last + 1]
            name = next((p.start for p in run if not p.text[0].islower() and p.text != "I"), None)
            said = self.text[run[0].start : name or run[-1].end].strip()
            if name is not None and not self._named_at_end(run, last, name):
                return False
            if name is None and not self._stands_idle(first, last):
                return False
            self.unread += [said] if said else []
            self.pieces[first : last + 1] = []
        return len(" ".join(self.unread).split()) <= _IDLE

    def _named_at_end(self, run: Sequence[Piece], last: int, name: int) -> bool:
        """Take a name that ends a question behind a noun and some verb: "pieces praise Ann Lee"."""
        before = [p for p in self.pieces if p.start < run[0].start and p.part not in _LIGHT]
        whole = last + 1 == len(self.pieces) and not self.topic
        quoted = run[0].text[0] in '"“'
        if not whole or not before or before[-1].part not in (*_NOUNS, "list"):
            return False
        if run[0].start == name and not quoted and before[-1].part != "list":
            return False
        self.topic = self.text[name : run[-1].end]
        self.cue = replace(run[0], part="aboutness")
        return True

    def _stands_idle(self, first: int, last: int) -> bool:
        """Say whether unread words are a verb of publishing, or of who asks."""
        before = [p for p in self.pieces[:first] if p.part not in _LIGHT]
        behind = [p for p in self.pieces[last + 1 :] if p.part not in _LIGHT]
        if not before:
            ahead = self.text[: self.pieces[last].end].lower()
            return bool(behind and re.search(r"\b(?:you|i|we|me)\b", ahead))
        if any(p.part in ("far", "span") for p in self.pieces):
            return True
        follows: Part = behind[0].part if behind else "other"
        if before[-1].part in (*_NOUNS, "here"):
            return follows in ("outlet", "author", "period", "per", "missing")
        return before[-1].part in _GROUPS and follows in ("most", "least", "more", "noun")

    def _licence(self, first: int, last: int) -> Piece | None:
        """Return what makes unread words a topic: "X: ...", "X articles", "is X mentioned"."""
        before = [p for p in self.pieces[:first] if p.part not in _LIGHT]
        behind = [p for p in self.pieces[last + 1 :] if p.part not in _LIGHT]
        if not behind:
            titled = self.pieces[first].text[0] in '"“' and before and before[-1].part == "who"
            return before[-1] if titled or (before and before[-1].part == "break") else None
        follows = behind[0]
        had = [p.part for p in behind if p.part not in ("noun", "loose")]
        if had[:1] == ["first"] and before and before[-1].part == "outlets":
            return behind[0]  # "Which outlet had the strike first?", "... the strike story first?"
        if follows.part in ("noun", "loose", "mentions"):
            opens = before[-1].part in _AHEAD if before else follows.part == "noun"
            near = self.pieces[last + 1] is follows
            span = bool(before) and before[-1].part == "span"  # "what time do X articles cover"
            return follows if opens and near and (span or not self._clause(first)) else None
        inside = follows.part == "here" and follows.text.lower().startswith(("in ", "within "))
        if self._shows(follows, first) or (inside and self._clause(first)):
            return follows  # "Is the strike in the archive?"
        if had[:2] in (["first", "shown"], ["latest", "shown"]) and "here" in had:
            return behind[1]  # "When was the strike first mentioned in the archive?"
        apart = self.text[self.pieces[last].end :].lstrip()[:1] in (":", ",", "-", "–", "—")
        return self.pieces[last] if apart and not before else None

    def _shows(self, follows: Piece, first: int) -> bool:
        """Say whether "is mentioned" follows; "Which countries are mentioned?" asks for them."""
        asked = first and self.pieces[first - 1]
        if asked and asked.part == "what" and asked.text.lower() != "where":
            return False
        gets = follows.text.lower() in ("get", "got")
        return gets or follows.part in ("shown", "appear", "headline")

    def _clause(self, first: int) -> bool:
        """Return True where a verb such as "did" stands ahead of unread words: no mere noun."""
        articles = ("the", "a", "an")
        ahead = [p for p in self.pieces[:first] if p.text.lower() not in articles][-1:]
        return any(p.part in ("glue", "owns") and _AUX.fullmatch(p.text) for p in ahead)

    @cached_property
    def group(self) -> Wanted | None:
        """What articles are to be grouped by: outlets, authors, months."""
        if per := self.first("per"):
            return _GROUP[re.split(r"\W+", per.text.lower())[-1].removesuffix("s")]
        beside = self.ranked or any(_BESIDE.match(p.text) for p in self.pieces)
        if len(self.values("outlet")) > 1 and beside:
            return "outlets"
        for wanted in _GROUPS:
            if self.has(wanted):
                return wanted
        if self.has("who"):
            return "people" if self.has("shown") and not self.topic else "authors"
        return "days" if self.has("when") and self.ranked else None

    @cached_property
    def ranked(self) -> bool:
        """True when the group with most or fewest articles is asked for."""
        return self.has("most", "least", "more")

    @cached_property
    def end(self) -> Wanted | None:
        """Which end of the articles is asked for."""
        if self.has("first"):
            return "first"
        if self.has("latest", "newest"):
            return "latest"
        if self.has("longest"):
            return "longest"
        return "shortest" if self.has("shortest") else None

    @cached_property
    def number(self) -> int:
        """How many are asked for, where a number says so."""
        said = self.said("number")
        return int(said) if said.isdigit() else NUMERALS.get(said, 0)

    @cached_property
    def ours(self) -> bool:
        """True when the words say that the archive has something."""
        return self.has("have", "here")

    @cached_property
    def named(self) -> bool:
        """True when an outlet or author of the archive is named."""
        return self.has("outlet", "author")

    @cached_property
    def textual(self) -> bool:
        """True when the topic is what a text says: "about", "mention", not "on"."""
        return self.cue is not None and self.cue.part in (
            "aboutness",
            "uncue",
            "titled",
            "mentions",
        )

    @cached_property
    def reported(self) -> bool:
        """True when it is a topic of which somebody reports, writes or makes mention."""
        said = self.cue.text.lower() if self.cue else ""
        return self.textual and bool(re.search(r"report|wr[io]t|mention|cover|about", said))

    @property
    def shown(self) -> bool:
        """True when the topic is what is named or comes up: "stories in which X is named"."""
        return self.cue is not None and self.cue.part == "shown"

    @property
    def terse(self) -> bool:
        """True when a colon or comma sets the topic apart: "Titan: how many reports?"."""
        return self.cue is not None and self.cue.part in ("other", "break")

    @property
    def opened(self) -> bool:
        """True when some word opens the topic."""
        return self.cue is not None and self.cue.part in CUES
