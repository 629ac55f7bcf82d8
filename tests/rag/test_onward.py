"""Reading on: a second reading of what ranks next, where the first leaves the answer in doubt."""

import threading
from dataclasses import replace

import pytest

from rag.answer.pipeline import EvidenceFound, StatementChecked
from rag.answer.replay import replay
from rag.settings import AnswerSettings, ChatSettings
from tests.rag.test_pipeline import TANKS, Reply, Scripted

RIGHT = "The United States promised Ukraine 31 Abrams tanks."
WRONG = "Ukraine has asked for 75 Leopard tanks."


class InTurn(Scripted):
    """A chat model that says something else each time it is asked."""

    def __init__(self, *texts: str) -> None:
        super().__init__(texts[0])
        self.texts = list(texts)

    def stream(self, messages, *, stop=None) -> Reply:
        self.asked.append(messages)
        return Reply(self.texts[min(len(self.asked), len(self.texts)) - 1], self.error)


def read_of(messages) -> set[str]:
    """Return the sentences that a prompt shows."""
    lines = str(messages[-1].content).rpartition("\n\n")[0].splitlines()
    return {line for line in lines if line.startswith("- ")}


def test_in_doubt_other_sentences_are_read_and_the_likelier_answer_is_shown(judged) -> None:
    chat = InTurn(WRONG, RIGHT)
    seen: list[object] = []
    answer = replace(judged, chat=chat).ask(TANKS, on_event=seen.append)
    assert len(chat.asked) == 2
    first, second = map(read_of, chat.asked)
    assert first
    assert second
    assert first.isdisjoint(second)
    assert any(s.text.startswith(WRONG[:-1]) for s in answer.dropped)
    assert "31" in answer.text
    told = [e.statement.text for e in seen if isinstance(e, StatementChecked) and e.kept]
    assert all(text in answer.text for text in told)  # nothing is told and then taken back
    shown = [e.evidence for e in seen if isinstance(e, EvidenceFound)]
    assert shown[1][: len(shown[0])] == shown[0]
    numbers = [e.number for e in shown[1]]
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_citation_points_at_evidence_of_the_answer_whichever_reading_it_is_of(judged) -> None:
    answer = replace(judged, chat=InTurn(WRONG, RIGHT)).ask(TANKS)
    pieces = {e.number: e for e in answer.evidence}
    for citation in (c for s in answer.statements for c in s.citations):
        piece = pieces[citation.number]
        assert piece.source.article_id == citation.source.article_id
        assert piece.span.covers(citation.span)
        text = judged.archive.article(citation.source.article_id).text
        assert citation.span.of(text) == citation.quote


def test_a_headline_alone_makes_no_sentence_the_one_that_answers(judged) -> None:
    """Below "US will give Ukraine 31 Abrams tanks" one says that Britain gives 14 of its own."""
    verdict = judged.ask(TANKS).verdict
    assert verdict is not None
    assert verdict.value == "31"


def test_nothing_is_read_on_once_a_person_has_stopped_it(judged) -> None:
    stop = threading.Event()
    stop.set()
    chat = InTurn(WRONG, RIGHT)
    replace(judged, chat=chat).ask(TANKS, stop=stop)
    assert len(chat.asked) == 1


def test_what_is_called_supported_is_read_once(judged) -> None:
    chat = InTurn(RIGHT, WRONG)
    answer = replace(judged, chat=chat).ask(TANKS)
    assert answer.outcome == "answered"
    assert len(chat.asked) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"answer": AnswerSettings(read_on=False)},
        {"chat": ChatSettings(llm="openai:any", base_url="http://127.0.0.1:9/v1")},
    ],
)
def test_nothing_is_read_on_where_it_is_switched_off_or_costs_money(judged, changed) -> None:
    chat = InTurn(WRONG, RIGHT)
    settings = judged.settings.model_copy(update=changed)
    replace(judged, chat=chat, settings=settings).ask(TANKS)
    assert len(chat.asked) == 1


def test_an_answer_of_a_second_reading_holds_when_it_is_replayed(judged) -> None:
    qa = replace(judged, chat=InTurn(WRONG, RIGHT))
    answer = qa.ask(TANKS)
    found = replay(answer, qa)
    assert not [c for c in found.changes if c.kind == "evidence"]
