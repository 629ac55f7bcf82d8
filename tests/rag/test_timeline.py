"""A course of events: which sentences are its steps, and the day of each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from rag.answer.told.timeline import asked_period, steps, timeline, when
from rag.question.query import read
from rag.search.candidates import Candidate
from tests.rag.making import make, sentences_of

PUBLISHED = date(2024, 4, 5)


def told(
    text: str, published: date | None = PUBLISHED, title: str = "Harbour", **given: float
) -> list[Candidate]:
    """The sentences of one article as candidates, all alike near to the topic."""
    made = make(f"{title} {published} {text}", text, title=title, published=published)
    alike = {"words": 0.5, "around": 0.5, "form": 0.0, "meaning": 0.5}
    return sentences_of(made, **(alike | given))


@pytest.mark.parametrize(
    ("sentence", "day", "dating"),
    [
        ("The mayor resigned last week.", PUBLISHED, "reported"),
        ("The mayor resigned two weeks ago.", PUBLISHED, "reported"),
        ("The mayor resigned on Tuesday.", date(2024, 4, 2), "day"),
        ("The mayor resigned on March 3.", date(2024, 3, 3), "day"),
        ("The mayor was elected in March 2021.", date(2021, 3, 1), "month"),
        ("The mayor has 12 advisers.", PUBLISHED, "reported"),
        ("The mayor was born in 1961.", date(1961, 1, 1), "year"),
        ("The dam is safe, the owner said on Tuesday.", date(2024, 4, 2), "reported"),
        ("It was the first resignation since March 2021.", PUBLISHED, "reported"),
        ("Sales are a point lower than in early March.", PUBLISHED, "reported"),
        ("Growth fell short of the 2 percent projected in March.", PUBLISHED, "reported"),
        ("The Orla, which sank on March 26, was raised on April 2.", date(2024, 4, 2), "day"),
        ("The quake of February 6 has killed 400 people.", PUBLISHED, "reported"),
        ("Monday's quake has killed 400 people.", PUBLISHED, "reported"),
        ("By the end of April the port will open.", PUBLISHED, "reported"),
        ("The port will open on May 9.", PUBLISHED, "reported"),
        ("PORT CLARE (Continental Wire) — The mayor resigned on Tuesday.", date(2024, 4, 2), "day"),
    ],
)
def test_a_step_has_the_day_that_its_sentence_tells_of(sentence, day, dating) -> None:
    assert when(told(sentence)[0]) == (day, dating)


def test_a_month_is_no_day_and_a_report_says_that_it_is_one() -> None:
    text = (
        "The mayor resigned on Tuesday. The mayor was elected in March 2021. The mayor has a cat."
    )
    _, events, statements = timeline(read("Timeline of the mayor"), told(text))
    assert [s.text for s in statements] == [
        "March 2021: The mayor was elected in March 2021.",
        "2 April 2024: The mayor resigned on Tuesday.",
        "reported 5 April 2024: The mayor has a cat.",
    ]
    assert [e.dating for e in events] == ["month", "day", "reported"]


@pytest.mark.parametrize(
    ("sentence", "told_as"),
    [
        ("New York CNN Business — Orla fell.", "Orla fell."),
        ("San Francisco/London (CNN Business) Orla fell.", "Orla fell."),
        ("(CNN) Orla fell.", "Orla fell."),
        ("WASHINGTON − Orla fell.", "Orla fell."),
        ("BENGALURU, India (Continental Wire) — Orla fell.", "Orla fell."),
        ("Elon Musk — the owner — fell.", "Elon Musk — the owner — fell."),
        ("NATO — the alliance — fell.", "NATO — the alliance — fell."),
        ("Associated Press (AP) Reporters fell.", "Associated Press (AP) Reporters fell."),
        ("The bank (AP) fell.", "The bank (AP) fell."),
    ],
)
def test_a_step_is_told_without_the_place_and_agency(sentence, told_as) -> None:
    _, [event], _ = timeline(read("Timeline of Orla"), told(sentence))
    assert event.text == told_as


def test_what_opens_an_article_comes_before_its_background() -> None:
    text = "The port of Varrow burned down. Nine cranes stand in Varrow, seven of them old."
    lead, background = told(text, words=0.2, around=0.2, meaning=0.4)
    nearer = replace(background, words=0.3)
    found = steps("The fire of Varrow", [nearer, lead])
    assert [s.candidate.position for s in found] == [0, 1]


def test_a_series_that_reads_alike_is_told_whole_and_a_copy_once() -> None:
    ranked = [
        *told("The bank raised its rate to 2 percent on Tuesday.", date(2024, 4, 5)),
        *told("The bank raised its rate to 3 percent on Tuesday.", date(2024, 7, 5)),
        *told("The bank raised its rate to 3 percent on Tuesday.", date(2024, 7, 6), "Copy"),
    ]
    assert len(steps("The bank", ranked)) == 2


def test_articles_without_the_names_of_the_topic_tell_nothing_of_it() -> None:
    ranked = [
        *told("The port of Varrow burned down on Tuesday."),
        *told("The port of Port Clare opened on Wednesday.", words=0.9, around=0.9),
    ]
    assert [s.candidate.text for s in steps("Chronology of the port of Varrow", ranked)] == [
        "The port of Varrow burned down on Tuesday."
    ]


@pytest.mark.parametrize(
    ("question", "period"),
    [
        ("Landing attempts of August 2023 in order", (date(2023, 8, 1), date(2023, 8, 31))),
        ("The rate from March 2022 to May 2023", (date(2022, 3, 1), date(2023, 5, 31))),
        ("Deaths day by day after the February 2023 quake", None),
        ("Chronology of the port", None),
        ("How the forecast for the end of 2022 changed", None),
        ("Timeline of the inquiry into the crash of 3 March 2021", None),
    ],
)
def test_a_period_in_the_question_bounds_the_course_only_where_it_says_so(question, period) -> None:
    assert asked_period(read(question)) == period


def test_steps_outside_of_the_period_are_left_out() -> None:
    text = "The mayor resigned on Tuesday. The mayor was elected in March 2021."
    query = read("The career of the mayor in March 2021, in order")
    _, events, _ = timeline(query, told(text))
    assert [e.when for e in events] == [date(2021, 3, 1)]


def test_a_period_of_which_nothing_is_told_does_not_empty_the_course() -> None:
    query = read("The career of the mayor in March 1990, in order")
    _, events, _ = timeline(query, told("The mayor resigned on Tuesday."))
    assert [e.when for e in events] == [date(2024, 4, 2)]


def test_a_topic_of_which_no_article_speaks_has_no_course() -> None:
    assert (
        steps("What happened with Varrow Valley Bank", told("The mayor resigned on Tuesday.")) == []
    )


def test_articles_without_a_date_are_told_of_at_the_end_each_once() -> None:
    ranked = [
        candidate
        for text in ("The storm broke dams.", "A storm sank ships.", "One storm felled trees.")
        for candidate in told(text, None)
    ]
    assert len(steps("The storm", ranked)) == 3


def test_what_is_nearest_but_off_the_topic_does_not_set_the_measure() -> None:
    ranked = [
        *told("The port of Port Clare opened again.", words=1.0, around=1.0, meaning=1.0),
        *told("The port of Varrow burned down.", words=0.1, around=0.1, meaning=0.2),
    ]
    assert len(steps("The port of Varrow", ranked)) == 1


def test_a_step_names_the_topic_itself_or_in_its_title_or_right_before_it() -> None:
    far = " Rain fell on the hills and on the fields of the plain. " * 6
    sweden = told(
        f"Sweden joined NATO on Tuesday.{far}Denmark had joined NATO long ago.",
        title="Sweden gets in",
    )
    finland = told(
        f"Finland joined NATO on Monday. Sweden still waits.{far}Its flag was raised on Monday.",
        title="Finland gets in",
    )
    found = [c for c in (*sweden, *finland) if "Rain" not in c.text]
    chosen = steps("Chronology of Sweden's way into NATO", found)
    texts = {s.candidate.text for s in chosen}
    assert "Sweden joined NATO on Tuesday." in texts
    assert "Denmark had joined NATO long ago." in texts
    assert "Sweden still waits." in texts
    assert not texts & {"Finland joined NATO on Monday.", "Its flag was raised on Monday."}


def test_a_step_is_not_far_less_like_the_topic_than_the_best() -> None:
    near = told("The mayor resigned on Tuesday.", meaning=0.6)
    far = told("The mayor was seen on March 3.", meaning=0.3)
    chosen = steps("Timeline of the mayor's resignation", [*near, *far])
    assert [s.candidate.text for s in chosen] == ["The mayor resigned on Tuesday."]


def test_an_event_of_an_article_without_a_date_takes_the_weekday_of_a_dated_report() -> None:
    undated = make(
        "undated",
        "The boat Merle, 12 metres long, lost contact with the harbour of Orm an hour into its trip"
        " on Sunday.",
    )
    dated = make(
        "dated",
        "A buoy in the bay heard a loud bang on Sunday, about when contact with the Merle was lost,"
        " an officer told the press in Lund. The boat Merle"
        " was crushed, the guard said on Thursday.",
        published=date(2023, 6, 23),
    )
    found = [c for a in (undated, dated) for c in sentences_of(a, meaning=1.0)]
    _, events, _ = timeline(read("What happened when with the boat Merle?"), found)
    [lost] = [e for e in events if e.text.startswith("The boat Merle, 12 metres")]
    assert (lost.when, lost.dating) == (date(2023, 6, 18), "day")
    assert (events[-1].when, events[-1].dating) == (date(2023, 6, 22), "reported")


def test_a_report_of_a_plan_is_no_bound_for_what_a_later_article_without_a_date_tells() -> None:
    plan = make(
        "plan",
        "The county hopes to open the whole channel of Orm to ships by the end of May, an engineer"
        " said.",
        published=date(2024, 4, 5),
    )
    done = make(
        "done",
        "The main channel of Orm is open to ships in its whole width, the county said on Monday, 11"
        " weeks after the fall of the crane. Its walls had been measured on May 20.",
    )
    found = [*sentences_of(done, meaning=1.0)[:1], *sentences_of(plan, meaning=0.4)]
    _, [opened], _ = timeline(read("What happened when with the channel of Orm?"), found)
    assert (opened.when, opened.dating) == (None, "reported")


def test_an_event_has_two_dates_when_it_happened_and_when_it_was_reported() -> None:
    made = make("one", "The mill of Orm burned on Tuesday.", published=date(2024, 4, 5))
    found = sentences_of(made, meaning=1.0)
    _, events, _ = timeline(read("Timeline of the mill of Orm"), found)
    assert (events[0].when, events[0].reported) == (date(2024, 4, 2), date(2024, 4, 5))
