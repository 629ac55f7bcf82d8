"""One run over many files: each is read, recognised and stored, and what became of it is told."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Literal

from rag.archive.addresses import canonical, tidied
from rag.archive.archive import Archive
from rag.archive.edits import laid_over
from rag.archive.filing import Filed, Filing
from rag.archive.originals import Original
from rag.archive.rows import digest_of
from rag.archive.standing import Withdrawal
from rag.errors import ArchiveDamaged, ArchiveError, SourceError
from rag.ingest import corrections
from rag.ingest.chunk import chunk
from rag.ingest.identity import (
    address,
    apart,
    bands,
    cluster_of,
    identify,
    own_key,
    scoped,
    untaken,
)
from rag.ingest.outlets import Names
from rag.ingest.sources.reading import Draft, Given, Link, Unpublished, Unread, from_path
from rag.ingest.sources.standing import newer
from rag.ingest.sources.worker import Limits, Reader
from rag.language.characters import one_line
from rag.language.sentences import split
from rag.language.tongue import language_of
from rag.settings import ReadSettings, Settings
from rag.types import Article

log = logging.getLogger(__name__)

_SPLITTER = "1"
"""Raise it when the same settings cut texts in other places than before."""

Item = Path | Given | Link
"""What can be ingested: a file or folder, bytes that are here already, an address."""
Fetch = Callable[[str], Given]
"""Returns what an address holds, or raises `SourceError`."""


def limits(settings: ReadSettings) -> Limits:
    """Return what reading one article may cost, as the settings say it."""
    return Limits(
        megabytes=settings.megabytes, seconds=settings.seconds, wall=settings.wall_seconds
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What became of one file, or of one record of a file."""

    origin: str
    article_id: str | None
    outcome: Filed | Literal["listed", "refused", "withdrawn", "unread", "failed"]
    """`listed`: a feed or a sitemap names it, and it has not been fetched. `refused`: it was never
    published, or its sender withdrew it. `withdrawn`: so it is with an article that was stored,
    which is kept for the record and never quoted again. `unread`: no reader takes the file."""
    reason: str = ""


