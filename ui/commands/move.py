"""`dateline move`: a whole archive into another place."""

from __future__ import annotations

import shlex
import sys
import time
from dataclasses import asdict
from typing import Annotated

import typer

from ui.commands import common

SourceArgument = Annotated[
    str, typer.Argument(metavar="FROM", help="A folder, or postgresql://user@host/database.")
]
TargetArgument = Annotated[
    str, typer.Argument(metavar="TO", help="Where there is no archive yet; made if need be.")
]


def move(
    source: SourceArgument, target: TargetArgument, *, json: common.JsonOption = False
) -> None:
    """Copy an archive to a PostgreSQL server, or from one into a folder; FROM stays as it is.

    A move that was cut off is run once more and goes on. At the end both are compared.
    """
    from rag.maintenance.move import move as carry
    from rag.settings import place, shown

    begun = time.monotonic()
    moved = carry(place(source), place(target), None if json else _told)
    if json:
        common.emit(asdict(moved))
        return
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    articles = common.counted(moved.tables["article"], "article")
    rows = sum(moved.tables.values())
    common.write(
        f"{articles}, {rows:,} rows, {moved.written:,} of them written now, are at "
        f"{shown(place(target))}; both sides have the digest {moved.digest[:16]} "
        f"({time.monotonic() - begun:.0f} s)"
    )
    there = shlex.quote(shown(place(target)))
    common.write(
        f"It has no index of vectors yet, until then the search is slower: "
        f"dateline repair --archive {there}"
    )


def _told(table: str, count: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{table}: {count:,}")
        sys.stderr.flush()
