"""The scripted model: one prompt, one reply, and all the ways of wording are gone through."""

from __future__ import annotations

import asyncio

from langchain_core.messages import HumanMessage

from eval import scripted
from eval.suites import sample
from rag.settings import ChatSettings

EXCERPTS = (
    "(Varrow Post, 3 May 2024, Mill closes)\n"
    "- The mill in Varrow closed on Tuesday. It employed 412 people, Anna Berg said.\n"
    "- The owner was told that the river had risen by 12 metres."
)
SENTENCE = "It employed 412 people, Anna Berg said."


def asked(question: str) -> str:
    return scripted.reply(f"{EXCERPTS}\n\nQuestion: {question}")


def test_the_sentence_with_most_of_the_questions_words_is_worded() -> None:
    assert scripted.sentences(EXCERPTS)[1] == SENTENCE
    replies = {asked(f"How many people were employed, try {n}?") for n in range(60)}
    assert SENTENCE in replies
    assert all("412" in reply or "512" in reply for reply in replies)


def test_every_way_of_wording_does_what_it_says() -> None:
    assert scripted.unattributed(SENTENCE) == "It employed 412 people."
    assert scripted.miscounted(SENTENCE) == "It employed 512 people, Anna Berg said."
    assert scripted.denied("The owner was told.") == "The owner was not told."
    assert scripted.bare(SENTENCE) == "412"
    assert scripted.invented(SENTENCE).startswith(SENTENCE)
    assert "[99]" in scripted.decorated(SENTENCE)


def test_the_sample_questions_go_through_all_ways() -> None:
    sentence = "The mill was closed on Tuesday with 412 people in it, Anna Berg said."
    said = {scripted.reply(f"- {sentence}\nQuestion: {c.question}") for c in sample().cases}
    assert said == {way(sentence) for way in scripted.WAYS}
    assert len(said) == 7


def test_without_excerpts_it_says_unknown() -> None:
    assert scripted.reply("Who resigned?") == "unknown"


def test_streamed_and_whole_it_says_the_same() -> None:
    chat = scripted.connect(ChatSettings())
    messages = [HumanMessage(f"{EXCERPTS}\n\nQuestion: Who was told?")]
    whole = chat.model.invoke(messages).content

    async def streamed() -> str:
        return "".join([str(chunk.content) async for chunk in chat.model.astream(messages)])

    assert asyncio.run(streamed()) == whole == "".join(chat.stream(messages))
