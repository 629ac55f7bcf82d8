"""WordPress exports (WXR) -> drafts of the posts and pages that were published.

Read as a stream, since an export may be large; of each item only what was public is an article.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import lxml.etree  # type: ignore[import-untyped]

from rag.errors import SourceError
from rag.ingest.sources import fields, markup, records, standing
from rag.ingest.sources.draft import Draft, Given, Link
from rag.types import Moment

ITEMS = 100_000
"""Most items of an export that are read."""

_NOT_TEXT = {
    *("attachment", "nav_menu_item", "revision", "custom_css", "customize_changeset"),
    *("oembed_cache", "user_request", "feedback", "acf-field", "acf-field-group"),
}
"""Types of items that are parts of a site and no texts for its readers."""
_CAPTION = re.compile(r"\[(caption|wp_caption)\b[^\]]{0,2000}\].{0,20000}?\[/\1\]", re.DOTALL)
_EMBED = re.compile(
    r"\[([a-z][a-z0-9_-]{1,40})\b[^\[\]]{0,2000}\]\s{0,9}https?://[^\s\[\]]{1,2000}\s{0,9}\[/\1\]"
)
"""What is shown in another frame: only its address stands between the marks."""
_SHORTCODE = re.compile(r"\[/?[a-z][a-z0-9_-]{1,40}(?:\s[^\[\]]{0,2000})?/?\]")
_HTML = re.compile(r"<!--.*?-->", re.DOTALL)


def read(given: Given) -> Iterator[Draft | Link | SourceError]:
    """Yield the published items of an export; the others with the reason why they are none.

    Raises:
        SourceError: it is broken off, or no such file.
    """
    site: dict[str, str] = {}
    people: dict[str, str] = {}
    number = found = 0
    try:
        with given.open() as stream:
            for name, element in _parts(stream):
                if name == "author":
                    people[_of(element, "author_login")] = _of(element, "author_display_name")
                elif name != "item":
                    site.setdefault(name, "".join(element.itertext()).strip())
                elif number < ITEMS:
                    number += 1
                    place = replace(given, origin=f"{given.origin}:{number}")
                    for result in _item(_values(element), site, people, place):
                        found += 1
                        yield result
                    element.clear()
    except (lxml.etree.LxmlError, ValueError, OSError) as error:
        yield SourceError(f"{given.origin} cannot be read as XML to its end: {error}")
        return
    if not found:
        yield SourceError(f"{given.origin}: there is no post and no page in this export")


def _parts(stream: object) -> Iterator[tuple[str, lxml.etree._Element]]:
    """Yield the channel's own title and language, its authors and its items, as they end."""
    walked = lxml.etree.iterparse(
        stream, events=("end",), resolve_entities=False, no_network=True, huge_tree=False,
        recover=True, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    for _, element in walked:
        name = str(element.tag).rpartition("}")[2]
        parent = element.getparent()
        above = str(parent.tag).rpartition("}")[2] if parent is not None else ""
        if name == "item" or (above == "channel" and name in ("title", "language", "author")):
            yield name, element


def _of(element: lxml.etree._Element, name: str) -> str:
    """Return the text of the child of this name, in whatever version of the export."""
    child = next(element.iterfind(f"{{*}}{name}"), None)
    return "" if child is None else "".join(child.itertext()).strip()


def _values(item: lxml.etree._Element) -> dict[str, str]:
    """Return the texts of an item by their names without prefix; `encoded` by the one it has."""
    values: dict[str, str] = {}
    for child in item:
        space, _, name = str(child.tag).rpartition("}")
        key = "excerpt" if name == "encoded" and "excerpt" in space else name
        values.setdefault(key, "".join(child.itertext()).strip())
    return values


def _item(
    item: Mapping[str, str], site: Mapping[str, str], people: Mapping[str, str], given: Given
) -> Iterator[Draft | Link | SourceError]:
    kind = item.get("post_type") or "post"
    if kind in _NOT_TEXT or kind.startswith("wp_"):
        return  # a picture or a menu is no article, and stands in the export of every site
    key = fields.key(item.get("guid")) or (item.get("guid") or "")[:400] or None
    url = fields.address(item.get("link"))
    changed = _gmt(item, "post_modified_gmt")
    word = standing.told(item.get("status"))
    if not word and item.get("post_password"):
        word = "private"
    if word:
        yield standing.refused(given.origin, word, key=key, url=url, moment=changed)
        return
    written = item.get("creator", "")
    published = _gmt(item, "post_date_gmt") or fields.moment(item.get("pubDate"))
    record = {
        "title": item.get("title"),
        "text": _plain(item.get("encoded", "")),
        "url": url,
        "publisher": site.get("title"),
        "language": site.get("language"),
        "authors": people.get(written) or written,
        "published": published.isoformat() if published else None,
        "updated": changed.isoformat() if changed and changed != published else None,
    }
    result = records.draft({name: value for name, value in record.items() if value}, given)
    yield replace(result, key=key) if isinstance(result, Draft) else result


def _gmt(item: Mapping[str, str], name: str) -> Moment | None:
    """Return a date of GMT, which WordPress writes without saying so."""
    value = item.get(name, "")
    return fields.moment(f"{value} +00:00") if re.match(r"[12]\d{3}-", value) else None


def _plain(content: str) -> str:
    """Return the text of a post: what its short codes stand for is not in the export."""
    content = _HTML.sub("", content)
    content = _SHORTCODE.sub("", _EMBED.sub("", _CAPTION.sub("", content)))
    if not markup.is_markup(content):
        return html.unescape(content).strip()
    # Editors of old write blank lines between paragraphs that have no tags of their own.
    return markup.plain(re.sub(r"\n\s*\n", "<br>", content))
