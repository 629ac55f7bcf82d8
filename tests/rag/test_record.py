"""The public schema: it round-trips, names what was promised and refuses what it is not."""

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import SourceError
from rag.record import SCHEMA, from_json, to_json
from rag.types import (
    Answer,
    Citation,
    Conflict,
    Coverage,
    Event,
    Evidence,
    Filter,
    Reading,
    Source,
    Span,
    Statement,
    Timings,
    Tokens,
    Verdict,
)

texts = st.text(max_size=30)
some_text = st.none() | texts
numbers = st.integers(0, 10_000)
scores = st.floats(0, 1)
seconds = st.none() | st.floats(0, 1e6)
days = st.dates()
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.none() | days | st.datetimes(timezones=st.none() | zones)
spans = st.tuples(numbers, numbers).map(lambda p: Span(start=min(p), end=max(p)))


def several(items):
    return st.lists(items, max_size=3).map(tuple)


sources = st.builds(
    Source, article_id=texts, title=some_text, publisher=some_text, published=moments, url=some_text
)
citations = st.builds(Citation, number=numbers, source=sources, span=spans, quote=texts)
supports = st.sampled_from(["supported", "partly", "contradicted", "unsupported"])
statements = st.builds(
    Statement,
    text=texts,
    citations=several(citations),
    verdict=st.builds(Verdict, support=supports, score=scores, reasons=several(texts)),
)
evidence = st.builds(
    Evidence,
    number=numbers,
    source=sources,
    span=spans,
    text=texts,
    sentences=several(spans),
    score=scores,
)
answers = st.builds(
    Answer,
    question=texts,
    outcome=st.sampled_from(["answered", "partial", "declined"]),
    reason=texts,
    statements=several(statements),
    evidence=several(evidence),
    nearest=several(sources),
    coverage=st.none()
    | st.builds(
        Coverage,
        articles=numbers,
        earliest=st.none() | days,
        latest=st.none() | days,
        undated=numbers,
    ),
    conflicts=several(
        st.builds(
            Conflict,
            kind=st.sampled_from(["changed over time", "different scope", "estimate", "conflict"]),
            readings=several(st.builds(Reading, value=texts, citations=several(citations))),
        )
    ),
    timeline=several(
        st.builds(
            Event,
            when=moments,
            dating=st.sampled_from(("day", "month", "reported")),
            text=texts,
            citation=citations,
        )
    ),
    dropped=several(statements),
    unknown_markers=numbers,
    asked_as=some_text,
    filters=st.builds(
        Filter,
        since=st.none() | days,
        until=st.none() | days,
        publishers=several(texts),
        authors=several(texts),
    ),
    as_of=st.none() | days,
    inferred=st.booleans(),
    confidence=scores,
    extractive=st.booleans(),
    model=texts,
    settings_digest=texts,
    prompt_digest=texts,
    generation=numbers,
    timings=st.builds(
        Timings,
        first_evidence=seconds,
        first_token=seconds,
        total=st.floats(0, 1e6),
        checking=seconds,
    ),
    tokens=st.builds(Tokens, prompt=numbers, cached=numbers, generated=numbers),
)


@settings(deadline=None, max_examples=60)
@given(answers)
def test_every_answer_comes_back_equal_through_json_text(answer):
    written = json.dumps(to_json(answer), allow_nan=False)
    assert from_json(json.loads(written)) == answer


def cited_answer() -> Answer:
    source = Source(
        article_id="a1",
        title="Bridge reopens",
        publisher="Harbour Gazette",
        published=datetime(2024, 5, 31, 9, 30, tzinfo=UTC),
    )
    citation = Citation(number=1, source=source, span=Span(start=4, end=15), quote="The bridge.")
    verdict = Verdict(support="supported", score=0.9)
    return Answer(
        question="What reopened?",
        outcome="answered",
        reason="",
        statements=(
            Statement(text="The bridge.", citations=(citation,), verdict=verdict),
            Statement(text="It did.", citations=(citation,), verdict=verdict),
        ),
        nearest=(
            Source(article_id="a2", title=None, publisher=None, published=date(2024, 6, 1)),
            Source(article_id="a3", title=None, publisher=None, published=None),
        ),
    )


def test_the_public_schema_has_the_promised_fields():
    record = to_json(cited_answer())
    assert record["schema"] == SCHEMA
    assert record["text"] == "The bridge. It did."
    promised = [
        "question",
        "outcome",
        "reason",
        "text",
        "statements",
        "evidence",
        "model",
        "timings",
        "tokens",
    ]
    assert set(promised) <= set(record)
    statement = record["statements"][0]
    assert statement["verdict"] == "supported"
    assert statement["citations"][0] == {
        "number": 1,
        "article_id": "a1",
        "title": "Bridge reopens",
        "publisher": "Harbour Gazette",
        "published": "2024-05-31T09:30:00+00:00",
        "url": None,
        "start": 4,
        "end": 15,
        "quote": "The bridge.",
    }
    assert set(record["timings"]) == {"first_evidence", "first_token", "total", "checking"}
    assert set(record["tokens"]) == {"prompt", "cached", "generated"}


def test_a_bare_date_stays_bare_and_an_unknown_one_is_null():
    nearest = to_json(cited_answer())["nearest"]
    assert [n["published"] for n in nearest] == ["2024-06-01", None]


def test_every_field_of_an_answer_is_written():
    assert set(Answer.__slots__) <= set(to_json(cited_answer()))


@pytest.mark.parametrize("record", [{}, {"schema": 1}, {"schema": 99}, {"schema": None}])
def test_what_is_not_an_answer_is_refused_in_words(record):
    with pytest.raises(SourceError, match="answer"):
        from_json(record)


def test_a_record_with_a_broken_date_is_refused():
    record = to_json(cited_answer())
    record["nearest"][0]["published"] = "last Tuesday"
    with pytest.raises(SourceError, match="not an answer"):
        from_json(record)


def test_an_answer_that_was_written_before_a_field_came_is_read_with_its_default():
    record = to_json(Answer(question="q", outcome="declined", reason="r", filters=Filter()))
    for later in ("as_of", "inferred"):
        del record[later]
    del record["filters"]["authors"]
    assert from_json(record) == Answer(question="q", outcome="declined", reason="r")
