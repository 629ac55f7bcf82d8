"""The examples for a shell and for the build of a site, run as a person would run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from opened import filled, house
from test_mcp import online

ROOT = Path(__file__).parents[2]
DOORS = ROOT / "examples" / "doors"
TRUE = "The detour through Easton adds forty minutes to a trip."
FALSE = "The detour through Easton adds ninety minutes to a trip."


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("examples") / "archive"
    filled(made)
    return made


@pytest.fixture(scope="module")
def address(archive: Path) -> Iterator[str]:
    with house(archive) as one, online(one) as address:
        yield address


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return surroundings in which `dateline` is the command of this working copy."""
    folder: Path = tmp_path_factory.mktemp("bin")
    code = "import sys; from ui.cli import main; sys.exit(main())"
    command = folder / "dateline"
    command.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{code}' \"$@\"\n")
    command.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{folder}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "DATELINE_RERANK__MODEL": "none",
    }


def run(command: list[str], env: dict[str, str], cwd: Path | None = None) -> tuple[int, str]:
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=300, env=env, cwd=cwd
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "question", ["What did the bridge cost?", 'What did "the bridge" cost, in \\ dollars?']
)
def test_curl_shows_the_events_as_they_come(
    address: str, env: dict[str, str], question: str
) -> None:
    code, said = run([str(DOORS / "events.sh"), address, question], env)
    assert code == 0
    last = said.strip().rpartition("event: ")[2]
    name, _, data = last.partition("\ndata: ")
    assert name == "answer"
    answer = json.loads(data)
    assert answer["question"] == question
    assert answer["citations"]


def test_a_folder_is_sent_with_a_key(
    archive: Path, address: str, env: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "north").mkdir()
    (tmp_path / "pier.txt").write_text("Pier opens\n\nThe pier of Norvik opened on Monday.")
    (tmp_path / "north" / "pier.txt").write_text("Ferry\n\nThe ferry to Norvik is late again.")
    (tmp_path / "photo.png").write_bytes(b"\x89PNG")
    command = [sys.executable, str(DOORS / "send_folder.py"), address]
    code, said = run([*command, "dl_key", str(tmp_path)], env)
    assert code == 0, said
    assert "'added': 2" in said
    assert "no reader for .png" in said
    code, said = run([*command, "dl_key", str(tmp_path), "Nowhere"], env)
    assert code == 1
    assert "Nowhere" in said


def test_a_build_stops_at_a_page_that_the_archive_contradicts(
    archive: Path, env: dict[str, str], tmp_path: Path
) -> None:
    good, bad = tmp_path / "good page.md", tmp_path / "bad.md"
    good.write_text(TRUE)
    bad.write_text(f"# Bridge\n\n{FALSE}")
    script = str(DOORS / "check-drafts.sh")
    code, said = run([script, str(archive), str(good)], env)
    assert code == 0, said
    code, said = run([script, str(archive), str(bad), str(good)], env)
    assert code == 5, said
    for page in (good, bad):
        assert "<html" in Path(f"{page}.checked.html").read_text()


def test_the_workflow_of_a_site_checks_what_a_pull_request_changes(
    archive: Path, env: dict[str, str], tmp_path: Path
) -> None:
    site = tmp_path / "site"
    (site / "content").mkdir(parents=True)

    def git(*words: str) -> None:
        code, said = run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@b.example", *words], env, site
        )
        assert code == 0, said

    (site / "content" / "old.md").write_text(FALSE)
    code, said = run(
        ["dateline", "backup", "--archive", str(archive), str(site / "archive.backup.db")], env
    )
    assert code == 0, said
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "site")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    steps = yaml.safe_load((DOORS / "site-check.yml").read_text())["jobs"]["check"]["steps"]
    restore, check = (
        step["run"]
        for step in steps
        if "dateline" in step.get("run", "") and "pip" not in step["run"]
    )
    for text, wanted in ((TRUE, 0), (FALSE, 5)):
        (site / "content" / "new.md").write_text(text)
        git("add", "content")
        git("commit", "-qm", "page")
        shell = ["bash", "-e", "-c", f"rm -rf archive\n{restore}\n{check}"]
        code, said = run(shell, {**env, "GITHUB_BASE_REF": "main"}, site)
        assert code == wanted, said
        assert (site / "content" / "new.md.checked.html").exists()
        assert not (site / "content" / "old.md.checked.html").exists()
