"""One look at what is followed: a feed or sitemap with the pages that it names, or a folder.

Everything is fetched first and then handed to the ordinary ingest, which holds the archive's lock
no longer than it needs, and stores each article in a transaction of its own. What is known of a
feed and of its pages is written only after that: a run that was killed is simply run again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rag.archive.addresses import tidied
from rag.archive.archive import Archive
from rag.archive.follows import Follow, FollowRun, Follows, Page, PageState, backed_off
from rag.errors import ArchiveBusy, SourceError
from rag.ingest.intake import Item
from rag.ingest.polite import Barred, Later, Stopped, Visitor
from rag.ingest.run import ingest, limits
from rag.ingest.sources.draft import Draft, Given, Link, Unpublished
from rag.ingest.sources.reading import find, is_address
from rag.ingest.sources.web import Refusal
from rag.ingest.sources.worker import Reader
from rag.models.encoder import Encoder
from rag.settings import Place, Settings

# What one look at a feed gathers: which pages are known, which are to be fetched, what came.
TRIES = 5
"""So often a page is asked for before it is given up, until its feed names a new version."""


@dataclass(slots=True, kw_only=True)
class Haul:
    """What one run has gathered: what is known of pages, and what is to be stored."""

    pages: dict[str, Page]
    changed: dict[str, Page] = field(default_factory=dict)
    queue: dict[str, int] = field(default_factory=dict)
    """Address of each page that is to be fetched, and how deep it lies."""
    items: list[Item] = field(default_factory=list)
    fetched: dict[str, Page] = field(default_factory=dict)
    """Of what is to be stored: what is known of it once it is."""
    counts: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    size: int = 0

    def note(self, page: Page) -> None:
        """Note what became of a page."""
        self.pages[page.url] = self.changed[page.url] = page

    def failed(self, page: Page) -> None:
        """Note that a page could not be read."""
        tries = page.tries + 1
        state: PageState = "given up" if tries >= TRIES else "waiting"
        self.counts["failed"] += 1
        self.note(replace(page, tries=tries, state=state))

    def next(self) -> tuple[str, int]:
        """Take the page that is fetched next: lists, then what is new, what failed at last."""
        best = min(
            self.queue,
            key=lambda url: (self.pages[url].tries, self.pages[url].state != "list"),
        )
        return best, self.queue.pop(best)

    def named(self, link: Link, depth: int) -> None:
        """Put a page in the queue that is new, or of which there is a new version."""
        url = tidied(link.url)
        moment = link.updated or link.published
        stamp = moment.isoformat() if moment else ""
        known = self.pages.get(url)
        if known is None or (stamp and known.stamp != stamp):
            known = replace(known or Page(url=url, stamp="", state="waiting"), stamp=stamp, tries=0)
            self.note(replace(known, state="list" if known.state == "list" else "waiting"))
        elif known.state in ("read", "given up") or (known.state == "list" and stamp):
            return
        self.queue.setdefault(url, depth)


BYTES = 30_000_000
"""Once a run has fetched so much, the rest waits for the next one."""
BUSY = 30
"""Seconds after which it is tried again where another process writes to the archive."""
GONE = 410
_SHOWN = 3
"""So many errors of pages are kept with a run."""
DEPTH = 2
"""Lists that lie in each other: an index of sitemaps, its sitemaps, their pages."""
NAMED = 50_000
"""Most pages that one feed or sitemap may name."""
_LISTS = ("xml", "list")
"""Formats that may name other pages."""


Validators = tuple[str | None, str | None]
"""ETag and Last-Modified."""


class Follower:
    """Looks at what is followed.

    Args:
        place: Of the archive.
        settings: What reading and fetching may cost.
        encoder: Returns what makes vectors; called when there is something to store.
        follows: What is followed.
        visitor: Who fetches.
    """

    def __init__(
        self,
        place: Place,
        settings: Settings,
        encoder: Callable[[], Encoder],
        follows: Follows,
        visitor: Visitor,
    ) -> None:
        self._place, self._settings = place, settings
        self._encoder, self._follows, self._visitor = encoder, follows, visitor

    def run(self, follow: Follow) -> FollowRun | None:
        """Look at one place now and store what it brings; None where another process does.

        Raises:
            Stopped: the program ends; it is as if the run had not begun.
            ArchiveFull: there is too little room; what was stored until then stays.
        """
        begun = datetime.now(UTC)
        taken = begun + timedelta(seconds=follow.every)
        if not self._follows.claim(follow, taken):
            return None
        haul = Haul(pages=self._follows.pages(follow.place))
        try:
            validators = self._gather(follow, haul)
            self._store(haul)
        except Stopped:
            self._follows.claim(replace(follow, due=taken), follow.due)
            raise
        except (SourceError, ArchiveBusy) as error:
            return self._failed(follow, begun, error)
        return self._done(follow, begun, haul, validators)

    def _gather(self, follow: Follow, haul: Haul) -> Validators | None:
        if is_address(follow.place):
            return self._feed(follow, haul)
        self._files(Path(follow.place), haul)
        return None

    def _done(
        self, follow: Follow, begun: datetime, haul: Haul, validators: Validators | None
    ) -> FollowRun:
        waiting = sum(page.state == "waiting" for page in haul.pages.values())
        counts = +Counter({**haul.counts, "waiting": waiting})
        new = any(name not in ("unchanged", "waiting") for name in counts)
        run = FollowRun(
            place=follow.place,
            begun=begun,
            ended=datetime.now(UTC),
            outcome="read" if new else "unchanged",
            message="; ".join(haul.errors[:_SHOWN]),
            counts=counts,
        )
        due = begun + timedelta(seconds=follow.every)
        self._follows.finish(run, due, tuple(haul.changed.values()), validators)
        return run

    def _failed(self, follow: Follow, begun: datetime, error: Exception) -> FollowRun:
        ended = datetime.now(UTC)
        run = FollowRun(
            place=follow.place, begun=begun, ended=ended, outcome="failed", message=str(error)
        )
        asked = error.retry_after if isinstance(error, Refusal) else None
        wait = backed_off(follow.every, follow.failures + 1, asked)
        if isinstance(error, ArchiveBusy):
            wait = timedelta(seconds=BUSY)
        self._follows.finish(run, ended + wait)
        if isinstance(error, Refusal) and error.status == GONE:
            self._follows.pause(follow.place, "its server says that it is gone for good")
        return run

    def _files(self, place: Path, haul: Haul) -> None:
        """Gather the files that are new or changed."""
        here = set()
        for path in find([place]):
            name = str(path.absolute())
            here.add(name)
            try:
                stat = path.stat()
            except OSError:  # it went away since the folder was read
                continue
            page = Page(url=name, stamp=f"{stat.st_mtime_ns}:{stat.st_size}", state="read")
            if haul.pages.get(name) != page:
                haul.items.append(path)
                haul.note(page)
        self._follows.forget(str(place), set(haul.pages) - here)

    def _feed(self, follow: Follow, haul: Haul) -> Validators:
        """Gather a feed's articles, and the pages that it names."""
        reply = self._visitor.get(follow.place, follow.etag, follow.modified)
        with Reader(limits(self._settings.read)) as reader:
            if reply.given is not None:
                self._list(reader, reply.given, haul, 1)
            for page in haul.pages.values():
                if page.state == "waiting" or (page.state == "list" and not page.stamp):
                    haul.queue.setdefault(page.url, 1)
            for _ in range(self._settings.follow.pages):
                if not haul.queue or haul.size > BYTES:
                    break
                self._page(reader, *haul.next(), haul)
        if reply.given is None:
            return reply.etag or follow.etag, reply.modified or follow.modified
        return reply.etag, reply.modified

    def _list(self, reader: Reader, given: Given, haul: Haul, depth: int) -> bool:
        """Gather what a feed or a sitemap holds; returns whether it names pages.

        Raises:
            SourceError: it holds nothing.
        """
        if given.format not in _LISTS:
            raise SourceError(f"{given.origin} is no feed and no sitemap")
        found = list(reader.read(given))
        links = [result for result in found if isinstance(result, Link)]
        if any(isinstance(result, Draft | Unpublished) for result in found):
            haul.items.append(given)
            haul.size += len(given.data or b"")
        elif not links:
            errors = (result for result in found if isinstance(result, SourceError))
            raise next(errors, SourceError(f"{given.origin} holds no article"))
        for link in links[:NAMED] if depth <= DEPTH else ():
            haul.named(link, depth)
        return bool(links)

    def _page(self, reader: Reader, url: str, depth: int, haul: Haul) -> None:
        """Fetch one page; whatever is wrong with it stops no other."""
        page = haul.pages[url]
        try:
            reply = self._visitor.get(url, page.etag, page.modified)
            given = reply.given
            known = replace(page, etag=reply.etag, modified=reply.modified, tries=0)
            if given is None:
                kept = replace(page, tries=0)
                haul.note(kept if page.state == "list" else replace(kept, state="read"))
            elif given.format in _LISTS and self._list(reader, given, haul, depth + 1):
                haul.note(replace(known, state="list"))
            else:
                if given.format not in _LISTS:
                    haul.items.append(replace(given, origin=url))
                    haul.size += len(given.data or b"")
                haul.fetched[url] = replace(known, state="read")
        except Stopped:
            raise
        except Barred:
            haul.counts["barred"] += 1
            haul.note(replace(page, state="given up"))
        except Later:
            return
        except SourceError as error:
            haul.errors.append(str(error))
            gone = isinstance(error, Refusal) and error.status == GONE
            haul.failed(replace(page, tries=TRIES) if gone else page)

    def _store(self, haul: Haul) -> None:
        """Hand what was gathered to the ordinary ingest."""
        if not haul.items:
            return
        read = self._settings.read.model_copy(update={"links": 0})
        settings = self._settings.model_copy(update={"read": read})
        bad = set()
        with Archive.create(self._place) as archive:
            for report in ingest(archive, self._encoder(), haul.items, settings):
                if report.outcome == "listed":
                    continue
                haul.counts[report.outcome] += 1
                if report.outcome in ("failed", "unread"):
                    haul.errors.append(f"{report.origin}: {report.reason}")
                    bad.add(report.origin)
        for url, page in haul.fetched.items():
            if url in bad:
                haul.counts["failed"] -= 1  # which `failed` counts
                haul.failed(haul.pages[url])
            else:
                haul.note(page)
