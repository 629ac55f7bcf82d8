"""Watches on the page: what is shown, and what a click does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from rag.archive.notices import Every, Watch, Wish
from rag.types import Filter
from ui.markup import words

if TYPE_CHECKING:
    from rag.settings import Settings


def wish_of(
    question: str,
    every: Every,
    to: str,
    filters: Filter | None,
    settings: Settings,
    owner: str = "",
) -> Wish:
    """Return what a person wants to be told of.

    Args:
        question: In the person's words.
        every: How often to look.
        to: `atom`, a mail address, or an address of the web.
        filters: What may be read.
        settings: Which mail server there is, and what may be reached.
        owner: The person.

    Raises:
        SettingsError: it is no mail address, or no mail can be sent.
        SourceError: it is no address that may be reached.
    """
    from rag.watching.deliver import check_target

    if to == "atom":
        return Wish(question=question, filters=filters, every=every, owner=owner)
    channel = "webhook" if "://" in to else "mail"
    check_target(channel, to, settings)
    return Wish(
        question=question,
        filters=filters,
        every=every,
        channel="webhook" if channel == "webhook" else "mail",
        target=to,
        owner=owner,
    )


def watch_json(watch: Watch) -> dict[str, Any]:
    """Return a watch as plain values, without its secret."""
    from rag.record import filter_to_json
    from rag.watching.differ import told

    return {
        "id": watch.id,
        "question": watch.question,
        "filters": filter_to_json(watch.filters) if watch.filters else None,
        "every": watch.every,
        "to": watch.target or "atom",
        "made": watch.made.isoformat(),
        "paused": watch.paused,
        "asked": watch.asked.isoformat() if watch.asked else None,
        "outcome": watch.answer.outcome if watch.answer else None,
        "now": told(watch.answer) if watch.answer else "",
        "message": watch.message,
    }


def button(exchange: str) -> Markup:
    """Return what is clicked below an answer: tell me when this changes."""
    return Markup(
        '<button type="button" class="dl-quiet" data-do="watch" data-turn="{}">'
        "Tell me when this changes</button>"
    ).format(exchange)


def watched(watch: Watch, feed: str) -> Markup:
    """Return what stands in its place once it was clicked."""
    return Markup(
        '<p class="dl-note">You will be told when the answer to “{}” changes: '
        '<a href=".{}">your feed</a>.</p>'
    ).format(words(watch.question), feed)
