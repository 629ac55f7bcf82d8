"""What rules choose: the value, the time, the speaker, each side, and what is only described."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import eval as judges
from rag.answer.pipeline import NewsQA, open_qa
from rag.archive.archive import Archive
from rag.events import Turn
from rag.ingest.run import ingest
from rag.language.facts import answer_type
from rag.language.voice import voice
from rag.models.embed import load
from rag.question.asked import asked
from rag.question.deed import deed
from rag.question.query import read
from rag.settings import ChatSettings, Settings
from rag.types import Article, Span

TIME = Path(judges.__file__).parent / "time"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewsQA]:
    folder = tmp_path_factory.mktemp("time") / "archive"
    settings = Settings(archive=folder, chat=ChatSettings(llm="none"))
    with Archive.create(folder) as archive:
        list(ingest(archive, load(settings.embed), [TIME], settings))
    with open_qa(settings) as qa:
        yield qa


def verdict(qa: NewsQA, question: str) -> str:
    found = qa.ask(question).verdict
    return found.text if found else ""


@pytest.mark.parametrize(
    ("question", "verb"),
    [
        ("When did work on the Ostrel tunnel begin?", "begin"),
        ("When did the mayor of Velmora win the election?", "win"),
        ("How much did the company that owned the tanker pay to fishermen?", "pay"),
        ("What did the new airport of Lismark cost?", "cost"),
        ("How many rockets did Ostland fire at Velmora?", "fire"),
        ("Why was the mill in Tarn closed?", "closed"),
        ("Who is the mayor?", None),
    ],
)
def test_the_deed_of_a_question_is_the_verb_of_its_main_clause(
    question: str, verb: str | None
) -> None:
    found = deed(question)
    assert (found.text if found else None) == verb


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who was governor when the bridge opened?", "person"),
        ("How fast was the train going when it left the rails?", "number"),
        ("Which company bought the yard where the ship was built?", "organisation"),
        ("When did she say who would come?", "date"),
        ("In what time did Lund swim the strait?", "duration"),
        ("At what time did Lund start?", "date"),
        ("What were the skipper's words after the rescue?", "quote"),
        ("What was the union's reaction to the offer?", "quote"),
    ],
)
def test_the_first_word_that_asks_says_what_is_asked_for(question: str, kind: str) -> None:
    assert answer_type(question) == kind


def test_the_same_value_is_asked_for_in_other_words() -> None:
    several = [
        ["How long is the tunnel?", "What is the length of the tunnel?"],
        ["How heavy is the rover?", "What does the rover weigh?", "What is the rover's weight?"],
        ["How fast was the train?", "At what speed was the train?", "What speed did it have?"],
        ["How much oil ran out?", "What amount of oil ran out?"],
    ]
    for wordings in several:
        wanted = [asked(read(one)) for one in wordings]
        assert all(w is not None and "measure" in w.kinds for w in wanted), wordings


def test_what_is_described_is_named_first(engine: NewsQA) -> None:
    answer = engine.ask(
        "When will the clinic where Nora Lind was treated close its maternity ward?"
    )
    assert "end of March" in answer.text
    assert answer.statements[-1].text == (
        "the clinic where Nora Lind was treated: Saint Olga's Clinic"
    )
    assert answer.statements[-1].citations[0].source.article_id == "lind-1"


def test_the_name_stands_for_a_description_by_an_owner(engine: NewsQA) -> None:
    question = "How much did the company that owned the tanker Mirabel pay to fishermen?"
    assert "14 million crowns" in verdict(engine, question)


def test_two_words_for_the_voice_of_one_named_by_surname_only(engine: NewsQA) -> None:
    answer = engine.ask("What exactly did Olaf Brenn say about the cost of the agreement?")
    assert "85 million" in answer.statements[0].text


def test_a_follow_up_on_an_election_is_of_the_last_one(engine: NewsQA) -> None:
    first = "Who is the governor of Ostland?"
    before = engine.ask(first)
    answer = engine.ask("When was she elected?", history=[Turn(question=first, answer=before.text)])
    assert answer.conflicts == ()
    assert answer.verdict is not None
    assert "29 September 2024" in answer.verdict.text


def test_a_wrong_premise_is_put_right(engine: NewsQA) -> None:
    answer = engine.ask("Why did Aktis sell Norline?")
    assert answer.outcome == "declined"
    assert answer.verdict is not None
    assert "none has a word for “sell”" in answer.verdict.text
    assert "bought" in answer.verdict.text


def test_a_dispute_does_not_hang_on_the_words_of_the_question(engine: NewsQA) -> None:
    for question in (
        "How many people marched through Velmora?",
        "What number of people took part in the march through Velmora?",
        "How big was the march through Velmora?",
        "How large was the crowd that marched through Velmora in 2024?",
    ):
        said = verdict(engine, question)
        assert said.startswith("Disputed"), question
        assert "4,000" in said, question
        assert "15,000" in said, question


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("In Velmora, port spokesman Karl Odd said that Ostland would pay.", "Karl Odd"),
        ("Outside Tarn, the owner said that Nordvik would close it.", "owner"),
        ("Ostland's Defence Ministry said that it had seen nothing.", "Defence Ministry"),
    ],
)
def test_the_place_where_somebody_speaks_does_not_speak(text: str, who: str) -> None:
    article = Article(id="a", digest="a", text=text)
    assert who in voice(article, Span(start=0, end=len(text)))
