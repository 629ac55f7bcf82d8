"""Passages: exact offsets, whole sentences, nothing lost and nothing twice."""

import gzip
import hashlib
import itertools
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.ingest.chunk import chunk
from rag.ingest.clean import clean
from rag.language.sentences import split
from rag.settings import ChunkSettings
from rag.types import Article, Span

SETTINGS = ChunkSettings()


def article(text, **known):
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Article(id=known.pop("id", "a1"), digest=digest, text=text, **known)


def check(text, settings=SETTINGS):
    """Assert what must hold for the passages of any text, and return them."""
    documents = chunk(article(text), settings)
    spans = [Span(start=d.metadata["start"], end=d.metadata["end"]) for d in documents]
    sentences = split(text)
    for document, span in zip(documents, spans, strict=True):
        assert document.page_content == span.of(text) == span.of(text).strip() != ""
        inside = [s for s in sentences if span.covers(s)]
        assert len(span.of(text)) <= settings.characters or len(inside) == 1
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    assert all(sum(span.covers(s) for span in spans) == 1 for s in sentences)
    assert len({d.id for d in documents}) == len(documents)
    return documents


def test_a_short_article_is_one_passage_across_its_paragraphs():
    text = "The river rose.\n\nThe mayor spoke.\n\nNobody was hurt."
    (document,) = check(text)
    assert document.page_content == text


def test_a_passage_ends_at_a_paragraph_border_where_the_size_allows():
    paragraphs = [f"{'The river rose again. ' * 13}End of part {n}." for n in range(6)]
    documents = check("\n\n".join(paragraphs))
    assert [d.page_content for d in documents] == [
        "\n\n".join(paragraphs[n : n + 2]) for n in (0, 2, 4)
    ]


def test_a_long_paragraph_is_cut_into_parts_of_about_one_size():
    text = " ".join(f"Sentence number {n} is about the river." for n in range(27))
    sizes = [len(d.page_content) for d in check(text)]
    assert len(sizes) == 2
    assert max(sizes) - min(sizes) < 80


def test_a_passage_carries_the_label_of_its_article():
    known = {"title": "Rain", "publisher": "Post", "published": date(2024, 5, 30), "id": "x7"}
    (document,) = chunk(article("It rained.", **known), SETTINGS, cluster="c1")
    digest = hashlib.sha256(b"It rained.").hexdigest()
    assert document.id == f"x7:{digest[:8]}:0"
    assert document.metadata == {
        "article_id": "x7",
        "start": 0,
        "end": 10,
        "title": "Rain",
        "publisher": "Post",
        "published": "2024-05-30",
        "url": "",
        "cluster": "c1",
    }


def test_what_is_unknown_is_an_empty_string_and_the_cluster_the_article_itself():
    (document,) = chunk(article("It rained."), SETTINGS)
    assert document.metadata["published"] == ""
    assert document.metadata["cluster"] == "a1"


def test_an_empty_text_has_no_passages():
    assert check("") == []


@given(st.text(st.sampled_from("abcAB .!?\n“”é"), max_size=1500), st.integers(200, 900))
def test_passages_hold_for_any_text(text, characters):
    check(text, ChunkSettings(characters=characters))


def test_passages_hold_over_real_articles(realtimeqa):
    with gzip.open(realtimeqa, "rt", encoding="utf-8") as lines:
        for line in itertools.islice(lines, 200):
            check(clean(json.loads(line)["text"]))


@pytest.mark.parametrize("characters", [200, 900])
def test_passages_hold_over_the_seeds(seeds, characters):
    for path in seeds:
        assert check(clean(path.read_text("utf-8")), ChunkSettings(characters=characters))
