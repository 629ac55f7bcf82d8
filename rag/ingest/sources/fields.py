"""The names under which others keep what we call title, date, outlet; and reading their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from rag.errors import SourceError
from rag.ingest.sources.people import people
from rag.ingest.sources.words import resolved, words
from rag.language.dates import Stated, from_timestamp, plausible, stated
from rag.types import Moment

NAMES: dict[str, tuple[str, ...]] = {
    "text": (
        *("text", "body", "content", "article", "article_body", "maintext", "full_text"),
        *("body_text", "article_text", "plaintext", "content_text", "post_content", "html"),
        *("body_html", "content_html", "fields.body_text", "fields.body", "lead_paragraph"),
    ),
    "title": ("title", "headline", "web_title", "post_title", "article_title"),
    "published": (
        *("published", "publish_date", "published_at", "publication_date", "published_date"),
        *("date", "pub_date", "date_published", "published_time", "date_publish"),
        *(
            "web_publication_date",
            "publication_time",
            "date_time",
            "date_time_pub",
            "post_date",
            "thread.published",
        ),
    ),
    "updated": (
        *("updated", "modified", "date_modified", "updated_at", "lastmod", "date_modify"),
        *("last_modified", "modified_at", "modified_time", "updated_time", "fields.last_modified"),
    ),
    "publisher": (
        *("publisher", "outlet", "source", "source_name", "media_name", "publication", "newspaper"),
        *("site_name", "fields.publication", "thread.site", "source_domain", "domain"),
    ),
    "authors": ("authors", "author", "byline", "by", "creator", "author_name", "fields.byline"),
    "url": (
        *("url", "link", "canonical_url", "web_url", "source_url", "article_url", "permalink"),
        "thread.url",
    ),
    "language": ("language", "lang"),
    "id": ("id", "doc_id", "article_id", "guid", "uuid", "stories_id", "story_id"),
}
"""Our field -> their names, the most telling first; compared without case, -, _ and spaces. What
stands behind a full stop is a field of the object that stands before it."""

LANGUAGES = {
    **dict.fromkeys(("english", "eng"), "en"),
    **dict.fromkeys(("german", "deutsch", "deu", "ger"), "de"),
    **dict.fromkeys(("french", "français", "fra", "fre"), "fr"),
    **dict.fromkeys(("spanish", "español", "spa"), "es"),
    **dict.fromkeys(("italian", "italiano", "ita"), "it"),
    **dict.fromkeys(("portuguese", "português", "por"), "pt"),
    **dict.fromkeys(("dutch", "nederlands", "nld", "dut"), "nl"),
    "polish": "pl",
    "turkish": "tr",
    "russian": "ru",
    "arabic": "ar",
    "danish": "da",
    "swedish": "sv",
    "norwegian": "no",
    "finnish": "fi",
    "chinese": "zh",
    "japanese": "ja",
    "ukrainian": "uk",
    "hindi": "hi",
    "greek": "el",
    "czech": "cs",
    "romanian": "ro",
}
"""Languages by their names, and by their codes of three letters."""

__all__ = [
    "LANGUAGES", "NAMES", "address", "check", "column", "dates", "find", "folded", "key",
    "language", "moment", "outlet", "people", "resolved", "words",
]  # fmt: skip

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
    return not _known(names).keys().isdisjoint(map(folded, NAMES[field]))


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
    """Return the language as its primary subtag: en for en-US, and for English."""
    if isinstance(value, str) and (known := LANGUAGES.get(value.strip().lower())):
        return known
    found = _LANGUAGE.fullmatch(value.strip()) if isinstance(value, str) else None
    return found[1].lower() if found else None


def key(value: object) -> str | None:
    """Return the record's own id, if it can serve as one."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value) if _KEY.fullmatch(str(value)) else None
