"""What can be checked of a statement in a language whose grammar Dateline does not know.

    PlainVerifier(tongue).check(statement, premises)

Numbers, names and words must stand in the source, and who denies must deny there too. Who did what
to whom, what was only said, and days in words are not checked, so nothing is called more than
likely, and the reason says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.language.tongue import Tongue
from rag.types import Verdict
from rag.verify.ground import Premise

HELD = 0.75
"""Least share of a statement's words that must stand in what it cites, or right around it."""


class PlainVerifier:
    """Checks statements in one language other than English."""

    def __init__(self, tongue: Tongue) -> None:
        self._tongue = tongue
        self.limits = (
            f"In {tongue.name} only words, numbers, names and denials are checked, not the sense"
        )
        """What a reader is told of each statement."""

    def check(self, statement: str, premises: Sequence[Premise], *, question: str = "") -> Verdict:
        """Return the verdict on a statement, given the source sentences."""
        if not premises:
            return Verdict(support="unsupported", score=0.0, reasons=("no source was given",))
        said = _flat(statement)
        if any(said in _flat(p.text) for p in premises):
            return Verdict(support="partly", score=1.0, reasons=(self.limits,))
        own = self._tongue.stems(statement)
        held = self._tongue.held(own, " ".join(f"{p.text} {p.context}" for p in premises))
        share = len(held) / len(own) if own else 0.0
        if wrong := tuple(self._objections(statement, premises, share)):
            return Verdict(support="unsupported", score=min(share, 0.2), reasons=wrong)
        return Verdict(support="partly", score=share, reasons=(self.limits,))

    def _objections(
        self, statement: str, premises: Sequence[Premise], share: float
    ) -> Iterator[str]:
        tongue = self._tongue
        quoted = " ".join(p.text for p in premises)
        known = " ".join(part for p in premises for part in (p.text, p.context, p.article))
        said, read = tongue.tokens(statement), set(tongue.tokens(quoted))
        for number in (t for t in said if t[0].isdigit() and t not in read):
            yield f"the source does not have the number {number}"
        for name in sorted(tongue.names(statement) - set(tongue.tokens(known))):
            if not tongue.held({tongue.stem(name)}, known):
                yield f"the source does not mention {name!r}"
        if not tongue.denials:
            yield f"denials are not known in {tongue.name}, so only a source's own words are shown"
        elif tongue.denials.isdisjoint(said) is not tongue.denials.isdisjoint(read):
            yield "a denial of the source is missing, or one that it does not have"
        if share < HELD:
            yield "much of it does not stand in the source"


def _flat(text: str) -> str:
    return " ".join(text.split()).strip(" .").casefold()
