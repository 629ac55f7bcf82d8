"""JSON lines (also gzipped), JSON and CSV -> drafts, one for each record."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import IO, Any, TypeGuard, cast

from rag.errors import SourceError
from rag.ingest.sources import exported, fields, markup, ninjs, standing
from rag.ingest.sources.draft import Draft, Given, Link
from rag.ingest.sources.files import BYTES, CHARACTERS, decode, encoding_of, load, too_long

# Answers of news interfaces and exports of news tools -> their records, wherever the list stands.
# NewsAPI, GDELT, MediaCloud, the Guardian, the New York Times, Webhose, news-please, Ghost and
# others of their kind put the list of articles inside an object, and name an article's fields
# each in their own way; `fields.NAMES` knows the names.
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


_CUT = re.compile(r"\[\+\d+ chars\]\s*$")
"""What interfaces write where they leave out the rest of a text."""
_INNER = ("rendered", "main", "value", "text", "html")
"""Fields in which an object that stands for a text holds it."""
_TEXTS = frozenset(map(fields.folded, fields.NAMES["text"]))
SKIPPED = 20
"""A line may be this many times too long before the rest of the file is given up."""


def read_lines(given: Given) -> Iterator[Draft | Link | SourceError]:
    """Yield a draft, or the reason why there is none, for each line of a JSON lines file."""
    fields.check(given.mapping)
    name, count = given.origin, 0
    try:
        with given.open() as raw, _unpacked(raw, name) as stream:
            for number, line in enumerate(_lines(stream, name), start=1):
                if isinstance(line, SourceError):
                    yield line
                elif line.strip():
                    place = replace(given, origin=f"{name}:{number}", data=line, format="record")
                    yield from _line(place)
                else:
                    continue
                count += 1
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        yield SourceError(f"{name} cannot be read: {reason or error}")
        return
    if not count:
        yield SourceError(f"{name}: there is no text in it")


def read_list(value: object, given: Given) -> Iterator[Draft | Link | SourceError]:
    """Yield a draft for each record of a JSON value: an object, a list, or a list inside it."""
    records = expand(value, given.mapping)
    if not records:
        yield SourceError(f"{given.origin}: there is no article in it")
    for number, record in enumerate(records, start=1):
        yield draft(record, replace(given, origin=f"{given.origin}:{number}"))


def read_table(given: Given) -> Iterator[Draft | Link | SourceError]:
    """Yield a draft for each row of a CSV file, whose first row names the fields."""
    fields.check(given.mapping)
    name = given.origin
    csv.field_size_limit(CHARACTERS)
    rows = 0
    try:
        with given.open() as raw:
            text = io.TextIOWrapper(raw, _encoding(raw, name), errors="replace", newline="")
            table = csv.DictReader(text, delimiter=_named(text) or _delimiter(text))
            if lacks := _lacks_text(table.fieldnames, given):
                yield SourceError(lacks)  # once, instead of for each of its rows
                return
            for rows, row in enumerate(table, start=1):  # noqa: B007 - counts them
                place = replace(given, origin=f"{name}:{table.line_num}")
                yield draft({k: v for k, v in row.items() if isinstance(k, str)}, place)
    except OSError as error:
        yield SourceError(f"{name} cannot be read: {error.strerror or error}")
    except csv.Error as error:
        yield SourceError(f"{name} cannot be read as CSV after {rows} records: {error}")
    else:
        if not rows:
            yield SourceError(f"{name}: there is no text in it below its first row")


def _lacks_text(columns: Sequence[str] | None, given: Given) -> str:
    """Say why no row of a table can be an article, if that is so by the names of its columns."""
    if not columns or fields.column(columns, "text", given.mapping):
        return ""
    if "text" not in given.mapping and all(fields.column(columns, f, {}) for f in ("url", "title")):
        return ""  # a list of what is to be read elsewhere
    return _no_text(dict.fromkeys(columns), given.origin, given.mapping)


def _line(given: Given) -> Iterator[Draft | Link | SourceError]:
    """Yield the record of a line, or those of an answer that lists several."""
    try:
        value = parsed(given)
        found = expand(value, given.mapping)
    except SourceError as error:
        yield error
        return
    if len(found) == 1 and (found[0] is value or not isinstance(found[0], dict)):
        yield read_one(given)
        return
    for number, record in enumerate(found, start=1):
        yield draft(record, replace(given, origin=f"{given.origin}:{number}", format="list"))


def read_one(given: Given) -> Draft | Link | SourceError:
    """Return the draft of one record, whose bytes are one JSON object."""
    try:
        return draft(parsed(given), given)
    except SourceError as error:
        return error


def parsed(given: Given) -> object:
    """Return the JSON value of a file.

    Raises:
        SourceError: it is none, or nested too deeply, or holds numbers of thousands of digits.
    """
    try:
        return json.loads(decode(load(given), given.origin))
    except RecursionError as error:
        raise SourceError(f"{given.origin} is not valid JSON: nested too deeply") from error
    except ValueError as error:
        raise SourceError(f"{given.origin} is not valid JSON: {error}") from error


def is_feed(value: object) -> TypeGuard[dict[str, Any]]:
    """Say whether a JSON value is a JSON Feed."""
    return isinstance(value, dict) and "jsonfeed.org" in str(value.get("version", ""))[:100]


def _encoding(raw: IO[bytes], name: str) -> str:
    beginning = raw.read(BYTES // 100)
    raw.seek(0)
    return encoding_of(beginning, name)


def _named(text: IO[str]) -> str:
    """Return the sign that a first line of Excel's names (`sep=;`), and pass over that line."""
    found = re.fullmatch(r"\s*\"?sep=(.)\"?\s*", text.readline(100))
    if found is None:
        text.seek(0)
        return ""
    return found[1]


