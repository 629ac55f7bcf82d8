"""What can be put to the test: Dateline itself, as it is configured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eval.cases import Case
from eval.gold import Library
from eval.loaders import Suite
from eval.run import System
from rag.search.select import select
from rag.types import Answer

if TYPE_CHECKING:
    from rag.answer.pipeline import NewsQA

RANKED = 10
"""Articles that a ranking is judged by, at most."""


def dateline(qa: NewsQA, suite: Suite, parts: Sequence[str]) -> System:
    """Return Dateline as a system; `parts` are `retrieval`, `answers` or both.

    A suite that gives the articles has nothing to retrieve.
    """

    def answer(case: Case) -> Answer:
        if suite.given:
            return qa.ask_over(case.question, case.articles)
        return qa.ask(case.question, as_of=case.as_of)

    def rank(case: Case) -> tuple[str, ...]:
        return articles(qa, case)

    def choose(case: Case) -> str:
        return evidence(qa, case)

    searched = "retrieval" in parts and not suite.given
    return System(
        name="dateline",
        answer=answer if "answers" in parts else None,
        rank=rank if searched else None,
        choose=choose if searched else None,
        library=Library(None if suite.given else qa.archive),
    )


def articles(qa: NewsQA, case: Case) -> tuple[str, ...]:
    """Return the articles that Dateline retrieves for a case, best first, each once."""
    passages = qa.retrieve(qa.read(case.question, as_of=case.as_of))
    found = dict.fromkeys(str(passage.metadata["article_id"]) for passage in passages)
    return tuple(found)[:RANKED]


def evidence(qa: NewsQA, case: Case) -> str:
    """Return the sentences that Dateline chooses for the model to read, a piece to a line."""
    rankings = qa.rank(qa.read(case.question, as_of=case.as_of))
    return "\n".join(e.text for e in select(rankings, qa.archive, qa.settings.select))
