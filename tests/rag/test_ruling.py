"""The line that says what comes of a question, over articles of ours; no model is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from rag.answer.pipeline import NewsQA, open_qa
from rag.answer.told.ruling import _tells, ruled
from rag.question.query import read
from rag.record import from_json, to_json
from rag.settings import ChatSettings, RerankSettings, Settings
from rag.types import Answer, Ruling

TIME = Path(__file__).parents[2] / "eval" / "time"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from rag.archive.archive import Archive
    from rag.ingest.run import ingest
    from rag.models.embed import load

    folder = tmp_path_factory.mktemp("time")
    with Archive.create(folder) as archive:
        list(ingest(archive, load(Settings().embed), [TIME], Settings()))
    return folder


@pytest.fixture(scope="module")
def qa(archive: Path) -> Iterator[NewsQA]:
    with open_qa(Settings(archive=archive, chat=ChatSettings(llm="none"))) as opened:
        yield opened


@pytest.fixture(scope="module")
def judged(archive: Path) -> Iterator[NewsQA]:
    """The same with the cross-encoder, which says what a report is about."""
    from rag.models import catalogue

    if catalogue.locate(catalogue.RERANKER) is None:
        pytest.skip("the reranker is not on this machine (dateline models pull)")
    rerank = RerankSettings(model=catalogue.RERANKER.name)
    settings = Settings(archive=archive, chat=ChatSettings(llm="none"), rerank=rerank)
    with open_qa(settings) as opened:
        yield opened


def ruling(answer: Answer) -> Ruling:
    assert answer.verdict is not None
    return answer.verdict


def test_nothing_changed_where_the_earlier_report_names_the_same_person(tmp_path: Path) -> None:
    news = [
        {
            "id": "named",
            "publisher": "Harbour Dispatch",
            "published": "2023-04-03",
            "title": "Crew of the Orla chosen",
            "text": "Ann Lee will command the Orla. The ship leaves in spring.",
        },
        {
            "id": "trains",
            "publisher": "Harbour Dispatch",
            "published": "2024-01-09",
            "title": "The Orla leaves later",
            "text": "The crew of the Orla, commanded by Ann Lee, has been training since March.",
        },
    ]
    with NewsQA.open(tmp_path / "archive", chat="none") as qa:
        qa.add(news)
        now = qa.ask("Who commands the Orla?")
        earlier = qa.ask("Who will command the Orla?", as_of=date(2023, 12, 31)).statements[0]
    told = f"Before: Harbour Dispatch, 3 April 2023: {earlier.text}"
    both = replace(now, statements=(now.statements[0], replace(earlier, text=told)))
    found = ruled(read("Who commands the Orla?"), [[]], both)
    assert (found.kind, found.value) == ("one_source", "Ann Lee")
    labelled = replace(earlier, text=told.removeprefix("Before: "))
    found = ruled(read("Who commands the Orla?"), [[]], replace(now, statements=(labelled,)))
    assert found.value == "Ann Lee"


@pytest.mark.parametrize(
    ("question", "kind", "value"),
    [
        ("Who was elected governor of Ostland in 2024?", "one_source", "Sanna Reik"),
        ("What was the turnout in 2001?", "one_source", "71 percent"),
        ("When did Sanna Reik become governor?", "one_source", "Sunday, 29 September 2024"),
        ("When did the satellite Lyra burn up?", "one_source", "Monday, 19 August 2024"),
        ("From which day will the paper mill in Tarn be shut?", "one_source",
         "Sunday, 1 September 2024"),
        ("What will the stadium of Velmora cost?", "changed", "126 million euros"),
        ("Who got 212 votes?", "one_source", "Mira Tolland"),
        ("On which date did the strike of the librarians begin?", "one_source",
         "Sunday, 13 October 2024"),
    ],
)  # fmt: skip
def test_the_line_gives_the_value_of_the_time_that_is_asked_for(
    qa: NewsQA, question: str, kind: str, value: str
) -> None:
    found = ruling(qa.ask(question))
    assert (found.kind, found.value) == (kind, value)


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("Who will steer the Orla?", None),
        ("Who will lead the cruise?", None),
        ("Who said that the cruise would begin in May?", "Bo Carr"),
        ("Who announced the cruise of the Orla?", "Bo Carr"),
    ],
)
def test_who_tells_of_a_thing_is_the_answer_only_to_who_said_it(
    question: str, value: str | None
) -> None:
    said = "The cruise of the Orla will begin in May, Harbour Master Bo Carr said on Monday."
    assert _tells(question, said, "Bo Carr") == value


def test_a_change_is_told_with_its_last_value_its_voice_and_its_day(qa: NewsQA) -> None:
    found = ruling(qa.ask("What will the stadium of Velmora cost?"))
    assert found.text == "Changed over time: 126 million euros - council, reported 15 January 2024"
    assert (found.day, found.voice) == (date(2024, 1, 15), "council")


def test_a_dispute_is_told_with_each_voice(qa: NewsQA) -> None:
    found = ruling(qa.ask("How many people marched through Velmora?"))
    assert found.kind == "disputed"
    assert found.text == (
        "Disputed: about 4,000 - police; about 15,000 - organisers, reported 17 March 2024"
    )


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Who leads the Ostland Dockers' League?", "Mira Tolland"),
        ("What is the latest on the Sund bridge?", "halted on Monday"),
        ("Were any miners killed in the Karst mine?", "Two miners died"),
        ("What happened most recently with the satellite Lyra?", "burned up over the Pacific"),
    ],
)
def test_of_a_state_the_newest_report_is_told_first(
    judged: NewsQA, question: str, said: str
) -> None:
    answer = judged.ask(question)
    assert answer.outcome in {"answered", "partial"}
    assert said in answer.statements[0].text
    assert said in ruling(answer).text


@pytest.mark.parametrize(
    "question",
    [
        "When was the Sund bridge blown up?",
        "Why did the ODL reject Mira Tolland?",
        "On which day was the Karst mine sold?",
    ],
)
def test_what_no_article_says_is_not_answered(qa: NewsQA, question: str) -> None:
    answer = qa.ask(question)
    assert answer.outcome == "declined"
    assert "takes for granted" in answer.reason
    assert ruling(answer).kind == "not_in_archive"


def test_a_weekday_is_told_with_its_date_and_the_quote_stays(qa: NewsQA) -> None:
    answer = qa.ask("When did the Garn tunnel reopen?")
    assert "on Sunday (9 June 2024)" in answer.statements[0].text
    assert "on Sunday, the roads office said" in answer.statements[0].citations[0].quote


def test_the_line_is_a_part_of_the_record_and_older_records_have_none(qa: NewsQA) -> None:
    answer = qa.ask("How many people marched through Velmora?")
    record = to_json(answer)
    assert record["verdict"]["kind"] == "disputed"
    assert from_json(record) == answer
    del record["verdict"]
    assert from_json(record) == replace(answer, verdict=None)


def test_what_was_said_before_the_newest_report_is_shown_with_its_day(judged: NewsQA) -> None:
    answer = judged.ask("Were any miners killed in the Karst mine?")
    assert answer.statements[-1].text.startswith("Before: Ostland Wire, 2 February 2024: ")
    assert "none was killed" in answer.statements[-1].text
    cited = answer.statements[-1].citations[0]
    assert any(e.number == cited.number and e.span.covers(cited.span) for e in answer.evidence)


def test_two_who_are_asked_about_together_are_set_side_by_side(qa: NewsQA) -> None:
    answer = qa.ask("How did police and the organisers differ on the march in Velmora?")
    found = ruling(answer)
    assert found.kind == "disputed"
    assert found.text.startswith("Side by side: About 4,000 people marched")
    assert "15,000" in found.text


def test_a_course_of_events_begins_with_the_first_one_and_has_both_dates(qa: NewsQA) -> None:
    answer = qa.ask("What happened when with the satellite Lyra?")
    assert [(e.when, e.dating) for e in answer.timeline] == [
        (date(2023, 5, 1), "month"),
        (date(2024, 8, 19), "day"),
    ]
    assert [e.reported for e in answer.timeline] == [date(2023, 6, 1), date(2024, 8, 20)]
    assert ruling(answer).text == "In order of time: 2 events, from May 2023 to 19 August 2024"
