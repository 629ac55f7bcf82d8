"""Example questions drawn from an archive: made of its own sentences, kept when it answers them.

    examples(archive, lambda question: qa.ask(question))  # one of each gift that the archive has
    related(archive, answer, lambda question: qa.ask(question))  # beside what was just answered

Each that `rag.answer.turned` makes is asked, and only what is answered is shown.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal, get_args

from rag.answer.turned import candidates, made
from rag.errors import DatelineError
from rag.types import Answer, RulingKind

if TYPE_CHECKING:
    from rag.archive.archive import Archive

Gift = Literal["a fact", "a change", "a dispute", "what happened when", "a question it declines"]
"""What an example shows that an archive can do."""

TRIED = 48
"""Most questions that are asked to find one of each gift."""
BESIDE = 8
"""Most questions that are asked to find related ones."""
ELSEWHERE = (
    "What is the capital of Mongolia?",
    "Who wrote the novel Moby-Dick?",
    "How tall is Mount Kilimanjaro?",
)
"""Questions that hardly an archive of news answers."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question to try, and what it shows."""

    question: str
    gift: Gift | Literal[""]
    """Empty where nobody has asked it yet."""


def examples(
    archive: Archive, ask: Callable[[str], Answer], *, count: int = 4, patience: float = 2.0
) -> tuple[Example, ...]:
    """Return up to `count` questions: one of each gift, then more that are answered.

    Args:
        archive: Where the sentences come from.
        ask: Answers a question; without a chat model it takes a fraction of a second.
        count: How many are wanted.
        patience: Seconds after which no more questions are tried.
    """
    end = time.monotonic() + patience
    declined = next((q for q, a in _asked(ELSEWHERE, ask, end) if a.outcome == "declined"), None)
    last = [Example(declined, "a question it declines")] if declined else []
    found: dict[Gift, Example] = {}
    others: list[Example] = []
    for question, answer in _asked(islice(candidates(archive), TRIED), ask, end):
        gift = _gift(answer)
        if gift is None:
            continue
        if gift in found:
            others.append(Example(question, gift))
        found.setdefault(gift, Example(question, gift))
        if {"a fact", "a change", "a dispute"} <= found.keys():
            break
    if not found:
        return ()
    wanted = [found[g] for g in get_args(Gift) if g in found] + others
    return (*wanted[: count - len(last)], *last)


def related(
    archive: Archive,
    answer: Answer,
    ask: Callable[[str], Answer],
    *,
    count: int = 3,
    patience: float = 10.0,
) -> tuple[str, ...]:
    """Return up to `count` other questions that the articles of an answer answer.

    Args:
        archive: Where the sentences come from.
        answer: What was just answered, or declined with what comes closest.
        ask: Answers a question without a chat model.
        count: How many are wanted.
        patience: Seconds after which no more questions are tried.
    """
    end = time.monotonic() + patience
    sources = [*(e.source for e in answer.evidence), *(c.source for c in answer.closest)]
    articles = [archive.article(i) for i in dict.fromkeys(s.article_id for s in sources)]
    asked = {_plain(answer.question), _plain(answer.asked_as or "")}
    told = {c.span for c in answer.citations}
    tried = (q for q in made(archive, articles) if _plain(q) not in asked)
    found: list[str] = []
    for question, other in _asked(islice(tried, BESIDE), ask, end):
        new = any(c.span not in told for c in other.citations)
        if _gift(other) is not None and new:
            found.append(question)
            told |= {c.span for c in other.citations}
        if len(found) == count:
            break
    return tuple(found)


def _asked(
    questions: Iterable[str], ask: Callable[[str], Answer], end: float
) -> Iterator[tuple[str, Answer]]:
    """Yield questions with their answers until time is up; what cannot be asked is left out."""
    for question in questions:
        if time.monotonic() > end:
            return
        with suppress(DatelineError):
            yield question, ask(question)


def _gift(answer: Answer) -> Gift | None:
    """Return what an answer shows; None where nothing is answered."""
    if answer.outcome == "declined" or answer.verdict is None:
        return None
    kinds: dict[RulingKind, Gift] = {"changed": "a change", "disputed": "a dispute"}
    if answer.verdict is not None and answer.verdict.kind in kinds:
        return kinds[answer.verdict.kind]
    return "what happened when" if answer.timeline else "a fact"


def _plain(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.casefold()))
