"""Do the sources agree? Small articles, read without any model."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from rag.answer.differ.disagree import conflicts, equal
from rag.answer.differ.figures import Value, figures
from rag.answer.differ.readings import CHANGED, REASON, settle, shown, told
from rag.answer.differ.window import window
from rag.archive.archive import Archive
from rag.archive.rows import digest_of
from rag.ingest.chunk import chunk
from rag.language.sentences import split
from rag.language.when import dates
from rag.question.asked import asked
from rag.question.query import read
from rag.search.candidates import Candidate
from rag.settings import AnswerSettings, ChunkSettings
from rag.types import Answer, Article, Evidence, Source, Span, Statement, Verdict, day
from tests.rag.making import sentences_of

DAY, MAY = date(2024, 5, 2), date(2024, 5, 12)
FIRE = "How many people died in the Lisbon hotel fire?"


def article(name: str, text: str, published: date | datetime | None = None) -> Article:
    return Article(
        id=name,
        digest=digest_of(text),
        text=text,
        publisher=f"The {name}",
        published=published,
    )


def candidates(*articles: Article, clusters: dict[str, str] | None = None) -> list[Candidate]:
    """Every sentence of the articles, as if search had found them all equally good."""
    known = clusters or {}
    return [c for a in articles for c in sentences_of(a, known.get(a.id, ""))]


def differing(question: str, *articles: Article, clusters: dict[str, str] | None = None):
    """What the articles disagree on: for each conflict its kind and its values."""
    query = read(question)
    found = conflicts(query, candidates(*articles, clusters=clusters))
    return [(c.kind, [r.value for r in c.readings]) for c in found]


def test_different_counts_of_one_day_are_a_conflict() -> None:
    one = article("one", "The Lisbon hotel fire killed 14 people.", date(2024, 5, 2))
    two = article("two", "The hotel fire in Lisbon killed 19 people.", date(2024, 5, 2))
    assert differing(FIRE, one, two) == [("conflict", ["14", "19"])]


def test_articles_without_a_date_that_differ_are_a_conflict() -> None:
    one = article("one", "The Lisbon hotel fire killed 14 people.")
    two = article("two", "The hotel fire in Lisbon killed 19 people.")
    assert differing(FIRE, one, two) == [("conflict", ["14", "19"])]


def test_a_toll_that_rises_over_days_has_changed_and_is_told_in_order() -> None:
    late = article("late", "The Lisbon hotel fire has killed 22 people.", date(2024, 5, 4))
    soon = article("soon", "The Lisbon hotel fire killed at least 14 people.", date(2024, 5, 2))
    assert differing(FIRE, late, soon) == [("changed over time", ["at least 14", "22"])]


def test_a_rising_toll_on_which_the_last_day_disagrees_is_both() -> None:
    found = differing(
        FIRE,
        article("one", "The Lisbon hotel fire killed 14 people.", date(2024, 5, 2)),
        article("two", "The Lisbon hotel fire killed 22 people.", date(2024, 5, 4)),
        article("three", "The Lisbon hotel fire killed 27 people.", date(2024, 5, 4)),
    )
    assert found == [("changed over time", ["14", "22", "27"]), ("conflict", ["22", "27"])]


def test_copies_of_one_wire_story_are_one_source() -> None:
    text = "The Lisbon hotel fire killed 14 people. The Lisbon fire killed 19 people, he said."
    one = article("one", text, date(2024, 5, 2))
    two = article("two", text, date(2024, 5, 3))
    assert differing(FIRE, one, two, clusters={"two": "one"}) == []
    assert differing(FIRE, one) == []


def test_copies_are_cited_beside_each_other_in_one_reading() -> None:
    wire = "The Lisbon hotel fire killed 14 people."
    one, two = article("one", wire, date(2024, 5, 2)), article("two", wire, date(2024, 5, 2))
    other = article("other", "The Lisbon hotel fire killed 19 people.", date(2024, 5, 2))
    query = read(FIRE)
    ranked = candidates(one, two, other, clusters={"two": "one"})
    [conflict] = conflicts(query, ranked)
    assert [c.source.article_id for c in conflict.readings[0].citations] == ["one", "two"]
    for reading in conflict.readings:
        for citation in reading.citations:
            text = {a.id: a for a in (one, two, other)}[citation.source.article_id].text
            assert citation.span.of(text) == citation.quote


def test_up_to_300_and_300_are_estimates() -> None:
    one = article("one", "The firm Veltora will cut up to 300 jobs.", date(2024, 5, 2))
    two = article("two", "The firm Veltora will cut 300 jobs.", date(2024, 5, 2))
    found = differing("How many jobs will Veltora cut?", one, two)
    assert found == [("estimate", ["up to 300", "300"])]


def test_a_lower_bound_that_leaves_room_for_the_other_value_is_an_estimate() -> None:
    one = article("one", "The Lisbon hotel fire killed more than 10 people.", date(2024, 5, 2))
    two = article("two", "The Lisbon hotel fire killed 19 people.", date(2024, 5, 2))
    assert differing(FIRE, one, two) == [("estimate", ["at least 10", "19"])]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("1.2 million", "1,200,000"),
        ("14", "fourteen"),
        ("almost 3,700", "3,688"),
    ],
)
def test_one_value_written_in_two_ways_is_no_disagreement(first, second) -> None:
    one = article("one", f"The strike of Lisbon dockers cost {first} workers a day's pay.")
    two = article("two", f"The strike of Lisbon dockers cost {second} workers a day's pay.")
    assert differing("How many workers did the Lisbon strike cost pay?", one, two) == []


def test_turkey_alone_is_another_scope_than_turkey_and_syria() -> None:
    alone = article("alone", "The earthquake killed 35,418 people in Turkey.", date(2023, 2, 14))
    both = article("both", "The earthquake killed 41,232 people in Turkey and Syria.")
    found = differing("How many people did the earthquake kill?", alone, both)
    assert [(kind, set(values)) for kind, values in found] == [
        ("different scope", {"35,418", "41,232"})
    ]


def test_a_question_for_one_country_is_not_answered_by_the_sum_of_two() -> None:
    alone = article("alone", "The earthquake killed 35,418 people in Turkey.", date(2023, 2, 14))
    both = article("both", "The earthquake killed 41,232 people in Turkey and Syria.")
    assert differing("How many people did the earthquake kill in Turkey?", alone, both) == []


def test_figures_of_different_years_do_not_contradict_each_other() -> None:
    one = article("one", "In 2022 the carmaker Orvane sold 410,000 cars.", date(2024, 1, 9))
    two = article("two", "In 2023 the carmaker Orvane sold 520,000 cars.", date(2024, 1, 9))
    assert differing("How many cars did Orvane sell in 2023?", one, two) == []


def test_numbers_of_different_things_do_not_contradict_each_other() -> None:
    one = article("one", "The Lisbon hotel fire killed 14 people.", date(2024, 5, 2))
    two = article("two", "The Lisbon hotel fire destroyed 60 rooms.", date(2024, 5, 2))
    assert differing(FIRE, one, two) == []


def test_the_killed_and_the_injured_are_not_compared() -> None:
    one = article("one", "The Lisbon hotel fire killed 14 people.", date(2024, 5, 2))
    two = article("two", "The Lisbon hotel fire injured 31 people.", date(2024, 5, 2))
    assert differing(FIRE, one, two) == []


def test_the_same_thing_of_another_name_is_not_compared() -> None:
    one = article("one", "The Lisbon hotel fire killed 14 people.", date(2024, 5, 2))
    two = article("two", "A hotel fire in Madrid killed 3 people.", date(2024, 5, 2))
    assert differing(FIRE, one, two) == []


def test_a_value_told_as_an_earlier_one_is_no_other_reading() -> None:
    one = article("one", "The policy rate of Norland is now 4 percent.", date(2024, 5, 2))
    two = article(
        "two", "The policy rate of Norland is 4 percent, previously 6 percent.", date(2024, 5, 2)
    )
    assert differing("What is the policy rate of Norland?", one, two) == []


def test_a_rate_that_was_moved_has_changed() -> None:
    one = article("one", "The policy rate of Norland is now 4.75 to 5 percent.", date(2024, 5, 2))
    two = article(
        "two", "The policy rate of Norland is between 4 and 4.25 percent.", date(2024, 9, 2)
    )
    found = differing("What is the policy rate of Norland?", one, two)
    assert found == [("changed over time", ["4.75 to 5 percent", "between 4 and 4.25 percent"])]


def test_a_day_that_was_put_off_has_changed() -> None:
    one = article("one", "Artemis II is now planned for September 2025.", date(2024, 1, 9))
    two = article(
        "two",
        "Artemis II will launch no earlier than April 2026, and Artemis III will follow in 2027.",
        date(2024, 12, 5),
    )
    found = differing("When will Artemis II launch?", one, two)
    assert found == [("changed over time", ["September 2025", "no earlier than April 2026"])]


def test_different_days_for_one_past_event_are_a_conflict() -> None:
    one = article("one", "The Kessel bridge opened on May 3, 1977.", date(2024, 5, 2))
    two = article("two", "The Kessel bridge opened on June 9, 1978.", date(2024, 6, 2))
    found = differing("When did the Kessel bridge open?", one, two)
    assert found == [("conflict", ["May 3, 1977", "June 9, 1978"])]


def test_the_vote_of_another_country_is_no_other_reading_of_this_one() -> None:
    hungary = article(
        "one", "Hungarian lawmakers approved Sweden's bid by 188 votes to 6.", date(2024, 2, 26)
    )
    turkey = article(
        "two",
        "Hungary and Turkey held up Sweden. Turkey's parliament approved it by 287 votes to 55.",
        date(2024, 3, 7),
    )
    again = article(
        "three", "Hungarian lawmakers approved Sweden's bid by 180 votes to 9.", date(2024, 3, 8)
    )
    question = "By how many votes did Hungarian lawmakers approve Sweden's bid?"
    assert differing(question, hungary, turkey) == []
    [(_, values)] = differing(question, hungary, again)
    assert [v.split()[0] for v in values] == ["188", "180"]


def test_whose_strike_it_was_hides_no_disagreement() -> None:
    one = article(
        "one", "Russia's strike on Kharkiv killed 12 people. Ukraine mourns.", date(2024, 5, 2)
    )
    two = article("two", "The strike on Kharkiv in Ukraine killed 15 people.", date(2024, 5, 2))
    [(_, values)] = differing(
        "How many people did the strike on Kharkiv in Ukraine kill?", one, two
    )
    assert [v.split()[0] for v in values] == ["12", "15"]


def test_a_weekday_and_the_date_it_fell_on_are_one_day() -> None:
    one = article("one", "The Kessel bridge opened on Tuesday.", date(2024, 5, 1))
    two = article("two", "The Kessel bridge opened on April 30.", date(2024, 5, 6))
    assert differing("When did the Kessel bridge open?", one, two) == []


@pytest.mark.parametrize(
    "question",
    [
        "Who led the search when the ship sank?",
        "Why did prices rise?",
        "At what time did the lander touch down?",
        "How many trucks came on February 9 and on February 14?",
    ],
)
def test_questions_for_no_single_value_are_left_alone(question) -> None:
    assert asked(read(question)) is None


def test_a_value_is_compared_with_its_own_words_only() -> None:
    text = "Ukraine fired eight missiles and Russia shot down only two of them."
    eight, two = Span(start=14, end=19), Span(start=56, end=59)
    assert eight.of(text) == "eight"
    assert window(text, eight, [Span(start=text.index("two"), end=text.index("two") + 3)]) == (
        "Ukraine fired eight missiles"
    )
    assert "missiles" not in window(text, Span(start=text.index("two"), end=two.end), [eight])


def test_an_aside_is_stepped_over_to_the_subject() -> None:
    text = "Artemis II, which was to fly in November, is now planned for May 2025."
    may, november = text.index("May"), text.index("November")
    near = window(text, Span(start=may, end=may + 8), [Span(start=november, end=november + 8)])
    assert "Artemis II" in near
    assert "November" not in near


def test_a_rounded_value_equals_the_exact_one() -> None:
    exact = Value(text="3,688", kind="count", unit="", low=3688, high=3688)
    assert equal(exact, Value(text="x", kind="count", unit="", low=3700, high=3700, bound="about"))
    assert not equal(exact, Value(text="x", kind="count", unit="", low=3700, high=3700))


def test_the_cost_of_a_part_or_a_year_is_not_the_whole_cost() -> None:
    one = article("one", "It costs $310,605 to raise a child to 17.", date(2024, 5, 2))
    two = article("two", "It costs $14,000 per year to raise a child to 17.", date(2024, 5, 2))
    assert differing("How much does it cost to raise a child?", one, two) == []


def test_any_day_to_come_is_not_the_day_of_an_event_without_a_name() -> None:
    one = article("one", "The state will open vaccine clinics on May 1, 2024.", date(2024, 3, 1))
    two = article("two", "The vaccine centre is due to close in July 2024.", date(2024, 3, 9))
    assert differing("When will the new vaccine be released?", one, two) == []


def test_the_middle_of_a_year_is_a_date() -> None:
    assert [w.year for w in dates("The landing will follow in mid-2027.")] == [2027]


SOON = article("soon", "The Lisbon hotel fire killed at least 14 people.", date(2024, 5, 2))
LATE = article(
    "late",
    "The Lisbon hotel fire has killed 22 people.",
    datetime(2024, 5, 4, 9, 30, tzinfo=UTC),
)
RIVAL = article("rival", "The Lisbon hotel fire killed 19 people.", date(2024, 5, 2))


@pytest.fixture
def archive(tmp_path):
    with Archive.create(tmp_path / "archive") as made:
        for one in (SOON, LATE, RIVAL):
            made.put(one, chunk(one, ChunkSettings()), split(one.text))
        yield made


def answer(source: Article, **changes) -> Answer:
    span = Span(start=0, end=len(source.text))
    label = Source(
        article_id=source.id,
        title=None,
        publisher=source.publisher,
        published=source.published,
    )
    evidence = Evidence(number=1, source=label, span=span, text=source.text, sentences=(span,))
    said = Statement(
        text=source.text, citations=(), verdict=Verdict(support="supported", score=1.0)
    )
    made = {"outcome": "answered", "reason": "", "statements": (said,), "evidence": (evidence,)}
    return Answer(question=FIRE, **(made | changes))


def settled(first: Answer, archive: Archive, *articles: Article, style: str = "normal") -> Answer:
    ranked = candidates(*(archive.article(a.id) for a in articles))
    return settle(first, read(FIRE), [ranked], AnswerSettings(style=style))


def test_an_older_value_is_followed_by_the_latest_in_its_sources_words(archive) -> None:
    told_now = settled(answer(SOON), archive, SOON, LATE)
    assert [s.text for s in told_now.statements] == [
        SOON.text,
        "The late, 4 May 2024: The Lisbon hotel fire has killed 22 people.",
    ]
    assert (told_now.outcome, told_now.reason) == ("answered", CHANGED)


def test_the_latest_value_is_left_as_it_is(archive) -> None:
    assert len(settled(answer(LATE), archive, SOON, LATE).statements) == 1


def test_every_other_reading_of_a_conflict_is_added_and_cited_to_evidence(archive) -> None:
    exact = article("exact", "The Lisbon hotel fire killed 14 people.", date(2024, 5, 2))
    archive.put(exact, chunk(exact, ChunkSettings()), split(exact.text))
    both = settled(answer(exact), archive, exact, RIVAL)
    assert both.reason == REASON
    assert both.statements[1].text == f"The rival, 2 May 2024: {RIVAL.text}"
    assert [e.source.article_id for e in both.evidence] == ["exact", "rival"]
    pieces = {e.number: e for e in both.evidence}
    for conflict in both.conflicts:
        for reading in conflict.readings:
            for citation in reading.citations:
                assert pieces[citation.number].quote(citation.span) == citation.quote


def test_a_short_answer_is_added_to_only_where_sources_contradict_each_other(archive) -> None:
    changed = settled(answer(SOON), archive, SOON, LATE, style="short")
    assert changed.conflicts
    assert len(changed.statements) == 1


def test_a_declined_answer_shows_no_readings(archive) -> None:
    declined = answer(SOON, outcome="declined", statements=(), evidence=())
    assert settled(declined, archive, SOON, LATE) == declined


def test_a_question_about_a_past_day_is_not_answered_by_a_later_value() -> None:
    query = read("How many people had died in the Lisbon hotel fire on 2 May 2024?")
    found = conflicts(query, candidates(SOON, LATE, RIVAL))
    days = {day(c.source.published) for f in found for r in f.readings for c in r.citations}
    assert date(2024, 5, 2) in days
    numbered, evidence = shown(found, ())
    assert [e.number for e in evidence] == list(range(1, len(evidence) + 1))
    late = [s for s in told(query, numbered, (), short=False) if "22" in s.text]
    assert late == []


def test_a_day_on_which_it_was_only_asked_for_is_no_other_day_of_it() -> None:
    asked_for = article(
        "Post", "Norland formally asked to join the League on May 18, 2022.", date(2022, 5, 18)
    )
    done = article("Herald", "Norland joined the League on April 4, 2023.", date(2023, 4, 4))
    assert not differing("When did Norland join the League?", asked_for, done)
    went_on = article(
        "Times", "Norland went on to join the League on May 6, 2023.", date(2023, 5, 9)
    )
    assert differing("When did Norland join the League?", went_on, done)


def rated_by(logits: dict[str, float], *articles: Article) -> list[Candidate]:
    """Every sentence with what a cross-encoder would make of it, by the name of its article."""
    return [
        replace(c, logit=logits[c.article.id], reads=lambda text: 8.0 if "march" in text else -9.0)
        for c in candidates(*articles)
    ]


def test_a_count_of_the_very_thing_in_a_sentence_that_answers_is_compared() -> None:
    asks = read("How many welders joined the march for shorter hours?")
    one = article("one", "The guild counted 700 welders in the march for shorter hours.", DAY)
    two = article("two", "About 200 welders walked to the port to ask for shorter hours.", DAY)
    [found] = conflicts(asks, rated_by({"one": 8.0, "two": 6.5}, one, two))
    assert {r.value for r in found.readings} == {"700", "about 200"}


def test_the_day_of_something_far_less_alike_is_no_second_day() -> None:
    asks = read("When was the stolen altar of Brune found?")
    one = article("one", "The stolen altar of Brune was found on Tuesday.", date(2024, 5, 2))
    two = article(
        "two", "The thieves of the altar of Brune were found on Friday.", date(2024, 5, 12)
    )
    assert len(conflicts(asks, rated_by({"one": 8.0, "two": 7.0}, one, two))) == 1
    assert conflicts(asks, rated_by({"one": 8.0, "two": 4.0}, one, two)) == ()


def test_one_of_two_who_were_saved_is_no_second_toll() -> None:
    one = article("one", "Two miners died in the Corby mine fire.", DAY)
    text = "One of the four miners saved from the Corby mine died, which makes the dead three."
    two = article("two", text, MAY)
    found = differing("How many miners died in the Corby mine?", one, two)
    assert all("four" not in values for _, values in found)


def test_a_day_on_which_something_else_was_done_is_no_other_day_of_a_deed() -> None:
    one = article("one", "Nurses in Corby began a strike on Monday.", date(2024, 9, 3))
    two = article("two", "Nurses in Corby ended their strike on Thursday.", date(2024, 9, 20))
    assert differing("When did the strike of nurses in Corby end?", one, two) == []


def test_a_rate_of_something_else_is_no_value() -> None:
    one = article("one", "Corby's central bank cut the key rate to 4 percent.", DAY)
    query = read("What is the unemployment rate in Corby?")
    wanted = asked(query)
    assert wanted is not None
    assert figures(wanted, candidates(one)) == []
    wanted = asked(read("What is the key interest rate in Corby?"))
    assert wanted is not None
    assert [f.value.text for f in figures(wanted, candidates(one))] == ["4 percent"]
