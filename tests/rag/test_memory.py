"""What was read from texts is remembered in so many bytes, not for so many texts."""

import gc
import random
import tracemalloc
from pathlib import Path

import pytest

from rag.language import (
    cues,
    datewords,
    direction,
    names,
    numbers,
    predicates,
    speech,
    terms,
    words,
)
from rag.language.memory import MEMORY, Memory
from rag.verify import ground

LIMIT = 4_000_000


@pytest.fixture
def small():
    """Let the process remember little, and nothing of other tests."""
    usual = MEMORY.limit
    MEMORY.forget()
    MEMORY.limit = LIMIT
    yield
    MEMORY.limit = usual
    MEMORY.forget()


def invented(count: int) -> list[str]:
    """Return sentences of the kind that news is made of, no two alike."""
    draw = random.Random(5)
    who = ["Mayor Ann Lee", "The Delta Workers’ Union", "Judge Omar Diaz", "Port Clare Bank"]
    did = ["said it would not close", "voted to approve", "denied that it had sold", "raised"]
    what = ["the Halden plant on 3 May 2024", "a levy of 4.5 percent", "two bridges near Ostrava"]
    after = ["because costs rose", "after 300 people had left", "although prices may fall again"]
    picked = [" ".join(map(draw.choice, (who, did, what, after))) for _ in range(count)]
    return [f"{text}, according to report {n} of the council." for n, text in enumerate(picked)]


def read(text: str) -> None:
    """Read all that is ever read of a sentence."""
    for module, name in (
        (cues, "claims"),
        (cues, "denials"),
        (datewords, "masked"),
        (direction, "turns"),
        (ground, "bare"),
        (ground, "line"),
        (names, "names"),
        (numbers, "numbers"),
        (predicates, "deeds"),
        (predicates, "doers"),
        (speech, "speeches"),
        (terms, "held_stems"),
        (words, "clauses"),
        (words, "stems"),
    ):
        getattr(module, name)(text)


@pytest.mark.usefixtures("small")
def test_what_is_remembered_of_many_sentences_takes_no_more_bytes_than_allowed() -> None:
    sentences = invented(600)
    read(sentences[0])
    MEMORY.forget()
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        held = []
        for n, sentence in enumerate(sentences):
            read(str(sentence))
            if n % 50 == 0:
                gc.collect()
                held.append(tracemalloc.get_traced_memory()[0] - before)
    finally:
        tracemalloc.stop()
    assert max(held) < 1.1 * LIMIT
    assert max(held) > 0.4 * LIMIT  # the estimates are not far too high either


def test_what_was_used_lately_is_still_known() -> None:
    memory, read = Memory(limit=20_000), []

    @memory.of_texts(bytes_a_character=1)
    def length(text: str) -> int:
        read.append(text)
        return len(text)

    for n in range(500):
        length("often")
        length(f"once {n}")
    assert read.count("often") == 1
    length("once 0")
    assert read.count("once 0") == 2


def test_one_text_cannot_drive_out_all_others() -> None:
    memory, read = Memory(limit=20_000), []

    @memory.of_texts(bytes_a_character=1)
    def length(text: str) -> int:
        read.append(len(text))
        return len(text)

    length("short")
    length("long" * 5000)
    length("long" * 5000)
    length("short")
    assert read == [5, 20_000, 20_000]


def test_every_reader_of_a_text_is_bounded_by_bytes_and_not_by_count() -> None:
    folder = Path(words.__file__).parents[1]
    counted = [path for path in folder.rglob("*.py") if "lru_cache" in path.read_text("utf-8")]
    assert counted == []
