"""One answer through every door: the same statements, articles, digests, offsets and quotes."""

from __future__ import annotations

import runpy
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import conformance
import httpx
import pytest
from apart import alone
from opened import filled, house
from test_mcp import online

QUESTIONS = ("What did the bridge cost?", "Who won the Super Bowl?", "Why do they disagree?")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("conformance")
    filled(folder)
    with house(folder, public_url="https://news.example") as one, online(one) as address:
        yield address


def test_every_door_tells_the_same_citations_and_text_shows_them_all(address: str) -> None:
    with httpx.Client(base_url=address, timeout=conformance.PATIENCE) as http:
        answers = {question: conformance.told(http, question) for question in QUESTIONS}
    for question, answer in answers.items():
        assert bool(answer["citations"]) == ("Super Bowl" not in question)
    for name, door in conformance.over_http(address).items():
        row = alone(partial(conformance.hold, name, door, answers))
        assert row.good, row


def test_llm_shows_each_number_and_the_list_of_sources(address: str) -> None:
    if not conformance.by_llm(address):
        pytest.skip("llm is not installed (pip install '.[clients]')")
    with httpx.Client(base_url=address, timeout=conformance.PATIENCE) as http:
        answers = {QUESTIONS[0]: conformance.told(http, QUESTIONS[0])}
    for name, door in conformance.by_llm(address).items():
        assert conformance.hold(name, door, answers).shown == 1


def test_a_text_without_a_number_or_a_source_is_found_out() -> None:
    records = [{"number": 1, "address": "/c/a"}, {"number": 2, "address": "/c/b"}]
    good = "It rained. [1] It snowed. [2]\n\nSources:\n[1] A: “x” /c/a\n[2] B: “y” /c/b"
    assert conformance.shows(good, records)
    assert not conformance.shows(good.replace("snowed. [2]", "snowed."), records)
    assert not conformance.shows(good.replace("/c/b", "/c/a"), records)
    assert not conformance.shows(good.partition("\n\nSources")[0], records)
    assert conformance.shows("There is nothing on that.", [])


@pytest.mark.parametrize("name", ["openai_client", "langchain_client", "mcp_client"])
def test_the_examples_print_the_answer_with_its_quotes(
    address: str,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    script = Path(__file__).parents[2] / "examples" / "doors" / f"{name}.py"
    monkeypatch.setattr("sys.argv", [str(script), address, QUESTIONS[0]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alone(partial(runpy.run_path, str(script), run_name="__main__"))
    printed = capsys.readouterr().out
    assert "In March the repair was put at $4.2 million" in printed
    assert "The repair will cost $4.2 million and take eighteen months" in printed
