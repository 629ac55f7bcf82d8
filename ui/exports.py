"""A conversation written out for keeps: Markdown, one HTML page, JSON, with quotes and offsets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from markupsafe import Markup

from rag.archive.exchanges import Conversation, Exchange
from rag.record import filter_to_json, to_json
from rag.types import Answer, Citation, Statement
from ui import listing
from ui.chips import limits
from ui.html import ruling
from ui.markup import EMPTY, fragment, label, link, outlet, plain_when, title, together, words
from ui.view import View

KINDS = {
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
}
"""The notations, and what a browser is told that they are."""

_SAID = {
    "supported": "supported",
    "partly": "likely",
    "contradicted": "contradicted by the articles",
    "unsupported": "not supported",
}


def written(kind: str, label_of: Conversation, exchanges: Sequence[Exchange]) -> str:
    """Write a conversation in one of `KINDS`."""
    return {"md": markdown, "html": page, "json": record}[kind](label_of, exchanges)


def filename(label_of: Conversation, kind: str) -> str:
    """Return a name of plain letters for the file."""
    plain = re.sub(r"[^a-z0-9]+", "-", label_of.title.lower()).strip("-")[:60].strip("-")
    return f"{plain or 'conversation'}.{kind}"


def record(label_of: Conversation, exchanges: Sequence[Exchange]) -> str:
    """Return it as JSON: each answer as `docs/answer-schema.md` describes it."""
    whole: dict[str, Any] = {
        "schema": 1,
        "id": label_of.id,
        "title": label_of.title,
        "created": label_of.created.isoformat(),
        "updated": label_of.updated.isoformat(),
        "exchanges": [exchange_json(e) for e in exchanges],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def standing_json(e: Exchange) -> dict[str, Any]:
    """Return what became of the words that an answer quotes, since articles were changed."""
    found = e.standing
    if found is None:
        return {"state": "stands", "checked": None, "quotes": []}
    checked = found.checked.isoformat() if found.checked else None
    return {"state": found.state, "checked": checked, "quotes": [dict(q) for q in found.quotes]}


def exchange_json(e: Exchange) -> dict[str, Any]:
    """Return one exchange as JSON, with the revision of each article that it shows."""
    return {
        "id": e.id,
        "conversation": e.conversation,
        "asked": e.asked.isoformat(),
        "question": e.question,
        "filters_set": filter_to_json(e.filters) if e.filters is not None else None,
        "again": e.again,
        "state": e.state,
        "message": e.message,
        "answer": to_json(e.answer) if e.answer else None,
        "digests": dict(e.digests or {}),
        "standing": standing_json(e),
        "opinion": asdict(e.opinion) if e.opinion else None,
    }


def markdown(label_of: Conversation, exchanges: Sequence[Exchange]) -> str:
    """Return it as Markdown: statements with numbers, under them the quotes."""
    parts = [f"# {listing.plain(label_of.title)}", *(_exchange_md(e) for e in exchanges)]
    return "\n\n".join(parts) + "\n"


def answer_md(answer: Answer) -> str:
    """Return one answer as Markdown."""
    return "\n\n".join(_answer_md(answer))


def _exchange_md(e: Exchange) -> str:
    parts = [f"## {listing.plain(e.question)}", f"*Asked {plain_when(e.asked)}*"]
    chips = [text for _, _, text in limits(View.kept(e)).chips()]
    if chips:
        parts.append("Only articles: " + listing.plain(", ".join(chips)))
    if e.answer is None:
        parts.append(f"*No answer: {listing.plain(e.message or e.state)}*")
    else:
        parts += _answer_md(e.answer)
    return "\n\n".join(parts)


def _answer_md(answer: Answer) -> Iterator[str]:
    if answer.asked_as:
        yield f"Understood as: *{listing.plain(answer.asked_as)}*"
    if answer.searches:
        yield "Also searched for: " + ", ".join(
            f"*{listing.plain(s.query)}*" for s in answer.searches
        )
    if answer.verdict is not None:
        yield f"**{listing.plain(answer.verdict.text)}**"
    if answer.outcome == "declined":
        yield f"**Not answered.** {listing.plain(answer.reason)}"
        return
    if answer.reason:
        yield f"*{listing.plain(answer.reason)}*"
    if answer.listing is not None:
        yield listing.markdown(answer.listing, lambda _: "")
        return
    citations = tuple(_numbered(answer.statements))
    for s in answer.statements:
        marks = "".join(f"[{n}]" for n, c in citations if c in s.citations)
        doubt = "" if s.verdict.support == "supported" else f" *({_SAID[s.verdict.support]})*"
        yield f"{listing.plain(s.text)} {marks}{doubt}"
    yield "\n".join(_source_md(n, c) for n, c in citations)


def _source_md(number: int, c: Citation) -> str:
    address = fragment(c.source.url, c.quote)
    name = listing.plain(title(c.source))
    head = f"[{name}](<{address}>)" if address else name
    return (
        f"{number}. {listing.plain(outlet(c.source))}, {head}, {plain_when(c.source.published)}  \n"
        f"   “{listing.plain(c.quote)}”  \n"
        f"   `{label(c.source.article_id).replace('`', '')}`, "
        f"characters {c.span.start} to {c.span.end}"
    )


def _numbered(statements: Sequence[Statement]) -> Iterator[tuple[int, Citation]]:
    distinct = dict.fromkeys(c for s in statements for c in s.citations)
    yield from enumerate(distinct, 1)


_STYLE = Markup("""
:root{color-scheme:light dark}body{font:17px/1.6 Georgia,serif;max-width:44rem;margin:2rem auto;
padding:0 1rem}h1,h2{line-height:1.25}small,.doubt,li p{font:14px/1.5 system-ui,sans-serif}
blockquote{margin:.2rem 0;padding-left:.8rem;border-left:3px solid #d9ac2e}
sup{font:12px system-ui}
""")


def page(label_of: Conversation, exchanges: Sequence[Exchange]) -> str:
    """Return it as one HTML page that needs nothing else."""
    return Markup(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><style>{}</style>'
        '</head><body><h1 dir="auto">{}</h1>{}</body></html>\n'
    ).format(
        label(label_of.title),
        _STYLE,
        words(label_of.title),
        together(map(_html, exchanges)),
    )


def _html(e: Exchange) -> Markup:
    chips = ", ".join(text for _, _, text in limits(View.kept(e)).chips())
    only = Markup("<p><small>Only articles: {}</small></p>").format(chips) if chips else EMPTY
    return Markup(
        '<section><h2 dir="auto">{}</h2><p><small>Asked {}</small></p>{}{}</section>'
    ).format(words(e.question), plain_when(e.asked), only, _answer_html(e))


def _answer_html(e: Exchange) -> Markup:
    if e.answer is None:
        return Markup("<p><em>No answer: {}</em></p>").format(words(e.message or e.state))
    answer = e.answer
    read = (
        Markup("<p><small>Understood as: {}</small></p>").format(words(answer.asked_as))
        if answer.asked_as
        else EMPTY
    )
    read += ruling(answer)
    if answer.outcome == "declined":
        return read + Markup("<p><strong>Not answered.</strong> {}</p>").format(
            words(answer.reason)
        )
    if answer.listing is not None:
        return read + listing.table(answer.listing)
    citations = tuple(_numbered(answer.statements))
    said = together(_statement_html(s, citations) for s in answer.statements)
    listed = together(_source_html(c) for _, c in citations)
    return read + Markup("{}<ol>{}</ol>").format(said, listed)


def _statement_html(s: Statement, citations: Sequence[tuple[int, Citation]]) -> Markup:
    marks = "".join(f"[{n}]" for n, c in citations if c in s.citations)
    doubt = "" if s.verdict.support == "supported" else f" ({_SAID[s.verdict.support]})"
    return Markup('<p dir="auto">{}<sup>{}</sup><span class="doubt">{}</span></p>').format(
        words(s.text), marks, doubt
    )


def _source_html(c: Citation) -> Markup:
    address = fragment(c.source.url, c.quote)
    name = link(address, title(c.source)) if address else Markup("{}").format(title(c.source))
    return Markup(
        '<li><p>{}, <span dir="auto">{}</span>, {}</p><blockquote dir="auto">{}</blockquote>'
        "<p><small>{}, characters {} to {}</small></p></li>"
    ).format(
        outlet(c.source),
        name,
        plain_when(c.source.published),
        words(c.quote),
        label(c.source.article_id),
        c.span.start,
        c.span.end,
    )
