"""`dateline up --local`: what a newsroom's server is made of, as processes of this machine.

PostgreSQL of the distribution, `chroma run`, and `dateline serve` with its workers, each on
loopback or on a socket of the file system. One that ends is started again; all end together.
"""

from __future__ import annotations

import ctypes
import logging
import os
import pwd
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

from rag.errors import SettingsError
from ui.fleet.plan import MEMORY

log = logging.getLogger(__name__)

LOOK = 0.5
PATIENCE = {"postgres": 60.0, "chroma": 120.0, "dateline": 300.0}
"""Seconds until each must be well."""
ENDING = 30.0
TIMES = 5
"""How often one that ends is started again before all is given up."""
ENV = "env"
"""The file that tells other commands which archive and index are meant."""
PORT = 5432
"""Names the socket of PostgreSQL; it listens on no network."""
_LIBC = ctypes.CDLL(None)
_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""
_SEEN = ("api/v1/ready", "")
_INSTALLED = Path("/usr/lib/postgresql")


@dataclass(slots=True, eq=False)
class Part:
    """One process."""

    name: str
    command: Sequence[str]
    well: Callable[[], bool]
    environment: Mapping[str, str]
    user: str | None = None
    stop: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    said: int = 0
    """Bytes of its log that are of earlier starts."""


class Together:
    """All parts, in the order of their start; they are stopped the other way round."""

    def __init__(self, parts: Sequence[Part], folder: Path) -> None:
        self._parts = parts
        self._folder = folder

    def start(self) -> Iterator[str]:
        """Start one after the other, each when the one before is well; yields their names.

        Raises:
            SettingsError: one does not become well.
        """
        for part in self._parts:
            self._run(part)
            end = time.monotonic() + PATIENCE[part.name]
            while not part.well():
                if part.process is None or part.process.poll() is not None:
                    raise SettingsError(f"{part.name} ended at once: {self._last_words(part)}")
                if time.monotonic() > end:
                    raise SettingsError(f"{part.name} does not answer: {self._last_words(part)}")
                time.sleep(0.2)
            yield part.name

    def look(self) -> None:
        """Start again what has ended.

        Raises:
            SettingsError: it has ended too often.
        """
        for part in self._parts:
            if part.process is None or part.process.poll() is None:
                continue
            if part.starts > TIMES:
                raise SettingsError(f"{part.name} ends again and again: {self._last_words(part)}")
            log.warning("%s ended (%s); it is started again", part.name, part.process.returncode)
            self._run(part)

    def stop(self) -> list[str]:
        """End all, the last first; returns the names of those that had to be killed."""
        killed = []
        for part in reversed(self._parts):
            process = part.process
            if process is None:
                continue
            with suppress(ProcessLookupError):
                process.send_signal(part.stop)
            try:
                process.wait(ENDING)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                killed.append(part.name)
        return killed

    def _run(self, part: Part) -> None:
        part.starts += 1
        with (self._folder / f"{part.name}.log").open("ab") as log_file:
            part.said = log_file.tell()
            # A session of its own: Ctrl-C is for us, and what it stops goes in order.
            part.process = subprocess.Popen(  # noqa: S603 - our own commands
                part.command,
                stdin=subprocess.DEVNULL,
                stdout=log_file,
                stderr=log_file,
                user=part.user,
                env={**os.environ, **part.environment},
                start_new_session=True,
                preexec_fn=lambda: _ends_with_us(part.stop),  # noqa: PLW1509 - we have no threads
            )

    def _last_words(self, part: Part) -> str:
        at = self._folder / f"{part.name}.log"
        lines = at.read_bytes()[part.said :].decode("utf-8", "replace").split("\n")
        return f"{' '.join(line for line in lines[-6:] if line)[-500:]} (all of it: {at})"


def _ends_with_us(stop: signal.Signals) -> None:
    """Have this process told to stop when the one that started it is killed, where Linux can."""
    if sys.platform == "linux":
        _LIBC.prctl(_DEATH_SIGNAL, int(stop))


