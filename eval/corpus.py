"""Makes the archive that a suite is asked over, once, and keeps it for the next run."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from eval.gold import Library
from eval.loaders import Suite
from eval.rows import RunFault
from eval.run import short
from rag.archive.archive import Archive
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.ingest.run import Progress

Report = Callable[["Progress"], None]
COMPLETE = "complete"
"""The file beside an archive that says that all was indexed, and how many articles it was."""


def cache() -> Path:
    """Return the folder for archives and runs of the suite, as the XDG specification has it."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "dateline" / "eval"


def place(suite: Suite, settings: Settings) -> Path:
    """Return the folder of a suite's archive: its name says how it was chunked and embedded."""
    made = f"{suite.name} {settings.chunk!r} {settings.embed!r}"
    return cache() / "archives" / f"{suite.name}-{short(made)}"


def prepare(suite: Suite, settings: Settings, *, report: Report | None = None) -> Settings:
    """Return the settings with the archive of the suite, which is indexed if it is not there.

    Raises:
        RunFault: an article of the suite could not be indexed.
    """
    if suite.given or not (suite.sources or suite.corpus):
        return settings
    folder = place(suite, settings)
    if not (folder / COMPLETE).exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        held = _index(suite, settings, folder, report)
        (folder / COMPLETE).write_text(f"{held}\n", encoding="utf-8")
    return settings.model_copy(update={"archive": folder / "archive"})


def _index(suite: Suite, settings: Settings, folder: Path, report: Report | None) -> int:
    from rag.ingest.run import ingest
    from rag.models.embed import load

    paths = list(suite.sources)
    if suite.corpus is not None:
        paths.append(_write(suite, folder))
    with Archive.create(folder / "archive") as archive:
        embedder = load(settings.embed)
        reports = ingest(archive, embedder, paths, settings, progress=report)
        failed = [f"{one.origin}: {one.reason}" for one in reports if one.outcome == "failed"]
        held = archive.coverage().articles
    if failed and suite.corpus is None:
        raise RunFault("\n".join(failed))
    return held


def _write(suite: Suite, folder: Path) -> Path:
    path = folder / "articles.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for record in suite.corpus() if suite.corpus else ():
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path


def count(archive: Archive, suite: Suite) -> int:
    """Return how many articles the archive holds.

    Raises:
        RunFault: it holds none, not as many as were indexed for it, or not the articles that the
            suite names: whatever would be measured, it would not be this suite.
    """
    held = archive.coverage().articles
    if not held:
        raise RunFault(f"the archive in {archive.folder} is empty; nothing can be measured with it")
    expected = _expected(archive)
    if expected is not None and held != expected:
        raise RunFault(
            f"the archive in {archive.folder} holds {held} articles where {expected} were indexed; "
            f"remove {archive.folder.parent} to have it made anew"
        )
    missing = _missing(archive, suite)
    if missing:
        raise RunFault(
            f"the archive in {archive.folder} lacks {len(missing)} articles that {suite.name} "
            f"names as evidence, among them {', '.join(missing[:3])}: it is another archive"
        )
    return held


def _expected(archive: Archive) -> int | None:
    """Return how many articles were indexed; None for an archive that is not of the suite's own."""
    path = archive.folder.parent / COMPLETE
    try:
        return int(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _missing(archive: Archive, suite: Suite) -> list[str]:
    library = Library(archive)
    named = dict.fromkeys(gold.article for case in suite.cases for gold in case.evidence)
    return [name for name in named if library.article(name) is None]
