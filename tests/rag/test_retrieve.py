from dataclasses import replace
from datetime import date

from langchain_core.documents import Document

from rag.archive.archive import Archive
from rag.language.terms import asked_terms, spellings
from rag.question.query import Query, read
from rag.search.retrieve import FusedRetriever, Ranked, _Retriever, fuse, spread
from rag.types import Filter


def passage(name: str, cluster: str, publisher: str = "") -> Document:
    known = {"cluster": cluster, "publisher": publisher}
    return Document(id=name, page_content=name, metadata=known)


def test_fusion_adds_reciprocal_ranks() -> None:
    fused = dict(fuse([(1.0, [("a", 9.0), ("b", 1.0)]), (1.0, [("b", 0.5)])], k=60))
    assert fused == {"a": 1 / 61, "b": 1 / 62 + 1 / 61}
    assert next(iter(fused)) == "b"


def test_equal_ranks_come_in_a_fixed_order() -> None:
    assert [p for p, _ in fuse([(1.0, [("b", 1.0)]), (1.0, [("a", 1.0)])])] == ["a", "b"]


def test_one_article_does_not_crowd_out_the_others() -> None:
    found = [passage(f"p{i}", "one") for i in range(5)] + [passage("q", "two")]
    assert [p.id for p in spread(found, most=3, per_article=2, per_outlet=9)] == ["p0", "p1", "q"]


def test_one_outlet_does_not_crowd_out_the_others() -> None:
    flood = [passage(f"f{i}", f"story {i}", "Flood") for i in range(5)]
    found = [*flood, passage("q", "other", "Post")]
    kept = [p.id for p in spread(found, most=4, per_article=3, per_outlet=3)]
    assert kept == ["f0", "f1", "f2", "q"]


def test_places_left_over_are_filled_from_the_article_that_was_held_back() -> None:
    found = [passage(f"p{i}", "one") for i in range(5)] + [passage("q", "two")]
    kept = [p.id for p in spread(found, most=6, per_article=2, per_outlet=9)]
    assert kept == ["p0", "p1", "q", "p2", "p3", "p4"]


def test_british_and_american_spellings_are_both_searched() -> None:
    assert spellings("criticised") == ("criticised", "criticized")
    assert spellings("organization") == ("organization", "organisation")
    assert spellings("labour") == ("labour", "labor")
    assert spellings("died") == ("died",)


def test_us_is_no_search_term() -> None:
    assert asked_terms("What may US troops do?") == ("troops",)


class Fixed(_Retriever):
    """A retriever that finds the same whatever is asked, but for the filter."""

    all: list[str]
    news: list[str]

    def rank(self, query: Query) -> Ranked:
        names = self.news if query.filters.since else self.all
        return [(name, 1.0) for name in names]


def test_what_was_news_when_the_question_was_put_counts_twice(sample_archive) -> None:
    with Archive.open(sample_archive) as archive:
        part = Fixed(archive=archive, all=["old", "new"], news=["new"])
        fused = FusedRetriever(archive=archive, parts=(part,))
        query = read("Who won the tournament?")
        assert [p for p, _ in fused.rank(query)] == ["old", "new"]
        put = replace(query, asked_on=date(2024, 5, 1))
        assert [p for p, _ in fused.rank(put)] == ["new", "old"]


def test_news_is_looked_for_inside_the_filter_that_is_set(sample_archive) -> None:
    asked: list[Filter] = []

    class Listening(Fixed):
        def rank(self, query: Query) -> Ranked:
            asked.append(query.filters)
            return []

    with Archive.open(sample_archive) as archive:
        fused = FusedRetriever(
            archive=archive, parts=(Listening(archive=archive, all=[], news=[]),)
        )
        query = replace(read("Who won?"), asked_on=date(2024, 5, 20))
        fused.rank(query)
        assert asked == [Filter(), Filter(since=date(2024, 5, 6), until=date(2024, 5, 20))]
        asked.clear()
        fused.rank(replace(query, filters=Filter(since=date(2024, 5, 19))))
        assert asked == [Filter(since=date(2024, 5, 19))]
