"""What the comparison runs: environments with pinned packages, one model server, the systems."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.models.wire import Endpoint

SYSTEMS = Path(__file__).parent / "systems"
CONTEXT = 8192
"""Tokens: the longest prompt of a system under test is near 5,000."""
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # or it waits for a list of prices from GitHub
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "ANONYMIZED_TELEMETRY": "False",  # Chroma's
    "LANGSMITH_TRACING": "false",
}
"""What keeps the systems under test from reaching for a network."""


def environment(name: str, place: Path) -> Path:
    """Return the Python of a system's own environment, made from its pins when it is not there."""
    pins = SYSTEMS / f"{name}.txt"
    if not pins.exists():
        return Path(sys.executable)
    folder = place / name
    python, done = folder / "bin" / "python", folder / "pins.txt"
    if not done.exists() or done.read_text() != pins.read_text():
        sys.stderr.write(f"installing {name} and its packages into {folder}\n")
        venv.create(folder, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "-q", "-r", str(pins)]
        subprocess.run(install, check=True)  # noqa: S603 - our own list of packages
        done.write_text(pins.read_text())
    return python


@contextmanager
def model_server(model: Path, folder: Path) -> Iterator[Endpoint]:
    """Run llama.cpp's server as Dateline runs it, with room for every system's prompts."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "rag.models.local.llama",
        "--model",
        str(model),
        "--alias",
        "bench",
    ]
    command += ["--context", str(CONTEXT), "--states", str(folder)]
    with subprocess.Popen(  # noqa: S603 - our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None  # noqa: S101 - for mypy
        assert process.stdout is not None  # noqa: S101
        try:
            hello = json.loads(process.stdout.readline())
            yield Endpoint(url=hello["url"], model="bench", key=hello["key"])
        finally:
            process.stdin.close()  # which ends it


class Worker:
    """One system under test, in a process of its own (`systems/worker.py` is its other end)."""

    def __init__(self, python: Path, script: str, config: Mapping[str, str], log: Path) -> None:
        self._log = log.open("ab")
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            [python, SYSTEMS / f"{script}.py", json.dumps(config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=os.environ | OFFLINE,
            text=True,
        )
        self.start = float(self._reply()["start"])
        """Seconds until it had loaded what it loads at once."""

    def tell(self, command: Mapping[str, str]) -> dict[str, Any]:
        """Send a command and wait for its reply."""
        assert self._process.stdin is not None  # noqa: S101 - for mypy
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._reply()

    def close(self) -> None:
        """End it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(timeout=60)
        self._log.close()

    def _reply(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101 - for mypy
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a system under test has ended; see {self._log.name}")
        reply: dict[str, Any] = json.loads(line)
        return reply
