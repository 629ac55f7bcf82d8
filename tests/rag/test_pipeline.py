import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from rag.answer.pipeline import (
    EvidenceFound,
    NewsQA,
    StatementChecked,
    TextDelta,
    Turn,
    Understood,
    open_qa,
)
from rag.errors import ModelUnreachable
from rag.settings import ChatSettings, Settings
from rag.types import Filter, Tokens


class Reply:
    """A reply of the scripted chat model: pieces of text, or an error after some."""

    def __init__(self, text: str, error: Exception | None = None) -> None:
        self.text = text
        self.error = error
        self.tokens = Tokens(prompt=9, generated=3)
        self.certainty = None

    def __iter__(self) -> Iterator[str]:
        yield from self.text.split(" ")[0:0] or [self.text[:5], self.text[5:]]
        if self.error is not None:
            raise self.error


class Scripted:
    """A chat model that says what the test tells it, and remembers what it was asked."""

    name = "scripted"

    def __init__(self, text: str, error: Exception | None = None, rewrites: str = "") -> None:
        self.text, self.error, self.rewrites = text, error, rewrites
        self.asked: list = []

    def stream(self, messages, *, stop: threading.Event | None = None) -> Reply:
        self.asked.append(messages)
        return Reply(self.text, self.error)

    def complete(self, messages, *, max_tokens: int, stop=None, **_) -> str:
        self.asked.append(messages)
        return self.rewrites

    def yes_probability(self, messages, *, stop=None) -> float | None:
        return None


@pytest.fixture(scope="module")
def bare(sample_archive) -> Iterator[NewsQA]:
    """The engine over the sample archive, without a model."""
    settings = Settings(archive=sample_archive, chat=ChatSettings(llm="none"))
    with open_qa(settings) as qa:
        yield qa


def scripted(bare: NewsQA, chat: Scripted) -> NewsQA:
    return replace(bare, chat=chat)


TANKS = "How many Abrams tanks did the United States promise Ukraine?"


def test_a_right_answer_is_cited_to_exact_words_of_the_stored_article(bare) -> None:
    qa = scripted(bare, Scripted("The United States promised Ukraine 31 Abrams tanks."))
    answer = qa.ask(TANKS)
    assert answer.outcome in ("answered", "partial")
    for statement in answer.statements:
        assert statement.citations
        for citation in statement.citations:
            article = bare.archive.article(citation.source.article_id)
            assert citation.span.of(article.text) == citation.quote
    assert "31" in answer.statements[0].citations[0].quote


def test_a_number_that_no_source_has_is_removed_and_the_answer_declined(bare) -> None:
    answer = scripted(bare, Scripted("The United States promised Ukraine 75 Abrams tanks.")).ask(
        TANKS
    )
    assert answer.outcome == "declined"
    assert answer.statements == ()
    assert answer.dropped[0].text == "The United States promised Ukraine 75 Abrams tanks."
    assert answer.dropped[0].verdict.reasons


def test_a_declined_answer_names_the_nearest_articles_and_what_the_archive_covers(bare) -> None:
    answer = scripted(bare, Scripted("The New England Patriots won it.")).ask(
        "Who won the Super Bowl in 2019?"
    )
    assert answer.outcome == "declined"
    assert answer.reason
    assert answer.nearest
    assert answer.coverage is not None
    assert answer.coverage.articles == 36
    assert answer.evidence == ()


def test_without_a_model_the_sources_speak_for_themselves(bare) -> None:
    answer = bare.ask(TANKS)
    assert answer.extractive
    assert answer.model == "none"
    assert "31" in answer.text


def test_a_model_that_fails_leaves_the_sources_own_words_and_says_why(bare) -> None:
    broken = Scripted("The Uni", error=ModelUnreachable("the endpoint closed the connection"))
    answer = scripted(bare, broken).ask(TANKS)
    assert answer.extractive
    assert "31" in answer.text
    assert "the endpoint closed the connection" in answer.reason


def test_a_lost_speaker_is_given_back(bare) -> None:
    said = "Ukraine may not use ATACMS for long-range strikes inside Russia."
    answer = scripted(bare, Scripted(said)).ask(
        "What remained forbidden to Ukraine when it was allowed to fire near Kharkiv?"
    )
    texts = " ".join(s.text for s in (*answer.statements, *answer.dropped))
    assert "ATACMS" in texts


def test_events_come_in_order_evidence_text_verdicts(bare) -> None:
    seen: list = []
    scripted(bare, Scripted("The United States promised Ukraine 31 Abrams tanks.")).ask(
        TANKS, on_event=seen.append
    )
    kinds = [type(event) for event in seen]
    assert kinds[:2] == [Understood, EvidenceFound]
    assert seen[0].question == TANKS
    assert not seen[0].inferred
    assert TextDelta in kinds
    assert kinds[-1] is StatementChecked


