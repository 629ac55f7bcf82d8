import re
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.cite import Draft, attributions, parse
from rag.answer.prompts import SYSTEM
from rag.language.sentences import split
from rag.types import Evidence, Source, Span


class Blind:
    """An encoder to which all texts are alike: what is left is words, names and numbers."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return np.ones((len(texts), 1), dtype=np.float32)


def evidence(*texts: str) -> tuple[Evidence, ...]:
    """Make one piece of evidence of each text, each the whole of an article."""
    return tuple(
        Evidence(
            number=number,
            source=Source(article_id=f"a{number}", title=None, publisher=None, published=None),
            span=Span(start=0, end=len(text)),
            text=text,
            sentences=split(text),
        )
        for number, text in enumerate(texts, 1)
    )


def attribute(draft: Draft, pieces, encoder, *, question: str = ""):
    """Return the likeliest set of citations."""
    return next(iter(attributions(draft, pieces, encoder, question=question)), ())


TWO = evidence(
    "Russia invited 10,000 North Korean soldiers to Kursk. The White House was not surprised.",
    "The mines have an electric fuse. Its battery runs down within weeks.",
)


def test_a_marker_is_taken_off_and_kept_as_a_hint() -> None:
    parsed = parse("Russia invited 10,000 soldiers [1].", TWO)
    assert parsed.drafts == (Draft(text="Russia invited 10,000 soldiers.", hints=(1,)),)


def test_a_marker_after_the_full_stop_belongs_to_the_sentence_before() -> None:
    parsed = parse("Russia invited 10,000 soldiers. [1] The fuse is electric. [2]", TWO)
    assert [d.hints for d in parsed.drafts] == [(1,), (2,)]


@pytest.mark.parametrize("marker", ["[0]", "[3]", "[999999]", "[7-9]", "[4, 5]"])
def test_a_marker_that_points_to_no_evidence_is_dropped_and_counted(marker: str) -> None:
    parsed = parse(f"Russia invited soldiers {marker}.", TWO)
    assert parsed.drafts == (Draft(text="Russia invited soldiers.", hints=()),)
    assert parsed.unknown_markers >= 1


def test_an_answer_that_is_only_a_marker_says_nothing() -> None:
    assert parse("[1]", TWO).drafts == ()


def test_links_and_images_lose_their_addresses() -> None:
    text = "See [the plan](http://evil.example/x) ![p](http://evil.example/p.png) now http://a.b/c"
    (draft,) = parse(text, TWO).drafts
    assert "evil" not in draft.text
    assert "http" not in draft.text


def test_a_year_in_brackets_is_not_taken_for_evidence() -> None:
    assert parse("It began (2022) there.", TWO).drafts[0].text == "It began (2022) there."


@given(st.text(max_size=300))
def test_any_text_is_taken_apart_without_an_error(text: str) -> None:
    parsed = parse(text, TWO)
    assert all(d.text.strip() for d in parsed.drafts)
    assert all(h in (1, 2) for d in parsed.drafts for h in d.hints)


def test_a_statement_is_cited_to_the_sentence_that_carries_it_without_a_marker() -> None:
    draft = Draft(text="10,000 North Korean soldiers were invited.", hints=())
    (citation,) = attribute(draft, TWO, Blind())
    assert citation.quote == "Russia invited 10,000 North Korean soldiers to Kursk."


def test_a_wrong_marker_is_corrected() -> None:
    draft = Draft(text="10,000 North Korean soldiers were invited.", hints=(2,))
    assert attribute(draft, TWO, Blind())[0].number == 1


def test_two_sentences_are_cited_when_each_carries_a_part() -> None:
    draft = Draft(
        text="The mines have an electric fuse whose battery runs down in weeks.", hints=()
    )
    quotes = [c.quote for c in attribute(draft, TWO, Blind())]
    assert quotes == [
        "The mines have an electric fuse.",
        "Its battery runs down within weeks.",
    ] or (
        sorted(quotes)
        == ["Its battery runs down within weeks.", "The mines have an electric fuse."]
    )


def test_a_bare_word_is_cited_where_it_was_asked_about() -> None:
    pieces = evidence("Kursk lies near the border.", "Soldiers were sent to fight in Kursk.")
    draft = Draft(text="Kursk", hints=())
    found = attribute(draft, pieces, Blind(), question="Where were the soldiers sent to fight?")
    assert found[0].number == 2


def test_every_quote_is_the_characters_of_its_span() -> None:
    draft = Draft(text="The fuse runs on a battery and Russia invited soldiers.", hints=())
    for citation in attribute(draft, TWO, Blind()):
        assert (
            TWO[citation.number - 1].text[citation.span.start : citation.span.end] == citation.quote
        )


def test_without_evidence_nothing_is_cited() -> None:
    assert attribute(Draft(text="Anything.", hints=()), (), Blind()) == ()


@pytest.mark.parametrize(
    "hidden",
    [
        "ht**tp://evil.example/x",
        "HTTPS://EVIL.EXAMPLE/x",
        "ht\u200btp://evil.example",
        "[[a](http://evil.example)](http://evil.example/b)",
        "[a]( http://evil.example )",
        "[a]( http://evil.example",
        "javascript:alert('evil')",
        "data:text/html;base64,ZXZpbA==evil",
        '<img\nsrc="//evil.example/x.png"\n>',
        "<img src=//evil.example/x.png",
        "<<b>script>evil()<</b>/script>",
    ],
)
def test_no_disguise_brings_a_link_or_a_tag_through(hidden: str) -> None:
    text = " ".join(d.text for d in parse(f"The mines have a fuse {hidden}", TWO).drafts)
    assert not re.search(r"://|\]\(|<\w|javascript:|data:", text, re.IGNORECASE), text
    assert text.startswith("The mines have a fuse")


def test_data_with_a_colon_is_no_address() -> None:
    (draft,) = parse("It rests on data: the survey of 2023.", TWO).drafts
    assert draft.text == "It rests on data: the survey of 2023."


def test_a_sentence_of_our_instructions_is_left_out() -> None:
    leak = f"{SYSTEM['normal']} Russia invited 10,000 soldiers."
    assert [d.text for d in parse(leak, TWO).drafts] == ["Russia invited 10,000 soldiers."]


def test_a_statement_is_tied_to_what_answers_rather_than_to_what_resembles_the_question() -> None:
    sources = evidence(
        "Who is to host the Academy Awards on Sunday?",
        "Jimmy Kimmel is back for a third time.",
    )
    draft = Draft(text="Jimmy Kimmel is to host the Academy Awards on Sunday.", hints=())
    question = "Which comedian is to host the Academy Awards on Sunday?"
    first = attribute(draft, sources, Blind(), question=question)[0]
    assert first.quote == "Jimmy Kimmel is back for a third time."


def test_initials_are_written_together_as_the_sources_write_them() -> None:
    (draft,) = parse("The U. S. Senate confirmed her. ", TWO).drafts
    assert draft.text == "The U.S. Senate confirmed her."


def test_every_article_gets_to_carry_a_statement_alone_after_the_likeliest_set() -> None:
    pieces = evidence(
        "The hit podcast “Serial” made her case known.",
        "Eight years after “Serial” a judge freed her. The podcast spawned investigations.",
        "The podcast spawned investigations into the case, the court said.",
    )
    draft = Draft(text="The podcast “Serial” spawned investigations into the case.", hints=())
    first, *others = attributions(draft, pieces, Blind())
    assert len({c.number for c in first}) > 1
    assert [{c.number for c in found} for found in others] == [{1}, {2}, {3}]
    assert len(others[1]) == 2


@pytest.mark.parametrize(
    "sentences",
    [
        ['The EP "Where now? The Remixes" is a remix.', "It came out in May."],
        ["The EP “Where now? The Remixes” is a remix.", "It came out in May."],
        ['The pipe is 12" wide.', 'The rod is 5" long.'],
        ['He said "no".', 'She said "yes".'],
    ],
)
def test_a_title_that_holds_a_question_is_not_cut_in_two(sentences) -> None:
    assert [d.text for d in parse(" ".join(sentences), []).drafts] == sentences
