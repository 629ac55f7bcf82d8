"""From an answer and what a person says of it to a case: a correction becomes a test."""

from __future__ import annotations

from collections.abc import Sequence

from eval.cases import Case, Gold, name
from rag.types import Answer


def case_of(
    answer: Answer,
    *,
    accepted: Sequence[str] = (),
    gold: Sequence[Gold] = (),
    unanswerable: bool = False,
    kind: str = "fact",
    note: str = "",
) -> Case:
    """Return the case that asks the question of an answer again.

    Args:
        answer: As it was given; its `as_of` is the end of the filter that it was asked with.
        accepted: What a right answer holds, as the person says.
        gold: The words that support it; without any, those that the answer cited are taken: they
            were what the person judged by.
        unanswerable: The archive does not hold the answer: the right outcome is to decline.
        kind: What sort of question it is.
        note: Why the case is kept.
    """
    cited = (c for statement in answer.statements for c in statement.citations)
    found = tuple(gold) or tuple(
        dict.fromkeys(Gold(article=c.source.article_id, quote=c.quote, part=1) for c in cited)
    )
    return Case(
        id=name(answer.question),
        question=answer.asked_as or answer.question,
        kind="unanswerable" if unanswerable else kind,
        answers=tuple(accepted),
        evidence=() if unanswerable else found,
        as_of=answer.filters.until,
        unanswerable=unanswerable,
        note=note,
    )
