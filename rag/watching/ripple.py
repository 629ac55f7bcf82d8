"""A corrected, withdrawn or deleted article finds every stored answer that quotes it.

Its quotes are looked up again and, where other words stand in their place, the sentences that cite
them are checked against these; no chat model is asked. The answer is marked, and its owner told.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

from rag.archive.archive import Archive
from rag.archive.conversations import Conversations
from rag.archive.exchanges import Exchange
from rag.archive.notices import Difference, Notice
from rag.archive.standings import Mark, Standings
from rag.errors import NotFound
from rag.types import Answer, Citation
from rag.verify.verifier import Premise, Verifier
from rag.watching.stood import State, Stood, stood

_WORST: tuple[State, ...] = ("withdrawn", "changed", "stands")


def ripple(
    archive: Archive,
    kept: Conversations,
    standings: Standings,
    verifier: Verifier | None = None,
) -> Iterator[Mark]:
    """Look at every stored answer that quotes what has changed, and yield what became of it.

    Args:
        archive: As it is now.
        kept: The stored answers.
        standings: Where marks are kept.
        verifier: Says what new words make of a sentence; None leaves that open.
    """
    for name, seen in standings.stale().items():
        try:
            exchange = kept.exchange(name)
        except NotFound:  # deleted meanwhile
            continue
        with archive.snapshot():
            generation = archive.generation
            found = _found(archive, exchange, verifier)
        mark = Mark(
            exchange=name,
            state=_worst(exchange, [one for one, _ in found]),
            seen=seen,
            generation=generation,
            quotes=[_record(one, verdict) for one, verdict in found],
        )
        before = exchange.standing.state if exchange.standing else "stands"
        told = (mark.state, tuple(mark.quotes)) != (before, _quotes(exchange))
        if standings.keep(mark, _notice(exchange, mark, found) if told else None, _now()):
            yield mark


def _found(
    archive: Archive, exchange: Exchange, verifier: Verifier | None
) -> list[tuple[Stood, str]]:
    """Return the quotes that stand no more, each with what its new words make of its sentence."""
    answer = exchange.answer
    if answer is None:
        return []
    cited = [*answer.citations, *answer.closest]
    cited += [c for conflict in answer.conflicts for r in conflict.readings for c in r.citations]
    cited += [event.citation for event in answer.timeline]
    once = list({(c.source.article_id, c.span): c for c in cited}.values())
    found = zip(once, stood(archive, once, exchange.digests or {}), strict=True)
    return [
        (one, _verdict(answer, citation, one, verifier))
        for citation, one in found
        if one.state != "stands"
    ]


def _verdict(answer: Answer, citation: Citation, one: Stood, verifier: Verifier | None) -> str:
    if verifier is None or not one.now:
        return ""
    said = [s for s in answer.statements if citation in s.citations]
    if not said:
        return ""
    premise = Premise(text=one.now, published=citation.source.published)
    return verifier.check(said[0].text, [premise], question=answer.question).support


def _worst(exchange: Exchange, found: list[Stood]) -> State:
    if exchange.state == "erased":
        return "withdrawn"
    states = {one.state for one in found}
    return next((state for state in _WORST if state in states), "stands")


def _record(one: Stood, verdict: str) -> dict[str, str]:
    return {
        "article_id": one.quoted.article_id,
        "title": one.quoted.title or "",
        "quote": one.quoted.quote,
        "state": one.state,
        "now": one.now,
        "why": one.why,
        "verdict": verdict,
    }


def _quotes(exchange: Exchange) -> tuple[object, ...]:
    return tuple(exchange.standing.quotes) if exchange.standing else ()


def _notice(exchange: Exchange, mark: Mark, found: list[tuple[Stood, str]]) -> Notice:
    changes = [
        Difference(
            kind="source",
            old=one.quoted.quote,
            new=one.now or one.why,
            was=(one.quoted,),
            now=(one.renewed,) if one.renewed else (),
        )
        for one, _ in found
    ]
    if exchange.state == "erased":
        gone = "an article that this answer quoted was deleted for good, and the answer with it"
        changes = [Difference(kind="source", old="", new=gone)]
    elif not changes:
        changes = [
            Difference(kind="source", old="", new="all that this answer quotes stands again")
        ]
    return Notice(
        id=secrets.token_hex(8),
        generation=mark.generation,
        made=_now(),
        question=exchange.question,
        changes=tuple(changes),
        exchange=exchange.id,
    )


def _now() -> datetime:
    return datetime.now(UTC)
