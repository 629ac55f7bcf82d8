"""A second look: the model says whether its answer is right, having read the same once more.

Asked for the chance of "yes" in one token, as in Kadavath et al. 2022 (arXiv 2207.05221). Both
questions stand behind what the model has just read, so that a local server reads only their words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.answer import prompts
from rag.errors import ModelError
from rag.types import Evidence
from rag.verify.features import Look

if TYPE_CHECKING:
    from rag.answer.machine import Machine


def second_look(machine: Machine, question: str, answer: str, evidence: Sequence[Evidence]) -> Look:
    """Let the model say whether its answer is right, and whether there is one in the evidence."""
    chat, style = machine.chat, machine.settings.answer.style
    if chat is None:
        return Look(proposed=None, answerable=None)
    try:
        return Look(
            proposed=chat.yes_probability(prompts.proposed(question, answer, evidence, style)),
            answerable=chat.yes_probability(prompts.answerable(question, evidence, style)),
        )
    except ModelError:
        return Look(proposed=None, answerable=None)  # what the first look said stands