@dataclass(slots=True)
class Run:
    """One run over many files: what has been claimed, how many links may still be followed."""

    archive: Archive
    reader: Reader
    settings: Settings
    mapping: Mapping[str, str]
    fetch: Fetch | None
    names: Names
    collection: str = ""
    """The id of the collection that all is put into; empty for none."""
    claimed: set[str] = field(default_factory=set)
    followed: int = 0

    def reports(self, item: Item) -> Iterator[FileReport]:
        """Store the records of one file; whatever is wrong with one does not stop the others."""
        links: list[Link] = []
        for result in self._results(item):
            if isinstance(result, Unpublished):
                yield self._unpublished(result, _origin(item))
            elif isinstance(result, SourceError):
                report = _refused(_origin(item), str(result))
                unread = isinstance(result, Unread)
                yield replace(report, outcome="unread") if unread else report
            elif isinstance(result, Draft):
                yield self._report(result)
            else:
                links.append(result)
        # The reader reads one file at a time, so what a file names waits until it has been read.
        for link in links:
            yield from self._followed(link)

    def _followed(self, link: Link) -> Iterator[FileReport]:
        """Fetch what a feed names, as long as that was asked for, and it is not here already."""
        if self.followed < self.settings.read.links and not self._known(link):
            self.followed += 1
            yield from self.reports(link)
        else:
            yield self._listed(link)

    def again(self, article_id: str, revision: str) -> FileReport:
        """Read an article's original again and store it under the same id."""
        try:
            article = self.archive.article(article_id)
            original = self.archive.original(article_id, revision)
        except ArchiveDamaged as damaged:
            return _failed(article_id, str(damaged))
        origin = article.origin or article_id
        if original is None:
            return _failed(origin, "its original has just gone")
        given = Given(
            origin=origin,
            format=original.format,
            data=original.data,
            url=original.url,
            mapping=original.mapping,
        )
        results = list(self.reader.read(given))
        drafts = [result for result in results if isinstance(result, Draft)]
        if len(drafts) != 1:
            error = next((str(r) for r in results if isinstance(r, SourceError)), "no article")
            return _failed(origin, f"cannot be read again, stays as it is: {error}")
        return self._report(replace(drafts[0], origin=origin), article_id)

    def _results(self, item: Item) -> Iterator[Draft | Link | SourceError]:
        given: Given | SourceError
        if isinstance(item, Path):
            given = from_path(item, self.mapping)
        elif isinstance(item, Given):
            given = replace(item, mapping=self.mapping)
        elif self.fetch is None:
            given = SourceError(f"{item.url}: nothing may be fetched here")
        else:
            given = _fetched(self.fetch, item.url, self.mapping)
        if isinstance(given, SourceError):
            yield given
        else:
            yield from self.reader.read(given)

    def _report(self, draft: Draft, article_id: str | None = None) -> FileReport:
        try:
            found = cache(lambda: bands(draft.text))
            work = partial(self._store, draft, article_id, found)
            report = self.archive.alone(lambda: [*_identity(draft), *found()], work)
        except ArchiveError:
            raise
        except Exception as error:
            log.exception("storing %s", draft.origin)
            report = _failed(draft.origin, f"cannot be stored: {type(error).__name__}: {error}")
        if report.article_id is not None:
            self.claimed.add(report.article_id)
        return report

    def _store(
        self, draft: Draft, article_id: str | None, found: Callable[[], tuple[int, ...]]
    ) -> FileReport:
        """Recognise and store one record, unless it is there as it is."""
        if not draft.text:
            return _failed(draft.origin, "no text left after cleaning")
        draft = draft if article_id else scoped(self.archive, draft)
        draft = draft if article_id else apart(self.archive, draft, self.collection)
        name = article_id or identify(
            self.archive, draft, draft.text, self.claimed, self.collection
        )
        name = untaken(self.archive, name, self.collection)
        if stays_out := self._stays_out(draft, name):
            return stays_out
        edits = {**(draft.edits or {}), **self.archive.edits(name)}
        article = laid_over(_article(name, draft, self.names), edits)
        cut = self.settings.chunk
        how = Filing(
            key=draft.key,
            place=draft.origin,
            splitter=f"{_SPLITTER}:{cut.characters}",
            original=_original(draft, self.settings.read),
            past=draft.ingested is not None,
            collection=self.collection,
        )
        if self.archive.holds(article, how):
            outcome: Filed = "unchanged"
            self.archive.collect(article.id, self.collection)
        else:
            cluster = cluster_of(article, self.archive.near(found()))
            how = replace(how, bands=found(), cluster=cluster)
            passages = chunk(article, cut, cluster=cluster)
            outcome = self.archive.put(article, passages, split(article.text), how)
            if outcome == "added" and self.archive.is_copy(article):
                outcome = "duplicate"  # although with people it has passages of its own
            if draft.edits:
                self.archive.amend(article.id, edits)
        reason = _reason(self.archive, article.id) if outcome in ("added", "duplicate") else ""
        report = FileReport(
            origin=draft.origin, article_id=article.id, outcome=outcome, reason=reason
        )
        return self._recorded(draft, report) if draft.withdrawn else report

    def _recorded(self, draft: Draft, report: FileReport) -> FileReport:
        """Withdraw what another archive exported as withdrawn."""
        reason = draft.withdrawn or ""
        withdrawal = Withdrawal(reason=reason, moment=draft.updated or draft.published)
        self.archive.note_withdrawal(_names(draft.key, draft.url), withdrawal)
        return self._withdrawn(replace(report, reason=reason))

    def _unpublished(self, found: Unpublished, origin: str) -> FileReport:
        """Withdraw what is stored of it, and remember what its sender withdrew for good."""
        report = _refused(origin, str(found))
        withdrawal = Withdrawal(reason=report.reason, moment=found.moment)
        key = self._key(found, origin)
        if found.final:
            self.archive.note_withdrawal(_names(key, found.url), withdrawal)
        stored = self._stored(key, found.url)
        if stored is None or newer(stored.updated or stored.published, found.moment):
            return replace(report, outcome="refused")
        return self._withdrawn(replace(report, article_id=stored.id))

    def _key(self, found: Unpublished, origin: str) -> str | None:
        """Return the key of what is withdrawn; a bare number is that of its own file's record."""
        own = own_key(origin, found.key) if found.key else None
        if own == found.key or own is None or self.archive.known("key", own):
            return own
        stored = self._stored(found.key, None)
        inside = stored is not None and own_key(stored.origin or "", found.key or "") == own
        return found.key if inside else own

    def _stored(self, key: str | None, url: str | None) -> Article | None:
        """Return the stored article that has this key, or else this address."""
        place = address(url)
        known = self.archive.known("key", key) if key else []
        known = known or (self.archive.known("url", place) if place else [])
        return self.archive.article(known[0][0]) if known else None

    def _withdrawn(self, report: FileReport) -> FileReport:
        """Withdraw the article of a report, which says why, and complete the report."""
        gone = self.archive.withdraw(report.article_id or "", report.reason)
        return replace(report, outcome="withdrawn" if gone else "unchanged")

    def _stays_out(self, draft: Draft, article_id: str) -> FileReport | None:
        """Report on a draft of which its sender withdrew this version or a later one."""
        withdrawal = self.archive.withdrawal(_names(draft.key, draft.url))
        if withdrawal is None or newer(draft.updated or draft.published, withdrawal.moment):
            return None
        reason = withdrawal.reason
        report = FileReport(origin=draft.origin, article_id=None, outcome="refused", reason=reason)
        if not self.archive.has(article_id):
            return report
        stored = self.archive.article(article_id)
        if not stored.withdrawn and newer(stored.updated or stored.published, withdrawal.moment):
            return replace(report, article_id=article_id, outcome="unchanged")
        return self._withdrawn(replace(report, article_id=article_id))

    def _known(self, link: Link) -> bool:
        return bool(self.archive.known("url", canonical(link.url)))

    def _listed(self, link: Link) -> FileReport:
        known = self.archive.known("url", canonical(link.url))
        if known:
            name = known[0][0]
            return FileReport(origin=link.origin, article_id=name, outcome="unchanged")
        words = " ".join(filter(None, (link.url, link.title)))
        return FileReport(origin=link.origin, article_id=None, outcome="listed", reason=words)


