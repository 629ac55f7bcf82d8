"""The Settings tab: how answers are made, for the person who changes it and nobody else."""

from __future__ import annotations

import json
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


_KEEP = """(style, characters, extractive, llm) => {
  const kept = JSON.stringify({style, characters, extractive, llm});
  try { localStorage.setItem('dateline-settings', kept); } catch { /* private mode */ }
  return [style, characters, extractive, llm];
}"""
_KEPT = """() => {
  try { return [localStorage.getItem('dateline-settings') || '']; } catch { return ['']; }
}"""


def _read(kept: str) -> Mapping[str, Any]:
    """Read what a browser has kept; whatever else it sends is nothing."""
    try:
        found = json.loads(kept[:1000])
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


class Preferences:
    """The handlers of the Settings tab; the state is what each visitor has wished for."""

    def __init__(self, settings: Settings, llms: tuple[str, ...] = ()) -> None:
        self._settings = settings
        self._llms = tuple(dict.fromkeys((settings.chat.llm, *llms)))
        self._wishes: dict[str, Wishes] = {}

    def tab(self) -> list[Any]:
        """Lay out the tab; returns where the browser's memory arrives, and the fields."""
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
            "These settings are yours alone; this browser remembers them.",
            elem_id="dl-settings-note",
        )
        kept = gr.Textbox(visible=False)
        return [kept, length, budget, extractive, model]

    def wire(self, page: gr.Blocks, laid: list[Any]) -> None:
        """Follow what is changed; a page that is opened begins with what its browser remembers."""
        kept, *fields = laid
        for field in fields:
            field.change(self.change, fields, None, queue=False, js=_KEEP, **QUIET)
        page.load(self.again, [kept], fields, queue=False, js=_KEPT, **QUIET)
        page.unload(self.leave)

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

    def again(self, kept: str, request: gr.Request) -> list[Any]:
        """Return what the browser has kept, where it is still on offer, and wish for it again."""
        now = self._settings
        known = _read(kept)
        style = known.get("style")
        characters, llm = known.get("characters"), known.get("llm")
        if not isinstance(characters, int | float) or isinstance(characters, bool):
            characters = now.select.characters
        values: tuple[str, float, bool, str] = (
            style if style in STYLES else now.answer.style,
            min(max(characters, LEAST_CHARACTERS), MOST_CHARACTERS),
            known.get("extractive") is True,
            llm if llm in self._llms else now.chat.llm,
        )
        if known:
            self.change(*values, request)
        return list(values)

    def options(self, session: str) -> Mapping[str, Any]:
        """Return what to ask with for a visitor; nothing special by default."""
        wishes = self._wishes.get(session, Wishes())
        return {"wishes": wishes} if wishes else {}

    def leave(self, request: gr.Request) -> None:
        """Forget a visitor whose page was closed."""
        self._wishes.pop(request.session_hash or "", None)
