"""Keeps a reasoning model's thoughts out of its answer."""

from __future__ import annotations

import re

_NAMES = r"(?:think|thinking|thought|thoughts|reasoning|reflection)"
_OPENS = re.compile(rf"<{_NAMES}>", re.IGNORECASE)
_CLOSES = re.compile(rf"</{_NAMES}>", re.IGNORECASE)
_LONGEST = len("</reflection>")


def without(text: str) -> str:
    """Return what a model says, without what it thinks.

    Thoughts end with a closing tag; the opening one may have been put there by the prompt. What
    begins with an opening tag and never closes is all thought.

    Example:
        >>> without("<think>21 or 12?</think>Profits rose 12 percent.")
        'Profits rose 12 percent.'
    """
    last = None
    for last in _CLOSES.finditer(text):  # noqa: B007  # the last of them
        pass
    said = text[last.end() :].lstrip() if last else text
    opened = _OPENS.search(said)
    return said[: opened.start()] if opened else said


class Sieve:
    """Lets through, piece by piece, what does not stand between the tags of thoughts."""

    def __init__(self) -> None:
        self._rest = ""
        self._inside = False
        self.last: bool = False
        """Whether the last piece was thought, wholly."""

    def feed(self, piece: str) -> str:
        """Return what of the text so far can be shown, and was not yet."""
        if not self._inside and not self._rest and "<" not in piece:
            self.last = False
            return piece
        self._rest += piece
        shown = ""
        while found := (_CLOSES if self._inside else _OPENS).search(self._rest):
            shown += "" if self._inside else self._rest[: found.start()]
            self._rest = self._rest[found.end() :].lstrip()
            self._inside = not self._inside
        if self._inside:
            self._rest = self._rest[-_LONGEST:]
        else:
            keep = _begun(self._rest)
            shown, self._rest = shown + self._rest[:keep], self._rest[keep:]
        self.last = self._inside and not shown
        return shown

    def end(self) -> str:
        """Return what was held back because it might have become a tag."""
        rest, self._rest = ("" if self._inside else self._rest), ""
        return rest


def _begun(text: str) -> int:
    """Return where a tag may begin that is not whole yet; the length of the text if none does."""
    place = text.rfind("<")
    tail = text[place:].lower()
    names = ("<think", "<thinking", "<thought", "<thoughts", "<reasoning", "<reflection")
    return (
        place if place >= 0 and any(n.startswith(tail) or n == tail for n in names) else len(text)
    )