def parts(folder: Path, *, port: int, workers: int, more: Sequence[str]) -> list[Part]:
    """Return what runs, with all data below a folder.

    Args:
        folder: Where data and logs are.
        port: Of the page.
        workers: How many answer.
        more: Options for `dateline serve`.

    Raises:
        SettingsError: a program is not here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    database, address = _postgres(folder)
    chroma_port = _free()
    told = {
        "DATELINE_ARCHIVE": address,
        "DATELINE_INDEX__ENGINE": "chroma-server",
        "DATELINE_INDEX__URL": f"http://127.0.0.1:{chroma_port}",
    }
    _note(folder / ENV, told)
    serve = ["serve", "--port", str(port), "--workers", str(workers), *more]
    code = "import sys; from ui.cli import main; sys.exit(main())"
    return [
        database,
        Part(
            name="chroma",
            command=[
                *(_beside("chroma"), "run", "--path", str(folder / "chroma")),
                *("--host", "127.0.0.1", "--port", str(chroma_port)),
            ],
            well=lambda: _answers(f"http://127.0.0.1:{chroma_port}/api/v2/heartbeat"),
            environment={"ANONYMIZED_TELEMETRY": "FALSE"},
        ),
        Part(
            name="dateline",
            command=[sys.executable, "-c", code, *serve],
            # Any worker says that it is ready; the page, and what takes in, are the first one's.
            well=lambda: all(_answers(f"http://127.0.0.1:{port}/{at}") for at in _SEEN),
            environment=told,
            stop=signal.SIGINT,
        ),
    ]


def _note(at: Path, told: Mapping[str, str]) -> None:
    """Write down what other commands must be told to mean this archive, for a shell to read."""
    at.unlink(missing_ok=True)
    at.touch(mode=0o600)
    lines = (f"export {name}={shlex.quote(value)}\n" for name, value in told.items())
    at.write_text("".join(lines), encoding="utf-8")


def _postgres(folder: Path) -> tuple[Part, str]:
    """Return the database's server, made where there is none yet, and the archive's address."""
    programs, user = _programs(), _other_than_root()
    home = (folder / "postgres").absolute()
    data = home / "data"
    if not data.exists():
        home.mkdir(exist_ok=True, mode=0o700)
        if user:
            shutil.chown(home, user)
        made = subprocess.run(  # noqa: S603 - PostgreSQL's own program
            [programs / "initdb", "-D", data, "-U", "dateline", "-E", "UTF8", "-A", "trust"],
            user=user,
            capture_output=True,
            cwd=home,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            check=False,
        )
        if made.returncode:
            shutil.rmtree(data, ignore_errors=True)
            raise SettingsError(f"PostgreSQL cannot be set up: {made.stderr.decode()[-400:]}")
    if len(str(home)) > 80:
        raise SettingsError(f"the folder's name is too long for a socket in it: {str(home)!r}")
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(home),
        "unix_socket_permissions": "0700",
        "port": str(PORT),
        "shared_buffers": MEMORY,
    }
    command = [str(programs / "postgres"), "-D", str(data)]
    command += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    address = f"postgresql://dateline@/postgres?host={quote(str(home), safe='')}&port={PORT}"
    part = Part(
        name="postgres",
        command=command,
        well=lambda: _accepts(address),
        environment={"LC_ALL": "C.UTF-8"},
        user=user,
        stop=signal.SIGINT,  # its "fast": open transactions are rolled back, nobody is waited for
    )
    return part, address


def _programs() -> Path:
    """Return the folder of PostgreSQL's programs."""
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    installed = sorted(_INSTALLED.glob("*/bin/postgres"), key=lambda at: float(at.parts[-3]))
    if not installed:
        raise SettingsError(
            "there is no PostgreSQL on this machine (Debian: apt install postgresql)"
        )
    return installed[-1].parent


def _beside(program: str) -> str:
    """Return a program that was installed with us."""
    at = Path(sys.executable).parent / program
    found = str(at) if at.exists() else shutil.which(program)
    if not found:
        raise SettingsError(f"the program {program!r} is not here: pip install chromadb")
    return found


def _other_than_root() -> str | None:
    """Return whom PostgreSQL runs as: root may not."""
    if os.getuid() != 0:
        return None
    names = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _accepts(address: str) -> bool:
    import psycopg

    try:
        psycopg.connect(address, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _answers(address: str) -> bool:
    """Say whether there is an answer; who asks for a login answers too."""
    try:
        with urlopen(address, timeout=20) as response:  # noqa: S310 - of this machine
            return bool(response.status == 200)
    except HTTPError as error:
        return error.code == HTTPStatus.UNAUTHORIZED
    except OSError:
        return False


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Have a folder for this process.

    Raises:
        SettingsError: another process has it.
    """
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "up.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise SettingsError(f"another `dateline up` runs in {str(folder)!r}") from error
        yield


def until_stopped(together: Together, tell: Callable[[str], None]) -> None:
    """Run all until a signal comes, and stop them in order."""
    stopped: list[int] = []
    before = {
        kind: signal.signal(kind, lambda number, _: stopped.append(number))
        for kind in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        for name in together.start():
            tell(f"{name} is well")
            if stopped:
                return
        tell("Ctrl-C stops all of it")
        while not stopped:
            time.sleep(LOOK)
            together.look()
    finally:
        killed = together.stop()
        for kind, handler in before.items():
            signal.signal(kind, handler)
        tell(f"stopped; had to be killed: {', '.join(killed)}" if killed else "stopped")
