"""A conversation as one page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.archive.exchanges import Exchange
from rag.events import Turn
from ui.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """Questions and answers, oldest first; the last one is the current one."""

    id: str = ""
    """The name of the conversation; empty before the first question, or when it is not kept."""
    views: tuple[View, ...] = ()
    starred: bool = False
    """Whether it is marked as one to come back to."""

    @classmethod
    def kept(cls, exchanges: Sequence[Exchange], *, starred: bool = False) -> Talk:
        """Return a conversation as it was kept."""
        views = tuple(View.kept(e) for e in exchanges)
        name = exchanges[0].conversation if exchanges else ""
        return cls(id=name, views=views, starred=starred)

    @property
    def current(self) -> View:
        """The question that was asked last."""
        return self.views[-1] if self.views else View()

    @property
    def earlier(self) -> tuple[View, ...]:
        """The questions before it."""
        return self.views[:-1]

    @property
    def history(self) -> tuple[Turn, ...]:
        """What a follow-up may lean on: the questions that were answered."""
        return tuple(
            Turn(question=v.answer.asked_as or v.question, answer=v.answer.text)
            for v in self.views
            if v.answer is not None
        )

    def view(self, exchange: str) -> View:
        """Return a question of this conversation by its name, or one that knows nothing."""
        return next((v for v in self.views if v.id == exchange), View())

    def asking(self, view: View) -> Talk:
        """Return the conversation with one more question."""
        return replace(self, views=(*self.views, view))

    def now(self, view: View) -> Talk:
        """Return the conversation with something newly known about one of its questions."""
        if all(v.id != view.id for v in self.views):
            return self
        return replace(self, views=tuple(view if v.id == view.id else v for v in self.views))
