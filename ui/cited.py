"""Sentences of an answer with their verdicts, and citations named by outlet and day; escaped."""

from __future__ import annotations

from markupsafe import Markup

from rag.types import Citation, Source, Statement, day
from ui.footnotes import Footnotes
from ui.markup import EMPTY, byline, label, opener, short_when, title, together, words

_SIGN = {
    "supported": ("✓", "supported"),
    "partly": ("≈", "likely"),
    "contradicted": ("✕", "contradicted, removed"),
    "unsupported": ("✕", "not supported, removed"),
}


def statement(
    s: Statement,
    place: int,
    notes: Footnotes,
    *,
    turn: str = "",
    removed: bool = False,
    quoted: bool = False,
) -> Markup:
    """Return one sentence with its verdict and its citations.

    Args:
        s: The sentence.
        place: Which sentence of its answer it is, from 0.
        notes: The numbers of the articles.
        turn: Names the answer among those on the page.
        removed: Whether the check took it out.
        quoted: Whether it is an article's own sentence: that it bears itself out is no verdict.
    """
    support = "unsupported" if removed and s.verdict.support == "partly" else s.verdict.support
    sign, verdict = ("“", "in the article’s own words") if quoted else _SIGN[support]
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
        "quoted" if quoted else support,
        sign,
        words(s.text),
        EMPTY if removed else cites(s.citations, notes, f"{turn}s{place}", place),
        verdict,
        EMPTY if quoted else why,
    )


def cites(
    citations: tuple[Citation, ...], notes: Footnotes, key: str, said: int | None = None
) -> Markup:
    """Return the clickable names of citations.

    Args:
        citations: In their order.
        notes: The numbers of the articles.
        key: Names their place on the page.
        said: Which sentence of the answer they prove, from 0; None when they prove another thing.
    """
    parts = (cite(c, notes, f"dl-tip-{key}-{place}", said) for place, c in enumerate(citations))
    return Markup('<span class="dl-cites">{}</span>').format(together(parts))


def named(source: Source) -> tuple[str, str]:
    """Return how an article is cited: its outlet and its day, as far as they are known."""
    known = day(source.published)
    return label(source.publisher, "outlet unknown"), short_when(known) if known else "undated"


def cite(c: Citation, notes: Footnotes, tip: str, said: int | None) -> Markup:
    """Return one citation: a name that opens the article, with the quote as its tooltip."""
    number = notes.number(c.source.article_id)
    return Markup(
        '<span class="dl-citebox"><button class="dl-cite" {} aria-describedby="{}"><sup>{}</sup>'
        '<bdi dir="auto">{}</bdi> <span class="dl-day">{}</span></button>'
        '<span class="dl-tip" role="tooltip" id="{}">'
        '<span class="dl-tip-quote" dir="auto">{}</span><span class="dl-tip-from">{}</span>'
        '<span class="dl-tip-title" dir="auto">{}</span></span></span>'
    ).format(
        opener(c.source.article_id, c.span, c.number, said),
        tip,
        number,
        *named(c.source),
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
    none = Footnotes(())
    return Markup(
        '<details class="dl-dropped"><summary>{} removed: the articles do not support it'
        "</summary>{}</details>"
    ).format(
        count,
        together(statement(s, n, none, turn=turn, removed=True) for n, s in enumerate(removed)),
    )
