"""Leafing through an archive of the sample articles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from rag.archive.archive import Archive


@pytest.fixture(scope="module")
def archive(sample_archive: Path) -> Iterator[Archive]:
    with Archive.open(sample_archive) as opened:
        yield opened


def test_without_words_all_articles_come_newest_first_and_undated_last(archive: Archive) -> None:
    everything = archive.leaf("", limit=1000)
    assert everything.total == len(everything.sources) == archive.coverage().articles
    assert [s.article_id for s in everything.sources] == [a.id for a in archive.articles()]


def test_pages_follow_each_other_without_gap_or_overlap(archive: Archive) -> None:
    whole = archive.leaf("", limit=1000).sources
    pages = [archive.leaf("", limit=7, offset=n) for n in range(0, len(whole), 7)]
    assert {page.total for page in pages} == {len(whole)}
    assert tuple(s for page in pages for s in page.sources) == whole


def test_articles_are_found_by_title_outlet_date_and_text(archive: Archive) -> None:
    titled = archive.leaf("chandrayaan", limit=50)
    assert titled.total >= 2
    assert archive.leaf("december 2024", limit=50).total >= 1
    assert archive.leaf("chandrayaan super bowl", limit=50).total == 0


def test_the_last_word_may_be_unfinished(archive: Archive) -> None:
    assert archive.leaf("chandra", limit=50) == archive.leaf("chandrayaan", limit=50)


def test_articles_are_found_by_their_author(archive: Archive) -> None:
    signed = next(a for a in archive.articles() if a.authors)
    found = archive.leaf(signed.authors[0].upper(), limit=50)
    assert signed.id in {s.article_id for s in found.sources}


def test_copies_of_a_text_that_matches_are_listed_too(archive: Archive) -> None:
    tally = archive.tally()
    listed = {s.article_id for s in archive.leaf("", limit=1000).sources}
    with_passages = {p.metadata["article_id"] for p in archive.passages(archive.vector_ids())}
    assert len(listed - with_passages) == tally.copies


@pytest.mark.parametrize("text", ['"', "*", "a OR", "NEAR(", "- -", "title:x", "\0", "(" * 99])
def test_nothing_that_is_typed_is_an_error(archive: Archive, text: str) -> None:
    assert archive.leaf(text, limit=5).total >= 0


def test_signs_without_a_word_match_nothing(archive: Archive) -> None:
    assert archive.leaf("?!", limit=5).total == 0


def test_months_count_every_dated_article_once(archive: Archive) -> None:
    months = archive.months()
    coverage = archive.coverage()
    assert sum(count for _, count in months) == coverage.articles - coverage.undated
    assert [m for m, _ in months] == sorted({m for m, _ in months})
    assert coverage.earliest is not None
    assert months[0][0] == date(coverage.earliest.year, coverage.earliest.month, 1)


def test_the_tally_agrees_with_the_archive(archive: Archive) -> None:
    tally = archive.tally()
    assert tally.articles == archive.coverage().articles
    assert tally.passages == archive.passage_count
    assert tally.embedded == len(archive.vector_ids())
    assert tally.revisions == 0
