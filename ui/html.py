"""From an answer, finished or in the making, to escaped HTML: pure functions.

`answer` is the left column, `sources` the list below it; `announcement` is what a screen reader
says.
"""

from __future__ import annotations

from markupsafe import Markup

from rag.types import Answer, Citation, Decline, Evidence, Source
from ui import listing
from ui.asked import means, search_words
from ui.chips import applied
from ui.cited import dropped, statement
from ui.compare import conflict, timeline
from ui.markup import (
    EMPTY,
    byline,
    label,
    opener,
    title,
    together,
    words,
)
from ui.masthead import coverage
from ui.since import since
from ui.view import View

_WAIT = {
    "waiting": "Waiting",
    "searching": "Looking through the archive",
    "writing": "Reading the best sentences",
}


def answer(view: View, before: View | None = None) -> Markup:
    """Return the answer as far as it is known.

    Args:
        view: The question and what is known about it.
        before: When it is asked again: how it was answered then.
    """
    if view.phase == "idle":
        return EMPTY
    parts = [
        Markup('<h2 class="dl-question" dir="auto">{}</h2>').format(words(view.question)),
        _understood(view),
        applied(view),
        _searched(view),
        since(before, view) if before is not None else EMPTY,
        _body(view),
    ]
    return Markup(
        '<section class="dl-answer" aria-label="Answer" aria-busy="{}" data-turn="{}">{}</section>'
    ).format("true" if view.running else "false", view.id, together(parts))


def _understood(view: View) -> Markup:
    """Say what a follow-up was rewritten into, with the way back to what was typed."""
    read = view.read
    if read is None or " ".join(view.question.split()) == read.question:
        return EMPTY
    return Markup(
        '<p class="dl-asked">Understood as: <em dir="auto">{}</em> '
        '<button type="button" class="dl-quiet" data-ask="alone">Ask exactly as typed</button></p>'
    ).format(words(read.question))


def _searched(view: View) -> Markup:
    """Say what the model had searched for besides the question."""
    searches = view.answer.searches if view.answer else view.searches
    if not searches:
        return EMPTY
    items = together(
        Markup('<li dir="auto">{}</li>').format(words(search_words(search))) for search in searches
    )
    return Markup('<div class="dl-asked">Also searched for: <ul>{}</ul></div>').format(items)


_ENDED = {
    "stopped": "Stopped. What was written is not checked, so it is no answer.",
    "interrupted": "Dateline was closed before this was answered.",
    "erased": "This answer was deleted with an article that it quoted.",
}


def _body(view: View) -> Markup:
    if view.phase == "failed":
        return Markup('<p class="dl-note dl-error" role="alert">{}</p>').format(words(view.error))
    if view.answer is not None:
        return finished(view.answer, view.id)
    parts = [_checked(view)]
    if view.unchecked:
        parts.append(
            Markup(
                '<p class="dl-st dl-unchecked"><span class="dl-sign" aria-hidden="true">…</span>'
                '<span class="dl-words" dir="auto">{}</span> '
                '<span class="dl-verdict">unchecked</span></p>'
            ).format(words(view.unchecked))
        )
    if view.phase in _ENDED:
        parts.append(Markup('<p class="dl-note">{}</p>').format(_ENDED[view.phase]))
    elif not view.unchecked:
        parts.append(Markup('<p class="dl-wait"><i></i>{}</p>').format(_waiting(view)))
    return together(parts)


def _waiting(view: View) -> str:
    if view.ahead:
        before = "1 question is" if view.ahead == 1 else f"{view.ahead} questions are"
        return f"{before} answered before yours"
    return _WAIT.get(view.phase, "")


def _checked(view: View) -> Markup:
    return together(
        statement(s, place, turn=view.id, removed=not kept)
        for place, (s, kept) in enumerate(view.checked)
    )


def finished(done: Answer, turn: str = "") -> Markup:
    """Return a complete answer with everything that it carries."""
    if done.listing is not None:
        return together([ruling(done), listing.shown(done.listing), figures(done)])
    if done.outcome == "declined":
        return declined(done, turn)
    parts = [
        ruling(done),
        _outcome(done),
        together(statement(s, place, turn=turn) for place, s in enumerate(done.statements)),
        _dropped(done, turn),
        together(conflict(c, place, turn) for place, c in enumerate(done.conflicts)),
        timeline(done.timeline, turn),
        _nearest(done.nearest),
        figures(done),
    ]
    return together(parts)


def ruling(done: Answer) -> Markup:
    """Return the line that says what comes of the question; nothing in older answers."""
    if done.verdict is None:
        return EMPTY
    return Markup('<p class="dl-ruling" data-kind="{}"><strong dir="auto">{}</strong></p>').format(
        done.verdict.kind, words(done.verdict.text)
    )


def _outcome(done: Answer) -> Markup:
    count = len({c.source.article_id for s in done.statements for c in s.citations})
    articles = "1 article" if count == 1 else f"{count} articles"
    head = "Answered from" if done.outcome == "answered" else "Answered in part, from"
    chip = (
        Markup(' <span class="dl-chip">the articles’ own words</span>')
        if done.extractive
        else EMPTY
    )
    reason = Markup(' <span class="dl-reason">{}</span>').format(words(done.reason))
    return Markup('<p class="dl-outcome dl-{}">{} {}{}{}{}</p>').format(
        done.outcome, head, articles, _proved(done), chip, reason if done.reason else EMPTY
    )


