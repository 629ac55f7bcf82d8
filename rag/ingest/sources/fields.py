"""The names under which others keep what we call title, date, outlet; and reading their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from rag.errors import SourceError
from rag.ingest.sources.people import people
from rag.ingest.sources.words import data, resolved, words
from rag.language.dates import Stated, from_timestamp, plausible, stated
from rag.types import Moment

NAMES: dict[str, tuple[str, ...]] = {field: tuple(names) for field, names in data("fields").items()}
"""Our field -> their names, the most telling first."""

__all__ = [
    "NAMES", "address", "check", "column", "dates", "find", "folded", "key", "language",
    "language_named", "moment", "outlet", "people", "resolved", "words",
]  # fmt: skip

_TEXT = re.compile(r"(?:text|content|body|story)$|^(?:text|content|body|story)")
_WORDS = 30
"""Words from which on a field is running text."""
_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_URL = re.compile(r"https?://[^\s<>\"]{1,2000}", re.IGNORECASE)
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_].{0,20})?", re.IGNORECASE)


def find(record: Mapping[str, Any], field: str, mapping: Mapping[str, str]) -> tuple[str, Any]:
    """Return the name and the value under which a record keeps our `field`, or ("", None)."""
    if field in mapping:
        return mapping[field], record.get(mapping[field])
    known = _known(record)
    for name in NAMES[field]:
        spelt, value = _value(record, known, name)
        if value not in (None, "", [], {}):
            return spelt, value
    return _prose(record) if field == "text" else ("", None)


def _prose(record: Mapping[str, Any]) -> tuple[str, Any]:
    """Return the field that is running text by its name and by its value: `clean_story_text`."""
    for name, value in record.items():
        if isinstance(value, str) and value.count(" ") >= _WORDS and _TEXT.search(folded(name)):
            return str(name), value
    return "", None


def _value(record: Mapping[str, Any], known: Mapping[str, str], name: str) -> tuple[str, Any]:
    """Return how a field is spelt, and its value; tables write an inner field as one name too."""
    if (spelt := known.get(folded(name))) is not None:
        return str(spelt), record.get(spelt)
    outer, _, inner = name.partition(".")
    holder = record.get(known.get(outer, "")) if inner else None
    if not isinstance(holder, Mapping):
        return "", None
    spelt, value = _value(holder, _known(holder), inner)
    return f"{known[outer]}.{spelt}", value


def column(names: Iterable[str], field: str, mapping: Mapping[str, str]) -> bool:
    """Say whether our `field` is among the columns of a table."""
    if field in mapping:
        return mapping[field] in names
    known = _known(names)
    if field == "text" and any(map(_TEXT.search, known)):
        return True
    return not known.keys().isdisjoint(map(folded, NAMES[field]))


def _known(names: Iterable[str]) -> dict[str, str]:
    """Return the names of a record's fields by the spelling in which they are compared."""
    return {folded(name): name for name in names}


def folded(name: object) -> str:
    """Return the spelling by which names are compared: `publishedAt` is `published_at`."""
    return re.sub(r"[-_ ]", "", str(name).lower())


def check(mapping: Mapping[str, str]) -> None:
    """Raise SourceError when the mapping names a field that articles do not have."""
    for field in mapping:
        if field not in NAMES:
            raise SourceError(
                f"there is no field {field!r} to map to; there are {', '.join(NAMES)}"
            )


def moment(value: object) -> Moment | None:
    """Return the date that a value states; numbers count as Unix time when they can be that.

    What calls itself an update is not a date of publication, so it is None here: see `dates`.
    """
    return dates(value).published


def dates(value: object, updated: object = None) -> Stated:
    """Return the dates of publication and of the last change that two values state.

    Args:
        value: What is given as the publication; it may call itself an update.
        updated: What is given as the last change.
    """
    here, later = _stated(value), _stated(updated)
    return Stated(
        published=plausible(here.published),
        updated=plausible(later.updated or later.published or here.updated),
    )


def _stated(value: object) -> Stated:
    if isinstance(value, datetime | date):
        return Stated(published=value)
    if isinstance(value, bool) or value is None:
        return Stated()
    if isinstance(value, int | float):
        return Stated(published=from_timestamp(value))
    return stated(value) if isinstance(value, str) else Stated()


def address(value: object) -> str | None:
    """Return a web address, or None when the value is none."""
    found = _URL.fullmatch(value.strip()) if isinstance(value, str) else None
    return found.group() if found else None


def outlet(value: object, url: str | None) -> tuple[str | None, str | None]:
    """Return outlet and address: some write an address as the source."""
    name = words(value, 200)
    stated = address(name)
    return (None if stated else name), url or stated


def language(value: object) -> str | None:
    """Return the language as its primary subtag: en for en-US, for eng and for English."""
    if not isinstance(value, str):
        return None
    found = _LANGUAGE.fullmatch(value.strip())
    if found and len(found[1]) == 2:
        return found[1].lower()
    return language_named(value) or (found[1].lower() if found else None)


def language_named(text: str) -> str | None:
    """Return the language that a text is the name of, in English or in itself, or the long code."""
    return _languages().get(text.strip().lower())


@cache
def _languages() -> dict[str, str]:
    """Return the codes of two letters by those of three and by names (CLDR)."""
    from babel import Locale
    from babel.core import get_global

    codes = {old: new for old, new in get_global("language_aliases").items() if len(old) == 3}
    named = {str(name).lower(): code for code, name in Locale("en").languages.items()}
    own = {str(Locale(c).languages[c]).lower(): c for c in ("de", "fr", "es", "it", "pt", "nl")}
    return {name: code for name, code in (codes | named | own).items() if len(code) <= 3}


def key(value: object) -> str | None:
    """Return the record's own id, if it can serve as one."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value) if _KEY.fullmatch(str(value)) else None
