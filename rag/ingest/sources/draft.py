"""What readers take in and make: a file's bytes, one article before it is stored, a bare link."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from rag.errors import SourceError
from rag.types import Moment


class Unpublished(SourceError):
    """A record that was never published, or that its sender withdrew: nothing of it is quoted.

    `key`, `url` and `moment` say which article, and which version of it, this is said of.
    """

    def __init__(
        self,
        message: str,
        *,
        key: str | None = None,
        url: str | None = None,
        moment: Moment | None = None,
        final: bool = False,
    ) -> None:
        """Note what is known; `final` means that its sender withdrew it, whoever reads it when."""
        super().__init__(message)
        self.key, self.url, self.moment, self.final = key, url, moment, final


class Unread(SourceError):
    """A file that no reader takes: nothing is wrong with it, but it is not in the archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One file, page or stream to read: its bytes, or the path to take them from."""

    origin: str
    """The absolute path, the address, or `standard input`; messages begin with it."""
    format: str
    """The reader's name, a value of `FORMATS`."""
    data: bytes | None = None
    """Its bytes; None means that `origin` is a path to open."""
    url: str | None = None
    """The address that it was fetched from."""
    mapping: Mapping[str, str] = field(default_factory=dict)
    """Under which of its fields each of ours is kept, for records and front matter."""

    def open(self) -> IO[bytes]:
        """Open the bytes as a stream."""
        return Path(self.origin).open("rb") if self.data is None else io.BytesIO(self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One article as its file states it; what the file does not state is None."""

    origin: str
    """The absolute path or the address, with `:line` for a record in a file of many."""
    text: str
    """Plain text with paragraph breaks."""
    key: str | None = None
    """The id that the record itself carries."""
    title: str | None = None
    publisher: str | None = None
    authors: tuple[str, ...] = ()
    published: Moment | None = None
    updated: Moment | None = None
    url: str | None = None
    language: str | None = None
    date_source: str | None = None
    """The field that `published` was taken from."""
    ingested: datetime | None = None
    """When another archive first stored it; only our own export says so."""
    notes: tuple[str, ...] = ()
    """What a reader of the article should be told of how its text was read."""
    edits: Mapping[str, str | list[str] | None] | None = None
    """What a person stated by hand; only our own export says so."""
    withdrawn: str | None = None
    """Why it may not be quoted; only our own export holds such articles."""
    original: Given | None = field(default=None, compare=False)
    """The bytes of this article alone, from which it can be read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An article that a feed or a sitemap only names; it is fetched when that is asked for."""

    origin: str
    url: str
    title: str | None = None
    published: Moment | None = None
    updated: Moment | None = None
    """When the page was last changed, as the feed or the sitemap says."""
