"""A draft held against the sample archive: what each kind of sentence is found to be."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eval.drafts import load
from rag.answer.draft import check, claims
from rag.answer.pipeline import open_qa
from rag.models.catalogue import RERANKER, locate
from rag.settings import RerankSettings, Settings
from rag.types import Filter


@pytest.fixture(scope="module")
def machine(sample_archive: Path) -> Iterator[Any]:
    with open_qa(Settings(archive=sample_archive, chat={"llm": "none"})) as qa:
        yield qa


def test_the_sentences_of_a_draft_are_told_apart_with_their_quotes(machine: Any) -> None:
    draft = (
        "Reid Wiseman will command Artemis II. Victor Glover will command Artemis II. "
        "The federal funds rate is between 5.25 and 5.5 percent. "
        "The film Oppenheimer won seven Academy Awards. What comes next?"
    )
    seen: list[tuple[int, int]] = []
    found = list(check(draft, machine, progress=lambda *at: seen.append(at)))
    assert [one.finding for one in found] == [
        "one_source", "contradicted", "changed_since", "not_in_archive", "no_claim",
    ]  # fmt: skip
    assert seen == [(n, 5) for n in range(6)]
    for one in found:
        assert " ".join(one.span.of(draft).split()) == one.text
        for cited in (*one.support, *one.against):
            text = machine.archive.article(cited.source.article_id).text
            assert cited.span.of(text) == cited.quote
    assert "Reid Wiseman will command" in found[0].support[0].quote
    assert found[1].against
    assert found[1].reasons
    changed = found[2]
    assert changed.support[0].source.published < changed.against[0].source.published


@pytest.fixture(scope="module")
def judging(sample_archive: Path) -> Iterator[Any]:
    if locate(RERANKER) is None:
        pytest.skip("the reranker is not on this machine (dateline models pull)")
    reranking = RerankSettings(model=RERANKER.name)
    with open_qa(Settings(archive=sample_archive, chat={"llm": "none"}, rerank=reranking)) as qa:
        yield qa


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Chandrayaan-3 lifted off on July 14 from Sriharikota.", "was launched on July 14"),
        ("The Port of Baltimore's main shipping channel has been fully reopened.", "restored"),
        ("The Titan's tail cone was discovered about 1,600 feet from the Titanic's bow.", "found"),
    ],
)
def test_what_a_source_says_in_other_words_bears_a_claim_out(
    judging: Any, text: str, said: str
) -> None:
    (one,) = check(text, judging)
    assert one.finding == "one_source"
    assert said in one.support[0].quote


@pytest.mark.parametrize(
    "text",
    [
        "Chandrayaan-3 did not lift off on July 14 from Sriharikota.",
        "Chandrayaan-3 lifted off on July 17 from Sriharikota.",
        "Sweden did not become a member of NATO in March 2024.",
        "Sweden became NATO's 31st member in March 2024.",
        "Beth Hammack voted for the cut in December 2024.",
    ],
)
def test_other_words_bear_out_no_claim_with_a_wrong_value_or_denial(
    judging: Any, text: str
) -> None:
    (one,) = check(text, judging)
    assert one.finding in ("contradicted", "not_in_archive")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Sweden joined NATO in 2021.", "not '2021'"),
        ("The rover Pragyan weighs 31 kilograms.", "26 kilograms, not 31 kilograms"),
        ("Chandrayaan-3 was launched in 2019.", "not '2019'"),
    ],
)
def test_a_source_with_another_day_or_number_contradicts(
    judging: Any, text: str, said: str
) -> None:
    (one,) = check(text, judging)
    assert one.finding == "contradicted"
    assert said in " ".join(one.reasons)


@pytest.mark.parametrize(
    "text",
    [
        "NASA replaced the heat shield of the Artemis II capsule.",
        "Human Rights Watch accused Biden of escalating the war.",
        "The United States has delivered 31 Abrams tanks to Ukraine.",
        "Artemis III put astronauts on the surface near the lunar south pole.",
        "China was the first country to land a spacecraft near the moon's south pole.",
    ],
)
def test_another_deed_a_plan_and_another_doer_bear_out_nothing(judging: Any, text: str) -> None:
    (one,) = check(text, judging)
    assert one.finding in ("contradicted", "not_in_archive")
    assert not one.support


def test_the_harder_sentences_are_half_unread_and_of_every_kind() -> None:
    cases = load("hard")
    assert len({c.id for c in cases}) == 88
    assert {c.change for c in cases if c.label == "false"} == {"verb", "plan", "subject", "role"}
    assert sum(c.half == "unread" for c in cases) == 44
    assert {c.archive for c in cases} == {"sample", "made"}


def test_independent_sources_are_counted_and_copies_of_one_story_are_not(machine: Any) -> None:
    (one,) = check("The container ship Dali brought down the Francis Scott Key Bridge.", machine)
    assert one.finding == "supported"
    assert one.sources >= 2
    (copied,) = check(
        "India became the first country to land a spacecraft near the moon's south pole.", machine
    )
    assert (copied.finding, copied.sources) == ("one_source", 1)


def test_filters_say_which_articles_may_be_read(machine: Any) -> None:
    nobody = Filter(publishers=("Nobody",))
    (one,) = check("Reid Wiseman will command Artemis II.", machine, filters=nobody)
    assert one.finding == "not_in_archive"


@pytest.mark.parametrize(
    "text", ["Who won?", "I think that it rained in Oslo.", "In our view, rates fall.", "Well."]
)
def test_questions_and_opinions_claim_nothing(text: str) -> None:
    assert not claims(text)


def test_an_empty_draft_has_no_sentences(machine: Any) -> None:
    assert list(check(" \n ", machine)) == []


def test_the_sentences_written_for_this_are_sixty_and_half_of_each_kind_unread() -> None:
    cases = load()
    assert len({c.id for c in cases}) == 60
    for label, many in (("true", 20), ("false", 20), ("changed", 10), ("absent", 10)):
        kind = [c for c in cases if c.label == label]
        assert len(kind) == many
        assert sum(c.half == "unread" for c in kind) == many // 2
