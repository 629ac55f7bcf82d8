"""All that an archive has of a topic, and the figures that its reports give."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest

from rag import NewsQA
from rag.answer.claims import _as_before, _what, as_csv, claim_json, claims, spoken
from rag.answer.dossier import dossier, dossier_json
from rag.language.numbers import bounded, numbers
from rag.settings import Settings
from rag.types import Filter
from tests.rag.conftest import STORES, placed
from ui import dossier as sheets
from ui.api.models.articles import ClaimsOut, DossierOut

ARTICLES = [
    {
        "id": "flood1",
        "publisher": "Valley Courier",
        "published": "2024-02-03",
        "title": "Flood in Brenn",
        "text": "BRENN — A flood of the river Orla killed 12 people in Brenn on Friday, Mayor Lena "
        "Strobl said. The repair of the Brenn bridge will cost 4 million francs.",
    },
    {
        "id": "flood2",
        "publisher": "Alpine Observer",
        "published": "2024-02-09",
        "title": "Toll of the Brenn flood rises",
        "text": "The flood of the river Orla killed 19 people in Brenn, Lena Strobl said on "
        "Thursday. The repair of the Brenn bridge will cost 6 million francs.",
    },
    {
        "id": "copy",
        "publisher": "City Herald",
        "published": "2024-02-09",
        "title": "Toll of the Brenn flood rises",
        "text": "The flood of the river Orla killed 19 people in Brenn, Lena Strobl said on "
        "Thursday. The repair of the Brenn bridge will cost 6 million francs.",
    },
    {
        "id": "other",
        "publisher": "Valley Courier",
        "published": "2024-03-01",
        "title": "Hay prices",
        "text": "Hay costs 40 francs a bale. =cmd|' /C calc'!A0 was written on a wall.",
    },
]


@pytest.fixture(scope="module", params=STORES[:2])
def qa(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NewsQA]:
    folder = tmp_path_factory.mktemp("brenn")
    with (
        pytest.MonkeyPatch.context() as patch,
        contextmanager(placed)(request.param, folder, patch) as place,
        NewsQA.open(place, chat="none", settings=Settings(archive=place)) as opened,
    ):
        assert not opened.add(ARTICLES).failed
        yield opened


def test_a_dossier_counts_and_cites_what_there_is_of_a_topic(qa: NewsQA) -> None:
    sheet = dossier("the flood in Brenn", qa)
    assert sheet.articles == 3
    assert [(f"{m:%Y-%m}", n) for m, n in sheet.months] == [("2024-02", 3)]
    assert dict(sheet.outlets) == {"Valley Courier": 1, "Alpine Observer": 1, "City Herald": 1}
    assert sheet.first is not None
    assert sheet.first.article_id == "flood1"
    assert sheet.key
    for event in sheet.key:
        text = qa.archive.article(event.citation.source.article_id).text
        assert event.citation.span.of(text) == event.citation.quote
    people = {e.name: e.articles for e in sheet.named if e.kind == "person"}
    assert people == {"Lena Strobl": 3}
    assert "What did Lena Strobl say about the flood in Brenn?" in sheet.questions


def test_only_questions_that_these_articles_answer_are_offered(qa: NewsQA) -> None:
    sheet = dossier("flood in Brenn", qa)
    assert "Summarise what happened with the flood in Brenn." in sheet.questions
    assert "Which outlet reported on the flood in Brenn first?" in sheet.questions
    assert not any(
        "Friday" in q or "Thursday" in q or q.startswith("What is") for q in sheet.questions
    )
    for question in sheet.questions:
        answer = qa.ask(question)
        assert answer.listing is not None or answer.outcome != "declined", question


def test_what_changed_among_the_sentences_is_set_side_by_side(qa: NewsQA) -> None:
    found = dossier("the Brenn bridge", qa).conflicts
    assert any(
        {"4 million francs", "6 million francs"} <= {r.value for r in c.readings} for c in found
    )


def test_what_differs_is_numbered_on_from_the_key_sentences(qa: NewsQA) -> None:
    sheet = dossier("the Brenn flood", qa)
    key = {(e.citation.source.article_id, e.citation.span): e.citation.number for e in sheet.key}
    read = [c for one in sheet.conflicts for r in one.readings for c in r.citations]
    assert read
    places = {(c.source.article_id, c.span): c.number for c in read}
    assert 0 not in places.values()
    assert len({*key.values(), *places.values()}) == len(key | places)
    assert all(places[place] == number for place, number in key.items() if place in places)


def test_a_toll_that_rises_has_changed(qa: NewsQA) -> None:
    kinds = {
        tuple(r.value for r in c.readings): c.kind for c in dossier("the Brenn flood", qa).conflicts
    }
    assert kinds[("12", "19")] == "changed over time"


def test_a_topic_that_no_article_has_is_an_empty_sheet(qa: NewsQA) -> None:
    sheet = dossier("the volcano of Atlantis", qa)
    assert (sheet.articles, sheet.key, sheet.first, sheet.named) == (0, (), None, ())


def test_a_question_for_all_on_a_topic_is_read_as_the_topic(qa: NewsQA) -> None:
    assert dossier("What do you have about Brenn?", qa).topic == "Brenn"


def test_no_figure_and_no_step_is_listed_of_what_no_article_speaks_of(qa: NewsQA) -> None:
    assert claims("xyzzy", qa) == []
    assert qa.timeline("xyzzy").timeline == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The bank raised its key rate by half a point to 4.75 percent.", ["key rate"] * 2),
        ("The average price of gas hit $5 a gallon.", ["average price of gas"]),
        ("He paused the $44 billion deal.", ["deal"]),
        ("A storm killed 12 people.", ["people"]),
        ("The number of missing people rose above 20,000.", ["number of missing people"]),
        ("They will give Lund 31 M1 tanks.", ["tanks"]),
        ("The firm farms about a fifth of Brenn.", ["Brenn"]),
        ("The rate is to reach 1.9 percent.", ["rate"]),
    ],
)
def test_a_number_is_of_what_it_counts_or_measures(text: str, told: list[str]) -> None:
    assert [_what(text, q.span, q.unit) for q in numbers(text)] == told


def test_a_number_that_leaves_out_what_it_counts_takes_it_from_the_one_before() -> None:
    text = "It adds 1,414 deaths in the south to about 4,400 in the north."
    first, second = found = numbers(text)
    assert _as_before(text, second, found) == "deaths"
    assert [bounded(text, q.span).of(text) for q in (first, second)] == ["1,414", "about 4,400"]


def test_days_that_a_value_holds_for_are_put_in_words(qa: NewsQA) -> None:
    claim = claims("people killed by the flood in Brenn", qa)[0]
    for since, until, told in (
        (date(2024, 2, 1), date(2024, 2, 1), "1 February 2024"),
        (date(2024, 2, 1), date(2024, 2, 29), "February 2024"),
        (date(2024, 1, 1), date(2024, 12, 31), "2024"),
        (date(2024, 1, 3), date(2024, 2, 5), "3 January 2024 to 5 February 2024"),
        (None, None, ""),
    ):
        assert spoken(replace(claim, since=since, until=until)) == told


def test_a_filter_and_a_day_hold_for_a_dossier(qa: NewsQA) -> None:
    only = dossier("flood in Brenn", qa, filters=Filter(publishers=("Alpine Observer",)))
    assert only.articles == 1
    assert {e.citation.source.publisher for e in only.key} <= {"Alpine Observer"}


def test_claims_say_who_what_when_and_stand_where_they_are_read(qa: NewsQA) -> None:
    found = claims("people killed by the flood in Brenn", qa)
    told = {(c.value, c.who, c.source.article_id) for c in found if c.what.startswith("people")}
    assert ("12", "Mayor Lena Strobl", "flood1") in told or ("12", "Lena Strobl", "flood1") in told
    assert any(value == "19" for value, _, _ in told)
    for claim in found:
        article = qa.archive.article(claim.source.article_id)
        assert claim.span.of(article.text) == claim.quote
        assert claim.digest == article.digest
        assert claim.value in " ".join(claim.quote.split())
    days = [claim.said for claim in found]
    assert days == sorted(days)  # type: ignore[type-var]


def test_copies_of_one_report_are_one_story(qa: NewsQA) -> None:
    stories = {
        c.story for c in claims("people killed by the flood in Brenn", qa) if c.value == "19"
    }
    assert len(stories) == 1


def test_claims_as_csv_have_a_line_of_names_and_no_formula(qa: NewsQA) -> None:
    claim = claims("people killed by the flood in Brenn", qa)[0]
    bad = replace(claim, who="=cmd()", quote="@SUM(1)\nsecond line")
    rows = list(csv.DictReader(io.StringIO(as_csv([bad]))))
    assert rows[0]["who"] == "'=cmd()"
    assert rows[0]["quote"] == "'@SUM(1)\nsecond line"
    assert rows[0]["article_id"] == claim.source.article_id


def test_the_models_of_the_api_describe_all_of_it(qa: NewsQA) -> None:
    sheet = DossierOut.model_validate(dossier_json(dossier("flood in Brenn", qa)))
    assert not sheet.model_extra
    ledger = ClaimsOut.model_validate({"items": [claim_json(c) for c in claims("flood Brenn", qa)]})
    assert ledger.items
    assert not ledger.items[0].model_extra


def test_the_sheets_of_the_page_escape_what_articles_say(qa: NewsQA) -> None:
    sheet = replace(dossier("flood in Brenn", qa), topic="<script>alert(1)</script>")
    shown = str(sheets.sheet(sheet))
    assert "<script>" not in shown
    assert 'data-open="flood1"' in shown
    claim = replace(claims("flood in Brenn", qa)[0], who="<b>", value="<img src=x>")
    assert "<img" not in str(sheets.ledger("<i>", [claim]))


def test_what_happened_is_summed_up_as_a_course_of_events(qa: NewsQA) -> None:
    answer = qa.ask("Summarise what happened with the flood in Brenn.")
    assert answer.timeline
    assert answer.extractive
    assert qa.ask("What do you have about Brenn?").listing is not None
