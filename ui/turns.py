"""A conversation as HTML: what stands below the current answer, and the answers before it."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from ui import html
from ui.behind import behind
from ui.evidence import sources
from ui.exports import answer_md
from ui.feedback import feedback
from ui.markup import EMPTY, plain_when, together, words
from ui.past import saved, star
from ui.stands import shown
from ui.talk import Talk
from ui.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The parts of the page that show a conversation, each an HTML component of its own."""

    told: str
    answer: str
    sources: str
    after: str
    earlier: str


def picture(talk: Talk, told: tuple[str, str] = ("", "")) -> Picture:
    """Draw a conversation; `told` names an exchange and says what came of its buttons."""
    now = talk.current
    return Picture(
        told=html.announcement(now),
        answer=_marked(talk, html.answer(now, _before(talk, now))),
        sources=sources(now),
        after=after(now, told, talk),
        earlier=earlier(talk, told),
    )


def _marked(talk: Talk, answer: Markup) -> Markup:
    """Say which conversation this is, for the address bar."""
    if not answer:
        return EMPTY
    return Markup('<div data-talk="{}">{}</div>').format(talk.id, answer)


def _before(talk: Talk, view: View) -> View | None:
    return talk.view(view.again) if view.again else None


def after(view: View, told: tuple[str, str] = ("", ""), talk: Talk | None = None) -> Markup:
    """Return what can be done with an answer: ask again, copy, link, star, judge."""
    if view.running or view.phase == "idle":
        return EMPTY
    said = told[1] if told[0] == view.id else ""
    again = '<button type="button" class="dl-plain" data-ask="again">Ask again</button>'
    parts = [Markup(again)]  # noqa: S704 - our own literal
    if view.answer is not None:
        parts.append(
            Markup(
                '<button type="button" class="dl-plain" data-copy="{}" data-rich="{}">'
                "Copy with sources</button>"
            ).format(
                words(answer_md(view.answer)), f"./api/answers/{view.id}.html" if view.id else ""
            )
        )
    if view.id:
        parts.append(
            Markup(
                '<button type="button" class="dl-plain" data-link="?answer={}">Copy link</button>'
            ).format(view.id)
        )
    if talk is not None and talk.id and view.id:
        parts.append(star(talk.starred, "this conversation"))
    if view.id and view.answer is not None:
        parts.append(_PRINT)
        parts.append(saved(view.id, "Save as …", "answers"))
    judge = feedback(view, said) if view.answer is not None and view.id else EMPTY
    return Markup(
        '<div class="dl-after" data-turn="{}">{}<div class="dl-buttons">{}</div>{}</div>'
    ).format(view.id, shown(view.standing) + behind(view), together(parts), judge)


_PRINT = Markup('<button type="button" class="dl-plain" data-print>Print</button>')


def earlier(talk: Talk, told: tuple[str, str] = ("", "")) -> Markup:
    """Return the questions before the current one, the latest first, with all their proof."""
    if not talk.earlier:
        return _saved(talk)
    turns = together(_turn(talk, v, told) for v in reversed(talk.earlier))
    return Markup(
        '{}<section class="dl-earlier" aria-label="Earlier in this conversation">'
        '<p class="dl-rubric">Earlier in this conversation</p>{}</section>'
    ).format(_saved(talk), turns)


def _saved(talk: Talk) -> Markup:
    if not talk.id or not talk.views:
        return EMPTY
    return Markup('<p class="dl-save-row">{}</p>').format(
        saved(talk.id, "Save the conversation as …")
    )


def _turn(talk: Talk, view: View, told: tuple[str, str]) -> Markup:
    shown = sources(view)
    folded = (
        Markup('<details class="dl-folded"><summary>Evidence</summary>{}</details>').format(shown)
        if shown
        else EMPTY
    )
    return Markup('<div class="dl-turn" id="turn-{}" data-turn="{}">{}{}{}{}</div>').format(
        view.id,
        view.id,
        _when(view),
        html.answer(view, _before(talk, view)),
        folded,
        after(view, told, talk),
    )


def _when(view: View) -> Markup:
    if view.asked is None:
        return EMPTY
    return Markup('<p class="dl-asked-at">Asked {}</p>').format(plain_when(view.asked.astimezone()))
