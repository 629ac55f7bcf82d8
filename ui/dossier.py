"""A dossier and a ledger of claims as sheets of the page; escaped HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from rag.answer.claims import Claim
from rag.answer.dossier import Dossier
from rag.types import Source
from ui.compare import conflict, timeline
from ui.footnotes import Footnotes
from ui.markup import EMPTY, byline, label, opener, title, together, when, words
from ui.masthead import examples


def sheet(found: Dossier) -> Markup:
    """Return a dossier: each report, sentence and reading opens its article."""
    readings = (c for one in found.conflicts for r in one.readings for c in r.citations)
    notes = Footnotes([*(e.citation.source for e in found.key), *(c.source for c in readings)])
    count = f"{found.articles:,} article{'' if found.articles == 1 else 's'}"
    return Markup('<section class="dl-dossier" aria-label="Dossier">{}</section>').format(
        together(
            [
                Markup('<h2 dir="auto">{}</h2><p><strong>{}</strong></p>').format(
                    words(found.topic), count
                ),
                _ends(found),
                _counts("By month", ((f"{m:%B %Y}", n) for m, n in found.months)),
                _counts("By outlet", found.outlets),
                timeline(found.key, notes),
                _named(found),
                together(conflict(c, place, notes) for place, c in enumerate(found.conflicts)),
                examples([("", question) for question in found.questions]),
                Markup('<p class="dl-figures">{}</p>').format(words(found.counted)),
            ]
        )
    )


def _ends(found: Dossier) -> Markup:
    ends = (("First report", found.first), ("Latest report", found.latest))
    return together(_end(name, source) for name, source in ends if source is not None)


def _end(name: str, source: Source) -> Markup:
    return Markup(
        '<p>{}: <button class="dl-near" {}><span class="dl-from">{}</span>'
        '<span class="dl-title" dir="auto">{}</span></button></p>'
    ).format(name, opener(source.article_id, None), byline(source), title(source))


def _counts(name: str, counts: Iterable[tuple[str, int]]) -> Markup:
    rows = [Markup('<li dir="auto">{} <b>{}</b></li>').format(label(n), c) for n, c in counts]
    if not rows:
        return EMPTY
    return Markup('<div class="dl-counts"><h3>{}</h3><ul>{}</ul></div>').format(
        name, together(rows)
    )


_KINDS = {"person": "People", "organisation": "Organisations", "place": "Places"}


def _named(found: Dossier) -> Markup:
    return together(
        _counts(name, ((e.name, e.articles) for e in found.named if e.kind == kind))
        for kind, name in _KINDS.items()
    )


def ledger(topic: str, found: Sequence[Claim]) -> Markup:
    """Return the claims on a topic as a table; each row opens the words that it is read from."""
    if not found:
        return Markup("<p>{}</p>").format("No report gives a figure on this.")
    stories = len({claim.story for claim in found})
    sources = f"{stories} independent source{'' if stories == 1 else 's'}"
    return Markup(
        '<section class="dl-listing" aria-label="Claims"><h2 dir="auto">{}</h2><p>{}</p>'
        "<table><thead><tr><th scope=col>said</th><th scope=col>who</th><th scope=col>value</th>"
        "<th scope=col>what</th><th scope=col>words</th></tr></thead><tbody>{}</tbody></table>"
        "</section>"
    ).format(words(topic), sources, together(map(_claim, found)))


def _claim(claim: Claim) -> Markup:
    return Markup(
        '<tr><td>{}</td><td dir="auto">{}</td><td dir="auto">{}</td><td dir="auto">{}</td>'
        '<td dir="auto"><button class="dl-near" {}>{}</button></td></tr>'
    ).format(
        when(claim.said),
        label(claim.who),
        label(claim.value),
        label(claim.what),
        opener(claim.source.article_id, claim.span),
        words(claim.quote),
    )
