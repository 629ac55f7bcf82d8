"""What an answer says of readings that differ: each with evidence, none of them left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.answer.cite import stripped
from rag.answer.days import written
from rag.answer.differ.causes import causes
from rag.answer.differ.disagree import conflicts, equal
from rag.answer.differ.disputed import disputed
from rag.answer.differ.figures import Value, values
from rag.answer.differ.heard import heard
from rag.answer.differ.matching import one_value
from rag.answer.differ.rivals import rivals
from rag.models.reader import Reader
from rag.question.query import Query
from rag.search.candidates import Candidate
from rag.settings import AnswerSettings
from rag.types import Answer, Citation, Conflict, Evidence, Reading, Span, Statement, Verdict, day

REASON = "Reports differ; each is shown with its source."
CHANGED = "Reports of different days differ; the latest is the last shown."


def settle(
    answer: Answer,
    query: Query,
    rankings: Sequence[Sequence[Candidate]],
    settings: AnswerSettings,
    reader: Reader | None = None,
) -> Answer:
    """Show beside an answer what its sources disagree on, and add the readings it leaves out.

    Args:
        answer: As it would stand without; a declined one stays as it is.
        query: The question.
        rankings: For each of its parts the sentences that may answer it, best first.
        settings: How the answer reads: a short one is only added to where sources contradict each
            other; and which rules are left out.
        reader: Finds which words of a sentence answer, for numbers that the rules do not compare.
    """
    if answer.outcome == "declined":
        return answer
    on = {"figures", "heard", "causes", "twins"} - set(settings.without)
    found = tuple(dict.fromkeys(_found(query, rankings))) if "figures" in on else ()
    if not found and reader is not None and "heard" in on and len(rankings) == 1:
        found = tuple(filter(None, [heard(query, rankings[0], reader)]))
    if not found and len(rankings) == 1 and "causes" in on:
        found = tuple(filter(None, [causes(query, rankings[0])]))
    other = _rivals(query, rankings, found) if "twins" in on else None
    if not found and other is None:
        return answer
    listed, evidence = shown([*found, *filter(None, [other])], answer.evidence)
    figures = listed[: len(found)]
    changed = all(c.kind == "changed over time" for c in listed)
    settled = replace(
        answer,
        conflicts=listed,
        evidence=evidence,
        statements=answer.statements
        + told(query, figures, answer.statements, short=settings.style == "short"),
        reason=" ".join(filter(None, (answer.reason, CHANGED if changed else REASON))),
    )
    return settled if other is None else disputed(settled, listed[-1])


def _found(query: Query, rankings: Sequence[Sequence[Candidate]]) -> Iterator[Conflict]:
    for part, ranking in zip(query.parts, rankings, strict=True):
        yield from conflicts(replace(query, text=part), ranking)


def _rivals(
    query: Query, rankings: Sequence[Sequence[Candidate]], found: Sequence[Conflict]
) -> Conflict | None:
    """Return values that exclude each other, unless they are already known to differ."""
    known = [[r.value for r in c.readings] for c in found]
    for part, ranking in zip(query.parts, rankings, strict=True):
        conflict = rivals(replace(query, text=part), ranking)
        if conflict is not None and not any(_all_in(conflict, values) for values in known):
            return conflict
    return None


def _all_in(conflict: Conflict, known: Sequence[str]) -> bool:
    return all(any(one_value(r.value, k) for k in known) for r in conflict.readings)


def shown(
    found: Sequence[Conflict], evidence: Sequence[Evidence]
) -> tuple[tuple[Conflict, ...], tuple[Evidence, ...]]:
    """Give every reading evidence to cite: a piece that is there, or a new one after the last."""
    pieces = list(evidence)
    listed = tuple(
        replace(
            c,
            readings=tuple(
                replace(r, citations=tuple(numbered(q, pieces) for q in r.citations))
                for r in c.readings
            ),
        )
        for c in found
    )
    return listed, tuple(pieces)


def numbered(citation: Citation, pieces: list[Evidence]) -> Citation:
    """Number a citation by the evidence that holds it, which is added where there is none."""
    source, span = citation.source, citation.span
    for piece in pieces:
        if piece.source.article_id == source.article_id and piece.span.covers(span):
            return replace(citation, number=piece.number)
    number = max((p.number for p in pieces), default=0) + 1
    pieces.append(
        Evidence(number=number, source=source, span=span, text=citation.quote, sentences=(span,))
    )
    return replace(citation, number=number)


def told(
    query: Query, found: Sequence[Conflict], statements: Sequence[Statement], *, short: bool
) -> tuple[Statement, ...]:
    """Return the readings that an answer leaves out, each in its source's own words.

    Of what changed over time only the latest is wanted, and not even that when the question names
    a day; a short answer is only added to when its sources contradict each other.
    """
    given = [v for s in statements for v in values(s.text)]
    said = [" ".join(s.text.split()) for s in statements]
    lacking: dict[tuple[str, Span], Statement] = {}
    for conflict in found:
        if short and conflict.kind != "conflict":
            continue
        for reading in _wanted(query, conflict):
            citation = reading.citations[0]
            if any(" ".join(citation.quote.split()) in text for text in said):
                continue  # that it is cited for another value does not tell this one
            if not any(_gives(v, citation, reading) for v in given):
                lacking.setdefault((citation.source.article_id, citation.span), own(citation))
    return tuple(lacking.values())


def _wanted(query: Query, conflict: Conflict) -> tuple[Reading, ...]:
    if conflict.kind != "changed over time":
        return conflict.readings
    return () if query.mentions else conflict.readings[-1:]


def _gives(value: Value, citation: Citation, reading: Reading) -> bool:
    """Say whether a value of the answer is that of a reading."""
    return any(
        (value.kind, value.unit) == (v.kind, v.unit) and equal(value, v)
        for v in values(reading.value, citation.source.published)
    )


def own(citation: Citation) -> Statement:
    """Return a source's sentence as a statement, after its outlet and day."""
    source = citation.source
    when = written(source.published) if day(source.published) else None
    # An outlet's name is as untrusted as its articles.
    label = ", ".join(filter(None, (stripped(source.publisher or ""), when)))
    text = " ".join(citation.quote.split())
    return Statement(
        text=f"{label}: {text}" if label else text,
        citations=(citation,),
        verdict=Verdict(support="supported", score=1.0),
    )
