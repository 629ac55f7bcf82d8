"""How one person wants their answers: what they changed of the server's settings, and no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from rag.settings import Settings

Style = Literal["short", "normal", "full"]
STYLES: tuple[Style, ...] = get_args(Style)
LEAST_CHARACTERS, MOST_CHARACTERS = 300, 3000
"""Bounds of the evidence that a person may ask for: every 100 characters cost a second of reading
on two cores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """None leaves a setting as the server was started with."""

    llm: str | None = None
    style: Style | None = None
    characters: int | None = None
    """Budget of evidence text in the prompt."""
    extractive: bool = False
    """No model: the sources' own sentences."""

    def __bool__(self) -> bool:
        """Whether anything was wished for."""
        return self != Wishes()

    def applied(self, settings: Settings) -> Settings:
        """Return the settings as this person wants them."""
        changes: dict[str, object] = {}
        if self.style is not None:
            changes["answer"] = settings.answer.model_copy(update={"style": self.style})
        if self.characters is not None:
            within = min(max(self.characters, LEAST_CHARACTERS), MOST_CHARACTERS)
            changes["select"] = settings.select.model_copy(update={"characters": within})
        if self.llm is not None:
            changes["chat"] = settings.chat.model_copy(update={"llm": self.llm})
        return settings.model_copy(update=changes)
