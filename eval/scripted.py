"""A chat model that is a script: the same words for the same prompt, on any machine, in no time.

It takes the sentence of the prompt that shares most words with the question and says it in one of
eight ways, chosen by a digest of the question. Some are faithful, some are what small models do
wrong (a number changed, a "not" put in, a sentence made up, markers that point nowhere), so that a
run over it goes through citing, checking and deciding. Its figures say nothing about answers of a
real model; they say whether the code around one still does what it did.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from rag.models.chat import Chat
from rag.settings import ChatSettings

NAME: Final = "scripted"
"""What stands after `--llm` in `dateline eval`."""

_SENTENCE = re.compile(r"(?<=[.!?])[\"”’]?\s+(?=[A-Z\"“])")
_WORD = re.compile(r"\w{3,}")
_LEAD = re.compile(r"^(?:[-*•] |\[\d+\] )")
_SPEAKER = re.compile(r",[”\"]? (?:[\w.’'-]+ ){1,6}(?:said|says|told|added)\b[^.]*")
_HELPER = re.compile(r"\b(was|were|is|are|will|would|has|have|had|can|could)\b")
_VALUE = re.compile(r"[$£€]?\d[\d,.]*\d|[$£€]?\d|(?:[A-Z][\w’'-]+ )+[A-Z][\w’'-]+")


def connect(settings: ChatSettings) -> Chat:
    """Return the scripted model where a chat model is expected."""
    return Chat(NAME, ScriptedModel(), settings)


class ScriptedModel(BaseChatModel):
    """The script behind langchain's interface."""

    @property
    def _llm_type(self) -> str:
        return NAME

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,  # noqa: ANN401 - as the base class has it
    ) -> ChatResult:
        message = AIMessage(reply(str(messages[-1].content)))
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # callers use it
        **kwargs: Any,  # noqa: ANN401 - as the base class has it
    ) -> AsyncIterator[ChatGenerationChunk]:
        for word in re.findall(r"\S+\s*", reply(str(messages[-1].content))):
            yield ChatGenerationChunk(message=AIMessageChunk(content=word))


def reply(prompt: str) -> str:
    """Return what the script says to a prompt of excerpts with the question as its last line."""
    text, _, line = prompt.strip().rpartition("\n")
    question = line.partition(": ")[2]
    found = sentences(text)
    if not found:
        return "unknown"
    asked = {word.lower() for word in _WORD.findall(question)}
    best = max(found, key=lambda one: len(asked & {w.lower() for w in _WORD.findall(one)}))
    number = int(hashlib.sha256(" ".join(question.split()).encode()).hexdigest(), 16)
    return WAYS[number % len(WAYS)](best)


def sentences(text: str) -> list[str]:
    """Return the sentences of the excerpts, headings in brackets left out."""
    lines = (_LEAD.sub("", line.strip()) for line in text.splitlines())
    return [one for line in lines if line and line[0] != "(" for one in _SENTENCE.split(line)]


def copied(sentence: str) -> str:
    """Say the sentence as it stands."""
    return sentence


def unattributed(sentence: str) -> str:
    """Leave out who said it."""
    return _SPEAKER.sub("", sentence)


def decorated(sentence: str) -> str:
    """Add a label, markup, a link, and markers of which one points nowhere."""
    return f"**Answer:** {sentence} [1][99] See [more](https://example.com/more)."


def invented(sentence: str) -> str:
    """Add a sentence that no article holds."""
    return f"{sentence} Professor Walter Brandtner of Uppsala called it the worst since 1987."


def miscounted(sentence: str) -> str:
    """Raise the first digit of every number."""
    return re.sub(r"(?<![\d.,])[1-8](?=\d)", lambda m: str(int(m[0]) + 1), sentence)


def denied(sentence: str) -> str:
    """Put a "not" after the first verb that takes one."""
    return _HELPER.sub(r"\1 not", sentence, count=1)


def bare(sentence: str) -> str:
    """Say the first figure or name alone."""
    found = _VALUE.search(sentence)
    return found[0] if found else sentence


WAYS: Final[Sequence[Callable[[str], str]]] = (
    copied,
    copied,
    unattributed,
    decorated,
    invented,
    miscounted,
    denied,
    bare,
)
"""Ways of wording, one for each remainder of the question's digest."""
