"""Stating by hand what no source of an article states: its day, outlet, title and authors."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase

from rag.archive.archive import Archive
from rag.archive.edits import Edits
from rag.archive.indexes import tend
from rag.errors import NotFound, SettingsError
from rag.ingest.run import embed_pending
from rag.language.characters import one_line
from rag.language.dates import parse_moment, plausible
from rag.models.encoder import Encoder
from rag.types import Article

UNKNOWN = "unknown"
"""Stands for what is not known, both in what is chosen and in what is stated."""

_CHOSEN_BY = ("publisher", "outlet", "published", "title", "author", "url", "origin", "language")


def stated(
    *,
    published: str | None = None,
    outlet: str | None = None,
    title: str | None = None,
    authors: Sequence[str] | None = None,
) -> dict[str, str | list[str] | None]:
    """Return as edits what a person typed; "unknown" takes a value away, None leaves it alone.

    Raises:
        SettingsError: the day is none, or too little to be shown as one.
    """
    edits: dict[str, str | list[str] | None] = {}
    if published is not None:
        edits["published"] = None if _unknown(published) else _moment(published)
    if outlet is not None:
        edits["publisher"] = None if _unknown(outlet) else one_line(outlet)[:200]
    if title is not None:
        edits["title"] = None if _unknown(title) else one_line(title)[:500]
    if authors:
        named = [one_line(name)[:200] for name in authors if not _unknown(name)]
        edits["authors"] = [name for name in named if name]
    return edits


def chosen(archive: Archive, ids: Collection[str], where: Sequence[str]) -> list[str]:
    """Return the articles that were named, or those for which all conditions hold.

    A condition is `publisher=unknown`, `origin=*/scans/*`: a field, and its value without regard to
    case, in which * stands for anything.

    Raises:
        NotFound: there is no article of that name.
        SettingsError: a condition is none.
    """
    wanted = conditions(where)
    for article_id in ids:
        if not archive.has(article_id):
            raise NotFound(f"there is no article {article_id!r}; nothing was changed")
    if not wanted:
        return list(dict.fromkeys(ids))
    among = [a for a in archive.articles() if not ids or a.id in ids]
    return [a.id for a in among if all(_holds(a, *condition) for condition in wanted)]


def conditions(where: Sequence[str]) -> list[tuple[str, str]]:
    """Return the field and the value of each condition; raises `SettingsError` for what is none."""
    return [_condition(raw) for raw in where]


def edit(archive: Archive, encoder: Encoder, batch: int, ids: Sequence[str], edits: Edits) -> int:
    """State something of articles by hand, and return how many that changed.

    The vectors of articles with another title are computed anew.
    """
    changed = sum(archive.amend(article_id, edits) for article_id in ids)
    if changed:
        embed_pending(archive, encoder, batch)
        tend(archive)
    return changed


def _unknown(raw: str) -> bool:
    return raw.strip().lower() in ("", UNKNOWN)


def _moment(raw: str) -> str:
    moment = plausible(parse_moment(raw))
    if moment is None:
        raise SettingsError(f"{raw!r} is no day of publication; write it like 2024-05-29")
    return moment.isoformat()


def _condition(raw: str) -> tuple[str, str]:
    name, sign, value = raw.partition("=")
    if not sign or name.strip().lower() not in _CHOSEN_BY:
        fields = ", ".join(_CHOSEN_BY)
        raise SettingsError(f"{raw!r} is no condition like publisher=unknown; fields are {fields}")
    return name.strip().lower(), value.strip().strip("\"'")


def _holds(article: Article, name: str, wanted: str) -> bool:
    values = _values(article, name)
    if _unknown(wanted):
        return not values
    return any(fnmatchcase(value.casefold(), wanted.casefold()) for value in values)


def _values(article: Article, name: str) -> list[str]:
    if name == "author":
        return list(article.authors)
    value = getattr(article, "publisher" if name == "outlet" else name)
    if name == "published":
        return [value.isoformat()[:10]] if value else []
    return [value] if value else []
