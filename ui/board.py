"""The parts of the page that a conversation changes, by name and in one order."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ui.talk import Talk
from ui.turns import Picture, picture

NAMES = (
    "talk", "limits", "rail", "told", "answer", "sources", "after", "related", "earlier", "bar",
    "examples", "ask", "stop", "box", "pane",
)  # fmt: skip
"""What a handler of a conversation returns, in this order."""


def row(**updates: Any) -> list[Any]:  # noqa: ANN401
    """Return a value for each of `NAMES`; what is not named stays as it is."""
    unknown = updates.keys() - set(NAMES)
    if unknown:
        raise ValueError(f"the page has no {sorted(unknown)!r}")
    return [updates.get(name, gr.skip()) for name in NAMES]


class Easel:
    """Draws a conversation again and again, sending only what differs from the last time."""

    def __init__(self) -> None:
        self._last: Picture | None = None

    def draw(self, talk: Talk, told: tuple[str, str] = ("", ""), **more: Any) -> list[Any]:  # noqa: ANN401
        """Return the row for a conversation, with `more` of the page beside it."""
        now, last = picture(talk, told), self._last
        self._last = now
        changed = {
            name: getattr(now, name)
            for name in Picture.__slots__
            if last is None or getattr(now, name) != getattr(last, name)
        }
        return row(talk=talk, **changed, **more)


def buttons(running: bool) -> dict[str, Any]:
    """Return what shows Stop in place of Ask while an answer is made."""
    return {"ask": gr.Button(visible=not running), "stop": gr.Button(visible=running)}
