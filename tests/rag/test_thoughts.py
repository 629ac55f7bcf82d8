"""Thoughts of a reasoning model never become a part of its answer, wherever it puts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.models.thoughts import Sieve, without

SAID = "Profits rose 12 percent."


def sieved(pieces) -> str:
    sieve = Sieve()
    return "".join([*(sieve.feed(p) for p in pieces), sieve.end()])


@pytest.mark.parametrize(
    "text",
    [
        f"<think>21 or 12?</think>{SAID}",
        f"<think>\n21?\n</think>\n\n{SAID}",
        f"<THINKING>no < yes</THINKING> {SAID}",
        f"<reasoning>a</reasoning><think>b</think>{SAID}",
    ],
)
def test_what_stands_between_the_tags_is_left_out(text: str) -> None:
    assert without(text).strip() == SAID
    assert sieved(text).strip() == SAID
    assert sieved([text]).strip() == SAID


def test_a_thought_whose_beginning_was_in_the_prompt_is_left_out_as_well() -> None:
    assert without(f"It was 12, not 21.</think>{SAID}") == SAID


def test_a_thought_without_an_end_is_all_thought() -> None:
    assert without("<think>so much to think about") == ""
    assert sieved(["<th", "ink>so much", " to think"]) == ""


@given(st.text(alphabet="ab <>/&", max_size=40), st.integers(1, 7))
def test_text_without_thoughts_comes_through_whole_however_it_is_cut(text: str, size: int) -> None:
    assert sieved(text[n : n + size] for n in range(0, len(text), size)) == text


@given(st.lists(st.sampled_from(["<think>", "</think>", "a", "<", "b c", "thi"]), max_size=9))
def test_however_it_is_cut_the_same_is_left(parts: list[str]) -> None:
    text = "".join(parts)
    assert sieved(text).split() == sieved([text]).split()
