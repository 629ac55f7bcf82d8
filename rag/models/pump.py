"""Reads an asynchronous stream from ordinary code, with a deadline for every item.

Waiting on a socket in the caller's own thread can neither be given up when the reader changes its
mind nor bounded in total; a task in an event loop can be cancelled wherever it waits. So the stream
runs in a loop of its own, in a thread of its own, for as long as it lasts.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Finished(Exception):
    """The stream came to its own end."""


class Pump(Generic[T]):
    """An asynchronous stream that is being read in the background.

    Example:
        >>> async def letters():
        ...     yield "a"
        >>> with Pump(letters) as pump:
        ...     pump.get(timeout=1.0)
        'a'
    """

    def __init__(self, source: Callable[[], AsyncIterator[T]]) -> None:
        self._items: queue.SimpleQueue[tuple[T] | BaseException] = queue.SimpleQueue()
        self._source = source
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(self._read())
        self._thread = threading.Thread(target=self._run, name="dateline-stream", daemon=True)
        self._thread.start()

    def get(self, timeout: float) -> T:
        """Return the next item.

        Raises:
            queue.Empty: nothing came within `timeout` seconds; the stream goes on.
            Finished: there is no next item.
            Exception: whatever the stream raised.
        """
        item = self._items.get(timeout=max(timeout, 0.0))
        if isinstance(item, BaseException):
            self._items.put(item)  # so that asking again gives the same answer
            raise item
        return item[0]

    def close(self) -> None:
        """Cancel the stream, wherever it is, and wait a moment until its connection is closed."""
        with contextlib.suppress(RuntimeError):  # its loop has ended already
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(timeout=2.0)

    def __enter__(self) -> Pump[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        try:
            with contextlib.suppress(asyncio.CancelledError):
                self._loop.run_until_complete(self._task)
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()
            self._items.put(Finished())

    async def _read(self) -> None:
        stream = self._source()
        try:
            async for item in stream:
                self._items.put((item,))
        except Exception as error:  # noqa: BLE001  # it is raised again where it is awaited: get()
            self._items.put(error)
        finally:
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()
