"""The History tab: conversations listed, searched, reopened, renamed, deleted."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rag.archive.conversations import Conversations
from rag.errors import DatelineError
from ui import past
from ui.asking import Asking
from ui.board import row
from ui.keeping import Keeper
from ui.masthead import note
from ui.talk import Talk
from ui.wiring import ACTIONS, PLAIN, QUIET, clicked


class History:
    """The handlers of the History tab."""

    def __init__(self, keeper: Keeper, asking: Asking) -> None:
        self._keeper = keeper
        self._asking = asking

    @property
    def _kept(self) -> Conversations:
        return self._keeper.kept

    def tab(self) -> tuple[gr.Textbox, gr.HTML]:
        """Lay out the tab; returns the search box and the list."""
        find = gr.Textbox(
            label="Find conversations",
            show_label=False,
            placeholder="Find in questions and answers",
            container=False,
            max_length=200,
            elem_id="dl-find-past",
        )
        listed = gr.HTML(elem_id="dl-past", js_on_load=ACTIONS, **PLAIN)
        return find, listed

    def wire(
        self,
        parts: tuple[gr.Textbox, gr.HTML],
        opened: gr.Tab,
        rail: gr.HTML,
        board: dict[str, Any],
        outputs: list[Any],
    ) -> None:
        """Lead what is typed and clicked to the handlers."""
        find, listed = parts
        known = [find, board["talk"]]
        find.change(self.found, known, [listed], trigger_mode="always_last", queue=False, **QUIET)
        opened.select(self.found, known, [listed], queue=False, **QUIET)
        listed.select(self.act, known, [listed, *outputs], queue=False, **QUIET)
        rail.select(self.lead, known, [listed, *outputs], queue=False, **QUIET)

    def found(self, text: str, talk: Talk) -> str:
        """Return the conversations that hold all words of a text."""
        try:
            found = self._kept.listed(text)
        except DatelineError as error:
            return note(str(error))
        return past.past(found, talk.id, text=text, now=past.local_now())

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
