"""The plain systems: a model alone, and a model over the nearest passages as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from langchain_core.documents import Document
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from eval.cases import Case
from rag.settings import RetrieveSettings
from rag.types import Answer, Citation, Source, Span, Statement, Timings, Verdict

if TYPE_CHECKING:
    from rag.answer.pipeline import NewsQA
    from rag.models.chat import Chat

NEAREST = 4
"""Passages that the plain system reads."""

_ALONE = (
    "Answer the question about the news in one short sentence. "
    "If you do not know, reply with the one word unknown."
)
_READING = (
    "Answer the question from the passages in one short sentence, then the number of the passage, "
    "like [1]. If they do not hold the answer, reply with the one word unknown."
)
_UNCHECKED = Verdict(support="unsupported", score=0.0, reasons=("a baseline is not checked",))
_MARKER = re.compile(r"\[(\d{1,2})\]")


def closed_book(chat: Chat, case: Case) -> Answer:
    """Ask the model without any article."""
    return _answer(chat, case, [SystemMessage(_ALONE), HumanMessage(case.question)], ())


def dense(qa: NewsQA, chat: Chat) -> Callable[[Case], Answer]:
    """Return the textbook system: the four nearest passages pasted into one prompt, unchecked."""
    from rag.archive.indexes import open_index
    from rag.models.embed import load
    from rag.question.query import read
    from rag.search.retrieve import DenseRetriever

    nearest = DenseRetriever(
        archive=qa.archive,
        index=open_index(qa.archive),
        encoder=load(qa.settings.embed),
        settings=RetrieveSettings(passages=NEAREST, per_article=NEAREST),
    )

    def answer(case: Case) -> Answer:
        passages = nearest.search(read(case.question))
        pasted = "\n\n".join(f"[{i}] {p.page_content}" for i, p in enumerate(passages, 1))
        messages = [SystemMessage(_READING), HumanMessage(f"{pasted}\n\n{case.question}")]
        return _answer(chat, case, messages, passages)

    return answer


def _answer(
    chat: Chat, case: Case, messages: list[BaseMessage], passages: Sequence[Document]
) -> Answer:
    generation = chat.stream(messages)
    written = "".join(generation).strip()
    text = _MARKER.sub("", written).strip()
    unknown = text.lower().strip(" .!\"'") in ("", "unknown")
    numbers = dict.fromkeys(int(n) for n in _MARKER.findall(written))
    citations = tuple(_cite(n, passages[n - 1]) for n in numbers if 1 <= n <= len(passages))
    statement = Statement(text=text, citations=citations, verdict=_UNCHECKED)
    return Answer(
        question=case.question,
        outcome="declined" if unknown else "answered",
        reason="The model said that it does not know." if unknown else "",
        statements=() if unknown else (statement,),
        model=chat.name,
        tokens=generation.tokens,
        timings=Timings(first_token=generation.first_token),
    )


def _cite(number: int, passage: Document) -> Citation:
    meta = passage.metadata
    source = Source(
        article_id=meta["article_id"],
        title=meta["title"] or None,
        publisher=meta["publisher"] or None,
        published=None,
    )
    span = Span(start=meta["start"], end=meta["end"])
    return Citation(number=number, source=source, span=span, quote=passage.page_content)
