"""Conversations of the past as a list, escaped HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from markupsafe import Markup

from rag.archive.conversations import LONGEST_TITLE
from rag.archive.exchanges import Conversation, Gist
from ui import html
from ui.exports import NAMES
from ui.markup import EMPTY, SPACE, label, plain_when, together, words

MOST_FURTHER = 3
"""Questions after the first that an entry names."""


def past(
    found: Sequence[Conversation],
    current: str,
    *,
    text: str = "",
    now: datetime,
    gists: Mapping[str, Gist] | None = None,
) -> Markup:
    """Return the conversations under the day of their last question.

    Args:
        found: The latest first.
        current: The one that the page shows.
        text: What they were searched for.
        now: The time of day here, for "today".
        gists: What conversations came to, as far as that is known.
    """
    known = gists or {}
    if not found:
        return _none(text)
    days: dict[date, list[Conversation]] = {}
    for c in found:
        days.setdefault(c.updated.astimezone(now.tzinfo).date(), []).append(c)
    groups = (
        Markup('<section class="dl-day"><h2>{}</h2><ul>{}</ul></section>').format(
            _day(day, now.date()),
            together(_entry(c, known.get(c.id, Gist()), c.id == current, now) for c in group),
        )
        for day, group in days.items()
    )
    return Markup('<div class="dl-past">{}</div>').format(together(groups))


def _none(text: str) -> Markup:
    if text.strip():
        return Markup('<p class="dl-note">No conversation has all of these words.</p>')
    return Markup(
        '<div class="dl-note"><p>Nothing asked yet. Your questions and their answers are kept '
        "here, on this computer, until you delete them.</p></div>"
    )


def _day(day: date, today: date) -> str:
    ago = (today - day).days
    return {0: "Today", 1: "Yesterday"}.get(ago, plain_when(day))


def _came(gist: Gist) -> Markup:
    """Return in a line or two what came of the first question, and what was asked after it."""
    kind, badge, value = html.came(gist.answer) if gist.answer else ("", "", EMPTY)
    parts = []
    if badge:
        parts.append(
            Markup('<p class="dl-came" data-kind="{}"><b>{}</b>{}</p>').format(kind, badge, value)
        )
    if gist.further:
        then = "; ".join(label(question) for question in gist.further[:MOST_FURTHER])
        more = len(gist.further) - MOST_FURTHER
        parts.append(
            Markup('<p class="dl-came dl-then" dir="auto">then: {}{}</p>').format(
                then, f" and {more} more" if more > 0 else ""
            )
        )
    return together(parts)


def _entry(c: Conversation, gist: Gist, current: bool, now: datetime) -> Markup:
    name = label(c.title, "Untitled conversation")
    count = "1 question" if c.questions == 1 else f"{c.questions} questions"
    count += f", {c.changed} changed" if c.changed else ""
    count += f", {c.updated.astimezone(now.tzinfo):%H:%M}"
    return Markup(
        '<li class="dl-entry{}" data-conversation="{}"><button type="button" class="dl-title" '
        'data-do="reopen" data-room="ask" dir="auto"{}>{}</button>'
        '<form class="dl-rename" data-form="rename" hidden>'
        '<input name="title" value="{}" maxlength="{}" aria-label="New name" dir="auto">'
        '<button type="submit" class="dl-plain">Rename</button></form>'
        '{}<div class="dl-entry-row"><span class="dl-from">{}</span>{}{}'
        '<button type="button" class="dl-quiet" data-rename aria-label="Rename: {}">Rename</button>'
        '<button type="button" class="dl-quiet" data-danger data-do="delete" '
        'aria-label="Delete: {}">Delete</button></div></li>'
    ).format(
        " dl-here" if current else "",
        c.id,
        Markup(' aria-current="true"') if current else EMPTY,
        name,
        words(c.title),
        LONGEST_TITLE,
        _came(gist),
        count,
        star(c.starred, name, quiet=True),
        saved(c.id, "Save as …"),
        name,
        name,
    )


def saved(name: str, words_before: str, what: str = "conversations") -> Markup:
    """Return the links that save something kept, one for each notation, behind some words."""
    links = (
        Markup('<a class="dl-save" href="./api/{}/{}.{}" download>{}</a>').format(
            what, name, kind, called
        )
        for kind, called in NAMES.items()
    )
    return Markup(
        '<details class="dl-saves"><summary>{}</summary><span>{}</span></details>'
    ).format(words_before, together(links, SPACE))


def star(on: bool, name: str, *, quiet: bool = False) -> Markup:
    """Return the button that marks something as worth coming back to, or takes the mark away."""
    return Markup(
        '<button type="button" class="{}" data-do="star" data-starred="{}" aria-pressed="{}" '
        'aria-label="Star {}"><span aria-hidden="true">{}</span> Star</button>'
    ).format(
        "dl-quiet dl-star" if quiet else "dl-plain dl-star",
        "true" if on else "false",
        "true" if on else "false",
        name,
        "★" if on else "☆",
    )


def local_now() -> datetime:
    """Return the time here, with its zone."""
    return datetime.now(UTC).astimezone()
