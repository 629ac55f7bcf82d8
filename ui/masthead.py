"""What stands on the page before anything is asked: name, archive, examples; escaped HTML."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from rag.rights import reader
from rag.types import Coverage, Source
from ui.holdings import READS
from ui.markup import EMPTY, openers, plain_when, together, words


def masthead(c: Coverage | None, *, out: bool = False) -> Markup:
    """Return the head of the page: name, what the archive holds, who reads, state, switches.

    Args:
        c: What the archive holds.
        out: Whether one signs out here.
    """
    return Markup(
        '<header class="dl-masthead"><h1>Dateline</h1><p class="dl-holds">{}</p>{}'
        '<span class="dl-state" id="dl-state" role="status" data-state="loading">Starting</span>'
        '<button type="button" id="dl-dark" aria-label="Switch between light and dark">◐</button>'
        "</header>"
    ).format(_holds(c), _person(out=out))


def _person(*, out: bool) -> Markup:
    """Return who reads; the class says what is not for this person, see `sheet.css`."""
    who = reader()
    if who is None or not who.id:
        return EMPTY
    kind = "dl-manages" if who.manages else "dl-edits" if who.edits else "dl-reads"
    link = Markup(' · <a href="/sign-out">Sign out</a>') if out else EMPTY
    return Markup('<p class="dl-person {}"><span>{}</span>{}</p>').format(
        kind, words(who.name), link
    )


def _holds(c: Coverage | None) -> str:
    if c is None:
        return "No archive yet"
    count = "1 article" if c.articles == 1 else f"{c.articles:,} articles"
    if not (c.earliest and c.latest):
        return count
    days = dict.fromkeys((plain_when(c.earliest), plain_when(c.latest)))
    return f"{count}, {' to '.join(days)}"


def examples(asked: Sequence[tuple[str, str]]) -> Markup:
    """Return what this is in one sentence, and example questions, each with what it shows."""
    buttons = (
        Markup(
            '<button type="button" data-ask="example" data-question="{}" dir="auto">{}{}</button>'
        ).format(
            words(q),
            Markup('<span class="dl-gift">{}</span>').format(words(gift)) if gift else "",
            words(q),
        )
        for gift, q in asked
    )
    listed = Markup("<h2>For example</h2>{}").format(together(buttons)) if asked else EMPTY
    return Markup('<div class="dl-examples"><p>{}</p>{}</div>').format(PROMISE, listed)


PROMISE = (
    "Ask about the articles of this archive. Every sentence of an answer is tied to the exact "
    "words of an article, with its outlet and its day."
)


def latest(sources: Sequence[Source]) -> Markup:
    """Return the newest articles, to be read before anything is asked."""
    if not sources:
        return EMPTY
    return Markup(
        '<section class="dl-latest" aria-label="Latest"><h2>Latest in this archive</h2>{}</section>'
    ).format(openers(sources))


def first_run(*, writable: bool = False, sample: bool = False) -> Markup:
    """Return what to do when the archive is empty."""
    if not writable:
        return Markup(
            '<div class="dl-note"><p>There is no article here yet. Index your articles ({}) in a '
            "terminal, then load this page again:</p>"
            "<pre><code>dateline index PATH/TO/ARTICLES</code></pre></div>"
        ).format(READS)
    look = Markup(
        '<p class="dl-buttons"><span>No files at hand?</span><button type="button" '
        'data-sample="1">Try 36 sample articles</button></p>'
    )
    return Markup(
        '<section class="dl-first" aria-label="First steps"><h2>Give it something to read</h2>'
        "<p>Dateline answers from the articles in its archive, and from nothing else: every "
        "sentence of an answer is tied to the exact words of an article.</p>{}</section>"
    ).format(look if sample else EMPTY)


def note(message: str) -> Markup:
    """Return a message of our own in a box."""
    return Markup('<p class="dl-note" role="status">{}</p>').format(words(message))
