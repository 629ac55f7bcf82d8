"""Answer <-> JSON: the public schema of `ask --json`, described in docs/answer-schema.md.

`from_json(to_json(answer)) == answer` for every answer, so that a stored record can be shown,
judged and replayed. A field is only ever added; a change of meaning raises `SCHEMA`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from rag.errors import SourceError
from rag.types import (
    Answer,
    Citation,
    Conflict,
    Coverage,
    Event,
    Evidence,
    Filter,
    Listing,
    Moment,
    Profile,
    Reading,
    Row,
    Ruling,
    Search,
    Source,
    Span,
    Spent,
    Statement,
    Timings,
    Tokens,
    Verdict,
)

SCHEMA = 1
"""The version of the schema that `to_json` writes."""

Json = dict[str, Any]


def to_json(answer: Answer) -> Json:
    """Return the answer as plain dictionaries, lists, strings and numbers."""
    return {
        "schema": SCHEMA,
        "question": answer.question,
        "asked_as": answer.asked_as,
        "outcome": answer.outcome,
        "reason": answer.reason,
        "verdict": None if answer.verdict is None else _ruling(answer.verdict),
        "text": answer.text,
        "confidence": float(answer.confidence),
        "statements": [_statement(s) for s in answer.statements],
        "evidence": [_evidence(e) for e in answer.evidence],
        "conflicts": [conflict_json(c) for c in answer.conflicts],
        "timeline": [event_json(e) for e in answer.timeline],
        "listing": None if answer.listing is None else listing_to_json(answer.listing),
        "dropped": [_statement(s) for s in answer.dropped],
        "unknown_markers": answer.unknown_markers,
        "nearest": [_source(s) for s in answer.nearest],
        "declined": answer.declined,
        "closest": [_citation(c) for c in answer.closest],
        "coverage": None if answer.coverage is None else _coverage(answer.coverage),
        "filters": filter_to_json(answer.filters),
        "as_of": iso(answer.as_of),
        "inferred": answer.inferred,
        "extractive": answer.extractive,
        "model": answer.model,
        "judge": answer.judge,
        "settings_digest": answer.settings_digest,
        "prompt_digest": answer.prompt_digest,
        "generation": answer.generation,
        "timings": asdict(answer.timings),
        "tokens": asdict(answer.tokens),
        "profile": None if answer.profile is None else asdict(answer.profile),
        "searches": [asdict(s) for s in answer.searches],
        "verifier": answer.verifier,
        "spent": None if answer.spent is None else asdict(answer.spent),
    }


def from_json(record: Mapping[str, Any]) -> Answer:
    """Return the answer that `to_json` wrote; `text` is not read, it follows from the rest.

    Raises:
        SourceError: the record is not an answer of this schema.
    """
    try:
        if record["schema"] != SCHEMA:
            raise SourceError(f"the answer has schema {record['schema']!r}, known is {SCHEMA}")
        return _answer(record)
    except KeyError as error:
        raise SourceError(f"the record is not an answer: it lacks {error}") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise SourceError(f"the record is not an answer: {error}") from error


def _answer(record: Mapping[str, Any]) -> Answer:
    coverage, ruling = record["coverage"], record.get("verdict")
    profile, spent = record.get("profile"), record.get("spent")
    built: Json = {
        "verdict": None if ruling is None else _read_ruling(ruling),
        "statements": tuple(map(_read_statement, record["statements"])),
        "evidence": tuple(map(_read_evidence, record["evidence"])),
        "conflicts": tuple(map(_read_conflict, record["conflicts"])),
        "timeline": tuple(map(_read_event, record["timeline"])),
        "dropped": tuple(map(_read_statement, record["dropped"])),
        "listing": _read_listing(record.get("listing")),
        "nearest": tuple(map(_read_source, record["nearest"])),
        "closest": _citations(record.get("closest", ())),
        "coverage": None if coverage is None else _read_coverage(coverage),
        "filters": filter_from_json(record["filters"]),
        "as_of": _day(record.get("as_of")),
        "timings": Timings(**record["timings"]),
        "tokens": Tokens(**record["tokens"]),
        "profile": None if profile is None else Profile(**profile),
        "searches": tuple(Search(**one) for one in record.get("searches", ())),
        "spent": None if spent is None else Spent(**spent | {"tokens": Tokens(**spent["tokens"])}),
    }
    rest = {field.name: record[field.name] for field in fields(Answer) if field.name in record}
    return Answer(**rest | built)


def iso(moment: Moment | None) -> str | None:
    """Return a moment as ISO 8601, a bare date staying a bare date; None stays None."""
    return None if moment is None else moment.isoformat()


def _moment(raw: str | None) -> Moment | None:
    if raw is None:
        return None
    return datetime.fromisoformat(raw) if "T" in raw else date.fromisoformat(raw)


def _day(raw: str | None) -> date | None:
    return None if raw is None else date.fromisoformat(raw)


def _source(source: Source) -> Json:
    return asdict(source) | {"published": iso(source.published)}


def _read_source(record: Mapping[str, Any]) -> Source:
    labels = {name: record[name] for name in ("article_id", "title", "publisher", "url")}
    return Source(**labels, published=_moment(record["published"]))


def source_from_json(record: Mapping[str, Any]) -> Source:
    """Return the source that the fields of a record name; `source_url` may stand for `url`."""
    return _read_source({**record, "url": record.get("source_url", record.get("url"))})


def _citation(citation: Citation) -> Json:
    return {
        "number": citation.number,
        **_source(citation.source),
        "start": citation.span.start,
        "end": citation.span.end,
        "quote": citation.quote,
    }


def _read_citation(record: Mapping[str, Any]) -> Citation:
    return Citation(
        number=record["number"],
        source=_read_source(record),
        span=Span(start=record["start"], end=record["end"]),
        quote=record["quote"],
    )


def _citations(records: Iterable[Mapping[str, Any]]) -> tuple[Citation, ...]:
    return tuple(map(_read_citation, records))


def _statement(statement: Statement) -> Json:
    return {
        "text": statement.text,
        "verdict": statement.verdict.support,
        "score": float(statement.verdict.score),
        "reasons": list(statement.verdict.reasons),
        "judged": dict(statement.verdict.judged),
        "citations": [_citation(c) for c in statement.citations],
        "paragraph": statement.paragraph,
    }


def _read_statement(record: Mapping[str, Any]) -> Statement:
    verdict = Verdict(
        support=record["verdict"],
        score=record["score"],
        reasons=tuple(record["reasons"]),
        judged=tuple(record.get("judged", {}).items()),
    )
    return Statement(
        text=record["text"],
        verdict=verdict,
        citations=_citations(record["citations"]),
        paragraph=record.get("paragraph", 0),
    )


def _evidence(evidence: Evidence) -> Json:
    return {
        "number": evidence.number,
        **_source(evidence.source),
        "start": evidence.span.start,
        "end": evidence.span.end,
        "text": evidence.text,
        "sentences": [[s.start, s.end] for s in evidence.sentences],
        "score": float(evidence.score),
    }


def _read_evidence(record: Mapping[str, Any]) -> Evidence:
    return Evidence(
        number=record["number"],
        source=_read_source(record),
        span=Span(start=record["start"], end=record["end"]),
        text=record["text"],
        sentences=tuple(Span(start=start, end=end) for start, end in record["sentences"]),
        score=record["score"],
    )


def _ruling(ruling: Ruling) -> Json:
    return asdict(ruling) | {"day": iso(ruling.day)}


def _read_ruling(record: Mapping[str, Any]) -> Ruling:
    said = {name: record[name] for name in ("kind", "text", "value", "voice")}
    return Ruling(**said, day=_day(record["day"]))


def conflict_json(conflict: Conflict) -> Json:
    """Return values that differ as plain values."""
    readings = [
        {"value": r.value, "voice": r.voice, "citations": [_citation(c) for c in r.citations]}
        for r in conflict.readings
    ]
    return {"kind": conflict.kind, "readings": readings}


def _read_conflict(record: Mapping[str, Any]) -> Conflict:
    readings = (
        Reading(value=r["value"], voice=r.get("voice", ""), citations=_citations(r["citations"]))
        for r in record["readings"]
    )
    return Conflict(kind=record["kind"], readings=tuple(readings))


def event_json(event: Event) -> Json:
    """Return an entry of a timeline as plain values."""
    return {
        "when": iso(event.when),
        "dating": event.dating,
        "reported": iso(event.reported),
        "text": event.text,
        "citation": _citation(event.citation),
    }


def _read_event(record: Mapping[str, Any]) -> Event:
    return Event(
        when=_moment(record["when"]),
        dating=record.get("dating", "day"),
        reported=_moment(record.get("reported")),
        text=record["text"],
        citation=_read_citation(record["citation"]),
    )


def listing_to_json(listing: Listing) -> Json:
    """Return a listing as plain values."""
    rows = [{"cells": list(r.cells), "articles": list(r.articles)} for r in listing.rows]
    return asdict(listing) | {"columns": list(listing.columns), "rows": rows}


def _read_listing(record: Mapping[str, Any] | None) -> Listing | None:
    if record is None:
        return None
    rows = (Row(cells=tuple(r["cells"]), articles=tuple(r["articles"])) for r in record["rows"])
    kept = {name: record[name] for name in ("title", "total", "counted")}
    return Listing(**kept, columns=tuple(record["columns"]), rows=tuple(rows))


def _coverage(coverage: Coverage) -> Json:
    days = {"earliest": iso(coverage.earliest), "latest": iso(coverage.latest)}
    return asdict(coverage) | days


def _read_coverage(record: Mapping[str, Any]) -> Coverage:
    return Coverage(
        articles=record["articles"],
        undated=record["undated"],
        earliest=_day(record["earliest"]),
        latest=_day(record["latest"]),
    )


def filter_to_json(chosen: Filter) -> Json:
    """Return a filter as plain values."""
    return {
        "since": iso(chosen.since),
        "until": iso(chosen.until),
        "publishers": list(chosen.publishers),
        "authors": list(chosen.authors),
        "without": list(chosen.without),
        "collections": list(chosen.collections),
        "entities": list(chosen.entities),
    }


def filter_from_json(record: Mapping[str, Any]) -> Filter:
    """Return the filter that `filter_to_json` wrote."""
    return Filter(
        since=_day(record["since"]),
        until=_day(record["until"]),
        publishers=tuple(record["publishers"]),
        authors=tuple(record.get("authors", ())),
        without=tuple(record.get("without", ())),
        collections=tuple(record.get("collections", ())),
        entities=tuple(record.get("entities", ())),
    )
