"""Questions about the archive and names of articles, measured as the commands measure them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from eval import holdings, naming
from rag.archive.archive import Archive
from rag.models.vocabulary import common
from rag.question.cut import Known
from rag.question.holdings import about_archive
from rag.settings import Settings
from rag.types import Article


def test_every_question_over_the_sample_is_counted_right(sample_archive: Path) -> None:
    with Archive.open(sample_archive) as archive:
        ids = {Path(a.origin).name: a.id for a in archive.articles() if a.origin}
    cases = holdings.written(Path(holdings.__file__).parent / "cases" / "archive.jsonl", ids)
    assert len(cases) == 40
    scores = holdings.over(sample_archive, Settings(), cases, "sample")
    assert [one.wrong for one in scores] == [(), ()]
    assert sum(one.right for one in scores) >= 38


def test_no_question_of_our_suites_is_taken_for_one_about_the_archive() -> None:
    known = Known(
        outlets=("Harbor Ledger", "Meridian Post"), authors=("Theo Marsh",), common=common
    )
    for name, questions in holdings.world(None):
        assert holdings.caught(questions, known) == [], name


def test_questions_made_by_rule_are_counted_as_a_plain_scan_counts_them(tmp_path: Path) -> None:
    places = ["Port Clare", "Mill Hill", "Grand Falls", "Green Point"]
    records = [
        {
            "id": f"r{n}",
            "text": f"The council of {places[n % 4]} met. Mayor Ann {'Lee' if n % 3 else 'Moss'} "
            f"spoke, and {places[(n + 1) % 4]} answered.",
            "title": f"Meeting {n}",
            "publisher": ("Valley Courier", "City Herald")[n % 2],
            "published": f"2024-0{n % 5 + 1}-11",
            "authors": [("Rita Kunz", "Jan Moser")[n % 2]],
        }
        for n in range(24)
    ]
    with Archive.create(tmp_path / "archive") as archive:
        articles: list[Article] = holdings.filled(archive, records, Settings())
    questions = holdings.made(articles)
    assert len(questions) == holdings.EACH
    scores = holdings.over(tmp_path / "archive", Settings(), questions, "made")
    assert sum(one.right for one in scores) == holdings.EACH, [one.wrong for one in scores]


def test_a_wrong_count_is_no_right_answer(sample_archive: Path) -> None:
    asked = holdings.Asked(
        question="How many articles mention Jerome Powell?", articles=frozenset(), total=99
    )
    [one] = holdings.over(sample_archive, Settings(), [asked], "wrong")
    assert one.right == 0


def test_labels_are_of_forty_articles_and_half_of_them_unread() -> None:
    labels = naming.labelled()
    assert len(labels) == 40
    assert sum(label["half"] == "unread" for label in labels) == 20


@pytest.mark.parametrize(
    ("half", "precision", "recall"), [("read", 0.9, 0.85), ("unread", 0.85, 0.75)]
)
def test_names_are_found_as_the_labels_have_them(
    half: str, precision: float, recall: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eval import suites
    from rag.ingest.run import ingest

    class Unit:
        fingerprint = "unit"

        def encode(self, texts: list[str]) -> object:
            import numpy as np

            return np.full((len(texts), 2), 2**-0.5, dtype="float32")

    settings = Settings(archive=tmp_path / "archive")
    with Archive.create(tmp_path / "archive") as archive:
        list(ingest(archive, Unit(), list(suites.time().sources), settings))
    monkeypatch.setattr("eval.corpus.prepare", lambda suite, given: settings)
    scores, _ = naming.measure(settings)
    some = [one for (which, _), one in scores.items() if which == half]
    right = sum(one.right for one in some)
    assert right / sum(one.found for one in some) >= precision
    assert right / sum(one.labelled for one in some) >= recall


def test_the_articles_of_an_archive_are_read_by_plain_sql(tmp_path: Path) -> None:
    records = [
        {"id": "a", "text": "Ann Lee spoke.", "title": "Talk", "publisher": "City Herald",
         "published": "2024-05-30", "authors": ["Rita Kunz", "Jan Moser"]},
        {"id": "b", "text": "Nobody spoke.", "title": None, "published": None},
    ]  # fmt: skip
    place = tmp_path / "archive"
    with Archive.create(place) as archive:
        holdings.filled(archive, records, Settings())
    one, other = sorted(holdings.rows(place), key=lambda a: a.id)
    assert (one.id, one.text, one.publisher) == ("a", "Ann Lee spoke.", "City Herald")
    assert one.authors == ("Rita Kunz", "Jan Moser")
    assert one.published == date(2024, 5, 30)
    assert (other.id, other.title, other.publisher, other.published) == ("b", None, None, None)


def test_of_the_fourth_set_each_kind_has_the_right_value(tmp_path: Path) -> None:
    articles = [
        Article(id=f"r{n}", digest="", text=f"Mayor Ann Lee met {n} people in Mill Hill.",
                title=f"Meeting {n}", publisher="City Herald", authors=("Rita Kunz",),
                published=date(2024, 1, n + 1))
        for n in range(9)
    ]  # fmt: skip
    asked = holdings.made(articles, "fourth")
    newest = [a for a in asked if a.question == "What came in last?"]
    whole = [a for a in asked if a.question.startswith("Between which dates")]
    signed = [a for a in asked if "Meeting" in a.question]
    assert {a.articles for a in newest} <= {frozenset(["r8"])}
    assert {a.says for a in whole} <= {("1 January 2024", "9 January 2024")}
    assert signed
    assert all(a.says == ("Rita Kunz",) for a in signed)


@pytest.mark.parametrize(
    "question",
    [
        "What came in last?",
        "What came in from 1 May 2024 through 3 June 2024?",
        "Between which dates do the articles lie?",
        "First day and last day of our holdings?",
        'Whose byline is on "Meeting of the council"?',
        "Ann Lee - which of our texts bring that up?",
        "Name every outlet with a story on Mill Hill",
        "Is Ann Lee covered by City Herald, and how often?",
        "How prolific is Rita Kunz in here?",
        "Run me through the articles dated May 2024",
        "Could you pull the pieces where Ann Lee figures?",
        "Total of articles from City Herald?",
    ],
)
def test_questions_in_words_of_other_people_mean_the_archive(question: str) -> None:
    known = Known(outlets=("City Herald",), authors=("Rita Kunz",), common=common)
    assert about_archive(question, known) is not None
