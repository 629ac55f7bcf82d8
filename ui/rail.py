"""The left rail: a new question, the rooms of the page, the questions of this conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rag.archive.exchanges import Conversation
from ui.markup import EMPTY, label, together, words
from ui.talk import Talk
from ui.view import View

STAR = Markup('<span class="dl-starred">★<span class="dl-sr">Starred: </span></span> ')
RECENT = 5
"""Conversations that the rail names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """What the rail leads to besides the sheet."""

    articles: int = 0
    lacking: int = 0
    """Articles whose day or outlet is unknown."""
    settings: bool = False
    """Whether there is anything to set."""
    drafts: bool = False
    """Whether a draft can be checked."""
    names: bool = False
    """Whether there is an index of names."""
    watches: bool = False
    """Whether answers can be watched."""


def rail(talk: Talk, rooms: Rooms, recent: Sequence[Conversation]) -> Markup:
    """Return the rail beside a conversation."""
    return Markup(
        '<div class="dl-rail"><button type="button" class="dl-new" data-do="fresh" '
        'data-room="ask">New<span class="dl-wide"> question</span></button>'
        '<nav class="dl-nav" aria-label="Rooms">{}</nav>'
        '<div class="dl-lists">{}{}</div></div>'
    ).format(_nav(rooms), _sheets(talk), _recent(recent, talk.id))


def _nav(rooms: Rooms) -> Markup:
    held = Markup(' <span class="dl-tally">{:,}</span>').format(rooms.articles)
    places = [("ask", "Ask", EMPTY), ("history", "History", EMPTY), ("archive", "Archive", held)]
    places += [("names", "Names", EMPTY)] if rooms.names else []
    further = [
        *([("watches", "Watches", EMPTY)] if rooms.watches else []),
        *([("check", "Check a draft", EMPTY)] if rooms.drafts else []),
        *([("settings", "Settings", EMPTY)] if rooms.settings else []),
    ]
    return _places(places) + (_MORE.format(_places(further)) if further else EMPTY)


def _places(places: Sequence[tuple[str, str, Markup]]) -> Markup:
    return together(
        Markup('<button type="button" data-room="{}"><span>{}</span>{}</button>').format(
            place, name, more
        )
        for place, name, more in places
    )


_MORE = Markup(
    '<button type="button" class="dl-more" popovertarget="dl-further">More</button>'
    '<div id="dl-further" popover>{}</div>'
)
"""On a phone, the rooms that the bar has no place for; on a desk they stand in the rail."""


def _sheets(talk: Talk) -> Markup:
    """Return the questions of this conversation, each leading to its sheet."""
    if len(talk.views) < 2:
        return EMPTY
    items = together(_sheet(v, current=v is talk.current) for v in talk.views)
    return Markup("<h2>In this conversation</h2><ol>{}</ol>").format(items)


def _sheet(view: View, *, current: bool) -> Markup:
    here = Markup(' aria-current="true"') if current else EMPTY
    return Markup(
        '<li><button type="button" data-sheet="{}" data-room="ask" dir="auto"{}>{}</button></li>'
    ).format(view.id, here, label(view.question, "Question"))


def _recent(recent: Sequence[Conversation], current: str) -> Markup:
    others = [c for c in recent if c.id != current][:RECENT]
    if not others:
        return EMPTY
    items = together(
        Markup(
            '<li data-conversation="{}"><button type="button" data-do="reopen" data-room="ask" '
            'dir="auto">{}{}</button></li>'
        ).format(words(c.id), STAR if c.starred else EMPTY, label(c.title, "Untitled conversation"))
        for c in others
    )
    return Markup("<h2>Asked before</h2><ol>{}</ol>").format(items)
