"""The room of watches: what is watched, what changed, where the feed is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any

import gradio as gr
from markupsafe import Markup

from rag.archive.watches import Watches
from rag.errors import DatelineError
from ui.feeds import notice_html
from ui.holdings import refusal
from ui.markup import EMPTY, label, plain_when, together, words
from ui.masthead import note
from ui.past import local_now
from ui.wanted import MOST_CHARACTERS
from ui.watching import wish_of
from ui.wiring import ACTIONS, PLAIN, QUIET, clicked

if TYPE_CHECKING:
    from rag.archive.notices import Every, Notice, Watch
    from rag.settings import Settings
    from ui.machine import Machine

NOTICES = 20
"""Notices that are shown."""
MOST = 1_000
"""Most watches of one archive that are made on the page."""


class Room:
    """The handlers of the room."""

    def __init__(self, settings: Settings, machine: Machine) -> None:
        self._settings, self._machine = settings, machine

    def tab(self, room: gr.Tab) -> gr.HTML:
        """Lay out the room and wire it; returns what shows questions, which can be asked."""
        shown = gr.HTML(elem_id="dl-watches", js_on_load=ACTIONS, **PLAIN)
        room.select(self.shown, None, [shown], queue=False, **QUIET)
        shown.select(self.act, None, [shown], trigger_mode="once", concurrency_limit=4, **QUIET)
        return shown

    def shown(self, told: Markup = EMPTY) -> str:
        """Return what is watched, and what changed of it."""
        try:
            with closing(Watches.open(self._settings.archive)) as kept:
                listed, notices = kept.listed(), kept.notices(limit=NOTICES)
                feed = f"feeds/{kept.token('')}.atom"
        except DatelineError as error:
            return refusal(str(error))
        return str(watched(listed, notices, feed, told))

    def act(self, event: gr.EventData) -> Iterator[str]:
        """Watch a question, let a watch rest or go on, or remove it."""
        data = clicked(event)
        try:
            if data.get("do") == "begin":
                yield self.shown(_WAITING)
                yield self.shown(self._begin(data))
                return
            with closing(Watches.open(self._settings.archive)) as kept:
                _change(kept, str(data.get("do", "")), str(data.get("watch", "")))
        except DatelineError as error:
            yield self.shown(refusal(str(error)))
            return
        yield self.shown()

    def _begin(self, data: Mapping[str, Any]) -> Markup:
        """Watch the question of the form; returns what came of it."""
        from rag.watching.run import add

        question = " ".join(str(data.get("question", "")).split())[:MOST_CHARACTERS]
        every: Every = "day" if data.get("every") == "day" else "commit"
        to = str(data.get("to", "")).strip()[:500] or "atom"
        wish = wish_of(question, every, to, None, self._settings)
        with closing(Watches.open(self._settings.archive)) as kept:
            listed = kept.listed()
            if len(listed) >= MOST:
                return refusal(f"There are {MOST:,} watches already; remove some.")
            if any((w.question, w.target) == (question, wish.target) for w in listed):
                return note("This question is watched already.")
            watch = self._machine.work(lambda qa: add(qa, kept, wish), alone=False)
        if not watch.secret:
            return note("Watched from now on.")
        return note(f"Watched. Requests are signed with {watch.secret} (shown this once).")


_WAITING = Markup('<p class="dl-wait" role="status"><i></i>Asking it once</p>')


def _change(kept: Watches, what: str, name: str) -> None:
    if what in ("pause", "resume"):
        kept.pause(name, paused=what == "pause")
    elif what == "remove":
        kept.remove(name)


def watched(
    listed: Sequence[Watch], notices: Sequence[Notice], feed: str, told: Markup = EMPTY
) -> Markup:
    """Return what is watched, what changed, and the form for another question; escaped HTML.

    Args:
        listed: The oldest first.
        notices: The newest first.
        feed: The address of the feed, as seen from the page.
        told: What came of the last click.
    """
    none = "Nothing is watched yet. Press “Tell me when this changes” below an answer, or say here:"
    items = together(map(_watch, listed))
    shown = Markup('<ul class="dl-watched">{}</ul>').format(items) if listed else _HINT.format(none)
    return Markup('<div class="dl-room-watches">{}{}{}{}{}</div>').format(
        told, shown, _FORM, _feed(feed), _notices(notices)
    )


_HINT = Markup('<p class="dl-hint">{}</p>')
_FORM = Markup(
    '<form class="dl-form" data-form="begin" aria-label="Watch a question"><div class="dl-fields">'
    '<label class="dl-broad"><span>Tell me when the answer to this changes</span>'
    '<input name="question" maxlength="{}" required autocomplete="off" dir="auto">'
    "</label><label><span>Look again</span>"
    '<select name="every"><option value="commit">when articles are added</option>'
    '<option value="day">once a day</option></select></label>'
    "<label><span>Also send to (optional)</span>"
    '<input name="to" maxlength="500" placeholder="mail or https address" autocomplete="off">'
    '</label></div><div class="dl-buttons">'
    '<button type="submit" class="dl-strong" name="do" value="begin">Watch it</button>'
    "</div></form>"
).format(MOST_CHARACTERS)


def _watch(watch: Watch) -> Markup:
    from rag.watching.differ import told

    now = told(watch.answer) if watch.answer else ""
    how = "paused" if watch.paused else _EVERY[watch.every]
    asked = f", looked at {_moment(watch.asked)}" if watch.asked else ""
    fault = Markup('<p class="dl-why dl-error">{}</p>').format(label(watch.message))
    return Markup(
        '<li data-watch="{}"><p class="dl-title" dir="auto">{}</p><p dir="auto">{}</p>{}'
        '<div class="dl-entry-row"><span class="dl-from">{}{}{}</span>{}{}</div></li>'
    ).format(
        watch.id,
        words(watch.question),
        label(now, "No answer yet"),
        fault if watch.message else EMPTY,
        how,
        f", to {label(watch.target)}" if watch.target else "",
        asked,
        _button(watch, *(("resume", "Go on") if watch.paused else ("pause", "Pause"))),
        _button(watch, "remove", "Remove", Markup(" data-danger")),
    )


_EVERY = {"commit": "looks when articles are added", "day": "looks once a day"}


def _button(watch: Watch, what: str, name: str, more: Markup = EMPTY) -> Markup:
    return Markup(
        '<button type="button" class="dl-quiet" data-do="{}" data-watch="{}"{} '
        'aria-label="{}: {}">{}</button>'
    ).format(what, watch.id, more, name, label(watch.question), name)


def _moment(moment: datetime) -> str:
    here = moment.astimezone(local_now().tzinfo)
    return f"{plain_when(here.date())}, {here:%H:%M}"


def _feed(feed: str) -> Markup:
    return Markup(
        '<p class="dl-feed">What changes is told here, and in an Atom feed: '
        '<a class="dl-link" href="./{}">{}</a>. Its address is its key: whoever has it can read '
        "the feed.</p>"
    ).format(feed, f"/{feed}")


def _notices(notices: Sequence[Notice]) -> Markup:
    if not notices:
        return EMPTY
    items = (
        Markup(
            '<li><p class="dl-from">{}</p><h3 dir="auto">{}</h3><div class="dl-scroll" '
            'tabindex="0" role="region" aria-label="Before and now">{}</div></li>'
        ).format(_moment(n.made), words(n.question), notice_html(n))
        for n in notices
    )
    return Markup('<section aria-label="What changed"><h2>What changed</h2><ul class="dl-notices">'
                  "{}</ul></section>").format(together(items))  # fmt: skip
