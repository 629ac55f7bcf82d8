"""The committed baselines: worse settings of the real pipeline are caught, the same ones pass."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from eval.gate import gate
from eval.metrics import find
from eval.rows import Header, Row, Run
from eval.run import Job, run
from eval.suites import sample
from eval.system import dateline
from rag.answer.pipeline import NewsQA, open_qa
from rag.settings import ChatSettings, RetrieveSettings, Settings

BASELINES = Path(__file__).parents[2] / "eval" / "baselines"
RETRIEVAL = BASELINES / "sample-retrieval.json"
CASES = {case.id: case for case in sample().cases}


def header(parts: tuple[str, ...]) -> Header:
    suite = sample()
    return Header(
        suite=suite.name,
        suite_digest=suite.digest,
        system="dateline",
        settings_digest="",
        model="none",
        parts=parts,
        cases=len(suite.cases),
    )


@pytest.fixture
def opened(sample_archive: Path) -> Iterator[Callable[[RetrieveSettings], NewsQA]]:
    from contextlib import ExitStack

    with ExitStack() as stack:

        def start(retrieve: RetrieveSettings) -> NewsQA:
            settings = Settings(
                archive=sample_archive, retrieve=retrieve, chat=ChatSettings(llm="none")
            )
            return stack.enter_context(open_qa(settings))

        yield start


def retrieved(qa: NewsQA, folder: Path) -> Run:
    suite = sample()
    system = dateline(qa, suite, ("retrieval",))
    job = Job(cases=suite.cases, header=header(("retrieval",)), folder=folder)
    return run(system, job)


def test_the_baselines_are_of_the_sample_suite_as_it_is() -> None:
    for half in ("retrieval", "answers"):
        stored = json.loads((BASELINES / f"sample-{half}.json").read_text(encoding="utf-8"))
        assert stored["suite_digest"] == sample().digest, "run make baselines"


def test_reading_one_passage_only_is_caught(
    opened: Callable[[RetrieveSettings], NewsQA], tmp_path: Path
) -> None:
    found = gate(retrieved(opened(RetrieveSettings(passages=1)), tmp_path), RETRIEVAL)
    assert {one.metric.name for one in found if one.failed} >= {"hits@4", "ndcg@10"}


def test_ranking_by_meaning_alone_is_caught(
    opened: Callable[[RetrieveSettings], NewsQA], tmp_path: Path
) -> None:
    qa = opened(RetrieveSettings())
    _, dense = qa.retriever.parts
    qa.retriever = qa.retriever.model_copy(update={"parts": (dense,)})
    found = gate(retrieved(qa, tmp_path), RETRIEVAL)
    assert any(one.failed for one in found), [(one.before, one.after) for one in found]


def stored(half: str) -> Mapping[str, Mapping[str, float]]:
    text = (BASELINES / f"sample-{half}.json").read_text(encoding="utf-8")
    scores: Mapping[str, Mapping[str, float]] = json.loads(text)["scores"]
    return scores


def noisy(half: str, seed: int) -> Run:
    """The stored rows asked again by a system that flips 4 % of its scores, either way."""
    rng = random.Random(seed)
    scores: dict[str, dict[str, float]] = {name: {} for name in CASES}
    for metric, values in stored(half).items():
        worst = -1.0 if find(metric).name == "truthful" else 0.0
        for case, value in values.items():
            flips = value in (worst, 1.0) and rng.random() < 0.04
            scores[case][metric] = 1.0 + worst - value if flips else value
    rows = tuple(Row(case=CASES[name], scores=found) for name, found in scores.items())
    return Run(folder=Path(f"noisy-{seed}"), header=header((half,)), rows=rows)


@pytest.mark.parametrize("half", ["retrieval", "answers"])
def test_the_stored_rows_asked_again_with_noise_are_stopped_no_oftener_than_promised(
    half: str, tmp_path: Path
) -> None:
    from eval.gate import write

    stopped = 0
    for seed in range(20):
        path = tmp_path / f"{seed}.json"
        write(noisy(half, 2 * seed), path)
        results = gate(noisy(half, 2 * seed + 1), path)
        assert results
        stopped += any(one.failed for one in results)
    # At most ALPHA of unchanged runs: three of twenty or fewer, but once in sixty baselines.
    assert stopped <= 3


def test_a_third_of_the_answers_gone_wrong_is_caught() -> None:
    same = noisy("answers", 0)
    worse = replace(
        same,
        rows=tuple(
            replace(row, scores={**row.scores, "truthful": -1.0, "match": 0.0})
            if n % 3 == 0 and "match" in row.scores
            else row
            for n, row in enumerate(same.rows)
        ),
    )
    failed = {o.metric.name for o in gate(worse, BASELINES / "sample-answers.json") if o.failed}
    assert {"truthful", "match"} <= failed
