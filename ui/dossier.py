"""A dossier and a ledger of claims as sheets of the page; escaped HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote as percent

from markupsafe import Markup

from rag.answer.claims import Claim, spoken
from rag.answer.dossier import Dossier
from rag.types import Source
from ui.compare import conflict, timeline
from ui.footnotes import Footnotes
from ui.markup import (
    EMPTY,
    SPACE,
    byline,
    label,
    opener,
    short_when,
    title,
    together,
    when,
    words,
)
from ui.named import KINDS, button


def sheet(found: Dossier) -> Markup:
    """Return a dossier: each report, sentence and reading opens its article."""
    readings = (c for one in found.conflicts for r in one.readings for c in r.citations)
    notes = Footnotes([*(e.citation.source for e in found.key), *(c.source for c in readings)])
    count = f"{found.articles:,} article{'' if found.articles == 1 else 's'}"
    return Markup('<section class="dl-dossier" aria-label="Dossier">{}</section>').format(
        together(
            [
                Markup('<h2 dir="auto">{}</h2><p class="dl-total"><strong>{}</strong></p>').format(
                    words(found.topic), count
                ),
                timeline(found.key, notes),
                together(conflict(c, place, notes) for place, c in enumerate(found.conflicts)),
                _asked(found.questions),
                _named(found),
                _ends(found),
                _counts("By month", ((f"{m:%B %Y}", n) for m, n in found.months)),
                _counts("By outlet", found.outlets),
                Markup('<p class="dl-figures">{}</p>').format(words(found.counted)),
                _figures(found) if found.articles else EMPTY,
            ]
        )
    )


def _figures(found: Dossier) -> Markup:
    return Markup(
        '<p><button type="button" class="dl-quiet" data-do="figures" data-topic="{}">'
        "The figures that reports give</button></p>"
    ).format(words(found.topic))


def _asked(questions: Sequence[str]) -> Markup:
    if not questions:
        return EMPTY
    buttons = (
        Markup(
            '<button type="button" data-ask="example" data-question="{}" dir="auto">{}</button>'
        ).format(words(q), words(q))
        for q in questions
    )
    return Markup('<div class="dl-examples"><h3>What these articles answer</h3>{}</div>').format(
        together(buttons)
    )


def _ends(found: Dossier) -> Markup:
    ends = (("First report", found.first), ("Latest report", found.latest))
    return together(_end(name, source) for name, source in ends if source is not None)


def _end(name: str, source: Source) -> Markup:
    return Markup(
        '<p class="dl-end-report">{}<button class="dl-near" {}><span class="dl-from">{}</span>'
        '<span class="dl-title" dir="auto">{}</span></button></p>'
    ).format(name, opener(source.article_id, None), byline(source), title(source))


def _counts(name: str, counts: Iterable[tuple[str, int]]) -> Markup:
    rows = [Markup('<li dir="auto">{} <b>{:,}</b></li>').format(label(n), c) for n, c in counts]
    return _group(name, rows)


def _group(name: str, rows: Sequence[Markup]) -> Markup:
    if not rows:
        return EMPTY
    return Markup('<div class="dl-counts"><h3>{}</h3><ul>{}</ul></div>').format(
        name, together(rows)
    )


def _named(found: Dossier) -> Markup:
    entry = Markup("<li>{} <b>{:,}</b></li>")
    return together(
        _group(name, [entry.format(button(e.name, kind), e.articles) for e in found.named
                      if e.kind == kind])
        for kind, name in KINDS.items()
    )  # fmt: skip


def ledger(topic: str, found: Sequence[Claim]) -> Markup:
    """Return the claims on a topic as a table; each row opens the words that it is read from."""
    if not found:
        return Markup('<h2 dir="auto">{}</h2><p class="dl-note">{}</p>').format(
            words(topic), "No report gives a figure on this."
        )
    stories = len({claim.story for claim in found})
    sources = f"{stories} independent source{'' if stories == 1 else 's'}"
    return Markup(
        '<section class="dl-ledger" aria-label="Figures"><h2 dir="auto">{}</h2>'
        '<p class="dl-total">{}{}</p><div class="dl-listing dl-scroll" tabindex="0" role="region" '
        'aria-label="Figures over time"><table><thead><tr><th scope=col>said</th>'
        "<th scope=col>who</th><th scope=col>what</th><th scope=col>value</th>"
        "<th scope=col>holds for</th><th scope=col>words</th></tr></thead><tbody>{}"
        "</tbody></table></div></section>"
    ).format(words(topic), sources, _saved(topic), together(map(_claim, found)))


def _saved(topic: str) -> Markup:
    """Return the links that save the figures."""
    links = (
        Markup(
            '<a class="dl-save" href="./api/v1/claims?q={}&amp;format={}" download>{}</a>'
        ).format(percent(topic, safe=""), kind, name)
        for kind, name in (("csv", "CSV"), ("jsonl", "JSON lines"))
    )
    return Markup(" <span>Save as {}</span>").format(together(links, SPACE))


def _claim(claim: Claim) -> Markup:
    return Markup(
        '<tr><td>{}</td><td dir="auto">{}</td><td dir="auto">{}</td><td dir="auto"><b>{}</b></td>'
        "<td>{}</td>"
        '<td dir="auto"><button class="dl-near" {}>{}</button></td></tr>'
    ).format(
        when(claim.said, short_when(claim.said) if claim.said else ""),
        label(claim.who),
        label(claim.what),
        label(claim.value),
        spoken(claim),
        opener(claim.source.article_id, claim.span),
        words(claim.quote),
    )
