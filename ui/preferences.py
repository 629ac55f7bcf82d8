"""The Settings tab: how answers are made, for the person who changes it and nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from rag.settings import Settings
from ui.markup import label
from ui.wiring import QUIET
from ui.wishes import LEAST_CHARACTERS, MOST_CHARACTERS, STYLES, Wishes

_LENGTHS = {
    "short": "Short: the answer and nothing else",
    "normal": "Normal: one to three sentences",
    "full": "Full: a paragraph with the context",
}


class Preferences:
    """The handlers of the Settings tab; the state is what each visitor has wished for."""

    def __init__(self, settings: Settings, llms: tuple[str, ...] = ()) -> None:
        self._settings = settings
        self._llms = tuple(dict.fromkeys((settings.chat.llm, *llms)))
        self._wishes: dict[str, Wishes] = {}

    def tab(self) -> None:
        """Lay out the tab and wire it."""
        now = self._settings
        length = gr.Radio(
            [(name, style) for style, name in _LENGTHS.items()],
            value=now.answer.style,
            label="Length of answers",
            info="Shorter answers come sooner: the model on this computer writes about ten words "
            "a second.",
            elem_id="dl-style",
        )
        budget = gr.Slider(
            LEAST_CHARACTERS,
            MOST_CHARACTERS,
            value=min(max(now.select.characters, LEAST_CHARACTERS), MOST_CHARACTERS),
            step=100,
            label="Evidence that the model reads, in characters",
            info="More evidence helps with questions about several articles; each 100 characters "
            "take about a second more on two cores.",
            elem_id="dl-budget",
        )
        extractive = gr.Checkbox(
            value=False,
            label="Only the articles’ own sentences",
            info="No model words the answer: the sentences that fit best are shown as they stand, "
            "at once.",
            elem_id="dl-extractive",
        )
        model = gr.Radio(
            [(label(llm), llm) for llm in self._llms],
            value=now.chat.llm,
            label="Model",
            info="Which model words the answer. One that was not used before is loaded first.",
            visible=len(self._llms) > 1,
            elem_id="dl-model",
        )
        gr.Markdown(
            "These settings are yours alone and last until you close or reload the page.",
            elem_id="dl-settings-note",
        )
        fields = [length, budget, extractive, model]
        events = (length.change, budget.change, extractive.change, model.change)
        for changed in events:
            changed(self.change, fields, None, queue=False, **QUIET)

    def change(
        self,
        style: str,
        characters: float,
        extractive: bool,
        llm: str,
        request: gr.Request,
    ) -> None:
        """Keep what this visitor wishes for; what is not on offer is left as it was."""
        now = self._settings
        known = next((one for one in STYLES if one == style), None)
        self._wishes[request.session_hash or ""] = Wishes(
            style=known if known != now.answer.style else None,
            characters=int(characters) if characters != now.select.characters else None,
            extractive=bool(extractive),
            llm=llm if llm in self._llms and llm != now.chat.llm else None,
        )

    def options(self, session: str) -> Mapping[str, Any]:
        """Return what to ask with for a visitor; nothing special by default."""
        wishes = self._wishes.get(session, Wishes())
        return {"wishes": wishes} if wishes else {}

    def leave(self, request: gr.Request) -> None:
        """Forget a visitor whose page was closed."""
        self._wishes.pop(request.session_hash or "", None)