def _proved(done: Answer) -> str:
    """Say in words what the signs before the sentences say."""
    borne = sum(s.verdict.support == "supported" for s in done.statements)
    if len(done.statements) == 1:
        return ", supported" if borne else ", likely"
    if borne == len(done.statements):
        return ", every sentence supported"
    return f", {borne} of {len(done.statements)} sentences fully supported"


def declined(done: Answer, turn: str = "") -> Markup:
    """Return why there is no answer, what comes closest, and what the archive covers."""
    return together(
        [
            ruling(done),
            Markup('<div class="dl-declined"><h3>{}</h3><p>{}</p>{}</div>').format(
                _DECLINES[done.declined], words(done.reason), coverage(done.coverage)
            ),
            _closest(done.closest) or _nearest(done.nearest),
            _dropped(done, turn),
            figures(done),
        ]
    )


_DECLINES: dict[Decline, str] = {
    "": "This archive does not answer that",
    "nothing_found": "No article of this archive speaks of that",
    "not_answered": "This archive does not answer that",
    "not_proven": "No sentence passed the check",
}
"""What stands above a decline; the first is for answers that were stored without a kind."""


def _closest(citations: tuple[Citation, ...]) -> Markup:
    """Return the sentences that come closest, each with its outlet and day; a click opens them."""
    if not citations:
        return EMPTY
    items = (
        Markup(
            '<li><button class="dl-near" {}><span class="dl-from">{}</span>'
            '<span class="dl-title" dir="auto">“{}”</span></button></li>'
        ).format(opener(c.source.article_id, c.span), byline(c.source), words(c.quote))
        for c in citations
    )
    return Markup(
        '<div class="dl-nearest"><h3>What the articles say that comes closest</h3><ul>{}</ul></div>'
    ).format(together(items))


def _dropped(done: Answer, turn: str) -> Markup:
    # An extractive answer leaves out true sentences that are beside the point: nothing to warn of.
    return EMPTY if done.model == "none" else dropped(done.dropped, turn)


def _nearest(sources: tuple[Source, ...]) -> Markup:
    if not sources:
        return EMPTY
    items = (
        Markup(
            '<li><button class="dl-near" {}><span class="dl-from">{}</span>'
            '<span class="dl-title" dir="auto">{}</span></button></li>'
        ).format(opener(s.article_id, None), byline(s), title(s))
        for s in sources
    )
    return Markup('<div class="dl-nearest"><h3>What comes closest</h3><ul>{}</ul></div>').format(
        together(items)
    )


def figures(done: Answer) -> Markup:
    """Return the line of figures below an answer: model, times, tokens."""
    t = done.timings
    parts = ["no chat model" if done.model == "none" else label(done.model)]
    if done.judge == "rules" and done.listing is None:
        parts.append("judged by rules alone")
    if t.first_evidence is not None:
        parts.append(f"evidence after {t.first_evidence:.1f} s")
    if t.first_token is not None:
        parts.append(f"first word after {t.first_token:.1f} s")
    parts.append(f"{t.total:.1f} s in all")
    if done.tokens.generated:
        parts.append(f"{done.tokens.prompt} + {done.tokens.generated} tokens")
    parts += map(label, means(done))
    return Markup('<p class="dl-figures">{}</p>').format(" · ".join(parts))


def sources(view: View) -> Markup:
    """Return the evidence as a list, ready before the first word of the answer."""
    if not view.evidence:
        return EMPTY
    used = _used(view)
    before = (None, *(e.source.article_id for e in view.evidence))
    items = together(
        source_card(e, used=e.number in used, goes_on=e.source.article_id == previous)
        for e, previous in zip(view.evidence, before, strict=False)
    )
    return Markup(
        '<section class="dl-sources" aria-label="Sources"><h3>Sources</h3><ol>{}</ol></section>'
    ).format(items)


def _used(view: View) -> set[int]:
    found = view.answer.statements if view.answer else ()
    kept = found or tuple(s for s, kept in view.checked if kept)
    return {c.number for s in kept for c in s.citations}


def source_card(e: Evidence, *, used: bool, goes_on: bool) -> Markup:
    """Return one piece of evidence: who, when, which words; who and when once per article."""
    heading = Markup(
        '<span class="dl-from">{}</span><span class="dl-title" dir="auto">{}</span>'
    ).format(byline(e.source), title(e.source))
    return Markup(
        '<li><button class="dl-card{}{}" {}><span class="dl-number">{}</span>{}'
        '<span class="dl-quote" dir="auto">{}</span></button></li>'
    ).format(
        " dl-used" if used else "",
        " dl-more" if goes_on else "",
        opener(e.source.article_id, e.span, e.number),
        e.number,
        EMPTY if goes_on else heading,
        words(e.text),
    )


def announcement(view: View) -> Markup:
    """Return what a screen reader says: few words while it works, then the whole answer."""
    text = {
        "idle": "",
        "waiting": _waiting(view),
        "searching": "Looking through the archive.",
        "writing": f"{len(view.evidence)} sources found. Writing.",
        "stopped": "Stopped.",
        "failed": view.error,
    }.get(view.phase, "")
    done = view.answer
    if done is not None:
        text = f"No answer. {done.reason}" if done.outcome == "declined" else done.text
        if done.verdict is not None and done.listing is None:
            text = f"{done.verdict.text} {text}"
    return Markup('<div class="dl-sr" role="status" aria-live="polite">{}</div>').format(
        words(text)
    )
