import json
from dataclasses import replace
from datetime import date

import pytest

from rag.errors import ModelUnreachable
from rag.record import from_json, to_json
from rag.settings import AnswerSettings, ChatSettings
from rag.types import Citation, Evidence, Source, Span
from rag.verify.features import NAMES, Claim, best, measure
from rag.verify.ground import Premise
from rag.verify.judge import Judge, Model, models, parse
from tests.rag.test_pipeline import TANKS, Scripted

SOURCE = Source(
    article_id="a1",
    title="Harlow port strike enters third week",
    publisher="Coastline Daily",
    published=date(2025, 4, 9),
)
TEXT = "Talks broke down on Monday. The union wants a raise of 9 percent, said Ida Brandt."


class Fixed:
    """A reranker with one score for every pair."""

    name = "fixed"

    def __init__(self, score: float) -> None:
        self.value = score

    def score(self, pairs):
        return tuple(self.value for _ in pairs)


def evidence(text: str = TEXT, source: Source = SOURCE, number: int = 1) -> Evidence:
    cut = text.index(". ") + 1
    spans = (Span(start=0, end=cut), Span(start=cut + 1, end=len(text)))
    return Evidence(
        number=number,
        source=source,
        span=Span(start=0, end=len(text)),
        text=text,
        sentences=spans,
    )


def claim(text: str, question: str = "What raise does the port union want?") -> Claim:
    piece = evidence()
    span = piece.sentences[1]
    cited = Citation(number=1, source=SOURCE, span=span, quote=piece.quote(span))
    return Claim(question=question, text=text, citations=(cited,), evidence=(piece,), certainty=0.9)


def model(**given: float) -> Model:
    weights = {name: {"weight": given.get(name, 0.0), "mean": 0.0, "scale": 1.0} for name in NAMES}
    return parse({"bias": 0.0, "weights": weights, "supported": 0.8, "likely": 0.4, "fitted": {}})


def judge(score: float = 5.0, **given: float) -> Judge:
    fitted = model(**given)
    return Judge(Fixed(score), {"worded": fitted, "quoted": fitted})


def premises(one: Claim) -> list[Premise]:
    return [Premise(text=c.quote, published=c.source.published) for c in one.citations]


def test_the_weights_that_come_with_the_package_know_every_feature_and_where_they_are_from() -> (
    None
):
    for fitted in models().values():
        assert set(fitted.weights) == set(NAMES)
        assert 0 < fitted.likely <= fitted.supported < 1
        assert fitted.fitted["n"] >= 100
        assert fitted.fitted["date"]


def test_the_words_of_the_question_are_not_asked_of_the_source() -> None:
    asked = measure(claim("The raise that the port union of Brest wants is 9 percent."), Fixed(0.0))
    assert asked["numbers_held"] == 1.0
    assert asked["names_held"] == 0.0
    assert measure(claim("The port union wants 9 percent."), Fixed(0.0))["new_faced"] == 1.0


def test_headline_outlet_and_day_of_the_article_count_as_its_words() -> None:
    told = measure(claim("Coastline Daily wrote on 9 April 2025 of a third week."), Fixed(0.0))
    assert told["names_held"] == 1.0
    assert told["numbers_held"] == 1.0


def test_a_number_that_no_one_has_counts_against_it() -> None:
    assert measure(claim("The union wants 12 percent."), Fixed(0.0))["numbers_held"] == 0.0


def test_likely_lies_between_supported_and_removed() -> None:
    found = [
        judge(score, answers=1.0).check(one := claim("It wants 9 percent."), premises(one)).support
        for score in (4.0, 0.2, -4.0)
    ]
    assert found == ["supported", "partly", "unsupported"]


@pytest.mark.parametrize(
    ("source", "false"),
    [
        ("Profits fell 12 percent, the company said.", "Profits rose 21 percent."),
        ("The group would not cut jobs, it said.", "The group would cut jobs."),
        (
            "John Smith told reporters that the plant is safe.",
            "Jane Doe told reporters that the plant is safe.",
        ),
    ],
)
def test_what_the_source_contradicts_is_never_shown_however_sure_the_judge(source, false) -> None:
    piece = evidence(f"It was a Tuesday. {source}")
    span = piece.sentences[1]
    cited = Citation(number=1, source=SOURCE, span=span, quote=piece.quote(span))
    one = Claim(question="What happened?", text=false, citations=(cited,), evidence=(piece,))
    verdict = judge(9.0, answers=1.0).check(one, premises(one))
    assert verdict.support in ("contradicted", "unsupported"), verdict
    assert verdict.reasons


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("The union wants a raise of 9 percent.", "supported"),
        ("The union wants a raise of 9 percent, beside 75 other things.", "unsupported"),
        ("The union of Ostvik wants a raise of 9 percent.", "unsupported"),
    ],
)
def test_a_number_or_a_name_that_nothing_read_has_is_removed(text, most) -> None:
    verdict = judge(9.0, answers=1.0).check(one := claim(text), premises(one))
    assert verdict.support == most
    assert bool(verdict.reasons) == (most == "unsupported")


def test_what_moved_the_judge_is_in_the_record() -> None:
    one = claim("It wants 9 percent.")
    verdict = judge(2.0, answers=1.5, carries=0.5).check(one, premises(one))
    assert dict(verdict.judged)["answers"] == pytest.approx(3.0)
    assert [name for name, _ in verdict.judged][:2] == ["answers", "carries"]


