"""The sheet of one question, finished or in the making, as escaped HTML: pure functions.

`answer` holds its first three parts: the verdict, where sources differ, the answer in words.
`ui.evidence` and `ui.behind` are the other two; `announcement` is what a screen reader says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup

from rag.answer.barred import BARRED
from rag.answer.days import dated, written
from rag.types import Answer, Decline, Event, Ruling, RulingKind, Statement, day
from ui import listing
from ui.asked import search_words
from ui.chips import applied
from ui.cited import statement
from ui.compare import conflict, timeline
from ui.footnotes import cited_articles
from ui.markup import EMPTY, label, together, words
from ui.since import since
from ui.view import View

_WAIT = {
    "waiting": "Waiting",
    "searching": "Looking through the archive",
    "writing": "Evidence found. Putting it into words",
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
        return finished(view)
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
        usual = Markup('<span class="dl-usual">{}</span>').format(view.usual)
        parts.append(
            Markup('<p class="dl-wait"><i></i><span>{}</span>{}</p>').format(
                _waiting(view), usual if view.usual else EMPTY
            )
        )
    return together(parts)


def _waiting(view: View) -> str:
    if view.ahead:
        before = "1 question is" if view.ahead == 1 else f"{view.ahead} questions are"
        return f"{before} answered before yours"
    return _WAIT.get(view.phase, "")


def _checked(view: View) -> Markup:
    return together(
        statement(s, place, view.notes, turn=view.id, removed=not kept)
        for place, (s, kept) in enumerate(view.checked)
    )


def finished(view: View) -> Markup:
    """Return a complete answer: what comes of it, where sources differ, the words."""
    done, notes, turn = view.answer, view.notes, view.id
    if done is None:
        return EMPTY
    if done.listing is not None:
        return verdict(done) + listing.shown(done.listing)
    if done.outcome == "declined":
        return verdict(done) + _meant(view) + _declined(done)
    quoted = own_words(done)
    worded = together(
        statement(s, place, notes, turn=turn, quoted=quoted) for place, s in said(done)
    )
    return together(
        [
            verdict(done),
            together(conflict(c, place, notes, turn) for place, c in enumerate(done.conflicts)),
            timeline(done.timeline, notes, turn),
            worded,
            _outcome(done),
        ]
    )


def said(done: Answer) -> list[tuple[int, Statement]]:
    """Return the words of an answer with their places, without what the sheet shows above them.

    That are events, in their order, and an article's own sentences, each under its value.
    """
    listed = tuple(event.text for event in done.timeline)
    readings = (r for c in done.conflicts for r in c.readings) if own_words(done) else ()
    shown = frozenset(c for r in readings for c in r.citations)
    return [
        (place, s)
        for place, s in enumerate(done.statements)
        if not (listed and s.text.endswith(listed)) and not shown.issuperset(s.citations)
    ]


_BADGES: dict[RulingKind, str] = {
    "agreed": "Agreed",
    "changed": "Changed over time",
    "disputed": "Disputed",
    "one_source": "One voice only",
    "no_checked_answer": "No checked answer",
    "not_in_archive": "Not in the archive",
}
_DECLINES: dict[Decline, tuple[str, str]] = {
    "": ("Not answered", "This archive does not answer that"),
    "nothing_found": ("Not in the archive", "No article of this archive speaks of that"),
    "not_answered": ("Found, but not this", "The articles that come closest do not answer that"),
    "not_proven": ("No checked answer", "No sentence passed the check. What the articles say:"),
}
"""What stands above a decline; the first is for answers that were stored without a kind."""


def decline(done: Answer) -> tuple[str, str]:
    """Return what stands above a decline: its name, and a sentence."""
    if done.declined == "nothing_found" and done.reason.startswith(BARRED):
        return "Filtered out", BARRED
    return _DECLINES[done.declined]


def own_words(done: Answer) -> bool:
    """Say whether all that an answer says are sentences of the articles as they stand."""
    told = {e.text for e in done.timeline if _plain(e.text) in _plain(e.citation.quote)}
    return done.extractive and all(
        any(_plain(c.quote) in _plain(s.text) for c in s.citations)
        or any(map(s.text.endswith, told))
        for s in done.statements
    )


def _plain(text: str) -> str:
    """Return a sentence without days that were written in behind "on Thursday"."""
    return " ".join(re.sub(r"\s\([^()]*\d{4}\)", "", text).split())


def verdict(done: Answer) -> Markup:
    """Return the line that says what comes of the question: value, voice and day."""
    kind, badge, value = came(done)
    if not badge:
        return EMPTY
    line = Markup('<p class="dl-value">{}</p>').format(value) if value else EMPTY
    return Markup(
        '<div class="dl-ruling" data-kind="{}"><span class="dl-badge">{}</span>{}</div>'
    ).format(kind, badge, line)


def came(done: Answer) -> tuple[str, str, Markup]:
    """Return what came of a question: its kind, its name on the page, and the value if any."""
    if done.listing is not None:
        return "listed", "In the archive", _whole(done.listing.title)
    if done.outcome == "declined":
        badge, _ = decline(done)
        kind = {"not_proven": "no_checked_answer", "not_answered": "found"}.get(
            done.declined, "not_in_archive"
        )
        return kind, badge, EMPTY
    ruling = done.verdict
    if ruling is None:
        return "", "", EMPTY
    if ruling.kind in ("agreed", "one_source"):
        if done.timeline:
            return "course", "Course of events", _course(done.timeline)
        if own_words(done):
            return "closest", "Closest sentences", EMPTY
    return ruling.kind, _BADGES[ruling.kind], _value(ruling)


def _course(events: Sequence[Event]) -> Markup:
    """Say how many events there are, from which day to which."""
    known = [e for e in events if e.when is not None]
    days = [written(day(e.when)) if e.dating == "reported" else dated(e) for e in known]
    count = "1 event" if len(events) == 1 else f"{len(events)} events"
    undated = len(events) - len(days)
    more = f"; {undated} without a day" if undated and days else ""
    if not days or days[-1] == days[0]:
        return _whole(", ".join([count, *days[:1]]) + more)
    return _whole(f"{count}, from {days[0]} to {days[-1]}{more}")


def _value(ruling: Ruling) -> Markup:
    """Return the value with who says so and when; the whole line where there is none."""
    head, colon, rest = ruling.text.partition(": ")
    if ruling.value is None or ruling.kind == "disputed":
        return _whole((rest if colon else head).replace(" - ", " – "))
    said = (label(ruling.voice), f"reported {written(ruling.day)}" if ruling.day else "")
    by = Markup('<span class="dl-by" dir="auto">{}</span>').format(", ".join(filter(None, said)))
    return Markup('<strong dir="auto">{}</strong> {}').format(words(ruling.value), by)


def _whole(text: str) -> Markup:
    return Markup('<strong dir="auto">{}</strong>').format(words(text))


def _outcome(done: Answer) -> Markup:
    """Say from how many articles the sheet is, and what the signs before its sentences say."""
    count = len(cited_articles(done))
    articles = "1 article" if count == 1 else f"{count} articles"
    told = why(done)
    reason = Markup(' <span class="dl-reason">{}</span>').format(words(told)) if told else EMPTY
    return Markup('<p class="dl-outcome dl-{}">From {}{}.{}</p>').format(
        done.outcome, articles, _proved(done), reason
    )


def why(done: Answer) -> str:
    """Return what is to be said of an answer besides: nothing of doubts about quoted words."""
    told = done.reason
    for about in _JUDGED if own_words(done) else ():
        told = told.replace(about, "").strip()
    return told


_JUDGED = (
    "What is only likely is marked.",
    "A part of the answer did not pass the check and was removed.",
)
"""What is said of sentences that somebody worded; an article's own are marked as just that."""


