"""Was it published at all? What a record says about its own standing.

A draft, a private post or an item under embargo was never published; a canceled or withheld one was
withdrawn. Either way nothing of it may be quoted, so a record that says so becomes no article.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from rag.ingest.sources import fields
from rag.ingest.sources.draft import Unpublished
from rag.ingest.sources.words import data
from rag.types import Moment

_WORDS = data("standing")
_YES, _NO = {"true", "yes"}, {"false", "no"}


def told(status: object) -> str:
    """Return the word of a status that may be a qcode or an address: `canceled` of `stat:canceled`.

    The empty string stands for all that does not keep a record from being an article.
    """
    word = re.split(r"[:/#]", str(status))[-1].strip().lower() if status else ""
    return word if word in _WORDS["unpublished"] or word in _WORDS["withdrawn"] else ""


def is_withdrawn(word: str) -> bool:
    """Say whether a word of `told` means that an article was published, or sent, before."""
    return word in _WORDS["withdrawn"]


def refused(
    origin: str,
    word: str,
    *,
    field: str = "status",
    key: str | None = None,
    url: str | None = None,
    moment: Moment | None = None,
) -> Unpublished:
    """Return why what says this of itself becomes no article."""
    gone = is_withdrawn(word)
    what = "was withdrawn by its sender" if gone else "was not published"
    message = f"{origin} {what} ({field} {word})"
    return Unpublished(message, key=key, url=url, moment=moment, final=gone)


def of_record(
    record: Mapping[str, Any], mapping: Mapping[str, str], origin: str
) -> Unpublished | None:
    """Return why a record of JSON, CSV or front matter is not to be read; None when it may be."""
    found = _said(record, set(mapping.values()))
    if found is None:
        return None
    field, word = found
    return refused(
        origin,
        word,
        field=field,
        key=fields.key(fields.find(record, "id", mapping)[1]),
        url=fields.address(fields.find(record, "url", mapping)[1]),
        moment=fields.moment(fields.find(record, "updated", mapping)[1]),
    )


def embargo(origin: str, until: Moment | None, now: datetime | None = None) -> Unpublished | None:
    """Return why an item may not be read yet; its day is a whole one where no hour is stated."""
    if until is None or at(until) <= (now or datetime.now(UTC)):
        return None
    return Unpublished(f"{origin} is under embargo until {until.isoformat()}; read it again then")


def at(moment: Moment) -> datetime:
    """Return a moment as a point in time, so that it can be compared; days begin in UTC."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, datetime.min.time(), UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _said(record: Mapping[str, Any], taken: set[str]) -> tuple[str, str] | None:
    """Return the field that says that a record was not published, and the word for it."""
    known = {fields.folded(name): name for name in record if name not in taken}
    for field in _WORDS["state"]:
        value = record.get(known.get(fields.folded(field), ""))
        if isinstance(value, str) and (word := told(value)):
            return str(known[fields.folded(field)]), word
    for names, words in ((_WORDS["draft"], _YES), (_WORDS["published"], _NO)):
        for field in names:
            value = record.get(known.get(fields.folded(field), ""))
            if not isinstance(value, bool | str):
                continue
            word = str(value).strip().lower()
            if word in words:
                return str(known[fields.folded(field)]), word
    return None


def newer(draft: date | None, withdrawal: date | None) -> bool:
    """Say whether a version is known to be later than the one that was withdrawn."""
    return draft is not None and withdrawal is not None and at(draft) > at(withdrawal)
