"""`dateline doctor` and `repair`: is everything here that an answer needs, and is it sound?"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from rag.errors import ArchiveError, DatelineError
from ui.commands import common
from ui.commands.reports import bars

if TYPE_CHECKING:
    from rag.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found; `exit_code` is 0 when all is well."""

    check: str
    found: str
    exit_code: int = 0


def doctor(
    *,
    archive: common.ArchiveOption = None,
    json: common.JsonOption = False,
    llm: common.LlmOption = None,
    base_url: common.BaseUrlOption = None,
) -> int:
    """Check the archive to its last byte, its index, the models and the disk.

    The exit code is the first fault's. What is wrong with the archive: dateline repair.
    """
    settings = common.configure(archive=archive, llm=llm, base_url=base_url)
    findings = [*_archive(settings)]
    findings += [_look(name, check, settings) for name, check in CHECKS.items()]
    if json:
        common.emit({"checks": [asdict(f) for f in findings]})
    else:
        _print(findings)
    return next((f.exit_code for f in findings if f.exit_code), 0)


def repair(*, archive: common.ArchiveOption = None, json: common.JsonOption = False) -> int:
    """Make again what follows from the texts: index of words, vectors, index of vectors."""
    settings = common.configure(archive=archive)
    from rag.archive.archive import Archive
    from rag.maintenance.repair import repair as mend
    from rag.models.embed import load
    from ui.terminal import console

    Archive.open(settings.archive).close()  # so that none is made where there is none
    done = []
    with (
        Archive.create(settings.archive) as store,
        bars(console(sys.stderr)) as progress,
    ):
        for said in mend(store, load(settings.embed), settings, progress):
            done.append(said)
            if not json:
                common.write(said)
    if json:
        common.emit({"repaired": done})
    return 0


def _look(name: str, check: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(check=name, found=check(settings))
    except DatelineError as error:
        return Finding(check=name, found=str(error), exit_code=error.exit_code)


def _archive(settings: Settings) -> Iterator[Finding]:
    yield (coverage := _look("archive", _coverage, settings))
    if coverage.exit_code:
        return
    from rag.maintenance.doctor import examine

    for each in examine(settings.archive):
        code = 0 if each.sound else ArchiveError.exit_code
        yield Finding(check=each.check, found=each.found, exit_code=code)


def _coverage(settings: Settings) -> str:
    from rag.archive.archive import Archive
    from rag.settings import shown
    from ui.terminal import coverage_words

    with Archive.open(settings.archive) as store:
        return f"{coverage_words(store.coverage())} In {shown(settings.archive)}"


def _embedding(settings: Settings) -> str:
    from rag.models.embed import load

    return f"{settings.embed.model}, fingerprint {load(settings.embed).fingerprint}"


def _chat(settings: Settings) -> str:
    from rag.models.chat import connect

    chat = connect(settings.chat)
    if chat is None:
        return "none: answers are the sources' own sentences"
    with chat:
        chat.wait_ready()
        return f"{settings.chat.llm} answers"


def _disk(settings: Settings) -> str:
    from rag.archive.engine import folder_of

    folder = folder_of(settings.archive).absolute()
    place = next(p for p in (folder, *folder.parents) if p.exists())
    return f"{shutil.disk_usage(place).free / 1e9:.1f} GB free at {place}"


CHECKS: dict[str, Callable[[Settings], str]] = {
    "embedding model": _embedding,
    "chat model": _chat,
    "disk": _disk,
}


def _print(findings: list[Finding]) -> None:
    from rich.text import Text

    from ui.terminal import console, safe

    out = console(sys.stdout)
    for finding in findings:
        mark = Text("wrong ", "bold red") if finding.exit_code else Text("ok    ", "green")
        out.print(mark + Text.assemble((f"{finding.check}: ", "bold"), safe(finding.found)))
