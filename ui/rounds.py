"""What is done again and again over one archive: follow, watch, look after stored answers, tell.

`dateline serve` does it in a thread of its own; `dateline index --watch` and `dateline follow` look
at the watches when they have read something, `dateline watch run` does when it is called.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING

from rag.errors import DatelineError
from rag.ingest.polite import Stopped as Ended
from rag.rights import SYSTEM, enter
from rag.settings import Settings
from ui.desk import Stopped

if TYPE_CHECKING:
    from rag.answer.pipeline import NewsQA
    from rag.archive.follows import Follows
    from rag.archive.notices import Delivery, Notice
    from rag.archive.standings import Mark
    from rag.ingest.follow import Follower

log = logging.getLogger(__name__)

LOOK = 5.0
"""Seconds between two looks at whether a feed is due."""


@dataclass(slots=True)
class Done:
    """What one round brought."""

    marks: list[Mark] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)


def tell(settings: Settings, qa: NewsQA, stop: Callable[[], bool] = lambda: False) -> Done:
    """Look at all watches and stored answers as the archive is now, and send what came of it."""
    from rag.archive.conversations import Conversations
    from rag.archive.standings import Standings
    from rag.archive.watches import Watches
    from rag.watching.deliver import deliver
    from rag.watching.ripple import ripple
    from rag.watching.run import look

    done, folder = Done(), settings.archive
    with (
        Watches.open(folder) as watches,
        Conversations.open(folder) as kept,
        Standings.open(folder) as standings,
    ):
        done.marks += ripple(qa.archive, kept, standings, qa.verifier)
        done.notices += look(qa, watches, stop=stop)
        done.deliveries += deliver(watches, settings)
    return done


def follower_of(settings: Settings, follows: Follows, stop: threading.Event) -> Follower:
    """Return what reads what an archive follows; the model of vectors is loaded when needed."""
    from rag.ingest.follow import Follower
    from rag.ingest.polite import Visitor
    from rag.ingest.sources.web import Web
    from rag.models.embed import load

    web = Web(private=settings.follow.private, seconds=settings.follow.seconds)
    visitor = Visitor(web, follows, settings.follow.delay, stop)
    encoder = cache(partial(load, settings.embed))
    return Follower(settings.archive, settings, encoder, follows, visitor)


class Rounds:
    """The thread of a server that does it.

    Args:
        settings: Of the server.
        work: Runs a job over its machine, as `ui.engine.Engine.work`.
        reading: Whether what is followed is read, too.
    """

    def __init__(
        self, settings: Settings, work: Callable[..., Done], *, reading: bool = True
    ) -> None:
        self._settings, self._work, self._reading = settings, work, reading
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dateline-rounds", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End, at the next watch or request."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        from rag.archive.follows import Follows

        enter(SYSTEM)  # what is asked for a person is asked as this person
        try:
            with Follows.open(self._settings.archive) as follows:
                follower = follower_of(self._settings, follows, self._stop)
                self._round(follows, follower)
        except DatelineError as error:  # a medium that cannot be written
            log.warning("nothing is watched or followed: %s", error)

    def _round(self, follows: Follows, follower: Follower) -> None:
        pause = min(LOOK, self._settings.watch.every)
        since = self._settings.watch.every
        while not self._stop.wait(pause):
            since += pause
            try:
                read = self._reading and self._read(follows, follower)
                if read or since >= self._settings.watch.every:
                    since = 0.0
                    self._work(lambda qa: tell(self._settings, qa, self._stop.is_set), alone=False)
            except (Stopped, Ended):
                return
            except DatelineError as error:
                log.warning("%s", error)
            except Exception:
                log.exception("a round failed")

    def _read(self, follows: Follows, follower: Follower) -> bool:
        """Read what is due; returns whether anything was."""
        runs = 0
        for one in follows.due(datetime.now(UTC)):
            if self._stop.is_set():
                break
            run = follower.run(one)
            if run is not None:
                runs += 1
                log.info("%s: %s %s", run.place, run.outcome, run.message)
        return runs > 0
