"""Stories as agencies tell them: what changed, what is disputed, when it was and how long it took.

The real encoder and cross-encoder read our own articles; no chat model is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from rag.answer.differ.causes import causes
from rag.answer.pipeline import NewsQA, open_qa
from rag.answer.told.lasting import begun, measure
from rag.answer.told.lead import on_its_day
from rag.models.reranker import load
from rag.question.asked import asked
from rag.question.comparison import compared
from rag.question.query import read
from rag.search.candidates import Candidate, nearest
from rag.settings import ChatSettings, RerankSettings, Settings
from rag.types import Ruling
from tests.rag.making import make, sentences_of

WIRE = Path(__file__).parents[2] / "eval" / "wire"


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewsQA]:
    from rag.archive.archive import Archive
    from rag.ingest.run import ingest
    from rag.models import catalogue, embed

    if catalogue.locate(catalogue.RERANKER) is None:
        pytest.skip("the reranker is not on this machine (dateline models pull)")
    folder = tmp_path_factory.mktemp("wire")
    with Archive.create(folder) as archive:
        list(ingest(archive, embed.load(Settings().embed), [WIRE], Settings()))
    rerank = RerankSettings(model=catalogue.RERANKER.name)
    settings = Settings(archive=folder, chat=ChatSettings(llm="none"), rerank=rerank)
    with open_qa(settings) as opened:
        yield opened


def ruling(qa: NewsQA, question: str) -> Ruling:
    found = qa.ask(question).verdict
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How long did the 2024 bus strike in Marlow last?", "17 days"),
        ("How many days after the protest in Velt was the diesel tax scrapped?", "17 days"),
        ("Who coaches Halden Ravens?", "Petra Hoel"),
        ("Is Pavel Drost still in prison?", "quashed"),
        ("Did Brightwell take over Cordell?", "abandoned"),
        ("When was the Helio probe launched?", "14 October 2024"),
        ("When was the conviction of Pavel Drost quashed?", "12 December 2024"),
        ("What share of infections does Bionora's malaria vaccine prevent?", "71 percent"),
    ],
)
def test_the_line_gives_the_state_the_day_or_the_length(
    qa: NewsQA, question: str, said: str
) -> None:
    found = ruling(qa, question)
    assert said in found.text
    assert found.kind != "disputed"


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("What started the fire in the tower block in Estin?", ("heater", "Welding")),
        ("How many farmers protested in Velt?", ("1,500", "5,000")),
        ("How many bus drivers joined the strike in Marlow in March 2024?", ("2,400", "900")),
    ],
)
def test_what_two_voices_say_otherwise_is_disputed(
    qa: NewsQA, question: str, values: tuple[str, ...]
) -> None:
    found = ruling(qa, question)
    assert found.kind == "disputed"
    assert all(v in found.text for v in values)


def test_one_value_in_other_words_is_no_dispute(qa: NewsQA) -> None:
    answer = qa.ask("To how long a prison term did the appeals court reduce the sentence of Drost?")
    assert answer.conflicts == ()


def about(logit: float, article: str, text: str, day: date) -> Candidate:
    (made,) = sentences_of(make(article, text, publisher=article, published=day))
    return replace(made, logit=logit)


SHUT = about(4.5, "a", "The Ostrel road was closed on Monday.", date(2024, 1, 9))
OPEN = about(2.0, "b", "The Ostrel road reopened on Monday.", date(2024, 2, 20))
OTHER = about(-9.0, "c", "The ferry port reopened on Monday.", date(2024, 7, 2))


def test_a_length_goes_from_the_begin_to_the_end_of_one_thing() -> None:
    query = read("How long was the Ostrel road closed?")
    order = measure(query, [SHUT, OPEN, OTHER], "normal")
    assert order is not None
    assert order.line.startswith("42 days: it began (8 January 2024); it ended (19 February 2024)")


def test_what_no_report_calls_over_has_no_length() -> None:
    query = read("How long was the Ostrel road closed?")
    assert measure(query, [SHUT, OTHER], "normal") is None


def test_a_length_that_a_sentence_gives_is_not_computed() -> None:
    said = about(6.0, "d", "The road was shut for six weeks.", date(2024, 2, 21))
    assert (
        measure(read("How long was the Ostrel road closed?"), [said, SHUT, OPEN], "normal") is None
    )


def test_an_arrest_is_not_the_begin_of_the_trial() -> None:
    held = about(-1.5, "a", "Jon Falk was arrested on Monday.", date(2023, 1, 10))
    began = about(3.5, "b", "The trial of Jon Falk opened on Monday.", date(2024, 1, 9))
    over = about(1.0, "c", "Judges acquitted Jon Falk on Monday.", date(2024, 2, 20))
    order = measure(read("How long did the trial of Jon Falk last?"), [began, over, held], "normal")
    assert order is not None
    assert order.line.startswith("42 days")


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("How long did the strike in Marl last?", "When did the strike in Marl begin?"),
        ("How many days was the road closed?", "When was the road closed?"),
        ("For how long were the miners trapped?", "When were the miners trapped?"),
        ("How long did the trial of Jon Falk take?", "When did the trial of Jon Falk begin?"),
        ("What lasted?", "What lasted?"),
    ],
)
def test_the_begin_is_asked_for_by_itself(question: str, asked: str) -> None:
    assert begun(question) == asked


class Begins:
    """Finds only what says "opened" to tell of a begin."""

    name = "begins"

    def score(self, pairs):
        return tuple(5.0 if "opened" in text else -5.0 for _, text in pairs)


def test_what_tells_of_the_begin_is_read_for_that_question() -> None:
    held = about(3.0, "a", "Jon Falk was charged on Monday.", date(2023, 1, 10))
    began = about(1.5, "b", "The trial of Jon Falk opened on Monday.", date(2024, 1, 9))
    over = about(1.0, "c", "Judges acquitted Jon Falk on Monday.", date(2024, 2, 20))
    query = read("How long did the trial of Jon Falk last?")
    order = measure(query, [held, began, over], "normal", Begins())
    assert order is not None
    assert order.line.startswith("42 days")


def test_a_headline_does_not_tell_of_the_begin_for_the_sentences_below_it(qa: NewsQA) -> None:
    said = make(
        "a",
        "The trial of Jon Falk opened on Monday. He had been arrested on 10 January.",
        title="Trial of Jon Falk opens",
        published=date(2024, 3, 5),
    )
    began, held = (replace(c, logit=3.0) for c in sentences_of(said))
    over = about(1.0, "c", "Judges acquitted Jon Falk on Monday.", date(2024, 4, 16))
    query = read("How long did the trial of Jon Falk last?")
    order = measure(query, [began, held, over], "normal", load(RerankSettings()))
    assert order is not None
    assert order.line.startswith("42 days: it began (4 March 2024)")


def test_a_state_lasts_from_the_day_since_which_it_is() -> None:
    shut = about(4.5, "a", "The road has been closed since Monday.", date(2024, 1, 10))
    again = about(2.0, "b", "Cars drive on the road again from Monday.", date(2024, 2, 20))
    order = measure(read("How long was the road closed?"), [shut, again], "normal")
    assert order is not None
    assert order.line.startswith("42 days: it began (8 January 2024); it ended (19 February 2024)")


def test_so_long_after_something_is_no_length_of_it() -> None:
    shut = about(
        6.5, "a", "The road was closed on Monday, six weeks after the storm.", date(2024, 1, 9)
    )
    order = measure(read("How long was the road closed?"), [shut, OPEN], "normal")
    assert order is not None
    assert order.line.startswith("42 days")


def test_of_two_events_of_one_name_the_last_is_dated() -> None:
    old = about(6.8, "a", "Falk won the election for mayor on Sunday.", date(1998, 10, 5))
    new = about(6.2, "b", "Brandt won the election for mayor on Sunday.", date(2024, 10, 7))
    found = on_its_day([old, new])
    assert found is not None
    assert found[1:] == (date(2024, 10, 6), date(2024, 10, 6))


def test_a_report_that_tells_it_without_a_day_leaves_the_day_open() -> None:
    told = about(9.0, "a", "The bid has been abandoned.", date(2024, 10, 1))
    other = about(3.0, "b", "The takeover was blocked on Thursday.", date(2024, 9, 5))
    assert on_its_day([told, other]) is None


def test_a_plan_does_not_say_when_it_was() -> None:
    plan = about(9.0, "a", "The probe is due to be launched in March 2024.", date(2022, 9, 20))
    done = about(2.2, "b", "The probe lifted off on Monday.", date(2024, 10, 15))
    found = on_its_day([plan, done])
    assert found is not None
    assert found[0] is done


def test_causes_of_one_voice_or_with_the_same_words_are_no_dispute() -> None:
    query = read("What caused the fire in the mill?")
    police = about(8.0, "a", "A faulty heater caused the fire, police said.", date(2024, 2, 7))
    again = about(7.5, "b", "The faulty heater caused it, a report says.", date(2024, 2, 9))
    tenants = about(8.4, "c", "Welding started the fire, the tenants said.", date(2024, 2, 9))
    assert causes(query, [police, again]) is None
    found = causes(query, [police, tenants])
    assert found is not None
    assert [r.citations[0].source.article_id for r in found.readings] == ["c", "a"]


def test_bus_is_no_plural() -> None:
    wanted = asked(read("How many bus drivers joined the strike?"))
    assert wanted is not None
    assert wanted.head.startswith("driv")


def test_an_event_that_is_its_own_is_the_others() -> None:
    found = compared("How many days after its launch did Helio reach Mars?")
    assert found is not None
    assert found.first == "Helio's launch"


def test_without_a_cross_encoder_nothing_is_nearest() -> None:
    assert nearest([replace(SHUT, logit=None)], 2.0, 0.0) == []
