"""The small pieces of the page: escaped labels, dates, links, buttons that open the reader.

Everything is `markupsafe.Markup`: templates are literals here or files of `pages`, and whatever is
put into them by `format` is escaped. Text of articles, models and files never becomes markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from importlib.resources import files
from urllib.parse import quote as percent
from urllib.parse import urlsplit

from markupsafe import Markup

from rag.types import Moment, Source, Span, day

EMPTY = Markup("")
SPACE = Markup(" ")

# Characters that hide text or turn its direction around: no label needs them.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
_BROKEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_URL_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\\\"'<>`\u200b-\u206f\ufeff\ud800-\udfff]")


def template(name: str) -> Markup:
    """Return a whole page of the folder `pages`, to be filled in with `format`."""
    return Markup(files("ui").joinpath("pages", name).read_text("utf-8"))  # noqa: S704 - ours


def together(parts: Iterable[str], between: Markup = EMPTY) -> Markup:
    """Join pieces, escaping those that are plain text."""
    return between.join(parts)


def words(text: str) -> str:
    """Return text that may be shown: characters that cannot be sent are replaced one for one."""
    return _BROKEN.sub("�", text)


def label(text: str | None, unknown: str = "") -> str:
    """Return a label (title, outlet, author) on one line without invisible characters."""
    clean = " ".join(_HIDDEN.sub(" ", words(text or "")).split())
    return clean or unknown


def title(source: Source) -> str:
    """Return the title of a source, or say that it has none."""
    return label(source.title, "Untitled article")


def outlet(source: Source) -> str:
    """Return the outlet of a source, or say that it is unknown."""
    return label(source.publisher, "outlet unknown")


def plain_when(moment: Moment | None) -> str:
    """Return a date in words, as exact as the source states it."""
    if moment is None:
        return "date unknown"
    text = f"{moment.day} {moment:%B} {moment.year}"
    if isinstance(moment, datetime):
        zone = moment.strftime("%Z")
        text += f", {moment:%H:%M}" + (f" {zone}" if zone else "")
    return text


def short_when(moment: Moment) -> str:
    """Return a day in few letters, "5 Dec 2024"."""
    return f"{moment.day} {moment:%b} {moment.year}"


def when(moment: Moment | None, said: str = "") -> Markup:
    """Return a date as an element of its own, in the words given; an unknown one is said openly."""
    if moment is None:
        return Markup('<span class="dl-undated">date unknown</span>')
    machine = moment.isoformat()
    return Markup('<time datetime="{}">{}</time>').format(machine, said or plain_when(moment))


def byline(source: Source) -> Markup:
    """Return outlet and day, as they stand above every quote."""
    unknown = EMPTY if label(source.publisher) else Markup(" dl-undated")
    return Markup(
        '<span class="dl-outlet{}" dir="auto">{}</span> <span class="dl-dot">·</span> {}'
    ).format(unknown, outlet(source), when(day(source.published)))


def href(url: str | None) -> str | None:
    """Return the address when it is an ordinary web address, else None."""
    if not url or len(url) > 2000 or _URL_FORBIDDEN.search(url):
        return None
    try:
        parts = urlsplit(url)
        good = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return url if good and "@" not in parts.netloc else None


def fragment(url: str | None, quote: str) -> str | None:
    """Return the address of the quoted words on the original page (a text fragment)."""
    address = href(url)
    if address is None:
        return None
    terms = words(quote).split()
    ends = [" ".join(terms)] if len(terms) <= 8 else [" ".join(terms[:4]), " ".join(terms[-4:])]
    text = ",".join(percent(e, safe="").replace("-", "%2D") for e in ends)
    return address if not text else f"{address.split('#')[0]}#:~:text={text}"


def link(url: str | None, text: str, css: str = "dl-link") -> Markup:
    """Return a link that tells the other site nothing, or nothing when the address is not plain."""
    address = href(url)
    if address is None:
        return EMPTY
    return Markup(
        '<a class="{}" href="{}" target="_blank" rel="noopener noreferrer nofollow external"'
        ' referrerpolicy="no-referrer">{}</a>'
    ).format(css, address, text)


def opener(
    article_id: str, span: Span | None, number: int | None = None, said: int | None = None
) -> Markup:
    """Return the attributes of a button that opens an article, at a span when there is one.

    Args:
        article_id: The article.
        span: The words to show.
        number: Of the evidence that holds them.
        said: Which sentence of the answer they prove, from 0.
    """
    attributes = Markup('type="button" data-open="{}"').format(words(article_id))
    if span is not None:
        attributes += Markup(' data-start="{}" data-end="{}"').format(span.start, span.end)
    if number is not None:
        attributes += Markup(' data-number="{}"').format(number)
    if said is not None:
        attributes += Markup(' data-said="{}"').format(said)
    return attributes


def openers(sources: Iterable[Source], style: str = "") -> Markup:
    """Return articles as a list, each a button that opens it; `style` is the class of the list."""
    items = (
        Markup(
            '<li><button class="dl-near" {}><span class="dl-from">{}</span>'
            '<span class="dl-title" dir="auto">{}</span></button></li>'
        ).format(opener(s.article_id, None), byline(s), title(s))
        for s in sources
    )
    kind = Markup(' class="{}"').format(style) if style else EMPTY
    return Markup("<ul{}>{}</ul>").format(kind, together(items))
