"""What a question asks of the archive, with all that narrows it, from its slots."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

from rag.question.holding import Holding, Wanted
from rag.question.slots import Slots

ENDS: tuple[Wanted, ...] = ("first", "latest", "longest", "shortest")


def filled(s: Slots, wanted: Wanted) -> Holding:
    """Return what is asked, with all that narrows it."""
    topic, _, besides = (
        s.topic.partition(but[0]) if (but := _UNLESS.search(s.topic)) else (s.topic, "", "")
    )
    neither = topic.lower().startswith("neither ")
    if neither:
        topic = topic.partition(" ")[2].replace(" nor ", " or ")
    days = [piece.days for piece in s.pieces if piece.part == "period"]
    found = Holding(
        wanted=wanted,
        topic=topic,
        besides=besides,
        lacking=s.has("uncue") or neither,
        missing=_missing(s),
        unread=tuple(s.unread),
        titled=s.has("titled", "headline"),
        outlets=s.values("outlet"),
        authors=s.values("author"),
        languages=s.values("language"),
        since=max((first for first, _ in days if first), default=None),
        until=min((last for _, last in days if last), default=None),
    )
    if wanted in ENDS:
        plural = s.said("noun", "loose").endswith("s") and not s.has("outlets")
        return replace(found, most=s.number or (10 if plural else 1))
    if wanted in ("list", "gaps"):
        return replace(found, most=s.number)
    if wanted == "authors" and not s.ranked and s.has("who", "authors"):
        single = s.said("noun", "loose").endswith(("article", "story", "report", "piece", "item"))
        return replace(found, most=int(single and bool(s.topic)))
    if not s.ranked:
        return found
    return replace(found, ranked="least" if s.has("least") else "most", most=s.number)


_UNLESS = re.compile(r",? (?:but|and) not ", re.IGNORECASE)


def _missing(s: Slots) -> Literal["", "date", "author", "outlet", "title"]:
    said = s.said("missing")
    if not said:
        return ""
    if re.search(r"date", said):
        return "date"
    if re.search(r"author|byline|unsigned", said):
        return "author"
    return "title" if "title" in said else "outlet"
