"""What a person sees of an answer, on a terminal and in a pipe."""

import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.types import (
    Answer,
    Citation,
    Conflict,
    Coverage,
    Event,
    Filter,
    Reading,
    Source,
    Span,
    Statement,
    Timings,
    Tokens,
    Verdict,
)
from ui import compare
from ui.footnotes import Footnotes
from ui.terminal import console, safe, show

GAZETTE = Source(
    article_id="a1",
    title="Bridge reopens",
    publisher="Harbour Gazette",
    published=datetime(2024, 5, 31, 23, 30, tzinfo=UTC),
)
UNDATED = Source(article_id="a2", title=None, publisher=None, published=None)
FINE = Verdict(support="supported", score=0.9)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def cite(number: int, source: Source, quote: str, start: int = 0) -> Citation:
    span = Span(start=start, end=start + len(quote))
    return Citation(number=number, source=source, span=span, quote=quote)


def answer(**changes) -> Answer:
    first = cite(1, GAZETTE, "The bridge reopened on Friday.")
    second = cite(2, UNDATED, "Cars crossed again.")
    plain = {
        "question": "Did it reopen?",
        "outcome": "answered",
        "reason": "",
        "statements": (
            Statement(text="It reopened on Friday.", citations=(first,), verdict=FINE),
            Statement(text="Cars crossed.", citations=(first, second), verdict=FINE),
        ),
        "model": "scripted",
        "timings": Timings(first_evidence=0.123, first_token=1.26, total=4.5),
        "tokens": Tokens(prompt=306, cached=200, generated=41),
    }
    return Answer(**plain | changes)


def shown(what: Answer, stream: io.StringIO | None = None) -> str:
    stream = stream or io.StringIO()
    show(console(stream), what)
    return stream.getvalue()


def test_an_answer_is_followed_by_each_source_with_outlet_date_title_and_quote():
    lines = [line.strip() for line in shown(answer()).splitlines()]
    assert lines[0] == "It reopened on Friday. [1] Cars crossed. [1][2]"
    assert "[1] Harbour Gazette · 2024-05-31 · Bridge reopens" in lines
    assert "“The bridge reopened on Friday.”" in lines
    assert "[2] outlet unknown · date unknown · untitled" in lines
    assert lines.count("“The bridge reopened on Friday.”") == 1


def test_the_last_line_has_model_timings_and_tokens():
    last = shown(answer()).splitlines()[-1]
    assert last == (
        "model scripted · judged by rules alone · first evidence 0.12 s · first word 1.3 s"
        " · total 4.5 s · 306 tokens read (200 cached), 41 written"
    )


def test_a_declined_answer_says_why_and_what_comes_closest():
    text = shown(
        answer(
            outcome="declined",
            reason="no article speaks of it",
            statements=(),
            nearest=(GAZETTE,),
            coverage=Coverage(
                articles=7, earliest=date(2022, 5, 1), latest=date(2024, 11, 21), undated=2
            ),
        )
    )
    assert text.startswith("No answer: no article speaks of it\n")
    assert "- Harbour Gazette · 2024-05-31 · Bridge reopens (a1)" in text
    assert "7 articles published from 2022-05-01 to 2024-11-21, 2 without a date." in text


def test_a_partial_answer_names_what_is_missing():
    assert "Partial: the cost was not found\n" in shown(
        answer(outcome="partial", reason="the cost was not found")
    )


def test_doubts_removed_sentences_filters_and_the_rewritten_question_are_shown():
    doubted = Statement(
        text="It cost 3 million.",
        citations=(),
        verdict=Verdict(support="partly", score=0.5),
    )
    removed = Statement(
        text="It cost 4 billion.",
        citations=(),
        verdict=Verdict(support="unsupported", score=0.1, reasons=("4 billion is not there",)),
    )
    text = shown(
        answer(
            asked_as="Did the bridge reopen?",
            filters=Filter(since=date(2024, 1, 1), publishers=("Harbour Gazette",)),
            statements=(doubted,),
            dropped=(removed,),
        )
    )
    assert "Asked as: Did the bridge reopen?\n" in text
    assert "Only articles since 2024-01-01 from Harbour Gazette\n" in text
    assert "It cost 3 million. (likely)\n" in text
    assert "- It cost 4 billion. (4 billion is not there)\n" in text


def test_sources_that_disagree_stand_side_by_side():
    readings = (
        Reading(value="12", citations=(cite(1, GAZETTE, "Twelve people came."),)),
        Reading(value="20", citations=(cite(2, UNDATED, "Twenty people came."),)),
    )
    text = shown(answer(conflicts=(Conflict(kind="conflict", readings=readings),)))
    rows = [line.split("  ") for line in text.splitlines() if "people came" in line]
    cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert cells == [
        ["12", "Harbour Gazette", "2024-05-31", "“Twelve people came.” [1]"],
        ["20", "outlet unknown", "date unknown", "“Twenty people came.” [2]"],
    ]


def test_a_timeline_lists_its_events_and_their_sources():
    event = Event(
        when=date(2024, 6, 3), text="It closed.", citation=cite(3, GAZETTE, "It closed Monday.")
    )
    text = shown(answer(timeline=(event,)))
    assert "3 June 2024  It closed. [3]" in text
    assert "“It closed Monday.”" in text


@pytest.mark.parametrize(
    ("dating", "said", "shorter"),
    [
        ("month", "June 2024", "June 2024"),
        ("reported", "reported 1 June 2024", "by 1 June 2024"),
    ],
)
def test_what_is_not_known_to_the_day_is_not_shown_as_a_day(dating, said, shorter):
    citation = cite(3, GAZETTE, "It closed.")
    event = Event(when=date(2024, 6, 1), dating=dating, text="It closed.", citation=citation)
    assert f"\n{said}  It closed. [3]" in shown(answer(timeline=(event,)))
    assert f">{shorter}</time>" in compare.timeline((event,), Footnotes([citation.source]))


def test_a_pipe_gets_no_colour_no_control_codes_and_no_wrapping(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    long = " ".join(["word"] * 400)
    text = shown(answer(statements=(Statement(text=long, citations=(), verdict=FINE),)))
    assert "\x1b" not in text
    assert long in text


def test_a_terminal_gets_colour(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in shown(answer(), Terminal())


EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31mRED[/bold][red]x[link=evil]\u202egnp\r\nline"


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_articles_cannot_smuggle_control_codes_or_markup(stream, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("NO_COLOR", "1")
    source = Source(article_id=EVIL, title=EVIL, publisher=EVIL, published=None)
    quote = cite(1, source, EVIL)
    statement = Statement(text=EVIL, citations=(quote,), verdict=FINE)
    text = shown(
        answer(
            outcome="partial",
            reason=EVIL,
            asked_as=EVIL,
            model=EVIL,
            statements=(statement,),
            dropped=(statement,),
            nearest=(source,),
            filters=Filter(publishers=(EVIL,)),
            conflicts=(
                Conflict(kind="conflict", readings=(Reading(value=EVIL, citations=(quote,)),)),
            ),
            timeline=(Event(when=None, text=EVIL, citation=quote),),
        ),
        stream(),
    )
    for code in ("\x1b]", "\x1b[2J", "\x07", "\x9b", "\u202e", "\r"):
        assert code not in text
    assert "[red]x[link=evil]" in "".join(text.split("\n"))


@given(st.text())
def test_safe_text_is_one_printable_line(text):
    clean = safe(text)
    assert safe(clean) == clean
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in clean)
    clean.encode()
