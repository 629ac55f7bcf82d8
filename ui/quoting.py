"""A citation of an article with the quoted words, as text, Markdown and BibTeX."""

from __future__ import annotations

import re

from rag.search.select import source_of
from rag.types import Article
from ui.markup import fragment, href, label, outlet, plain_when, title, words


def citations(article: Article, quote: str) -> dict[str, str]:
    """Return a citation of an article, with the quoted words, in three notations."""
    source = source_of(article)
    name, who, day = title(source), outlet(source), plain_when(article.published)
    address = fragment(article.url, quote) or href(article.url) or ""
    said = f"“{words(quote)}” " if quote else ""
    safe = re.sub(r"([\\`*_\[\]<>])", r"\\\1", name)
    head = f"[{safe}]({address})" if address else f"*{safe}*"
    fields = {
        "title": name,
        "author": " and ".join(label(a) for a in article.authors),
        "organization": who if article.publisher else "",
        "year": str(article.published.year) if article.published else "",
        "note": f"{day}. {said}".strip(),
        "url": address,
    }
    rows = ",\n".join(f"  {k} = {{{_tex(v)}}}" for k, v in fields.items() if v)
    return {
        "Text": f"{said}{who}, {name}, {day}. {address}".strip(),
        "Markdown": f"{f'> {words(quote)}' + chr(10) * 2 if quote else ''}{who}, {head}, {day}.",
        "BibTeX": f"@misc{{{re.sub(r'[^A-Za-z0-9]', '', article.id)},\n{rows}\n}}",
    }


def _tex(text: str) -> str:
    return re.sub(r"([{}%&#$_\\])", lambda m: "\\" + m[1] if m[1] != "\\" else "/", text)
