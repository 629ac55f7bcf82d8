"""Quotes that are kept stay word for word, say when their article changed, and go when it goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.archive.archive import Archive
from rag.archive.clips import Clips, clips_of
from rag.archive.erase import erase
from rag.ingest.chunk import chunk
from rag.ingest.identity import digest
from rag.language.sentences import split
from rag.rights import Reader, acting
from rag.settings import ChunkSettings
from rag.types import Article, Span

TEXT = "The mayor of Millford resigned on Monday. She gave no reason."
SAID = Span(start=0, end=41)


def put(archive: Archive, text: str) -> Article:
    article = Article(id="mayor", digest=digest(text), text=text, title="Mayor resigns")
    archive.put(article, chunk(article, ChunkSettings()), split(text))
    return article


@pytest.fixture
def archive(place):
    with Archive.create(place) as opened:
        put(opened, TEXT)
        yield opened


@pytest.fixture
def kept(archive, place):
    with Clips.open(place) as opened:
        yield opened


def states(kept: Clips, archive: Archive) -> list[str]:
    return [shown.state for shown in clips_of(kept, archive)]


def test_a_quote_is_kept_once_with_its_question_and_comes_back(kept, archive, place) -> None:
    article = archive.article("mayor")
    name = kept.keep(article, SAID, question="Who resigned?")
    assert kept.keep(article, SAID) == name == kept.named("mayor", SAID)
    with Clips.open(place) as again:
        (clip,) = again.listed()
    assert (clip.quote, clip.question) == (SAID.of(TEXT), "Who resigned?")
    assert (clip.article_id, clip.digest, clip.span) == ("mayor", article.digest, SAID)
    kept.drop(name)
    assert kept.listed() == ()
    assert kept.named("mayor", SAID) is None


def test_words_outside_of_the_article_are_not_kept(kept, archive) -> None:
    with pytest.raises(ValueError, match="outside"):
        kept.keep(archive.article("mayor"), Span(start=0, end=999))


def test_it_says_whether_the_article_still_has_these_words(kept, archive) -> None:
    kept.keep(archive.article("mayor"), SAID)
    assert states(kept, archive) == ["stands"]
    put(archive, f"{TEXT} Her deputy takes over.")
    assert states(kept, archive) == ["stands"]  # revised, but not these words
    put(archive, TEXT.replace("Monday", "Tuesday"))
    assert states(kept, archive) == ["changed"]
    assert kept.listed()[0].quote == SAID.of(TEXT)


def test_of_a_withdrawn_article_it_says_so(kept, archive) -> None:
    class Withdrawn:
        def article(self, name: str) -> Article:
            return replace(archive.article(name), withdrawn="was withdrawn by its sender")

    kept.keep(archive.article("mayor"), SAID)
    assert [shown.state for shown in clips_of(kept, Withdrawn())] == ["withdrawn"]


def test_the_words_go_when_the_article_is_deleted(kept, archive) -> None:
    kept.keep(archive.article("mayor"), SAID)
    erase(archive, ["mayor"])
    (shown,) = clips_of(kept, archive)
    assert (shown.state, shown.clip.quote, shown.article) == ("deleted", "", None)


def test_each_person_has_clips_of_their_own(kept, archive) -> None:
    ann, ben = (Reader(id=name, everything=True) for name in ("a1", "b2"))
    with acting(ann):
        name = kept.keep(archive.article("mayor"), SAID)
    with acting(ben):
        assert kept.listed() == ()
        assert kept.named("mayor", SAID) is None
        kept.drop(name)
    with acting(ann):
        assert [clip.id for clip in kept.listed()] == [name]


def test_a_quote_of_what_may_no_longer_be_read_is_not_shown(kept, archive) -> None:
    with acting(Reader(id="a1", everything=True)):
        kept.keep(archive.article("mayor"), SAID)
    with acting(Reader(id="a1")):
        assert kept.listed() == ()
