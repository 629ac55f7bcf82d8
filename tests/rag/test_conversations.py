"""Conversations are kept beside the articles, whoever else is writing."""

from __future__ import annotations

from datetime import date

import pytest

from rag.archive.archive import Archive
from rag.archive.conversations import Conversations
from rag.archive.exchanges import Opinion
from rag.errors import NotFound
from rag.ingest.chunk import chunk
from rag.ingest.identity import digest
from rag.language.sentences import split
from rag.settings import ChunkSettings
from rag.types import Answer, Article, Filter, Statement, Verdict

TEXT = "The mayor of Millford resigned on Monday. She gave no reason."


def answered(question: str = "Who resigned?") -> Answer:
    verdict = Verdict(support="supported", score=1.0)
    said = Statement(text="The Mayor RESIGNED.", citations=(), verdict=verdict)
    return Answer(question=question, outcome="answered", reason="", statements=(said,))


@pytest.fixture
def folder(place):
    with Archive.create(place) as archive:
        article = Article(id="mayor", digest=digest(TEXT), text=TEXT)
        archive.put(article, chunk(article, ChunkSettings()), split(TEXT))
    return place


@pytest.fixture
def kept(folder):
    with Conversations.open(folder) as opened:
        yield opened


def test_an_exchange_comes_back_as_it_was_kept(kept, folder) -> None:
    given = Filter(since=date(2024, 1, 1), authors=("Ana Ruiz",))
    asked = kept.begin("Who resigned?", filters=given, as_of=date(2024, 5, 1))
    assert kept.exchange(asked.id) == kept.exchanges(asked.conversation)[0]
    assert kept.exchange(asked.id).state == "open"
    kept.finish(asked.id, answered(), {"mayor": "d1"})
    kept.judge(asked.id, Opinion(judgement="wrong", note="no", right="the deputy"))
    with Conversations.open(folder) as again:
        found = again.exchange(asked.id)
    assert found.answer == answered()
    assert found.digests == {"mayor": "d1"}
    assert (found.filters, found.as_of, found.asked) == (given, date(2024, 5, 1), asked.asked)
    assert found.opinion == Opinion(judgement="wrong", note="no", right="the deputy")


def test_follow_ups_stay_in_their_order_and_lift_their_conversation(kept) -> None:
    first = kept.begin("One?")
    other = kept.begin("Another?")
    kept.begin("Two?", conversation=first.conversation)
    asked = [e.question for e in kept.exchanges(first.conversation)]
    assert asked == ["One?", "Two?"]
    assert [c.id for c in kept.listed()] == [first.conversation, other.conversation]
    assert kept.conversation(first.conversation).questions == 2
    assert kept.conversation(first.conversation).title == "One?"


def test_a_list_says_what_came_of_the_first_question_and_what_was_asked_after_it(kept) -> None:
    first = kept.begin("Who resigned?")
    kept.finish(first.id, answered(), {})
    kept.begin("Why?", conversation=first.conversation)
    alone = kept.begin("Who is Ann Lee?")
    found = kept.gists([first.conversation, alone.conversation])
    assert found[first.conversation].answer == answered()
    assert found[first.conversation].further == ("Why?",)
    assert found[alone.conversation].answer is None


def test_conversations_are_found_by_words_of_question_answer_and_name(kept) -> None:
    asked = kept.begin("Wer trat zurück?")
    kept.finish(asked.id, answered("Wer trat ZURÜCK?"), {})
    kept.begin("Something else?")
    for words in ("ZURÜCK mayor", "resigned", "wer"):
        assert [c.id for c in kept.listed(words)] == [asked.conversation]
    kept.rename(asked.conversation, "  Über\nMillford ")
    assert kept.listed("über")[0].title == "Über Millford"
    kept.rename(asked.conversation, "  ")
    assert kept.listed("über")
    assert kept.listed("nowhere") == ()


def test_a_search_does_not_fail_while_another_thread_reads(kept) -> None:
    kept.begin("Who resigned?")
    kept.begin("Who stayed?")
    reading = kept._db.execute("SELECT id FROM conversation")
    next(reading)  # and more to come
    assert len(kept.listed("who")) == 2
    reading.close()


def test_a_deleted_conversation_is_gone_with_all_that_belongs_to_it(kept) -> None:
    asked = kept.begin("Who resigned?")
    kept.finish(asked.id, answered(), {"mayor": "d1"})
    kept.judge(asked.id, Opinion(judgement="right"))
    kept.delete(asked.conversation)
    with pytest.raises(NotFound):
        kept.exchange(asked.id)
    with pytest.raises(NotFound):
        kept.exchanges(asked.conversation)
    for table in ("exchange", "quoted", "opinion"):
        assert kept._all(f"SELECT * FROM {table}", ()) == []


def test_they_are_kept_while_another_holds_the_archive_for_writing(folder) -> None:
    with Archive.create(folder) as writer, Conversations.open(folder) as kept:
        asked = kept.begin("Who resigned?")
        article = Article(id="new", digest=digest(TEXT + " New."), text=TEXT + " New.")
        writer.put(article, chunk(article, ChunkSettings()), split(article.text))
        kept.end(asked.id, "failed", "no model")
        assert kept.exchange(asked.id).message == "no model"
        assert writer.article("new").digest == digest(TEXT + " New.")


def test_an_answer_goes_when_an_article_that_it_quotes_is_deleted(kept, folder) -> None:
    asked = kept.begin("Who resigned?")
    kept.finish(asked.id, answered(), {"mayor": "d1"})
    with Archive.create(folder) as writer:
        assert writer.delete(["mayor"]) == 1
    found = kept.exchange(asked.id)
    assert (found.state, found.answer, found.question) == ("erased", None, "Who resigned?")
    assert kept.listed("mayor") == ()


def test_text_that_no_encoding_can_write_is_kept_without_it(kept) -> None:
    asked = kept.begin("Who \ud800 won?")
    kept.finish(asked.id, answered("Who \ud800 won?"), {})
    kept.judge(asked.id, Opinion(judgement="wrong", note="\udfff"))
    assert kept.exchange(asked.id).answer == answered("Who ? won?")
    assert kept.listed("won \ud800")[0].title == "Who ? won?"


def test_without_an_archive_they_last_as_long_as_the_process() -> None:
    with Conversations.in_memory() as kept:
        asked = kept.begin("Who resigned?")
        kept.end(asked.id, "stopped")
        assert kept.exchange(asked.id).state == "stopped"