def _fetched(fetch: Fetch, url: str, mapping: Mapping[str, str]) -> Given | SourceError:
    try:
        return replace(fetch(url), mapping=mapping)
    except SourceError as error:
        return error


def _identity(draft: Draft) -> list[object]:
    """Return what a record may be known again by."""
    return [draft.key, address(draft.url), draft.origin, digest_of(draft.text)]


def _names(key: str | None, url: str | None) -> list[str]:
    """Return the names under which a withdrawal is remembered and looked for."""
    return list(filter(None, (key, address(url))))


def _origin(item: Item) -> str:
    if isinstance(item, Path):
        return str(item.absolute())
    return item.origin


def _original(draft: Draft, settings: ReadSettings) -> Original | None:
    """Return what is to be kept of what a draft was read from."""
    given = draft.original
    if given is None or given.data is None or not settings.keep_originals:
        return None
    if len(given.data) > settings.original_bytes:
        return None
    return Original(format=given.format, data=given.data, url=given.url, mapping=given.mapping)


def _article(article_id: str, draft: Draft, names: Names) -> Article:
    return Article(
        id=article_id,
        digest=digest_of(draft.text),
        text=draft.text,
        title=_line(draft.title),
        publisher=names.outlet(_line(draft.publisher)),
        authors=names.people(tuple(filter(None, map(_line, draft.authors)))),
        published=draft.published,
        updated=draft.updated,
        ingested=draft.ingested or datetime.now(UTC),
        url=tidied(draft.url) if draft.url else None,
        language=_language(draft),
        origin=draft.origin,
        date_source=draft.date_source,
        notes=tuple(dict.fromkeys((*draft.notes, *corrections.stated(draft.text)))),
    )


STATED = 300
"""Characters from which on a text is believed before a page that says "en", as templates do."""


def _language(draft: Draft) -> str | None:
    """Return the language that a source states, or the one that its text is in."""
    if draft.language and (draft.language != "en" or len(draft.text) < STATED):
        return draft.language
    return language_of(f"{draft.title or ''}\n{draft.text}") or draft.language


def _reason(archive: Archive, article_id: str) -> str:
    """Name the article that has the same story."""
    copies = archive.copies(article_id)
    return f"same story as {copies[0].article_id}" if copies else ""


def _refused(origin: str, message: str) -> FileReport:
    """Report on what could not be read; its place, with which messages begin, is told once."""
    begins = "|".join(re.escape(name) for name in (origin, repr(origin)))
    found = re.match(rf"(?:{begins})(:\d+)?(?:: | (?=\S))", message)
    if found is None:
        return _failed(origin, message)
    return _failed(origin + (found[1] or ""), message[found.end() :])


def _failed(origin: str, reason: str) -> FileReport:
    return FileReport(origin=origin, article_id=None, outcome="failed", reason=reason)


def _line(text: str | None) -> str | None:
    """Return a headline or a name on one line, without what no database can store."""
    return one_line(text) or None if text else None
