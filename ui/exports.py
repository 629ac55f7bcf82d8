"""A conversation, or one answer, written out for keeps: for people, for programs, for libraries."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from itertools import groupby
from typing import Any

from markupsafe import Markup

from rag.archive.exchanges import Conversation, Exchange
from rag.record import filter_to_json, to_json
from rag.types import Answer, Citation, day
from ui import listing, stands
from ui.bibliography import Authors, nobody, references
from ui.footnotes import Footnotes
from ui.markup import EMPTY, href, label, link, together, words
from ui.report import Block, Run, answer_blocks, blocks

KINDS = {
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "csl": "application/vnd.citationstyles.csl+json",
}
"""The notations, and what a browser is told that they are."""
NAMES = {
    "md": "Markdown",
    "html": "HTML",
    "docx": "Word",
    "json": "JSON",
    "csv": "CSV of citations",
    "csl": "CSL-JSON",
}


def written(
    kind: str,
    label_of: Conversation,
    exchanges: Sequence[Exchange],
    authors: Authors = nobody,
) -> bytes:
    """Write a conversation in one of `KINDS`; `authors` tells who wrote an article."""
    writers: dict[str, Callable[[Conversation, Sequence[Exchange]], str | bytes]] = {
        "md": markdown,
        "html": page,
        "docx": word,
        "json": record,
        "csv": table,
        "csl": partial(references, authors=authors),
    }
    made = writers[kind](label_of, exchanges)
    return made.encode("utf-8", "replace") if isinstance(made, str) else made


def filename(label_of: Conversation, kind: str) -> str:
    """Return a name of plain letters for the file."""
    plain = re.sub(r"[^a-z0-9]+", "-", label_of.title.lower()).strip("-")[:60].strip("-")
    return f"{plain or 'conversation'}.{'csl.json' if kind == 'csl' else kind}"


def alone(e: Exchange) -> Conversation:
    """Return the label of a file that holds one answer."""
    return Conversation(
        id=e.conversation, title=e.question, created=e.asked, updated=e.asked, questions=1
    )


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


def label_json(c: Conversation) -> dict[str, Any]:
    """Return the label of a conversation as JSON."""
    return {
        "id": c.id,
        "title": c.title,
        "created": c.created.isoformat(),
        "updated": c.updated.isoformat(),
        "questions": c.questions,
        "changed": c.changed,
    }


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


def _told(label_of: Conversation, exchanges: Sequence[Exchange]) -> Iterator[Iterator[Block]]:
    """Yield what is told of each question; one that is the title itself is not said twice."""
    for e in exchanges:
        found = blocks(e)
        if len(exchanges) == 1 and e.question == label_of.title:
            next(found)
        yield found


def markdown(label_of: Conversation, exchanges: Sequence[Exchange]) -> str:
    """Return it as Markdown."""
    told = map(lines, _told(label_of, exchanges))
    return "\n\n".join((f"# {_md(label_of.title)}", *told)) + "\n"


def answer_md(answer: Answer) -> str:
    """Return one answer with its question as Markdown."""
    head = Block("question", (Run(answer.question),))
    return lines((head, *answer_blocks(answer)))


def lines(found: Iterable[Block]) -> str:
    """Return blocks as Markdown; those of one list stand close together."""
    parts = []
    for kind, group in groupby(found, lambda b: "list" if b.kind in _LISTED else b.kind):
        parts.append(("\n" if kind == "list" else "\n\n").join(map(_block_md, group)))
    return "\n\n".join(parts)


_LISTED = ("item", "source", "quote")
_MARKS = {"question": "## ", "head": "### ", "item": "- ", "quote": "   - ", "text": ""}


def _block_md(block: Block) -> str:
    # A list would be numbered anew; the numbers are those of the page.
    mark = f"- **{block.number}.** " if block.kind == "source" else _MARKS[block.kind]
    return mark + "".join(map(_run_md, block.runs)).strip()


def _run_md(run: Run) -> str:
    text = _md(run.text, ends=True)
    if run.link:
        return f"[{text}](<{run.link}>)"
    inner = text.strip()
    if not inner:
        return text
    wrapped = {"strong": f"**{inner}**", "soft": f"*{inner}*", "note": f" [{inner}]"}
    return text.replace(inner, wrapped.get(run.style, inner), 1)


def _md(text: str, *, ends: bool = False) -> str:
    """Return text that Markdown shows as it is, on one line; `ends` keeps the spaces around it."""
    plain = listing.plain(text)
    if not ends or not text.strip():
        return plain
    return (" " if text[0].isspace() else "") + plain + (" " if text[-1].isspace() else "")


_STYLE = Markup("""
:root{color-scheme:light dark}body{font:17px/1.6 Georgia,serif;max-width:44rem;margin:2rem auto;
padding:0 1rem}h1,h2,h3{line-height:1.25}h3{font:600 15px/1.4 system-ui,sans-serif;margin-top:1.6em}
.soft{font:14px/1.5 system-ui,sans-serif;opacity:.75}.source{margin-bottom:.2rem}
blockquote{margin:.2rem 0 .4rem 1.4rem;padding-left:.8rem;border-left:3px solid #d9ac2e}
sup{font:12px system-ui}@media print{body{margin:0;max-width:none;font-size:11pt}
h2,h3{break-after:avoid}li,blockquote{break-inside:avoid}a{color:inherit}}
""")


def page(label_of: Conversation, exchanges: Sequence[Exchange]) -> str:
    """Return it as one HTML page that needs nothing else, and prints well."""
    return sheet(label_of.title, _told(label_of, exchanges))


def sheet(head: str, sections: Iterable[Iterable[Block]]) -> str:
    """Return sections of blocks as one HTML page that needs nothing else, and prints well."""
    return Markup(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><style>{}</style>'
        '</head><body><h1 dir="auto">{}</h1>{}</body></html>\n'
    ).format(
        label(head),
        _STYLE,
        words(head),
        together(map(_section, sections)),
    )


def _section(found: Iterable[Block]) -> Markup:
    parts = []
    for listed, group in groupby(found, lambda b: b.kind == "item"):
        inner = together(map(_block_html, group))
        parts.append(Markup("<ul>{}</ul>").format(inner) if listed else inner)
    return Markup("<section>{}</section>").format(together(parts))


_TAGS = {
    "question": Markup('<h2 dir="auto">{}{}</h2>'),
    "head": Markup("<h3>{}{}</h3>"),
    "text": Markup('<p dir="auto">{}{}</p>'),
    "item": Markup('<li dir="auto">{}{}</li>'),
    "source": Markup('<p class="source" dir="auto"><b>{}</b>{}</p>'),
    "quote": Markup('<blockquote dir="auto">{}{}</blockquote>'),
}


def _block_html(block: Block) -> Markup:
    number = f"{block.number}. " if block.number else ""
    return _TAGS[block.kind].format(number, together(map(_run_html, block.runs)))


def _run_html(run: Run) -> Markup:
    text = words(run.text)
    if run.link:
        return link(run.link, text, "") or Markup("{}").format(text)
    shape = {
        "strong": Markup("<strong>{}</strong>"),
        "soft": Markup('<span class="soft">{}</span>'),
        "note": Markup("<sup>[{}]</sup>"),
    }.get(run.style, Markup("{}"))
    return shape.format(text) if text else EMPTY


def word(label_of: Conversation, exchanges: Sequence[Exchange]) -> bytes:
    """Return it as a Word document."""
    from ui.word import document

    return document(label_of.title, (b for found in _told(label_of, exchanges) for b in found))


_COLUMNS = (
    "question", "said", "verdict", "footnote", "outlet", "title", "published", "quote", "article",
    "start", "end", "url", "stands",
)  # fmt: skip


def table(_: Conversation, exchanges: Sequence[Exchange]) -> str:
    """Return every citation as a row of a table; nothing in it is a formula."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(_COLUMNS)
    for e in exchanges:
        for said, verdict, c in _cited(e.answer) if e.answer else ():
            rows.writerow(map(cell, _row(e, said, verdict, c)))
    return out.getvalue()


def _cited(a: Answer) -> Iterator[tuple[str, str, Citation]]:
    yield from ((s.text, s.verdict.support, c) for s in a.statements for c in s.citations)
    for conflict in a.conflicts:
        for r in conflict.readings:
            yield from ((r.value, conflict.kind, c) for c in r.citations)
    yield from ((e.text, "timeline", e.citation) for e in a.timeline)
    yield from (("", "closest", c) for c in a.closest)


def _row(e: Exchange, said: str, verdict: str, c: Citation) -> tuple[object, ...]:
    number = (
        Footnotes.of(e.answer.evidence, e.answer).number(c.source.article_id) if e.answer else 0
    )
    known = day(c.source.published)
    return (
        *(e.question, said, verdict, number, c.source.publisher or "", c.source.title or ""),
        *(known.isoformat() if known else "", c.quote, c.source.article_id),
        *(c.span.start, c.span.end, href(c.source.url) or "", stands.state(e, c)),
    )


def cell(value: object) -> object:
    """Return a value for a table; a text is never taken for a formula."""
    text = words(value) if isinstance(value, str) else value
    return (
        f"'{text}"
        if isinstance(text, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r")
        else text
    )
