"""Sentences of an answer with their verdicts and citations, as escaped HTML."""

from __future__ import annotations

from collections import Counter

from markupsafe import Markup

from rag.types import Citation, Statement
from ui.markup import EMPTY, byline, opener, title, together, words

_SIGN = {
    "supported": ("✓", "supported"),
    "partly": ("≈", "likely"),
    "contradicted": ("✕", "contradicted, removed"),
    "unsupported": ("✕", "not supported, removed"),
}


def statement(s: Statement, place: int, *, turn: str = "", removed: bool = False) -> Markup:
    """Return one sentence with its verdict and the numbers of its citations.

    Args:
        s: The sentence.
        place: Which sentence of its answer it is, from 0.
        turn: Names the answer among those on the page.
        removed: Whether the check took it out.
    """
    support = "unsupported" if removed and s.verdict.support == "partly" else s.verdict.support
    sign, verdict = _SIGN[support]
    why = (
        Markup('<span class="dl-why">{}</span>').format(words("; ".join(s.verdict.reasons)))
        if s.verdict.reasons and support != "supported"
        else EMPTY
    )
    return Markup(
        '<p class="dl-st dl-{}"><span class="dl-sign" aria-hidden="true">{}</span>'
        '<span class="dl-words" dir="auto">{}</span>&nbsp;{} '
        '<span class="dl-verdict">{}</span>{}</p>'
    ).format(
        support,
        sign,
        words(s.text),
        EMPTY if removed else cites(s.citations, f"{turn}s{place}", place),
        verdict,
        why,
    )


def cites(citations: tuple[Citation, ...], key: str, said: int | None = None) -> Markup:
    """Return the clickable numbers of citations; two of one number get letters.

    Args:
        citations: In their order.
        key: Names their place on the page.
        said: Which sentence of the answer they prove, from 0; None when they prove another thing.
    """
    total = Counter(c.number for c in citations)
    seen: Counter[int] = Counter()
    parts = []
    for place, c in enumerate(citations):
        letter = chr(ord("a") + seen[c.number] % 26) if total[c.number] > 1 else ""
        seen[c.number] += 1
        parts.append(cite(c, f"dl-tip-{key}-{place}", f"{c.number}{letter}", said))
    return Markup('<span class="dl-cites">{}</span>').format(together(parts))


def cite(c: Citation, tip: str, name: str, said: int | None) -> Markup:
    """Return one citation: a number that opens the article, with the quote as its tooltip."""
    return Markup(
        '<span class="dl-citebox"><button class="dl-cite" {} aria-describedby="{}" '
        'aria-label="Citation {}">{}</button><span class="dl-tip" role="tooltip" id="{}">'
        '<span class="dl-tip-quote" dir="auto">{}</span><span class="dl-tip-from">{}</span>'
        '<span class="dl-tip-title" dir="auto">{}</span></span></span>'
    ).format(
        opener(c.source.article_id, c.span, c.number, said),
        tip,
        name,
        name,
        tip,
        words(c.quote),
        byline(c.source),
        title(c.source),
    )


def dropped(removed: tuple[Statement, ...], turn: str) -> Markup:
    """Return the sentences that the check removed, folded away."""
    if not removed:
        return EMPTY
    count = "1 sentence was" if len(removed) == 1 else f"{len(removed)} sentences were"
    return Markup(
        '<details class="dl-dropped"><summary>{} removed: the articles do not support it'
        "</summary>{}</details>"
    ).format(
        count, together(statement(s, n, turn=turn, removed=True) for n, s in enumerate(removed))
    )
