"""What a question asks of the archive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Wanted = Literal[
    "count", "list", "outlets", "authors", "languages", "days", "months", "years",
    "people", "places", "organisations", "first", "latest", "longest", "shortest", "covered",
    "gaps",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What is asked of the archive."""

    wanted: Wanted
    topic: str = ""
    """What the articles are to mention, in the person's words; empty for all."""
    lacking: bool = False
    """True where they are not to mention it."""
    besides: str = ""
    """What else they are not to mention: "Powell, but not Trump"."""
    titled: bool = False
    """True where it must stand in the title."""
    missing: Literal["", "date", "author", "outlet", "title"] = ""
    """What is not known of them."""
    outlets: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    most: int = 0
    """How many are asked for; 0 where the question does not say."""
    ranked: Literal["", "most", "least"] = ""
    """For groups: whether the one with most, or fewest, articles is asked for."""
    unread: tuple[str, ...] = ()
    """Words of the question that were passed over."""
    learned: bool = False
    """True where the words are none of the known phrases, and a model told what they ask."""
