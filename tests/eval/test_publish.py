"""The figures of README.md and docs/results.md come from stored runs and from nowhere else."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from eval import publish
from eval.loaders import Suite
from eval.rows import RunFault, read
from eval.run import Job, run
from tests.eval.conftest import careful, header, scripted

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"<!-- figures -->\n(.*?)<!-- /figures -->", re.DOTALL)


def block(page: Path) -> str:
    found = BLOCK.search(page.read_text("utf-8"))
    assert found is not None
    return found[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copy what is written to a folder of its own."""
    (tmp_path / "docs").mkdir()
    for page in ("README.md", "docs/results.md"):
        shutil.copy(ROOT / page, tmp_path / page)
    return tmp_path


@pytest.fixture
def run_folder(suite: Suite, tmp_path: Path) -> Path:
    done = Job(cases=suite.cases, header=header(suite), folder=tmp_path / "runs")
    return run(scripted(careful), done).folder


def test_the_pages_say_what_the_published_runs_say(checkout: Path) -> None:
    pages = publish.pages(checkout, publish.read())
    assert [page.name for page in pages] == ["README.md", "results.md"]
    for page in pages:
        assert page.read_text("utf-8") == (ROOT / page.relative_to(checkout)).read_text("utf-8")


def test_what_is_published_names_no_folder_of_any_machine() -> None:
    for path in publish.PUBLISHED.glob("*.json"):
        stored = json.loads(path.read_text("utf-8"))
        assert "/" not in stored["command"]
        assert len(path.read_bytes()) < 8_000


def test_a_run_is_published_and_both_pages_show_it(run_folder: Path, checkout: Path) -> None:
    kept = checkout / "published"
    path = publish.write(publish.of(read(run_folder)), kept)
    (one,) = publish.read(kept)
    assert path.stem == one.name
    publish.pages(checkout, [one])
    shares = [f"{value.mean:.0%}".replace("%", " %") for value in one.figures.values()]
    assert any(share in block(checkout / "README.md") for share in shares)
    assert one.about in block(checkout / "docs" / "results.md")


def test_without_a_published_run_no_figure_is_shown(checkout: Path) -> None:
    publish.pages(checkout, [])
    for page in ("README.md", "docs/results.md"):
        assert block(checkout / page).startswith("No run is published")


def test_a_run_with_answers_takes_the_place_of_one_without(
    run_folder: Path, tmp_path: Path
) -> None:
    whole, kept = publish.of(read(run_folder)), tmp_path / "published"
    bare = {name: v for name, v in whole.figures.items() if name.startswith("hits")}
    first = publish.write(replace(whole, figures=bare), kept)
    assert first.stem.endswith(publish.RETRIEVAL)
    publish.write(whole, kept)
    assert [path.stem for path in kept.glob("*.json")] == [whole.name]


def test_an_unfinished_run_is_not_published(run_folder: Path) -> None:
    whole = read(run_folder)
    unfinished = replace(whole, header=replace(whole.header, cases=whole.header.cases + 1))
    with pytest.raises(RunFault, match="only a whole run is published"):
        publish.of(unfinished)


def test_a_page_without_a_place_for_the_figures_is_named(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("nothing", "utf-8")
    with pytest.raises(RunFault, match=r"README\.md has no place"):
        publish.pages(tmp_path, [])


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("dateline eval run sample", "dateline eval run sample"),
        ("dateline eval run qa:/home/ann/qa --limit 60", "dateline eval run qa:FOLDER --limit 60"),
        ("dateline eval run sample --runs /tmp/x --resume", "dateline eval run sample"),
        ("dateline eval run a/b.jsonl --archive=/x/y", "dateline eval run FOLDER --archive=FOLDER"),
    ],
)
def test_a_command_is_shown_without_the_folders_of_its_machine(command: str, shown: str) -> None:
    assert publish._without_paths(command) == shown
