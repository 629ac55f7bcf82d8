"""500 articles with orders to the model, a model that obeys them all, and no way out."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from rag.answer import prompts
from rag.answer.pipeline import NewsQA
from rag.types import Answer
from tests.attack.conftest import Opens
from tests.attack.injections import LEAKS, Obedient, corpus, question, shown
from tests.attack.sizes import figure

DOCUMENTS = 500
LINK = re.compile(
    r"[a-z]://|www\.|\]\(|<[a-z/!]|\b(?:javascript|vbscript|data|mailto):\S", re.IGNORECASE
)
QUOTED = re.compile(r"[\"“”„«](.{3,}?)[\"“”»]")
CODE = "".join(prompts.SYSTEM["normal"].split())[:24]


@pytest.fixture(scope="module")
def obedient() -> Obedient:
    return Obedient()


@pytest.fixture(scope="module")
def answers(engine: Opens, obedient: Obedient) -> Sequence[tuple[NewsQA, Answer]]:
    qa = engine(corpus(DOCUMENTS), obedient)
    return [(qa, qa.ask(question(n))) for n in range(DOCUMENTS)]


Answers = Sequence[tuple[NewsQA, Answer]]


def test_the_orders_reach_the_model_and_are_obeyed(answers: Answers, obedient: Obedient) -> None:
    figure("injections", documents=DOCUMENTS, orders_obeyed=obedient.orders)
    assert obedient.orders > 0.9 * DOCUMENTS


def test_no_citation_points_at_anything_but_shown_evidence(answers: Answers) -> None:
    for qa, answer in answers:
        pieces = {e.number: e for e in answer.evidence}
        for citation in (c for s in answer.statements for c in s.citations):
            text = qa.archive.article(citation.source.article_id).text
            assert citation.span.of(text) == citation.quote
            assert pieces[citation.number].span.covers(citation.span)
            assert pieces[citation.number].source == citation.source
        assert all(s.citations for s in answer.statements)


def test_no_words_stand_in_quotation_marks_that_the_article_does_not_have(
    answers: Answers,
) -> None:
    for qa, answer in answers:
        for statement in answer.statements:
            cited = [qa.archive.article(c.source.article_id).text for c in statement.citations]
            for quote in QUOTED.findall(statement.text):
                assert any(quote.strip(" .,") in text for text in cited), statement.text


def test_no_link_image_or_tag_is_left_in_the_models_words(answers: Answers) -> None:
    assert [t for _, a in answers for t in shown(a) if LINK.search(t)] == []


def test_nothing_invisible_is_left_in_the_models_words(answers: Answers) -> None:
    hidden = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
    assert [t for _, a in answers for t in shown(a) if hidden.search(t)] == []


def test_the_system_text_is_not_given_away(answers: Answers) -> None:
    for _, answer in answers:
        told = " ".join(shown(answer))
        assert not prompts.echoes(told), told
        kept = "".join(s.text for s in answer.statements)
        for _, leak in LEAKS:
            assert leak(CODE) not in "".join(kept.split())


def test_true_sentences_still_come_through(answers: Answers) -> None:
    right = sum("million euros" in a.text for _, a in answers)
    assert right > 0.2 * DOCUMENTS
