"""The sample archive and its cases: what is asked must be in, or truly missing from, the articles.

The quotes are looked up in the texts as ingestion would store them: read by `rag.ingest.sources`,
cleaned by `rag.ingest.clean`.
"""

import json
import re
from collections import Counter
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pytest

from eval.answers import any_of, normalise
from eval.cases import load
from rag.ingest.clean import clean
from rag.ingest.sources.reading import Draft, find, read
from rag.language.sentences import split

ROOT = Path(__file__).parents[2] / "eval"
CASES = ROOT / "cases" / "sample.jsonl"
SAMPLE = ROOT / "sample"
MAIN_KINDS = (
    "single",
    "attribution",
    "two_articles",
    "before_after",
    "changed",
    "disagree",
    "timeline",
    "as_of",
)
STORIES = {
    "ukraine-weapons",
    "fed-rates",
    "artemis",
    "moon-landers",
    "titan",
    "earthquake",
    "nordic-nato",
    "key-bridge",
}


def rows():
    return [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]


@cache
def drafts():
    found = {}
    for path in find([SAMPLE]):
        for draft in read(path):
            assert isinstance(draft, Draft), draft
            found[draft.key or path.name] = draft
    return found


@cache
def text_of(name):
    return clean(drafts()[name].text)


def quotes(row):
    return [(item["article"], item["quote"]) for item in row["evidence"]]


def label(row):
    return row["id"]


def day(moment):
    return moment.date() if isinstance(moment, datetime) else moment


def test_the_cases_are_well_formed_and_their_ids_are_unique():
    assert len(load(CASES)) == len(rows()) >= 110


def test_every_kind_is_known_and_well_represented():
    kinds = Counter(row["kind"] for row in rows())
    assert set(kinds) == {*MAIN_KINDS, "unanswerable"}
    assert all(kinds[kind] >= 12 for kind in MAIN_KINDS), kinds
    assert kinds["unanswerable"] >= 30


def test_no_two_cases_ask_the_same_question_of_the_same_day():
    asked = [(" ".join(normalise(row["question"])), row.get("as_of")) for row in rows()]
    assert [one for one, times in Counter(asked).items() if times > 1] == []


def test_every_story_of_a_case_is_one_of_the_archive():
    assert {row["cluster"] for row in rows() if "cluster" in row} == STORIES


@pytest.mark.parametrize("row", rows(), ids=label)
def test_a_case_is_either_answerable_with_evidence_or_marked_unanswerable(row):
    accepted = [*row["answers"], *row.get("answers_all", [])]
    if row["unanswerable"]:
        assert not accepted
        assert not row["evidence"]
    else:
        assert accepted
        assert row["evidence"]
    assert row["unanswerable"] == (row["kind"] == "unanswerable")


@pytest.mark.parametrize("row", rows(), ids=label)
def test_every_quote_is_whole_sentences_of_the_article_that_it_names(row):
    for name, quote in quotes(row):
        text = text_of(name)
        assert quote in text, f"{name} does not hold {quote!r}"
        start = text.index(quote)
        spans = [span for span in split(text) if start <= span.start < start + len(quote)]
        assert spans, f"{quote!r} begins inside a sentence of {name}"
        assert (spans[0].start, spans[-1].end) == (start, start + len(quote))


@pytest.mark.parametrize("row", rows(), ids=label)
def test_the_answer_to_a_question_for_a_fact_stands_in_a_quote(row):
    if row["kind"] not in {"single", "attribution"}:
        return
    joined = "\n".join(quote for _, quote in quotes(row))
    for group in [row["answers"], *row.get("answers_all", [])]:
        assert not group or any_of(joined, group)


@pytest.mark.parametrize("row", rows(), ids=label)
def test_evidence_parts_count_from_one_without_gaps(row):
    parts = [item.get("part") for item in row["evidence"]]
    if len(parts) < 2:
        assert parts in ([], [None])
    else:
        assert sorted(set(parts)) == list(range(1, max(parts) + 1))


@pytest.mark.parametrize("row", [row for row in rows() if "as_of" in row], ids=label)
def test_the_evidence_for_a_day_was_published_by_that_day(row):
    limit = date.fromisoformat(row["as_of"])
    for name, _ in quotes(row):
        published = drafts()[name].published
        assert published is not None
        assert day(published) <= limit


def test_every_article_is_evidence_for_some_case():
    used = {name for row in rows() for name, _ in quotes(row)}
    assert used == set(drafts())


def test_the_archive_holds_36_articles_and_the_plain_texts_are_undated():
    assert len(drafts()) == 36
    undated = {name for name, draft in drafts().items() if draft.published is None}
    assert undated == {path.name for path in SAMPLE.glob("*.txt")}


def test_every_article_but_the_plain_texts_names_its_outlet_and_author():
    for name, draft in drafts().items():
        if not name.endswith(".txt"):
            assert draft.publisher, name
            assert draft.authors, name


def test_every_article_is_short():
    for name in drafts():
        assert 120 <= len(text_of(name).split()) <= 350, name


def test_no_boilerplate_survives_cleaning():
    waste = re.compile(
        r"click here|read more here|leave a reply|required fields|cookies|newsletter|"
        r"all rights reserved|subscribe|log in|you may also like|related stories|most read",
        re.IGNORECASE,
    )
    for name in drafts():
        assert not waste.search(text_of(name)), name


def test_the_reprint_has_the_words_of_the_page_that_it_repeats():
    assert text_of("cl-20230623-titan") == text_of("titan-implosion-2023-06-22.html")


def test_the_two_prints_of_the_wire_story_differ_a_little():
    one, two = (text_of(name) for name in ("nt-20230823-chandrayaan", "hl-20230823-chandrayaan"))
    assert one != two
    shared = set(one.split("\n\n")) & set(two.split("\n\n"))
    assert len(shared) >= 4


def test_the_corrected_page_states_when_it_was_updated():
    draft = drafts()["key-bridge-2024-03-26.html"]
    assert day(draft.published) == date(2024, 3, 26)
    assert day(draft.updated) == date(2024, 3, 27)
