"""One case, asked: what the metrics read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eval.cases import Case
from eval.gold import Target
from rag.types import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A case with what came of it.

    `answer` is None when only retrieval was run, `ranked` and `chosen` when only answers were: the
    ids of articles, best first, each once, and the sentences chosen for the model to read, one to a
    line. `text_of` gives the text of an article by id, None when there is none.
    """

    case: Case
    answer: Answer | None = None
    ranked: tuple[str, ...] | None = None
    chosen: str | None = None
    gold: tuple[Target, ...] = ()
    text_of: Callable[[str], str | None] = lambda _: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A named score of one trial, None where it does not apply.

    The definition is the docstring of the function: what is counted, over which cases, and the
    paper that it is from.
    """

    name: str
    title: str
    score: Callable[[Trial], float | None]
    higher: bool = True
    """Whether more is better."""
    gated: bool = False
    """Whether a drop of it may stop a change."""

    @property
    def definition(self) -> str:
        """What the metric means, in words."""
        return " ".join((self.score.__doc__ or "").split())
