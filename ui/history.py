"""The History tab: quotes that were kept; conversations listed, reopened, renamed, deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from rag.archive.clips import Clips, clips_of
from rag.archive.conversations import Conversations
from rag.errors import DatelineError
from ui import past
from ui.asking import Asking
from ui.board import row
from ui.clippings import clippings
from ui.keeping import Keeper
from ui.masthead import note
from ui.talk import Talk
from ui.wiring import ACTIONS, PLAIN, QUIET, clicked

if TYPE_CHECKING:
    from rag.archive.archive import Archive


SUMMED = 60
"""Most conversations of which it is said what they came to: their answers are read for it."""


@dataclass(frozen=True, slots=True)
class Past:
    """The components of the tab."""

    find: gr.Textbox
    listed: gr.HTML
    clips: gr.HTML


class History:
    """The handlers of the History tab."""

    def __init__(
        self, keeper: Keeper, asking: Asking, clips: Clips, archive: Archive | None
    ) -> None:
        self._keeper = keeper
        self._asking = asking
        self._clips = clips
        self._archive = archive

    @property
    def _kept(self) -> Conversations:
        return self._keeper.kept

    def tab(self) -> Past:
        """Lay out the tab."""
        clips = gr.HTML(self.clips(), elem_id="dl-clips", js_on_load=ACTIONS, **PLAIN)
        find = gr.Textbox(
            label="Find conversations",
            show_label=False,
            placeholder="Find in questions and answers",
            container=False,
            max_length=200,
            elem_id="dl-find-past",
        )
        listed = gr.HTML(elem_id="dl-past", js_on_load=ACTIONS, **PLAIN)
        return Past(find, listed, clips)

    def wire(
        self,
        parts: Past,
        opened: gr.Tab,
        rail: gr.HTML,
        board: dict[str, Any],
        outputs: list[Any],
    ) -> None:
        """Lead what is typed and clicked to the handlers."""
        find, listed = parts.find, parts.listed
        known = [find, board["talk"]]
        find.change(self.found, known, [listed], trigger_mode="always_last", queue=False, **QUIET)
        opened.select(self.found, known, [listed], queue=False, **QUIET)
        opened.select(self.clips, None, [parts.clips], queue=False, **QUIET)
        parts.clips.select(self.unclip, None, [parts.clips], queue=False, **QUIET)
        reopened = listed.select(self.act, known, [listed, *outputs], queue=False, **QUIET)
        led = rail.select(self.lead, known, [listed, *outputs], queue=False, **QUIET)
        for done in (reopened, led):
            self._asking.beside(done, board)

    def clips(self) -> str:
        """Return the quotes that are kept."""
        if self._archive is None:
            return ""
        try:
            return clippings(clips_of(self._clips, self._archive))
        except DatelineError as error:
            return note(str(error))

    def unclip(self, event: gr.EventData) -> str:
        """Keep a quote no longer."""
        self._clips.drop(str(clicked(event).get("clip", "")))
        return self.clips()

    def found(self, text: str, talk: Talk) -> str:
        """Return the conversations that hold all words of a text."""
        try:
            found = self._kept.listed(text)
            gists = self._kept.gists([c.id for c in found[:SUMMED]])
        except DatelineError as error:
            return note(str(error))
        return past.past(found, talk.id, text=text, now=past.local_now(), gists=gists)

    def lead(self, text: str, talk: Talk, event: gr.EventData, request: gr.Request) -> list[Any]:
        """Do what was clicked in the rail: a new question, or a conversation of before."""
        if clicked(event).get("do") != "fresh":
            return self.act(text, talk, event, request)
        self._asking.stop(request)
        return [gr.skip(), *self._asking.opened(Talk())]

    def act(self, text: str, talk: Talk, event: gr.EventData, request: gr.Request) -> list[Any]:
        """Open, rename or delete the conversation that was clicked."""
        data = clicked(event)
        name = str(data.get("conversation", ""))
        try:
            if data.get("do") == "reopen":
                return [gr.skip(), *self._reopen(name, request)]
            if data.get("form") == "rename":
                self._kept.rename(name, str(data.get("title", "")))
            elif data.get("do") == "star":
                self._kept.star(name, starred=data.get("starred") != "true")
            elif data.get("do") == "delete":
                return self._delete(text, talk, name, request)
        except DatelineError as error:
            return [note(str(error)), *row()]
        return [self.found(text, talk), *row()]

    def _reopen(self, name: str, request: gr.Request) -> list[Any]:
        self._asking.leave(request)
        return self._asking.opened(self._keeper.named(name, ""))

    def _delete(self, text: str, talk: Talk, name: str, request: gr.Request) -> list[Any]:
        self._kept.delete(name)
        if name != talk.id:
            return [self.found(text, talk), *row()]
        self._asking.stop(request)
        return [self.found(text, Talk()), *self._asking.opened(Talk())]
