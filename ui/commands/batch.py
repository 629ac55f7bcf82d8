"""`dateline ask --batch`: a question a line, an answer a line, and no line stops the others."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from rag.errors import DatelineError, QuestionError, SourceError
from rag.record import to_json
from rag.types import Filter
from ui.commands import common

if TYPE_CHECKING:
    from rag.answer.pipeline import NewsQA


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One line of a batch, read and checked."""

    id: str | int | None
    question: str
    within: Filter | None
    as_of: date | None


@contextlib.contextmanager
def open_lines(path: Path) -> Iterator[IO[bytes]]:
    """Open a batch for reading; `-` is standard input.

    Raises:
        SourceError: the file cannot be opened.
    """
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    try:
        lines = path.open("rb")
    except OSError as error:
        raise SourceError(f"cannot read the batch {str(path)!r}: {error.strerror}") from error
    with lines:
        yield lines


def answer_all(
    qa: NewsQA,
    lines: Iterable[bytes],
    *,
    within: Filter | None,
    as_of: date | None,
    as_json: bool,
) -> int:
    """Answer every line, each written at once; what fails is written in its place.

    Filters of the command line hold for lines that set none of their own.
    """
    failed = False
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        key = None
        try:
            record = _parse(line)
            key = record.get("id")
            task = _task(record, within, as_of)
            answer = qa.ask(task.question, filters=task.within, as_of=task.as_of)
        except DatelineError as error:
            failed = True
            _write_failure(key, number, error, as_json=as_json)
        else:
            if as_json:
                common.emit({"id": task.id, "line": number} | to_json(answer))
            else:
                from ui.terminal import console, safe, show

                common.write(f"{number}. {safe(task.question)}\n")
                show(console(sys.stdout), answer)
                common.write("")
    return common.SOME_FAILED if failed else 0


def _write_failure(key: object, number: int, error: DatelineError, *, as_json: bool) -> None:
    if as_json:
        failure = common.error_record(error, str(error), error.exit_code)
        common.emit({"id": key, "line": number, "error": failure})
    else:
        sys.stderr.write(f"dateline: line {number}: {error}\n")


def _parse(line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise QuestionError(f"the line is not JSON: {error}") from error
    if not isinstance(record, dict):
        raise QuestionError('the line is not a JSON object like {"question": "..."}')
    return record


def _task(record: dict[str, Any], within: Filter | None, as_of: date | None) -> Task:
    question = record.get("question")
    if not isinstance(question, str):
        raise QuestionError("the line has no text under 'question'")
    publishers = record.get("publishers") or []
    if not (isinstance(publishers, list) and all(isinstance(p, str) for p in publishers)):
        raise QuestionError("'publishers' must be a list of names")
    own = Filter(
        since=_day(record, "since"), until=_day(record, "until"), publishers=tuple(publishers)
    )
    return Task(
        id=record.get("id"),
        question=question,
        within=own or within,
        as_of=_day(record, "as_of") or as_of,
    )


def _day(record: dict[str, Any], name: str) -> date | None:
    raw = record.get(name)
    if raw is None:
        return None
    try:
        return date.fromisoformat(raw)
    except (TypeError, ValueError):
        raise QuestionError(f"{name!r} is {raw!r}, not a day like 2024-05-31") from None
