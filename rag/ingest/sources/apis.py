"""Answers of news interfaces and exports of news tools -> their records, wherever the list stands.

NewsAPI, GDELT, MediaCloud, the Guardian, the New York Times, Webhose, news-please, Ghost and others
of their kind put the list of articles inside an object, and name an article's fields each in their
own way; `fields.NAMES` knows the names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rag.ingest.sources import exported, fields, ninjs

DEPTH = 5
"""How deep a list of articles may lie in an object."""
_INSIDE = ("attributes", "_source")
"""Where JSON:API and search engines keep the fields of a record."""
_LOOKED_AT = 20
"""So many members of a list show what it is a list of."""


def expand(value: object, mapping: Mapping[str, str]) -> list[Any]:
    """Return the records of a JSON value: itself, its members, or those of the list in it."""
    if isinstance(value, list):
        return [record for member in value for record in _of(member, mapping)]
    return _of(value, mapping)


def _of(value: object, mapping: Mapping[str, str]) -> list[Any]:
    if not isinstance(value, dict) or mapping.get("text") in value:
        return [value]
    if _is_listed(value):
        return [_completed(value)]
    if posts := _ghost(value):
        return posts
    found = _list_in(value, DEPTH)
    return [_completed(record) for record in found] if found else [value]


def _is_article(record: Mapping[str, Any]) -> bool:
    if exported.ours(record) or ninjs.is_ninjs(record):
        return True
    _, text = fields.find(record, "text", {})
    return isinstance(text, str) or (isinstance(text, list) and all(type(t) is str for t in text))


def _is_listed(record: object) -> bool:
    """Say whether a member of a list is an article, or names one."""
    record = _completed(record)
    if not isinstance(record, dict):
        return False
    named = bool(fields.find(record, "title", {})[1]) and bool(fields.find(record, "url", {})[1])
    return named or _is_article(record)


def _list_in(value: object, depth: int) -> list[Any] | None:
    """Return the first list of articles inside an object, the outermost one."""
    level: list[Any] = [value]
    for _ in range(depth):
        below: list[Any] = []
        for each in level:
            members = list(each.values()) if isinstance(each, dict) else each[:_LOOKED_AT]
            for member in members:
                if isinstance(member, list) and _is_list(member):
                    return member
                if isinstance(member, dict | list):
                    below.append(member)
        level = below
    return None


def _is_list(members: Sequence[Any]) -> bool:
    looked_at = members[:_LOOKED_AT]
    return bool(looked_at) and sum(map(_is_listed, looked_at)) > len(looked_at) / 2


def _completed(record: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Add what an interface calls by a name that means something else elsewhere, or leaves out.

    The Guardian's has only one outlet and does not name it; Bing's calls the title a name.
    """
    if not isinstance(record, dict):
        return record
    for name in _INSIDE:
        if isinstance(inner := record.get(name), dict) and not _is_article(record):
            record = {k: v for k, v in record.items() if k != name} | inner
    if "date_gmt" in record:
        record = record | _wordpress(record)
    if "webTitle" in record and "publisher" not in record:
        return record | {"publisher": "theguardian.com"}
    if "provider" in record and "name" in record and "title" not in record:
        return record | {"title": record["name"]}
    return record


def _wordpress(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what WordPress says of a post in its own way: the hour in GMT, names by number."""
    embedded = record.get("_embedded")
    people = _objects(embedded.get("author")) if isinstance(embedded, dict) else ()
    names = [person["name"] for person in people if person.get("name")]
    times = {"published": record.get("date_gmt"), "updated": record.get("modified_gmt")}
    said = {n: f"{t}+00:00" for n, t in times.items() if isinstance(t, str) and "T" in t}
    return said | ({"authors": names} if names else {})


def _ghost(value: Mapping[str, Any]) -> list[Any]:
    """Return the posts of a Ghost export, each with the names of its authors."""
    dumps = value.get("db")
    first = dumps[0] if isinstance(dumps, list) and dumps else value
    data = first.get("data") if isinstance(first, dict) else None
    posts = data.get("posts") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(posts, list):
        return []
    names = {user.get("id"): user.get("name") for user in _objects(data.get("users"))}
    written: dict[Any, list[Any]] = {}
    for link in _objects(data.get("posts_authors")):
        written.setdefault(link.get("post_id"), []).append(names.get(link.get("author_id")))
    settings = {s.get("key"): s.get("value") for s in _objects(data.get("settings"))}
    about = {"publisher": settings.get("title")} if settings.get("title") else {}
    return [
        about | post | {"authors": [n for n in written.get(post.get("id"), ()) if n]}
        for post in _objects(posts)
    ]


def _objects(value: object) -> Iterator[dict[str, Any]]:
    yield from (each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()
