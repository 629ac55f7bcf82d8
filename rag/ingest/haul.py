"""What one look at a feed gathers: which pages are known, which are to be fetched, what came."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from rag.archive.addresses import tidied
from rag.archive.follows import Page, PageState
from rag.ingest.intake import Item
from rag.ingest.sources.draft import Link

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
