"""Typing errors are read as the words that the archive has; names and real words stay."""

from __future__ import annotations

import pytest

from rag.answer.mended import mended
from rag.answer.pipeline import NewsQA
from rag.settings import Settings

NEWS = [
    {
        "id": "dam",
        "title": "Water minister resigns over dam",
        "text": "Ivana Kovač resigned as water minister on Wednesday over the Mora dam.",
    },
    {
        "id": "ship",
        "title": "Artemis launch delayed",
        "text": "The spacecraft will launch in April. Three missiles were shot down near Easton.",
    },
    {
        "id": "play",
        "title": "Harald III is staged",
        "text": "The theatre opens with Harald III. Terminal 4 stays shut, the airport said.",
    },
]


@pytest.fixture(scope="module")
def qa(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mended") / "archive"
    with NewsQA.open(folder, chat="none", settings=Settings(archive=folder)) as opened:
        opened.add(NEWS)
        yield opened


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("who resigend as water minster", "who resigned as water minister"),
        ("wen will artmis lauch", "when will Artemis launch"),
        ("wich minister resigned", "which minister resigned"),
        ("how many misiles were shot down", "how many missiles were shot down"),
    ],
)
def test_a_word_that_is_no_word_is_read_as_the_nearest_of_the_archive(qa, typed, read) -> None:
    assert mended(typed, qa).casefold() == read.casefold()


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("When is Harald 3 staged?", "When is Harald III staged?"),
        ("When will Terminal IV open?", "When will Terminal 4 open?"),
        ("When is Harald 2 staged?", "When is Harald 2 staged?"),
        ("When will Terminal 4 open?", "When will Terminal 4 open?"),
    ],
)
def test_a_numeral_is_read_as_the_articles_write_it(qa, typed: str, read: str) -> None:
    assert mended(typed, qa) == read


@pytest.mark.parametrize(
    "typed",
    [
        "Did they shoot down missiles?",  # a word, although the archive has only "shot"
        "will it launch in April?",
        "were missiles shot down?",
        "Who succeeded the water minister?",
        "Who is Ivana Kovat?",  # a name: another one, for all that is known
        "Which articles in the archive mention dams?",
        "who resigned as water minister",
    ],
)
def test_real_words_and_names_stay_as_they_are(qa, typed: str) -> None:
    assert mended(typed, qa) == typed


def test_it_is_answered_so_says_how_it_was_read_and_can_be_asked_as_typed(qa) -> None:
    answer = qa.ask("who resigend as water minster")
    assert answer.asked_as is not None
    assert answer.asked_as.casefold() == "who resigned as water minister"
    assert "Ivana Kovač" in answer.text
    assert qa.ask("who resigend as water minster", verbatim=True).asked_as is None
