"""The form of answer that a question asks for, and whether a text holds one.

"How many" wants a number, "when" a day, "who" a name that the question does not already give. It
is a preference in choosing sentences and a signal in deciding, never a verdict alone.
"""

from __future__ import annotations

import re

from rag.language.facts import AnswerType, answer_type
from rag.language.names import names
from rag.language.numbers import Kind, numbers
from rag.language.when import dates
from rag.language.words import fold

_REASON = re.compile(
    r"\b(?:because|due to|owing to|since|after|amid|over|following|so that|in order to|to (?:avoid"
    r"|prevent|ensure|allow|help|protect|reduce)|caus\w+|result\w*|led to|lead to|blam\w+|reason\w*"
    r"|citing|thanks to|concern\w*|prompt\w*)\b",
    re.IGNORECASE,
)
_AGE = re.compile(r"\b\d{1,3}[ -]years?[ -]old\b|\baged? \d{1,3}\b|, \d{1,3}(?=[,.;)]|$)|^\d{1,3}$")
_QUANTITIES: dict[AnswerType, frozenset[Kind]] = {
    "money": frozenset({"money"}),
    "percent": frozenset({"percent"}),
    "duration": frozenset({"duration"}),
    "number": frozenset({"count", "measure", "vague", "percent", "ordinal", "duration", "money"}),
}


class AnswerForm:
    """The form that a question asks for.

    Example:
        >>> AnswerForm("How many soldiers were invited?").held_by("It invited 10,000 soldiers.")
        True
    """

    def __init__(self, question: str) -> None:
        self.kind: AnswerType = answer_type(question)
        self._question = fold(question)
        self._given = {q.value for q in numbers(question)}

    @property
    def tells(self) -> bool:
        """Say whether the form is one that a text can be seen to hold or to lack."""
        return self.kind in (*_QUANTITIES, "date", "person", "organisation", "place", "reason")

    def held_by(self, text: str) -> bool:
        """Say whether a text holds such a thing, beyond what the question itself says."""
        if "how old" in self._question:
            return bool(_AGE.search(text))
        if kinds := _QUANTITIES.get(self.kind):
            return any(q.kind in kinds and q.value not in self._given for q in numbers(text))
        if self.kind == "date":
            return any(fold(d.text) not in self._question for d in dates(text))
        if self.kind in ("person", "organisation", "place"):
            return any(fold(n.text) not in self._question for n in names(text))
        return self.kind == "reason" and bool(_REASON.search(text))
