"""Notices as an Atom feed (RFC 4287): each once, with old and new quotes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from markupsafe import Markup

from rag.archive.notices import Difference, Notice, Quoted
from ui.markup import together

ATOM = "http://www.w3.org/2005/Atom"
_NO_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that no XML can hold."""
_KINDS = {
    "outcome": "Another outcome",
    "verdict": "Sources disagree now",
    "value": "Another value",
    "source": "A source changed",
}
_GONE = Markup("<p>An article that this notice quoted was deleted for good.</p>")


def atom(notices: Sequence[Notice], public_url: str, token: str) -> bytes:
    """Return a feed.

    Args:
        notices: The newest first.
        public_url: What addresses begin with; empty where nothing was set.
        token: The secret name of the feed, which is told in no other form.
    """
    base = public_url.rstrip("/")
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed")
    _add(feed, "id", f"urn:dateline:feed:{hashlib.sha256(token.encode()).hexdigest()[:32]}")
    _add(feed, "title", "Dateline: what changed")
    _add(feed, "updated", _when(notices[0].made if notices else datetime(2024, 1, 1, tzinfo=UTC)))
    _add(_add(feed, "author", ""), "name", "Dateline")
    if base:
        _add(feed, "link", "").set("href", f"{base}/")
    for notice in notices:
        _entry(feed, notice, base)
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _entry(feed: ET.Element, notice: Notice, base: str) -> None:
    entry = _add(feed, "entry", "")
    _add(entry, "id", f"urn:dateline:notice:{notice.id}")
    _add(entry, "title", f"Changed: {notice.question}")
    _add(entry, "updated", _when(notice.made))
    _add(entry, "published", _when(notice.made))
    if base:
        place = f"{base}/answer/{notice.exchange}" if notice.exchange else f"{base}/"
        _add(entry, "link", "").set("href", place)
    _add(entry, "content", str(notice_html(notice))).set("type", "html")


def notice_html(notice: Notice) -> Markup:
    """Return what a notice says, escaped: old and new side by side."""
    if notice.changes is None:
        return _GONE
    return together(map(_change, notice.changes))


def _change(change: Difference) -> Markup:
    return Markup(
        "<h4>{}</h4><table><tr><th>Before</th><th>Now</th></tr><tr><td>{}{}</td><td>{}{}</td></tr>"
        "</table>"
    ).format(
        _KINDS[change.kind],
        *(change.old, together(map(_quote, change.was))),
        *(change.new, together(map(_quote, change.now))),
    )


def _quote(quoted: Quoted) -> Markup:
    label = ", ".join(filter(None, (quoted.publisher, (quoted.published or "")[:10], quoted.title)))
    return Markup("<blockquote>{}<br><small>{}</small></blockquote>").format(quoted.quote, label)


def _add(parent: ET.Element, name: str, text: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{ATOM}}}{name}")
    child.text = _NO_XML.sub("", text) or None
    return child


def _when(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
