"""Questions that the articles on a topic answer: made of what their sentences tell, then asked.

Each comes of a fact that was read in a sentence: what is counted, or who speaks. It is asked
without a model, and only what is answered from these articles, by that fact, is offered.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from rag.answer.compose import Composer
from rag.answer.prepare import prepare
from rag.language.numbers import numbers
from rag.language.speech import speeches
from rag.search.candidates import Candidate

if TYPE_CHECKING:
    from rag.answer.machine import Machine
    from rag.archive.entities import Named
    from rag.question.query import Query

TRIED = 4
"""Most questions that are asked to see whether they are answered; each costs about .3 s."""
OFFERED = 3
"""Most of them that are offered."""
FIGURES = 2
"""Most of those tried that ask for a figure."""
_SURE = 0.55
"""Least confidence of an answer."""
_DONE = re.compile(
    r"\s+(?P<what>(?:[a-z]+ )?[a-z]+(?:s|people|men|women|children)) "
    r"(?P<deed>(?:(?:were|was|have been|had been|have|had) )?[a-z]+ed)\b"
    r"(?=[,.;]|\s+(?:in|by|on|at|after|during|when|since|from)\b|\Z)"
)
"""What is counted, and what was done to it or by it: "12 people were hurt"."""


def offered(
    query: Query,
    qa: Machine,
    ranked: Sequence[Candidate],
    named: Sequence[Named],
    ids: Collection[str],
) -> list[str]:
    """Return questions on a topic that its articles answer.

    Args:
        query: The topic.
        qa: What is asked.
        ranked: Sentences on the topic, best first.
        named: People, organisations and places of its articles.
        ids: Its articles.
    """
    quiet = replace(qa, chat=None)
    tried = islice(dict.fromkeys(_made(query.text, ranked, named)), TRIED)
    found = (q for q, held in tried if _answered(q, held, query, quiet, ids))
    return list(islice(found, OFFERED))


def _made(
    topic: str, ranked: Sequence[Candidate], named: Sequence[Named]
) -> Iterator[tuple[str, str]]:
    """Yield questions, each with what a sentence that answers it must hold."""
    people = {e.name.split()[-1]: e.name for e in reversed(named) if e.kind == "person"}
    spoke: Counter[str] = Counter()
    counted: dict[str, str] = {}
    for candidate in ranked:
        for speech in speeches(candidate.text):
            if speech.name is not None and (who := people.get(speech.name.text.split()[-1])):
                spoke[who] += 1
        for question, value in _counted(candidate.text):
            counted.setdefault(question, value)
    yield from ((f"{q} in {topic}?", value) for q, value in islice(counted.items(), FIGURES))
    yield from (
        (f"What did {who} say about {topic}?", who.split()[-1]) for who, _ in spoke.most_common(2)
    )


def _counted(text: str) -> Iterator[tuple[str, str]]:
    for quantity in numbers(text):
        done = _DONE.match(text, quantity.span.end)
        if quantity.kind == "count" and done is not None:
            yield f"How many {done['what']} {done['deed']}", quantity.span.of(text)


def _answered(question: str, held: str, about: Query, qa: Machine, ids: Collection[str]) -> bool:
    """Return True when a sentence of these articles answers, and holds what it is to hold."""
    query = qa.read(question, filters=about.filters, as_of=about.as_of)
    answer = Composer(qa, lambda _: None, None).answer(prepare(query, qa))
    if answer.outcome == "declined" or answer.confidence < _SURE:
        return False
    told = answer.statements[:1]
    return any(c.source.article_id in ids and held in c.quote for s in told for c in s.citations)
