"""What `make` says while packages are installed: how far it is, and nothing in CI."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / ".ci" / "packages"
PIP = textwrap.dedent(
    f"""\
    #!{sys.executable}
    import os, sys, time
    if "-c" == sys.argv[1]:
        print(os.environ["SITE"])
        sys.exit()
    if "-q" in sys.argv:
        sys.exit(0)
    print("Collecting alpha", flush=True)
    print("Collecting beta", flush=True)
    time.sleep(0.5)
    if os.environ.get("BREAK"):
        print("ERROR: No matching distribution found for beta", flush=True)
        sys.exit(1)
    print("Installing collected packages: alpha, beta", flush=True)
    os.mkdir(os.environ["SITE"] + "/alpha-1.dist-info")
    time.sleep(0.5)
    """
)
"""Stands for a Python whose pip installs two packages."""


@pytest.fixture
def python(tmp_path: Path) -> Path:
    path = tmp_path / "python"
    path.write_text(PIP, "utf-8")
    path.chmod(0o755)
    (tmp_path / "site").mkdir()
    return path


def run(python: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if name != "CI"}
    known |= {"SITE": str(python.parent / "site"), "PAUSE": "0.05", **environ}
    command = ["bash", str(SCRIPT), str(python), "-e", "."]
    return subprocess.run(command, env=known, capture_output=True, text=True, check=False)


def on_a_terminal(python: Path) -> str:
    """Return what a person sees."""
    import pty

    shown: list[bytes] = []

    def read(fd: int) -> bytes:
        shown.append(os.read(fd, 1024))
        return shown[-1]

    known = {"SITE": str(python.parent / "site"), "PAUSE": "0.05"}
    command = ["env", "-u", "CI", *(f"{k}={v}" for k, v in known.items())]
    pty.spawn([*command, "bash", str(SCRIPT), str(python), "-e", "."], read)
    return b"".join(shown).decode()


def test_a_person_sees_what_is_fetched_and_what_is_unpacked(python: Path) -> None:
    seen = on_a_terminal(python)
    assert "Installing the packages into .venv, once" in seen
    assert "fetching: 2 so far" in seen
    assert "unpacking: 1 of 2" in seen
    assert "The packages are installed" in seen


def test_ci_sees_nothing(python: Path) -> None:
    done = run(python, CI="true")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_failure_shows_what_pip_said_and_what_to_do(python: Path) -> None:
    done = run(python, BREAK="yes")
    assert done.returncode == 1
    assert "ERROR: No matching distribution found for beta" in done.stderr
    assert "Run make again" in done.stderr