def _delimiter(text: IO[str]) -> str:
    """Return the sign that the first row is divided by."""
    first = text.readline(CHARACTERS // 100)
    text.seek(0)
    return max(",;\t|", key=first.count)


def _unpacked(raw: IO[bytes], name: str) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(raw)) if name.lower().endswith(".gz") else raw


def _lines(stream: IO[bytes], name: str) -> Iterator[bytes | SourceError]:
    """Yield the lines; one that is too long is passed over without being kept."""
    number = 0
    while line := stream.readline(BYTES + 1):
        number += 1
        if len(line) <= BYTES:
            yield line
            continue
        yield SourceError(too_long(f"{name}:{number}", f"a line of over {BYTES / 1e6:,.0f} MB"))
        for _ in range(SKIPPED):
            line = stream.readline(BYTES)
            if not line or line.endswith(b"\n"):
                break
        else:
            yield SourceError(f"{name}: the rest is left out, since line {number} does not end")
            return


def draft(record: object, given: Given) -> Draft | Link | SourceError:
    """Return the draft of one parsed record, known by the place in `given.origin`.

    Of what only names an article, or breaks off in it, the link is returned.
    """
    if not isinstance(record, dict):
        return SourceError(f"{given.origin} is no JSON object with fields")
    if exported.ours(record):
        return exported.read(record, given.origin)
    if ninjs.is_ninjs(record) and not given.mapping:
        return ninjs.draft(record, kept(record, given))
    return standing.of_record(record, given.mapping, given.origin) or _plain(record, given)


def _plain(record: Mapping[str, Any], given: Given) -> Draft | Link | SourceError:
    """Return the draft, or the link, of a record of no format of its own."""
    mapping, origin = given.mapping, given.origin
    values = {field: fields.find(record, field, mapping) for field in fields.NAMES}
    text = _text(values["text"][1])
    if (not text or _CUT.search(text)) and (link := _link(values, origin)):
        return link
    if not text:
        return SourceError(_no_text(record, origin, mapping))
    said = fields.dates(_finite(values["published"][1]), _finite(values["updated"][1]))
    address = fields.address(values["url"][1])
    publisher, url = fields.outlet(values["publisher"][1], address)
    written = values["authors"][1]
    return Draft(
        origin=origin,
        text=text,
        key=fields.key(values["id"][1]),
        title=fields.words(values["title"][1]),
        publisher=publisher,
        # The outlet counts as the author only where nobody is named.
        authors=fields.people(written, [publisher or ""]) or fields.people(written),
        published=said.published,
        updated=said.updated,
        url=url,
        language=fields.language(values["language"][1]),
        date_source=f"field {values['published'][0]}" if said.published else None,
        original=kept(record, given),
    )


def _link(values: Mapping[str, tuple[str, Any]], origin: str) -> Link | None:
    """Return the address and title that a record without a text gives; None without both."""
    url, title = fields.address(values["url"][1]), fields.words(values["title"][1])
    if url is None or title is None:
        return None
    published = fields.moment(_finite(values["published"][1]))
    return Link(origin=origin, url=url, title=title, published=published)


def kept(record: Mapping[str, Any], given: Given) -> Given:
    """Return the record alone, as the bytes from which it can be read again."""
    if given.format == "record":
        return given
    data = json.dumps(record, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")
    return replace(given, data=data, format="record")


def _text(value: object) -> str:
    """Return the text of an article that may be given whole, in paragraphs, or as HTML."""
    if isinstance(value, dict):
        value = next((value[name] for name in _INNER if value.get(name)), None)
    if isinstance(value, list):
        value = "\n\n".join(part for part in value if isinstance(part, str))
    if not isinstance(value, str):
        return ""
    return markup.plain(value) if markup.is_markup(value) else value.strip()


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _no_text(record: Mapping[str, Any], origin: str, mapping: Mapping[str, str]) -> str:
    there = ", ".join(repr(str(name)[:40]) for name in list(record)[:12]) or "none at all"
    if "text" in mapping:
        return f"{origin}: no text in its field {mapping['text']!r} (its fields: {there})"
    if (empty := next((n for n in record if fields.folded(str(n)) in _TEXTS), None)) is not None:
        return f"{origin}: its {empty!r} is empty, and it has no address to read it from"
    wanted = ", ".join(fields.NAMES["text"])
    return (
        f"{origin}: no text in any field named {wanted} (its fields: {there}); "
        "say which one holds it: --map text=FIELD"
    )
