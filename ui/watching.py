"""Watches on the page: what is shown, and what a click does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from rag.archive.notices import Every, Watch, Wish
from rag.errors import DatelineError
from rag.types import Filter

if TYPE_CHECKING:
    from rag.settings import Settings
    from ui.machine import Machine
    from ui.view import View


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


BUTTON = Markup(
    '<button type="button" class="dl-quiet dl-watch" data-do="watch">'
    "Tell me when this changes</button>"
)
"""What is clicked below an answer."""


def nothing_watched(_: View) -> str:
    """Say that nothing can be watched: the archive is only read here."""
    return "This server watches nothing."


class Watching:
    """What a click on the button does: the question of an answer is watched from then on."""

    def __init__(self, settings: Settings, machine: Machine) -> None:
        self._settings, self._machine = settings, machine

    def __call__(self, view: View) -> str:
        """Begin to watch an answer; returns what to say of it."""
        from rag.archive.watches import Watches
        from rag.watching.run import add

        if view.answer is None:
            return "There is no answer yet that could change."
        question = view.answer.asked_as or view.question
        try:
            wish = Wish(question=question, filters=view.filters)
            with Watches.open(self._settings.archive) as kept:
                if not any(w.question == question for w in kept.listed()):
                    self._machine.work(lambda qa: add(qa, kept, wish), alone=False)
                feed = f"/feeds/{kept.token(wish.owner)}.atom"
        except DatelineError as error:
            return str(error)
        return f"Watched. What changes is told in the feed {feed}"