def test_the_same_sentence_of_two_articles_stands_once_among_the_best() -> None:
    copy = replace(SOURCE, article_id="a2", publisher="Inland Post")
    found = best("What?", (evidence(), evidence(source=copy, number=2)), Fixed(1.0))
    assert [c.quote for c in found] == [s.of(TEXT) for s in evidence().sentences]


class Looking(Scripted):
    """A scripted model that also says how sure it is of its answer."""

    def __init__(self, text: str, chance: float | None, error: Exception | None = None) -> None:
        super().__init__(text)
        self.chance, self.broken = chance, error
        self.looks: list[str] = []

    def yes_probability(self, messages, *, stop=None) -> float | None:
        self.looks.append(str(messages[-1].content))
        if self.broken is not None:
            raise self.broken
        return self.chance


def doubting(judged, chance: float | None, **given):
    """The engine with a judge that is in doubt of all, and knows nothing but the second look."""
    fitted = model(proposed=3.0)
    judge = Judge(judged.judge.reranker, {"worded": fitted, "quoted": model(answers=-1.0)})
    chat = Looking("The United States promised Ukraine 31 Abrams tanks.", chance, **given)
    once = judged.settings.answer.model_copy(update={"read_on": False})
    settings = judged.settings.model_copy(update={"answer": once})
    return replace(judged, chat=chat, judge=judge, settings=settings), chat


def test_in_doubt_the_model_looks_once_more_behind_the_excerpts_that_it_has_read(judged) -> None:
    sure, chat = doubting(judged, 0.95)
    answer = sure.ask(TANKS)
    assert answer.statements[0].verdict.support == "supported"
    assert dict(answer.statements[0].verdict.judged)["proposed"] > 0
    assert len(chat.looks) == 1  # however many sources were tried
    read = str(chat.asked[0][-1].content).rpartition("\n\n")[0]
    assert all(look.startswith(read) for look in chat.looks)
    assert "Proposed answer: The United States promised" in chat.looks[0]
    unsure, _ = doubting(judged, 0.05)
    assert unsure.ask(TANKS).dropped[0].verdict.support == "unsupported"


def test_a_model_that_cannot_say_or_fails_at_the_second_look_changes_nothing(judged) -> None:
    mute, _ = doubting(judged, None)
    failing, _ = doubting(judged, 0.9, error=ModelUnreachable("gone"))
    supports = {qa.ask(TANKS).statements[0].verdict.support for qa in (mute, failing)}
    assert supports == {"partly"}


@pytest.mark.parametrize(
    "changed",
    [
        {"answer": AnswerSettings(second_look=False)},
        {"chat": ChatSettings(llm="openai:any", base_url="http://127.0.0.1:9/v1")},
    ],
)
def test_no_second_look_where_it_is_switched_off_or_costs_money(judged, changed) -> None:
    qa, chat = doubting(judged, 0.95)
    qa = replace(qa, settings=qa.settings.model_copy(update=changed))
    assert qa.ask(TANKS).statements[0].verdict.support == "partly"
    assert chat.looks == []


def test_there_is_no_doubt_where_a_second_look_could_not_change_the_label() -> None:
    fitted = model(proposed=0.5)  # moves log odds by at most .75
    assert fitted.doubtful(0.5)
    assert fitted.doubtful(0.75)
    assert not fitted.doubtful(0.97)
    assert not fitted.doubtful(0.05)
    assert not model().doubtful(0.79)


def test_a_right_answer_is_shown_with_its_probability(judged) -> None:
    chat = Scripted("The United States promised Ukraine 31 Abrams tanks.")
    answer = replace(judged, chat=chat).ask(TANKS)
    assert answer.outcome == "answered"
    assert answer.confidence == answer.statements[0].verdict.score
    assert answer.statements[0].verdict.judged


def test_where_the_model_is_wrong_the_best_sentence_speaks_for_itself(judged) -> None:
    chat = Scripted("The United States promised Ukraine 75 Abrams tanks.")
    answer = replace(judged, chat=chat).ask(TANKS)
    assert answer.outcome == "partial"
    assert "31" in answer.text
    assert "75" in answer.dropped[0].text
    quote = answer.statements[0].citations[0]
    assert quote.span.of(judged.archive.article(quote.source.article_id).text) == quote.quote


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who won the Super Bowl in 2019?", "nothing_found"),  # no article has that name
        ("Who sang for the Abrams crews in Dallas?", "not_answered"),
    ],
)
def test_what_nothing_answers_is_declined_with_the_sentences_that_come_closest(
    judged, question: str, kind: str
) -> None:
    chat = Scripted("The New England Patriots won it.")
    answer = replace(judged, chat=chat).ask(question)
    assert answer.outcome == "declined"
    assert answer.declined == kind
    assert 3 <= len(answer.closest) <= 5
    for citation in answer.closest:
        text = judged.archive.article(citation.source.article_id).text
        assert citation.span.of(text) == citation.quote
    assert from_json(json.loads(json.dumps(to_json(answer)))) == answer


def test_own_words_that_do_not_answer_are_not_called_an_answer(judged) -> None:
    answer = judged.ask("What is the capital of Peru?")
    assert answer.outcome == "declined"
    assert answer.closest