def test_as_of_never_reads_a_later_article_nor_an_undated_one(bare) -> None:
    day = date(2023, 1, 31)
    answer = bare.ask("What weapons has the United States given Ukraine?", as_of=day)
    assert answer.filters == Filter(until=day)
    assert answer.as_of == day
    assert not answer.inferred
    dates = [e.source.published for e in answer.evidence]
    assert dates
    assert all(d is not None and str(d)[:10] <= day.isoformat() for d in dates)


def test_a_timeline_is_told_in_order_with_a_citation_for_each_step(bare) -> None:
    answer = bare.ask("Chronology of Sweden's way into NATO")
    days = [event.when for event in answer.timeline if event.when]
    assert len(days) >= 2
    assert days == sorted(days)
    assert all(len(s.citations) == 1 for s in answer.statements)


def test_a_course_of_which_the_archive_has_nothing_is_declined_without_a_table(bare) -> None:
    for topic in (
        "Timeline of the war in Sudan",
        "Chronology of the Brexit talks",
        "the Mars colony",
    ):
        answer = bare.timeline(topic)
        assert answer.outcome == "declined"
        assert answer.timeline == ()


def test_a_course_in_a_month_without_steps_is_told_from_other_days(bare) -> None:
    answer = bare.timeline("Chronology of Sweden's way into NATO in March 1990")
    assert (answer.outcome == "declined") == (answer.timeline == ())


def test_before_or_after_is_computed_from_two_dated_sentences(bare) -> None:
    wrong = Scripted("Finland joined after Sweden.")
    answer = scripted(bare, wrong).ask(
        "Did Finland become a member of NATO before Sweden became a member?"
    )
    assert wrong.asked == []
    assert answer.statements[0].text.startswith("Yes, before, by 338 days")
    assert len(answer.statements[0].citations) == 2
    assert answer.verdict is not None
    assert answer.verdict.text == answer.statements[0].text


def test_a_follow_up_is_rewritten_and_shown(bare) -> None:
    chat = Scripted("The United States promised Ukraine 31 Abrams tanks.", rewrites=TANKS)
    answer = scripted(bare, chat).ask(
        "And how many of them?",
        history=[Turn(question="Did the US promise Ukraine tanks?", answer="Yes.")],
    )
    assert answer.question == "And how many of them?"
    assert answer.asked_as == TANKS


DISSENT = "Who voted against the majority at the Fed in June 2022 and in September 2024?"


def test_each_question_in_a_question_gets_evidence_of_its_own(bare) -> None:
    chat = Scripted("Esther George and Michelle Bowman did.")
    scripted(bare, chat).ask(DISSENT)
    [messages] = chat.asked
    assert messages[-1].content.endswith(f"{DISSENT} Answer all 2 parts.")
    read = messages[-1].content
    assert "Esther George, the president of the Kansas City Fed" in read
    assert "Governor Michelle Bowman voted against it" in read


def test_article_text_with_braces_reaches_the_model_as_it_is(bare) -> None:
    chat = Scripted("Nothing.")
    scripted(bare, chat).ask("What is {evidence} and {0}?")
    assert "{evidence}" in chat.asked[0][-1].content


def test_questions_over_given_articles_read_nothing_else(bare) -> None:
    article = replace(bare.archive.article("cl-20230125-abrams"), id="given")
    answer = bare.ask_over(TANKS, [article])
    assert {e.source.article_id for e in answer.evidence} == {"given"}
    assert "31" in answer.text


def test_a_question_is_put_on_the_day_of_as_of(bare: NewsQA) -> None:
    assert bare.read("Who leads NATO?", as_of=date(2023, 7, 1)).asked_on == date(2023, 7, 1)


def test_a_question_for_the_news_is_put_on_the_day_of_the_newest_article(bare: NewsQA) -> None:
    newest = bare.archive.coverage().latest
    assert newest is not None
    assert bare.read("What did NATO decide this week?").asked_on == newest
    assert bare.read("What did NATO decide in Vilnius?").asked_on is None


def test_a_question_is_put_no_later_than_what_may_be_read(bare: NewsQA) -> None:
    within = Filter(until=date(2023, 7, 1))
    read = bare.read("What did NATO decide this week?", filters=within, as_of=date(2024, 1, 1))
    assert (read.asked_on, read.filters.until) == (date(2023, 7, 1), date(2023, 7, 1))
