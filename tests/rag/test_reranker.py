import threading

import pytest

from rag.errors import ModelDamaged
from rag.models import catalogue
from rag.models.reranker import KEPT, Remembered, Reranker, Runtime, load
from rag.settings import RerankSettings

NATO = "How many members does NATO have?"


class Counting:
    """A reranker that scores by length and counts the pairs that it was asked for."""

    name = "counting"

    def __init__(self) -> None:
        self.asked: list = []

    def score(self, pairs):
        self.asked += pairs
        return tuple(float(len(text)) for _, text in pairs)


@pytest.fixture(scope="module")
def reranker() -> Reranker:
    found = load(RerankSettings(model=catalogue.RERANKER.name))
    if found is None:
        pytest.skip("the reranker is not on this machine (dateline models pull)")
    return found


def test_what_answers_scores_above_what_only_speaks_of_it_and_that_above_the_rest(reranker) -> None:
    scores = reranker.score(
        [
            (NATO, "With Finland's accession NATO has 31 members."),
            (NATO, "NATO's members met in Vilnius."),
            (NATO, "The bakery opens at seven."),
        ]
    )
    assert scores[0] > 0 > scores[2]
    assert scores[0] > scores[1] > scores[2]


def test_scores_do_not_depend_on_what_else_is_in_the_batch(reranker) -> None:
    pairs = [(NATO, "NATO has 31 members. " * n) for n in range(1, 12)]
    runtime = Runtime(catalogue.locate(catalogue.RERANKER))
    together = runtime.score(pairs)
    alone = [runtime.score([pair])[0] for pair in pairs]
    # Weights in eight bits are scaled by what is in a batch, so the last digits may move.
    assert together == pytest.approx(alone, abs=0.35)


@pytest.mark.parametrize("text", ["", " ", "\x00", "é" * 3000, "[SEP] [CLS]", "\U0001f600", "中文"])
def test_any_text_has_a_score(reranker, text) -> None:
    assert -20 < reranker.score([(NATO, text)])[0] < 20


def test_several_threads_get_the_scores_that_one_gets(reranker) -> None:
    pairs = [(NATO, f"NATO has {n} members.") for n in range(40)]
    expected = Runtime(catalogue.locate(catalogue.RERANKER)).score(pairs)
    found: list = [None] * 4

    def ask(place: int) -> None:
        found[place] = reranker.score(pairs)

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(one == pytest.approx(expected) for one in found)


def test_a_pair_is_scored_once_and_the_memory_is_bounded() -> None:
    counting = Counting()
    remembered = Remembered(counting)
    assert remembered.score([("q", "a"), ("q", "bb"), ("q", "a")]) == (1.0, 2.0, 1.0)
    assert remembered.score([("q", "bb")]) == (2.0,)
    assert counting.asked == [("q", "a"), ("q", "bb")]
    remembered.score([("q", str(n)) for n in range(KEPT)])
    remembered.score([("q", "a")])
    assert counting.asked.count(("q", "a")) == 2


def test_more_pairs_than_are_remembered_are_all_scored() -> None:
    many = [("q", "x" * (n % 7)) for n in range(3)] + [("q", str(n)) for n in range(KEPT + 10)]
    assert len(Remembered(Counting()).score(many)) == len(many)


def test_without_its_file_or_when_switched_off_there_is_none(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("DATELINE_CACHE", str(tmp_path))
    assert load(RerankSettings(model=catalogue.RERANKER.name)) is None
    assert load(RerankSettings(model="none")) is None


def test_a_file_that_is_no_model_is_named(tmp_path) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(ModelDamaged, match=r"broken\.onnx"):
        Runtime(path).score([(NATO, "NATO has 31 members.")])
