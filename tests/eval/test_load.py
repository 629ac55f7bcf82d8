"""The load benchmark: its mock model keeps time, its figures say what they claim."""

from __future__ import annotations

import itertools
import json
import time

import httpx

from eval.bench import mock
from eval.bench.load import Asked, row


def test_the_mock_model_streams_like_an_endpoint_and_is_never_early() -> None:
    with mock.mock() as address:
        assert httpx.get(f"{address}/models").json()["data"][0]["id"] == mock.NAME
        begun = time.monotonic()
        body = {"model": mock.NAME, "messages": [], "stream": True}
        with httpx.stream("POST", f"{address}/chat/completions", json=body) as reply:
            lines = [line.removeprefix("data: ") for line in reply.iter_lines() if line]
        took = time.monotonic() - begun
    assert lines[-1] == "[DONE]"
    pieces = [json.loads(line)["choices"][0] for line in lines[:-1]]
    text = "".join(piece["delta"].get("content", "") for piece in pieces)
    assert text.split() == mock.WORDS
    assert took >= mock.SECONDS


def test_overhead_is_what_is_left_without_the_model() -> None:
    assert round(Asked(worked=mock.SECONDS + 0.25, wrote=True).overhead, 6) == 0.25
    assert Asked(worked=0.2).overhead == 0.2


def test_a_crowd_is_summed_up_with_those_who_were_refused() -> None:
    done = [Asked(whole=2.0, worked=1.0, wrote=False, evidence=1.2) for _ in range(3)]
    refused = [Asked(refused=True, told_when=told, whole=0.01) for told in (True, False)]
    cells = row(5, [*itertools.chain(done, refused)])
    assert cells == [
        "5",
        "3 of 5",
        "1000 / 1000 / 1000",
        "1000 / 1000 / 1000",
        "1200 / 1200 / 1200",
        "2, 1 told when",
        "10 / 10 / 10",
    ]


def test_nobody_answered_is_no_figure() -> None:
    assert row(1, [Asked(refused=True, told_when=True, whole=0.002)])[2] == "-"
