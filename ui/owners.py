"""Whose page is whose, where there are people: the first who uses its name has it."""

from __future__ import annotations

import threading
from collections import OrderedDict

from rag.rights import Reader

_MOST = 20_000


class Pages:
    """The names that gradio gives to pages, each with the person who opened it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owners: OrderedDict[str, str] = OrderedDict()

    def of(self, who: Reader, page: str) -> bool:
        """Return True when a page is this person's, which one that is new becomes."""
        if not page:
            return True
        with self._lock:
            owner = self._owners.setdefault(page, who.id)
            self._owners.move_to_end(page)
            while len(self._owners) > _MOST:
                self._owners.popitem(last=False)
        return owner == who.id


PAGES = Pages()
"""Of this process."""