def _proved(done: Answer) -> str:
    if own_words(done):
        return ", in the articles’ own words"
    borne = sum(s.verdict.support == "supported" for s in done.statements)
    if len(done.statements) == 1:
        return ", supported" if borne else ", likely"
    if borne == len(done.statements):
        return ", every sentence supported"
    return f", {borne} of {len(done.statements)} sentences fully supported"


def _meant(view: View) -> Markup:
    """Offer the question with the names that the archive has."""
    if not view.meant:
        return EMPTY
    return Markup(
        '<p class="dl-meant">Did you mean <button type="button" class="dl-quiet" '
        'data-ask="example" data-question="{}" dir="auto">{}</button></p>'
    ).format(words(view.meant), words(f"{view.meant.rstrip('?')}?"))


def _declined(done: Answer) -> Markup:
    """Return why there is no answer; what comes closest follows as evidence."""
    _, head = decline(done)
    reason = "" if done.declined == "not_answered" and done.closest else done.reason
    if reason.startswith(BARRED):
        reason = f"None{reason.partition(': none')[2]}"
    return Markup('<div class="dl-declined"><h3>{}</h3>{}</div>').format(
        head, Markup("<p>{}</p>").format(words(reason)) if reason else EMPTY
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
        if done.outcome == "declined":
            text = f"{'. '.join(decline(done))} {done.reason}"
        elif done.verdict is not None and done.listing is None:
            text = f"{done.verdict.text} {done.text}"
        else:
            text = done.text
    return Markup('<div class="dl-sr" role="status" aria-live="polite">{}</div>').format(
        words(text)
    )
