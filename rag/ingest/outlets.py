"""One name for each outlet and author, by a table that the archive's owner can extend.

`names.json` in the archive's folder adds to ours:

    {"outlets": {"sz.de": "Süddeutsche Zeitung"}, "authors": {"J. Doe": "Jane Doe"}}

Compared without case, spacing and a leading "www."; what is in neither table stays as it is.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

from rag.errors import SettingsError

FILE = "names.json"

DOMAINS: Mapping[str, str] = tomllib.loads(
    files("rag.ingest").joinpath("outlets.toml").read_text("utf-8")
)
"""Domains that stand for an outlet where its name is not stated."""


@dataclass(frozen=True, slots=True)
class Names:
    """Which names stand for which."""

    outlets: Mapping[str, str]
    authors: Mapping[str, str]

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Return our table with that of an archive's folder on top.

        Raises:
            SettingsError: the file is there and is not as it should be.
        """
        path = folder / FILE
        if not path.is_file():
            return cls({_key(k): v for k, v in DOMAINS.items()}, {})
        try:
            table = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise SettingsError(f"{path} cannot be read: {error}") from error
        return cls(_table(table, "outlets", path, DOMAINS), _table(table, "authors", path, {}))

    def outlet(self, name: str | None) -> str | None:
        """Return the one name of an outlet."""
        return self.outlets.get(_key(name), name) if name else None

    def people(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the one name of each author; two that are one are named once."""
        return tuple(dict.fromkeys(self.authors.get(_key(name), name) for name in names))


def _table(table: Any, name: str, path: Path, ours: Mapping[str, str]) -> dict[str, str]:  # noqa: ANN401
    theirs = table.get(name, {}) if isinstance(table, dict) else None
    if not isinstance(theirs, dict) or not all(isinstance(v, str) for v in theirs.values()):
        raise SettingsError(f'{path} is to look like {{"{name}": {{"theirs": "ours"}}}}')
    return {_key(k): v for k, v in ({**ours, **theirs}).items()}


def _key(name: str) -> str:
    return " ".join(name.split()).casefold().removeprefix("www.").rstrip(".")
