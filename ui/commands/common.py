"""What commands share: their options, their settings, how they write JSON and name errors."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TextIO, TypeVar

import typer

if TYPE_CHECKING:
    from pydantic import ValidationError

    from rag.archive.beside import Beside
    from rag.settings import Place, Settings

TablesT = TypeVar("TablesT", bound="Beside")
UNEXPECTED, USAGE, DECLINED, SOME_FAILED, INTERRUPTED = 1, 2, 3, 5, 130
"""Exit codes that no exception carries; the others are `DatelineError.exit_code`."""

_HIDDEN = re.compile(r"[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def parse_day(raw: str) -> date:
    """Read a day as ISO 8601 writes it."""
    try:
        return date.fromisoformat(raw)
    except ValueError:
        raise typer.BadParameter(f"{raw!r} is not a day; write it like 2024-05-31") from None


_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def parse_duration(raw: str) -> float:
    """Read a length of time, such as 90s, 15m, 2h or 1d, as seconds; a bare number is seconds."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)\s*([smhd]?)", raw.strip().lower())
    if found is None or not float(found[1]):
        raise typer.BadParameter(f"{raw!r} is no length of time; write it like 90s, 15m, 2h or 1d")
    return float(found[1]) * _UNITS[found[2]]


ArchiveOption = Annotated[
    Path | None,
    typer.Option(
        "--archive",
        envvar="DATELINE_ARCHIVE",
        metavar="DIR",
        help="Folder of the archive.",
        show_default="a per-user data folder",
        rich_help_panel="Common",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Write JSON, errors too.", rich_help_panel="Common")
]
LlmOption = Annotated[
    str | None,
    typer.Option(
        "--llm",
        envvar="DATELINE_CHAT__LLM",
        metavar="MODEL",
        help="local, local:NAME, none (the sources' own sentences), openai:MODEL or ollama:MODEL.",
        show_default="local",
        rich_help_panel="Model",
    ),
]
BaseUrlOption = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        envvar="DATELINE_CHAT__BASE_URL",
        metavar="URL",
        help="Endpoint of openai:MODEL or ollama:MODEL; its key is read from the environment "
        "variable DATELINE_CHAT__API_KEY, so that no process list shows it.",
        rich_help_panel="Model",
    ),
]
StyleOption = Annotated[
    Literal["short", "normal", "full"] | None,
    typer.Option("--style", help="How long answers are.", show_default="normal"),
]
SinceOption = Annotated[
    date | None,
    typer.Option(
        "--since", parser=parse_day, metavar="DAY", help="Only articles published on or after it."
    ),
]
UntilOption = Annotated[
    date | None,
    typer.Option(
        "--until", parser=parse_day, metavar="DAY", help="Only articles published on or before it."
    ),
]
AsOfOption = Annotated[
    date | None,
    typer.Option(
        "--as-of", parser=parse_day, metavar="DAY", help="Answer as one could have on that day."
    ),
]
CollectionOption = Annotated[
    list[str] | None,
    typer.Option(
        "--collection", metavar="NAME", help="Only articles of this collection; may be repeated."
    ),
]
PublisherOption = Annotated[
    list[str] | None,
    typer.Option("--publisher", metavar="NAME", help="Only this outlet; may be repeated."),
]
IdsArgument = Annotated[
    list[str] | None, typer.Argument(help="As `list` names them.", metavar="[ARTICLE_ID]...")
]
WhereOption = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="FIELD=VALUE",
        help="All articles for which it holds: publisher=unknown, origin=*/scans/*; repeatable.",
    ),
]


def configure(
    *,
    archive: Path | None = None,
    llm: str | None = None,
    base_url: str | None = None,
    style: str | None = None,
    links: int | None = None,
) -> Settings:
    """Return the settings: command line over environment over defaults.

    Raises:
        SettingsError: a value is not allowed; names the setting.
    """
    from pydantic import ValidationError
    from pydantic_settings import SettingsError as Unreadable

    from rag.errors import SettingsError
    from rag.settings import Settings

    chosen: dict[str, Any] = {
        "archive": archive,
        "chat": _given(llm=llm, base_url=base_url),
        "answer": _given(style=style),
        "read": _given(links=links),
    }
    try:
        return Settings(**_given(**chosen))
    except ValidationError as error:
        raise SettingsError(_faults(error)) from error
    except Unreadable as error:
        raise SettingsError(_unreadable(error)) from error


def opened(tables: type[TablesT], place: Place) -> TablesT:
    """Open tables beside the articles of an archive, such as its keys; there must be one."""
    from rag.archive.archive import Archive

    Archive.open(place).close()  # says what is wrong, and brings an older archive up to date
    return tables.open(place)


def _unreadable(error: Exception) -> str:
    """Return which variables of the environment may be meant, and how they are written."""
    found = re.search(r'field "(\w+)"', str(error))
    begin = f"DATELINE_{found[1].upper() if found else ''}"
    names = sorted(name for name in os.environ if name == begin or name.startswith(f"{begin}__"))
    return (
        f"{' or '.join(names)} cannot be read: settings are named one by one, as in "
        """DATELINE_CHAT__LLM=none, and a list is JSON, as in '["10.0.0.7/32"]'"""
    )


def _given(**options: object) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value not in (None, {})}


def _faults(error: ValidationError) -> str:
    faults = [
        f"setting {'.'.join(map(str, fault['loc']))!r}: {fault['msg']}" for fault in error.errors()
    ]
    return "; ".join(faults)


def dumps(record: Mapping[str, Any]) -> str:
    """Return one line of JSON that is readable and safe to show on a terminal.

    JSON escapes C0 controls by itself; the other characters that could steer a terminal, and
    lone surrogates, which no encoding can write, are escaped here.
    """
    line = json.dumps(record, ensure_ascii=not _utf8(), allow_nan=False)
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def _utf8() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def emit(record: Mapping[str, Any]) -> None:
    """Write one line of JSON to standard output, at once."""
    write(dumps(record))


def write(line: str) -> None:
    """Write one line to standard output, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: 1 article, 2,464 articles."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def error_record(error: BaseException, message: str, exit_code: int) -> dict[str, Any]:
    """Return an error as the object that `--json` writes."""
    return {"type": type(error).__name__, "message": message, "exit_code": exit_code}


def new_file(path: Path) -> TextIO:
    """Open a file for writing that is not there yet.

    Raises:
        SettingsError: it is there already, or cannot be written.
    """
    from rag.errors import SettingsError

    try:
        return path.open("x", encoding="utf-8")
    except FileExistsError:
        raise SettingsError(f"{str(path)!r} is there already; name a file that is not") from None
    except OSError as error:
        raise SettingsError(f"{str(path)!r} cannot be written: {error.strerror}") from error
