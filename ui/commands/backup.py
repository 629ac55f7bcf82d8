"""`dateline backup`, `restore` and `export`: the archive as one file, and as JSON lines."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands import common

if TYPE_CHECKING:
    from rag.maintenance.backup import Kept

TargetArgument = Annotated[Path, typer.Argument(help="A file that is not there yet.")]
SourceArgument = Annotated[Path, typer.Argument(help="What `dateline backup` wrote.")]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace the archive that is there, all of it.")
]
OutputArgument = Annotated[
    Path | None, typer.Argument(help="A file that is not there yet.", show_default="stdout")
]
RevisionsOption = Annotated[
    bool, typer.Option("--revisions", help="Earlier texts too, each before the one that followed.")
]


def backup(
    file: TargetArgument,
    *,
    archive: common.ArchiveOption = None,
    json: common.JsonOption = False,
) -> None:
    """Write the archive into one file and check it, while others read and write."""
    settings = common.configure(archive=archive)
    from rag.archive.archive import Archive
    from rag.maintenance.backup import backup as keep

    with Archive.open(settings.archive) as store:
        kept = keep(store, file)
    _tell(kept, json=json, done="backed up to")


def restore(
    file: SourceArgument,
    *,
    archive: common.ArchiveOption = None,
    overwrite: OverwriteOption = False,
    json: common.JsonOption = False,
) -> None:
    """Check a backup and make an archive of it; the vector index follows with the next `repair`."""
    settings = common.configure(archive=archive)
    from rag.maintenance.backup import restore as bring_back

    kept = bring_back(file, settings.archive, overwrite=overwrite)
    _tell(kept, json=json, done="restored to")


def export(
    file: OutputArgument = None,
    *,
    archive: common.ArchiveOption = None,
    revisions: RevisionsOption = False,
) -> int:
    """Write every article with all that is known of it as JSON lines; `index` reads them back.

    A text that was damaged on the disk is named and left out.
    """
    settings = common.configure(archive=archive)
    from rag.archive.archive import Archive
    from rag.errors import ArchiveDamaged
    from rag.maintenance.export import export as records
    from ui.terminal import safe

    code = 0
    with ExitStack() as stack:
        store = stack.enter_context(Archive.open(settings.archive))
        out = sys.stdout if file is None else stack.enter_context(common.new_file(file))
        for record in records(store, revisions=revisions):
            if isinstance(record, ArchiveDamaged):
                sys.stderr.write(f"dateline: {safe(str(record))}\n")
                code = record.exit_code
            else:
                out.write(common.dumps(record) + "\n")
    return code


def _tell(kept: Kept, *, json: bool, done: str) -> None:
    if json:
        common.emit({"path": str(kept.path), "articles": kept.articles, "bytes": kept.size})
    else:
        articles = common.counted(kept.articles, "article")
        common.write(f"{articles} {done} {kept.path}, {kept.size / 1e6:.1f} MB")
