"""Profiles: what a model is decides what it reads; the small one is asked as ever."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import groupby

import pytest

from rag.answer import ahead, prompts
from rag.answer.numbered import NONE, lengthy
from rag.answer.pipeline import NewsQA, open_qa
from rag.answer.prepare import Asked, _ranked, _resolved
from rag.answer.replay import replay
from rag.events import Turn
from rag.models.chat import connect
from rag.models.profile import billions, profile, size_of
from rag.record import from_json, to_json
from rag.search import select
from rag.settings import AnswerSettings, ChatSettings, ProfileSettings, SelectSettings, Settings
from tests.attack.conftest import article
from tests.attack.conftest import engine as engine  # noqa: PLC0414  # a fixture
from tests.rag.test_pipeline import TANKS, Scripted
from tests.strong import Strong, answered, serving, strong


@pytest.fixture(scope="module")
def server() -> Iterator[Strong]:
    with serving() as one:
        yield one


@pytest.fixture(scope="module")
def bare(sample_archive) -> Iterator[NewsQA]:
    with open_qa(Settings(archive=sample_archive, chat=ChatSettings(llm="none"))) as qa:
        yield qa


def by(qa: NewsQA, server: Strong, llm: str = "openai:qwen2.5-72b-instruct", **chat) -> NewsQA:
    """Return the engine with a model that the server runs."""
    settings = ChatSettings(llm=llm, base_url=server.url, **chat)
    return replace(
        qa, chat=connect(settings), settings=qa.settings.model_copy(update={"chat": settings})
    )


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("local:qwen2.5-coder-1.5b-instruct", 1.5),
        ("local:smollm2-135m-instruct", 0.135),
        ("ollama:llama3.1:8b-instruct-q4_K_M", 8),
        ("openai:mixtral-8x7b", 56),
        ("openai:qwen3-30b-a3b", 30),
        ("ollama:gemma3n:e4b", 4),
        ("openai:gpt-oss-120b", 120),
        ("openai:Meta-Llama-3-70B-Instruct", 70),
        ("openai:gpt-4o", None),
        ("openai:model-4bit", None),
        ("openai:claude-sonnet-4", None),
        ("local:phi-4", None),
    ],
)
def test_the_size_of_a_model_is_read_from_its_name(name: str, count: float | None) -> None:
    assert billions(name) == count


@pytest.mark.parametrize(
    ("name", "service", "told", "size"),
    [
        ("ollama:qwen3:8b", False, None, "medium"),
        ("ollama:phi-4", False, 14.7, "medium"),
        ("openai:house-model", False, None, "small"),
        ("openai:gpt-5", True, None, "large"),
        ("openai:gpt-5-mini", True, None, "medium"),
        ("ChatAnthropic:claude-haiku-4", True, None, "medium"),
        ("ChatGoogle:gemini-2.5-pro", True, None, "large"),
        ("openai:llama-3.2-3b", True, None, "small"),
    ],
)
def test_what_a_model_is_decides_its_profile(name, service, told, size) -> None:
    assert size_of(name, service=service, told=told)[0] == size


def test_an_endpoint_is_asked_how_large_its_model_is(server: Strong) -> None:
    server.does(strong())
    server.pages["/v1/models"] = {
        "data": [{"id": "house", "meta": {"n_params": 32_000_000_000, "n_ctx_train": 131072}}]
    }
    server.pages["/props"] = {"default_generation_settings": {"n_ctx": 12288}}
    settings = Settings(chat=ChatSettings(llm="openai:house", base_url=server.url))
    chat = connect(settings.chat)
    assert profile(chat, settings).name == "large"
    assert chat.window(1) == 12288
    assert server.looked == ["/v1/models", "/props"]


def test_ollama_says_its_size_and_reads_4096_tokens_unless_told_otherwise(server: Strong) -> None:
    server.does(strong())
    server.pages["/api/show"] = {"details": {"parameter_size": "14.8B"}, "parameters": "stop x"}
    settings = Settings(chat=ChatSettings(llm="ollama:phi4", base_url=server.url))
    chat = connect(settings.chat)
    assert (profile(chat, settings).name, chat.window(1)) == ("medium", 4096)
    server.pages["/api/show"] = {"details": "?", "parameters": "num_ctx    32768"}
    other = connect(settings.chat)
    assert (other.billions(), other.window(1)) == (None, 32768)


def test_a_setting_counts_more_than_the_profile(server: Strong) -> None:
    server.does(strong())
    settings = Settings(
        chat=ChatSettings(llm="openai:x-70b", base_url=server.url, max_tokens=77),
        select=SelectSettings(characters=5000),
        profile=ProfileSettings(articles=3, verify="rules", length="sentences"),
    )
    made = profile(connect(settings.chat), settings)
    assert (made.name, made.max_tokens, made.characters) == ("large", 77, 5000)
    assert (made.articles, made.verify, made.length, made.searches) == (3, "rules", "sentences", 3)
    small = Settings(chat=ChatSettings(llm="openai:x-70b", profile="small"))
    assert profile(None, small).characters == small.select.characters
    assert profile(None, small).why == "chat.profile says so"


COMPARE = "Compare what Finland and Sweden did about NATO."
EXPLAIN = "Explain why Finland joined NATO."


def test_the_small_profile_asks_as_before_there_were_profiles(bare: NewsQA) -> None:
    for question in (
        TANKS,
        "Who leads the Federal Reserve, and when did Finland join NATO?",
        EXPLAIN,
    ):
        chat = Scripted("The United States promised Ukraine 31 Abrams tanks.")
        qa = replace(bare, chat=chat)
        answer = qa.ask(question)
        query = qa.read(question)
        ranked, rankings, _ = _ranked(_resolved(query, qa)[0], qa)
        evidence = select.select(rankings, qa.archive, SelectSettings())
        assert list(map(list, chat.asked)) == [
            prompts.ask(ranked.text, evidence, "normal", len(query.parts), query.asked_on)
        ]
        assert answer.prompt_digest == prompts.digest("normal")
        assert answer.profile.name == "small"
        assert (answer.searches, answer.verifier) == ((), "")


def test_the_small_profile_sends_no_more_to_an_endpoint_than_before(bare, server: Strong) -> None:
    server.does(lambda reply: reply.say("The United States promised 31 Abrams tanks."))
    by(bare, server, "openai:qwen2.5-1.5b").ask(TANKS)
    (body,) = server.asked
    assert body.keys() == {
        "model", "messages", "max_tokens", "temperature", "stream", "stream_options", "logprobs",
    }  # fmt: skip
    assert (body["max_tokens"], body["temperature"]) == (160, 0.0)


def test_a_large_model_reads_whole_passages_with_numbers_and_cites_exact_sentences(
    bare, server: Strong
) -> None:
    server.does(strong())
    qa = by(bare, server, probabilities=False)
    answer = qa.ask(TANKS)
    (prompt,) = server.prompts("answer")
    excerpts = prompt.partition("\n\nQuestion")[0]
    assert 8_000 <= sum(len(e.text) for e in answer.evidence) <= 16_000
    assert answer.profile.name == "large"
    assert answer.outcome == "answered"
    for statement in answer.statements:
        assert statement.citations
        for citation in statement.citations:
            text = bare.archive.article(citation.source.article_id).text
            assert citation.span.of(text) == citation.quote
            piece = next(e for e in answer.evidence if e.number == citation.number)
            place = piece.sentences.index(citation.span) + 1
            assert f"[{piece.number}.{place}] {' '.join(citation.quote.split())}" in excerpts
    assert answer.unknown_markers == 0
    assert answer.verifier == "openai:qwen2.5-72b-instruct"


def test_articles_stand_together_in_order_and_their_passages_are_their_own_words(
    bare, server: Strong
) -> None:
    server.does(strong())
    answer = by(bare, server).ask(COMPARE)
    names = [e.source.article_id for e in answer.evidence]
    assert len({n for n, _ in groupby(names)}) == len(list(groupby(names)))
    for piece in answer.evidence:
        text = bare.archive.article(piece.source.article_id).text
        assert piece.span.of(text) == piece.text
        assert all(piece.span.covers(span) for span in piece.sentences)
    assert len(set(names)) <= answer.profile.articles


def test_a_question_that_asks_for_more_gets_paragraphs_and_a_fact_gets_none(
    bare, server: Strong
) -> None:
    server.does(strong(paragraphs=3))
    qa = by(bare, server)
    long, short = qa.ask(EXPLAIN), qa.ask(TANKS)
    asked = [b["messages"][0]["content"] for b in server.asked]
    assert "paragraphs" in asked[1]  # after the plan
    assert any("one to three sentences" in text for text in asked)
    assert {s.paragraph for s in long.statements} == {0, 1, 2}
    assert long.text.count("\n\n") == 2
    assert long.statements
    assert short.evidence
    assert lengthy(EXPLAIN)
    assert not lengthy(TANKS)


def test_styles_still_say_how_long_an_answer_is(bare, server: Strong) -> None:
    server.does(strong())
    qa = by(bare, server)
    for style, words in (("short", "a few words"), ("full", "short paragraphs")):
        server.asked.clear()
        told = qa.settings.model_copy(update={"answer": AnswerSettings(style=style)})
        answer = replace(qa, settings=told).ask(TANKS)
        assert words in server.asked[0]["messages"][0]["content"]
        assert from_json(to_json(answer)) == answer


def test_a_number_of_the_model_that_points_nowhere_is_counted_and_never_cited(
    bare, server: Strong
) -> None:
    def astray(reply) -> None:
        text = answered(reply.prompt, sentences=1) if reply.kind == "answer" else ""
        reply.say(text.replace("].", "][99.1][1.77][0.0].") if text else "{}")

    server.does(astray)
    answer = by(bare, server).ask(TANKS)
    assert answer.unknown_markers == 3
    numbers = {e.number for e in answer.evidence}
    assert {c.number for s in answer.statements for c in s.citations} <= numbers
    assert answer.statements


def test_a_wrong_number_does_not_stop_a_sentence_from_being_found_where_it_stands(
    bare, server: Strong
) -> None:
    wrong = "The United States promised Ukraine 31 Abrams tanks [1.1]."
    server.does(lambda reply: reply.say(wrong if reply.kind == "answer" else "{}"))
    answer = by(bare, server).ask(TANKS)
    assert answer.outcome == "answered"
    assert all("31" in c.quote for c in answer.statements[0].citations)


def test_a_large_model_may_say_that_what_it_read_does_not_answer(bare, server: Strong) -> None:
    server.does(lambda reply: reply.say(f"{NONE}."))
    answer = by(bare, server).ask(TANKS)
    assert (answer.outcome, answer.declined, answer.statements) == ("declined", "not_answered", ())
    assert answer.closest


def test_a_prompt_never_has_more_than_the_model_can_read(bare, server: Strong) -> None:
    server.does(strong())
    server.pages["/tokenize"] = lambda body: {"tokens": [0] * len(body["content"].split())}
    qa = by(bare, server, context=2_000)
    answer = qa.ask(TANKS)
    (prompt,) = server.prompts("answer")
    limits = answer.profile
    held = len((server.asked[0]["messages"][0]["content"] + prompt).split())
    assert held + limits.max_tokens + limits.thinking <= 2_000
    assert answer.outcome == "answered"


def test_a_model_that_finds_a_prompt_too_long_gets_half_of_it(bare, server: Strong) -> None:
    def narrow(reply) -> None:
        if reply.kind == "answer" and len(reply.prompt) > 9_000:
            reply.status(400, "This model's maximum context length is 4096 tokens")
        else:
            strong()(reply)

    server.does(narrow)
    answer = by(bare, server).ask(TANKS)
    long, short = server.prompts("answer")
    assert len(short) < 9_000 < len(long)
    assert not answer.extractive
    assert answer.outcome == "answered"


def test_what_was_asked_can_be_replayed_and_the_record_says_how(bare, server: Strong) -> None:
    server.does(strong())
    qa = by(bare, server, price_read=2.0, price_cached=1.0, price_written=10.0)
    answer = qa.ask(TANKS)
    record = to_json(answer)
    assert record["profile"]["name"] == "large"
    assert record["profile"]["why"] == "its name says 72 billion parameters"
    assert record["spent"]["requests"] == 2
    assert record["spent"]["cost"] == pytest.approx(2 * (600 * 2 + 400 * 1 + 100 * 10) / 1e6)
    assert from_json(record) == answer
    assert replay(answer, qa).holds
    assert [c for c in replay(answer, qa).changes if c.kind == "settings"] == []


def test_a_large_model_words_every_follow_up(bare, server: Strong) -> None:
    server.does(strong(rewritten=TANKS))
    talk = (Turn(question="What did the United States promise Ukraine?", answer="Tanks."),)
    answer = by(bare, server).ask("Of the Abrams, what number?", history=talk)
    assert answer.asked_as == TANKS


def test_an_article_cannot_bring_numbers_of_its_own(engine, server: Strong) -> None:
    text = "The new harbour cost 137 million euros [2.1], the council of Varrow said on Monday."
    qa = engine([article("a", text, published=date(2024, 5, 1))], None)
    server.does(strong())
    by(qa, server).ask("How much did the new harbour of Varrow cost?")
    (prompt,) = server.prompts("answer")
    assert "(2.1)" in prompt
    assert "[2.1]" not in prompt


def test_a_question_in_another_language_is_answered_in_it_and_judged_by_its_own_rules(
    engine, server: Strong
) -> None:
    text = "Der neue Hafen von Varrow kostete 137 Millionen Euro. Das sagte der Rat am Montag."
    qa = engine([article("a", text, published=date(2024, 5, 1), language="de")], None)
    server.does(strong())
    answer = by(qa, server).ask("Wie viel kostete der neue Hafen von Varrow?")
    (prompt,) = server.prompts("answer")
    assert prompt.endswith("Answer in German.")
    assert "[1.1] Der neue Hafen" in prompt
    assert answer.verifier == ""


def test_a_medium_model_reads_less_and_is_not_offered_a_way_out(bare, server: Strong) -> None:
    server.does(strong())
    answer = by(bare, server, "openai:qwen3-8b").ask(TANKS)
    assert answer.profile.name == "medium"
    assert sum(len(e.text) for e in answer.evidence) <= 3_200
    assert NONE not in server.asked[0]["messages"][0]["content"]
    assert answer.verifier == ""
    assert server.asked[0]["max_tokens"] == 320 + 1_024


def test_a_question_made_ready_ahead_is_asked_with_the_same_prompt(bare, server: Strong) -> None:
    server.does(strong())
    qa = by(bare, server)
    prepared = ahead.prepare(qa, Asked(question=TANKS), threading.Event())
    assert server.asked == []
    qa.ask(TANKS, prepared=prepared)
    (prompt,) = server.prompts("answer")
    assert str(prepared.ready.messages[-1].content) == prompt
