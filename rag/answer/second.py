"""A second look: the model says whether its answer is right, having read the same once more.

It is asked for the chance of "yes" in one token, as in Kadavath et al. 2022 (arXiv 2207.05221). The
question stands behind what the model has just read, so that a local server reads only its words.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from rag.answer import prompts
from rag.errors import ModelError
from rag.types import Evidence

if TYPE_CHECKING:
    from rag.answer.machine import Machine


def second_look(
    machine: Machine, question: str, answer: str, evidence: Sequence[Evidence]
) -> float | None:
    """Return how likely a model finds that its answer is right; None where it does not say."""
    if machine.chat is None:
        return None
    style = machine.settings.answer.style
    with suppress(ModelError):  # what the first look said stands
        return machine.chat.yes_probability(prompts.proposed(question, answer, evidence, style))
    return None
