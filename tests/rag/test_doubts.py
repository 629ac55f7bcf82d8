"""What would bear a claim out is doubted once more: by another, only planned, not done at all."""

from __future__ import annotations

from typing import Any

import pytest

from rag.models.catalogue import RERANKER, locate
from rag.models.embed import load
from rag.models.reranker import load as load_reranker
from rag.settings import RerankSettings, Settings
from rag.verify.contrast import another
from rag.verify.undone import undone, unsaid


@pytest.fixture(scope="module")
def reranker() -> Any:
    if locate(RERANKER) is None:
        pytest.skip("the reranker is not on this machine (dateline models pull)")
    return load_reranker(RerankSettings())


@pytest.fixture(scope="module")
def encode() -> Any:
    encoder = load(Settings().embed)
    return lambda texts: encoder.encode(list(texts))


@pytest.mark.parametrize(
    ("claim", "source", "said"),
    [
        (
            "Ardent bought Vidra.",
            "Vidra bought Ardent for $3 million.",
            "other way round",
        ),
        (
            "Ellen Shaw resigned on Friday.",
            "Marco Bell resigned on Friday, Ellen Shaw told reporters.",
            "of Marco Bell, not of Ellen Shaw",
        ),
        (
            "Marco Bell will chair the board.",
            "Ellen Shaw will chair the board, and Marco Bell will advise her.",
            "of Ellen Shaw, not of Marco Bell",
        ),
    ],
)
def test_a_source_that_says_it_of_another_is_found_out(
    reranker: Any, claim: str, source: str, said: str
) -> None:
    assert said in another(claim, source, source, reranker)


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("Ardent took Vidra to court.", "Ardent sued Vidra over the patent on Monday."),
        ("Vidra was sued by Ardent.", "Ardent sued Vidra over the patent on Monday."),
        ("Nora Quist lost to Paul Imre.", "Paul Imre defeated Nora Quist in the runoff."),
        ("The library opened in May.", "Paul Imre opened the new library in May."),
        ("Paul Imre won.", "Paul Imre, whom Nora Quist supported, won the runoff."),
    ],
)
def test_a_source_that_says_it_of_the_same_in_other_words_is_not_blamed(
    reranker: Any, claim: str, source: str
) -> None:
    assert another(claim, source, source, reranker) == ""


@pytest.mark.parametrize(
    ("claim", "source", "said"),
    [
        ("The city closed the pool.", "The city plans to close the pool.", "'to close'"),
        ("The pool has been closed.", "The pool will be closed in May.", "'will be closed'"),
        ("The firm moved to Lisbon.", "The firm may not move to Lisbon.", "'may not move'"),
        ("Vega III put a probe on Mars.", "Vega III is meant to put a probe on Mars.", "'to put'"),
    ],
)
def test_a_plan_that_is_told_as_done_is_found_out(claim: str, source: str, said: str) -> None:
    assert said in undone(claim, source)


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("The city closed the pool.", "The city closed the pool, which it will sell."),
        ("The city will close the pool.", "The city plans to close the pool."),
        ("The city plans to close the pool.", "The city plans to close the pool."),
        ("The city closed the pool.", "The pool was shut in May."),
    ],
)
def test_what_is_done_or_told_as_planned_is_not_blamed(claim: str, source: str) -> None:
    assert undone(claim, source) == ""


def test_a_deed_that_no_word_of_the_source_is_near_is_named(encode: Any) -> None:
    source = "The union called the promise worthless and threatened to strike."
    assert "'welcomed'" in unsaid("The union welcomed the promise.", source, "", encode)
    assert unsaid("The union threatened a strike.", source, "", encode) == ""
    bought = "Marlin bought Coastway for 1.2 billion crowns."
    assert unsaid("Marlin acquired Coastway.", bought, "", encode) == ""
    assert unsaid("Marlin sued Coastway.", bought, "Marlin sues Coastway", encode) == ""
    assert "'sued'" in unsaid("Marlin sued Coastway.", bought, "", encode)
