"""Metrics against values worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from eval import answers, citations, ranking
from eval.abstention import (
    Judged,
    area,
    calibration_error,
    declined_right,
    declined_wrong,
    reliability,
    risk_coverage,
    truthful,
)
from eval.answers import holds, normalise, overlap
from eval.cases import Gold
from eval.metrics import METRICS, score
from rag.types import Answer, Conflict, Span
from tests.eval.conftest import cite, make_article, make_case, say, trial


def by_name(name: str, *args: object) -> float | None:
    metric = next(m for m in METRICS if m.name == name)
    return metric.score(trial(*args))  # type: ignore[arg-type]


def test_normalising_drops_case_articles_and_punctuation() -> None:
    assert normalise("The  “Big-Ben”, a clock; $1,200!") == ["big", "ben", "clock", "1200"]


@pytest.mark.parametrize(
    ("text", "accepted", "expected"),
    [
        ("It employed 412 people.", "412", True),
        ("It employed 4,120 people.", "412", False),
        ("He moved to New York City.", "new york", True),
        ("York, the new one", "new york", False),
        ("Yes, it did.", "yes", True),
        ("It said yes.", "yes", False),
        ("There is no reason.", "no", False),
        ("No.", "no", True),
        ("anything", "", False),
        ("anything", "the", False),
    ],
)
def test_an_answer_holds_whole_words_in_a_row(text: str, accepted: str, expected: bool) -> None:
    assert holds(text, accepted) is expected


def test_token_f1_counts_shared_words_as_often_as_they_occur() -> None:
    # 3 shared of 4 and 3: 2 * 3 / 7.
    assert overlap("cat sat mat cat", "cat sat cat") == pytest.approx(6 / 7)
    assert overlap("cat", "dog") == 0
    assert overlap("the", "an") == 1


def test_a_match_needs_one_of_the_answers_and_one_of_each_group() -> None:
    case = make_case(answers=(), answers_all=(("412", "four hundred"), ("tuesday",)))
    assert by_name("match", case, say("On Tuesday four hundred left.")) == 1
    assert by_name("match", case, say("On Tuesday all left.")) == 0
    assert by_name("f1", case, say("On Tuesday all left.")) is None


def test_a_decline_does_not_match_and_is_left_out_when_answered() -> None:
    assert by_name("match", make_case(), say("")) == 0
    assert by_name("match_when_answered", make_case(), say("")) is None
    assert by_name("length", make_case(), say("")) is None


def test_unanswerable_cases_have_no_match() -> None:
    case = make_case(answers=(), unanswerable=True)
    assert by_name("match", case, say("anything")) is None


def test_exact_match_is_of_the_whole_answer() -> None:
    assert by_name("exact", make_case(), say("The 412.")) == 1
    assert by_name("exact", make_case(), say("412 people")) == 0
    assert by_name("length", make_case(), say("412 people")) == 2


def test_being_misled_is_to_state_the_false_value_and_not_the_true_one() -> None:
    case = make_case(wrong=("500",))
    assert by_name("misled", case, say("500 people")) == 1
    assert by_name("misled", case, say("412 people, or 500")) == 0
    assert by_name("misled", make_case(), say("500 people")) is None


def test_a_conflict_is_shown_when_the_answer_has_one() -> None:
    case = make_case(kind="conflict")
    shown = replace(say("412"), conflicts=(Conflict(kind="conflict", readings=()),))
    assert by_name("conflict_shown", case, shown) == 1
    assert by_name("conflict_shown", case, say("412")) == 0
    assert by_name("conflict_shown", make_case(), shown) is None


def test_the_upstream_scorer_calls_one_shared_word_right() -> None:
    case = make_case(answers=("no",))
    assert answers.shared_word(trial(case, say("yes no"))) == 1
    assert answers.match(trial(case, say("yes no"))) == 0


def test_citation_precision_and_recall_are_over_gold_sentences() -> None:
    gold = (
        Gold(article="mill", quote="It employed 412 people."),
        Gold(article="mill", quote="The mill in Varrow closed on Tuesday."),
    )
    case = make_case(evidence=gold)
    answer = say(
        "412",
        cite("It employed 412 people."),
        cite("The owner said the river had risen by two metres."),
    )
    assert by_name("citation_precision", case, answer) == 0.5
    assert by_name("citation_recall", case, answer) == 0.5
    assert by_name("citation_recall", case, say("412")) == 0
    assert by_name("citation_precision", case, say("412")) is None
    assert by_name("citation_recall", case, say("")) is None


def test_the_same_words_in_a_copy_of_the_article_are_gold_too() -> None:
    copied = make_article("copy", "It employed 412 people. More.")
    answer = say("412", cite("It employed 412 people.", copied))
    assert by_name("citation_precision", make_case(), answer) == 1


def test_a_quote_next_to_the_gold_one_is_not_gold() -> None:
    answer = say("Tuesday", cite("The mill in Varrow closed on Tuesday."))
    assert by_name("citation_precision", make_case(), answer) == 0


def test_a_citation_is_valid_when_its_words_stand_at_its_offsets() -> None:
    good = cite("It employed 412 people.")
    moved = replace(good, span=Span(start=good.span.start + 1, end=good.span.end + 1))
    elsewhere = replace(good, source=replace(good.source, article_id="gone"))
    assert by_name("citation_valid", make_case(), say("412", good)) == 1
    assert by_name("citation_valid", make_case(), say("412", good, moved)) == 0.5
    assert by_name("citation_valid", make_case(), say("412", elsewhere)) == 0
    assert by_name("citation_valid", make_case(), say("412")) is None


def test_uncited_statements_are_a_share_of_the_answers_sentences() -> None:
    both = replace(
        say("412", cite("It employed 412 people.")),
        statements=(
            *say("412", cite("It employed 412 people.")).statements,
            *say("And more.").statements,
        ),
    )
    assert by_name("uncited", make_case(), both) == 0.5
    assert by_name("uncited", make_case(), say("")) is None


@pytest.mark.parametrize(
    ("unanswerable", "text", "expected"),
    [(False, "412", 1), (False, "", 0), (False, "9", -1), (True, "", 1), (True, "412", -1)],
)
def test_truthfulness_is_plus_one_zero_or_minus_one(
    unanswerable: bool, text: str, expected: int
) -> None:
    case = make_case(unanswerable=unanswerable, answers=() if unanswerable else ("412",))
    assert truthful(trial(case, say(text))) == expected


def test_declines_are_right_or_wrong_by_the_case() -> None:
    known, unknown = make_case(), make_case(unanswerable=True, answers=())
    assert declined_wrong(trial(known, say(""))) == 1
    assert declined_wrong(trial(unknown, say(""))) is None
    assert declined_right(trial(unknown, say(""))) == 1
    assert declined_right(trial(unknown, say("412"))) == 0
    assert declined_right(trial(known, say(""))) is None


def judged(*pairs: tuple[float, bool]) -> list[Judged]:
    return [Judged(confidence=c, right=r) for c, r in pairs]


def test_the_risk_coverage_curve_starts_with_the_surest_answers() -> None:
    answered = judged((0.5, False), (0.9, True), (0.7, True), (0.6, False))
    points = risk_coverage(answered, questions=5)
    assert [(p.coverage, p.risk) for p in points] == [
        (0.2, 0.0),
        (0.4, 0.0),
        (pytest.approx(0.6), pytest.approx(1 / 3)),
        (0.8, 0.5),
    ]
    # By hand: (0 + 0 + 1/3 + 1/2) / 4.
    assert area(points) == pytest.approx(5 / 24)
    assert area(()) is None


def test_equal_confidences_enter_the_curve_together_in_any_order() -> None:
    first = risk_coverage(judged((0.5, True), (0.5, False)), questions=2)
    second = risk_coverage(judged((0.5, False), (0.5, True)), questions=2)
    assert first == second
    assert [(p.coverage, p.risk) for p in first] == [(1.0, 0.5)]


def test_reliability_compares_confidence_with_the_share_right() -> None:
    bins = reliability(judged((0.95, True), (0.92, False), (1.0, True), (0.05, False)))
    assert [(b.low, b.n) for b in bins] == [(0.0, 1), (0.9, 3)]
    assert bins[1].confidence == pytest.approx(2.87 / 3)
    assert bins[1].right == pytest.approx(2 / 3)
    # By hand: (1 * |.05 - 0| + |2.87 - 2|) / 4.
    assert calibration_error(bins) == pytest.approx((0.05 + 0.87) / 4)
    assert calibration_error(()) is None


def test_ranking_metrics_have_their_textbook_values() -> None:
    case = make_case(
        evidence=(Gold(article="a"), Gold(article="b")),
        articles=(make_article("a"), make_article("b", "Another text.")),
    )
    found = score(trial(case, None, ("x", "a", "y", "z", "w", "b")), ranking.METRICS)
    assert found["hits@1"] == 0
    assert found["hits@4"] == 1
    assert found["mrr@10"] == 0.5
    assert found["all_facts@4"] == 0
    assert found["all_facts@10"] == 1
    dcg = 1 / math.log2(3) + 1 / math.log2(7)
    assert found["ndcg@10"] == pytest.approx(dcg / (1 + 1 / math.log2(3)))


def test_retrieving_nothing_scores_zero_and_no_gold_scores_nothing() -> None:
    assert by_name("hits@4", make_case(), None, ()) == 0
    assert by_name("hits@4", make_case(evidence=()), None, ("a",)) is None
    assert by_name("hits@4", make_case(), None, None) is None


def test_what_was_chosen_to_be_read_holds_the_gold_or_not() -> None:
    asked = trial(make_case(), None, ("x", "mill"))
    there = replace(asked, chosen="The mill closed.\nIt employed 412 people.")
    lost = replace(asked, chosen="The mill closed.")
    assert score(there)["evidence"] == score(there)["evidence_when_found"] == 1
    assert score(lost)["evidence"] == score(lost)["evidence_when_found"] == 0
    assert "evidence" not in score(asked)


def test_a_choice_is_judged_apart_where_the_article_was_found() -> None:
    missed = replace(trial(make_case(), None, ("x",)), chosen="It employed 412 people.")
    assert score(missed)["evidence"] == 1
    assert "evidence_when_found" not in score(missed)


def test_yes_is_in_no_text_to_be_found() -> None:
    polar = replace(trial(make_case(answers=("Yes",))), chosen="Yes, it did.")
    assert "evidence" not in score(polar)
    several = make_case(answers=(), answers_all=(("412",), ("tuesday",)))
    assert score(replace(trial(several), chosen="412 on Tuesday"))["evidence"] == 1
    assert score(replace(trial(several), chosen="412 on Monday"))["evidence"] == 0


def test_every_metric_is_defined_in_words_and_named_once() -> None:
    assert all(len(metric.definition) > 30 for metric in METRICS)
    assert len({metric.name for metric in METRICS}) == len(METRICS)


def test_an_answer_scores_only_what_applies() -> None:
    answer: Answer = say("412 people.", cite("It employed 412 people."))
    found = score(trial(make_case(), answer))
    assert found["match"] == found["citation_precision"] == found["citation_valid"] == 1
    assert "hits@4" not in found
    assert "declined_right" not in found
    assert citations.recall(trial(make_case(), None)) is None


def test_of_alternatives_in_one_part_one_is_enough() -> None:
    gold = (
        Gold(article="mill", quote="It employed 412 people.", part=1),
        Gold(article="mill", quote="The mill in Varrow closed on Tuesday.", part=1),
        Gold(article="late", quote="", part=2),
    )
    case = make_case(evidence=gold, articles=(make_article(), make_article("late", "Later.")))
    assert by_name("citation_recall", case, say("412", cite("It employed 412 people."))) == 1
    assert by_name("all_facts@4", case, None, ("mill",)) == 0
    assert by_name("all_facts@4", case, None, ("late", "x", "mill")) == 1


def test_a_possessive_holds_the_name() -> None:
    assert holds("Brazil's race goes to a run-off.", "Brazil")
    assert holds("It is McDonald’s.", "McDonald's")
    assert not holds("The Brazilians vote.", "Brazil")
