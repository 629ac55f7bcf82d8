"""`dateline replay`: do stored answers still hold against the archive of today?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.commands import common
from ui.commands.ask import opened

if TYPE_CHECKING:
    from rag.answer.replay import Replay


def replay(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Answers as `ask --json` or `ask --batch --json` wrote them, one a line; "
            "- is standard input.",
        ),
    ],
    *,
    archive: common.ArchiveOption = None,
    style: common.StyleOption = None,
    as_json: common.JsonOption = False,
) -> int:
    """Say which stored answers still hold, and what changed; exit code 5 when one does not."""
    from rag.answer import replay as engine
    from rag.record import from_json

    settings = common.configure(archive=archive, llm="none", style=style)
    broken = False
    with opened(settings, watch=False) as qa:
        for record in _records(file):
            found = engine.replay(from_json(record), qa)
            broken = broken or not found.holds
            _show(found, as_json=as_json)
    return common.SOME_FAILED if broken else 0


def _records(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the answers of a file; lines that record a failure are passed over.

    Raises:
        SourceError: the file cannot be read, or a line is no JSON object.
    """
    from rag.errors import SourceError
    from ui.commands.batch import open_lines

    with open_lines(file) as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise SourceError(f"line {number} is not JSON: {error}") from error
            if not isinstance(record, dict):
                raise SourceError(f"line {number} is not an answer")
            if "error" not in record:
                yield record


def _show(found: Replay, *, as_json: bool) -> None:
    from ui.terminal import safe

    if as_json:
        changes = [{"kind": c.kind, "text": c.text} for c in found.changes]
        common.emit({"question": found.question, "holds": found.holds, "changes": changes})
        return
    common.write(f"{'holds' if found.holds else 'CHANGED'}: {safe(found.question)}")
    for change in found.changes:
        common.write(f"  {change.kind}: {safe(change.text)}")
