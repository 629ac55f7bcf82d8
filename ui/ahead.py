"""Questions made ready while they are typed: one for each page, in moments when nobody is answered.

A page says what stands in its box when the person pauses. That is made ready in a thread of its
own, and thrown away when the text changes, when the page goes, or when what is asked is something
else. What is known stays with its page: only the question of that page can take it.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from rag.answer.ahead import GaveWay
from rag.answer.prepare import Asked, Prepared
from rag.errors import DatelineError
from rag.rights import Reader, carried, reader
from ui.wishes import Wishes

log = logging.getLogger(__name__)

PAGES = 32
"""Most pages for which something is kept; the one that typed longest ago loses its own."""


@dataclass(slots=True, kw_only=True, eq=False)
class Preparation:
    """One question in the making, before it is asked."""

    asked: Asked
    wishes: Wishes | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    """Set when nobody needs it any longer, or somebody else needs the machine."""
    prepared: Prepared | None = None
    """What came of it so far."""
    reader: Reader | None = field(default_factory=reader)
    """Who types, and what they might read then; see `rag.rights`."""

    def of(self, asked: Asked, wishes: Wishes | None) -> bool:
        """Say whether it is of this question, to be answered in this way."""
        return (self.asked, self.wishes, self.reader) == (asked, wishes, reader())


class Ahead:
    """What is being made ready, and for which page."""

    def __init__(self, make: Callable[[Preparation], None], busy: Callable[[], bool]) -> None:
        """Begin with nothing.

        Args:
            make: Makes a question ready; ends soon after its `stop` is set.
            busy: Says whether somebody is being answered, so that nothing may be begun.
        """
        self._make = make
        self._busy = busy
        self._lock = threading.Lock()
        self._pages: OrderedDict[str, tuple[Preparation, Future[None]]] = OrderedDict()
        self._current: Preparation | None = None
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="dateline-ahead")

    def prepare(self, page: str, asked: Asked, wishes: Wishes | None = None) -> None:
        """Begin to make a question ready in place of what the page had before; returns at once."""
        preparation = Preparation(asked=asked, wishes=wishes)
        with self._lock:  # one step: of two calls for a page the later would not stop the earlier's
            self._drop(page)
            if not page or self._busy():
                return
            try:
                future = self._worker.submit(carried(partial(self._run, preparation)))
            except RuntimeError:  # closed
                return
            self._pages[page] = preparation, future
            if len(self._pages) > PAGES:
                self._drop(next(iter(self._pages)))

    def drop(self, page: str) -> None:
        """Throw away what is being made ready for a page, or was."""
        with self._lock:
            self._drop(page)

    def claim(self, page: str) -> Preparation | None:
        """Hand over what there is for a page that now asks; whoever takes it stops it."""
        with self._lock:
            return self._taken(page)

    def give_way(self, to: Preparation | None = None) -> None:
        """Stop what is being made ready, unless it is for the question that is now answered."""
        current = self._current
        if current is not None and current is not to:
            current.stop.set()

    def close(self) -> None:
        """Stop everything and take no more."""
        for page in tuple(self._pages):
            self.drop(page)
        self.give_way()
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _drop(self, page: str) -> None:
        found = self._taken(page)
        if found is not None:
            found.stop.set()

    def _taken(self, page: str) -> Preparation | None:
        preparation, future = self._pages.pop(page, (None, None))
        if future is not None:
            future.cancel()  # where it has not begun
        return preparation

    def _run(self, preparation: Preparation) -> None:
        self._current = preparation  # before looking, so that whoever asks meanwhile can stop it
        try:
            if not preparation.stop.is_set() and not self._busy():
                self._make(preparation)
        except (GaveWay, DatelineError) as reason:
            log.debug("a question is not made ready: %r", reason)
        except Exception:  # nobody has asked for it, so nobody is told
            log.debug("a question could not be made ready", exc_info=True)
        finally:
            self._current = None
