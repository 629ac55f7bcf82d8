"""Answers in the making, which pages follow: one may be closed, reloaded, or opened twice.

An answer belongs to its question, not to the page that asked. A thread takes in what the desk
tells; pages wait for the newest state. When the last page has gone and none comes back within
`GRACE` seconds, the question is given up and the model is free for others.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

from rag.rights import carried
from ui.desk import Ticket
from ui.view import View

log = logging.getLogger(__name__)

GRACE = 20.0
"""Seconds that an answer is worked on although no page shows it: a reload takes less."""


class Live:
    """One answer in the making."""

    def __init__(self, view: View, ticket: Ticket, ended: Callable[[View], View]) -> None:
        """Take in what the ticket tells; `ended` keeps the end and returns what is then known."""
        self._view = view
        self._ticket = ticket
        self._ended = ended
        self._changed = threading.Condition()
        self._over = False

    def start(self) -> None:
        """Begin to take in what the ticket tells."""
        run = carried(self._run)
        threading.Thread(target=run, name="dateline-live", daemon=True).start()

    @property
    def view(self) -> View:
        """What is known now."""
        return self._view

    def stop(self) -> None:
        """Give the question up."""
        self._ticket.stop()

    def follow(self) -> Iterator[View]:
        """Yield what is known each time that it has grown; slow followers skip steps."""
        shown: View | None = None
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._over or self._view is not shown)  # noqa: B023
                shown, over = self._view, self._over
            yield shown
            if over:
                return

    def _run(self) -> None:
        view = self._view
        for event in self._ticket:
            view = view.after(event)
            if view.running:
                self._tell(view, over=False)
        if view.running:
            view = view.stopped()
        try:
            view = self._ended(view)
        except Exception:
            log.exception("an answer could not be kept")
        self._tell(view, over=True)

    def _tell(self, view: View, *, over: bool) -> None:
        with self._changed:
            self._view, self._over = view, over
            self._changed.notify_all()


class Watch:
    """Which page follows which answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_page: dict[str, Live] = {}
        self._by_exchange: dict[str, Live] = {}

    def follow(self, page: str, live: Live) -> None:
        """Remember that a page shows an answer; the one that it showed before is given up."""
        with self._lock:
            before = self._by_page.pop(page, None)
            self._by_page[page] = live
            self._by_exchange[live.view.id] = live
        if before is not None and before is not live:
            self._leave(before)

    def follows(self, page: str, live: Live) -> bool:
        """Say whether a page still shows this answer."""
        return self._by_page.get(page) is live

    def making(self, exchange: str) -> Live | None:
        """Return the answer that is being made for an exchange."""
        return self._by_exchange.get(exchange)

    def stop(self, page: str) -> None:
        """Give up what a page follows, because its reader said so."""
        with self._lock:
            live = self._by_page.get(page)
        if live is not None:
            live.stop()

    def close(self, page: str) -> None:
        """Forget a page; what it followed is given up unless another page comes for it soon."""
        with self._lock:
            live = self._by_page.pop(page, None)
        if live is not None:
            timer = threading.Timer(GRACE, self._leave, [live])
            timer.daemon = True
            timer.start()

    def over(self, exchange: str) -> None:
        """Forget an answer that is made; pages may still read its end."""
        with self._lock:
            self._by_exchange.pop(exchange, None)

    def _leave(self, live: Live) -> None:
        with self._lock:
            alone = live not in self._by_page.values()
        if alone:
            live.stop()
