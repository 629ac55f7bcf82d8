"""What people think of an answer, and the eval case that it becomes: HTML and pure values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from rag.archive.exchanges import Judgement, Opinion
from rag.types import Answer
from ui.markup import EMPTY, together, words
from ui.view import View
from ui.watching import BUTTON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eval.cases import Case

LONGEST_NOTE = 2000
"""Most characters of a note, and of a corrected answer."""

_NAMES: dict[Judgement, str] = {
    "right": "Right",
    "wrong": "Wrong",
    "wrong citation": "Wrong citation",
}


def opinion_of(view: View, data: Mapping[str, Any]) -> Opinion | None:
    """Read what was clicked or typed about an answer; None when it is nothing of ours."""
    judgement = next((known for known in _NAMES if known == data.get("judgement")), None)
    if judgement is None:
        return None
    before = view.opinion or Opinion(judgement=judgement)
    note, right = (str(data.get(name, getattr(before, name))) for name in ("note", "right"))
    return replace(
        before,
        judgement=judgement,
        note=note.strip()[:LONGEST_NOTE],
        right=right.strip()[:LONGEST_NOTE],
    )


def case_of(view: View, opinion: Opinion) -> Case | str:
    """Return the eval case that an opinion makes of an answer, or why none can be made.

    What was answered rightly is proved by the quotes that it cites; what was declined rightly has
    no answer; for all else the person has to say what is right.
    """
    from eval.cases import Case, name

    done = view.answer
    if done is None:
        return "Only an answer can become a test case."
    question = done.asked_as or done.question
    about: dict[str, Any] = {
        "id": name(question),
        "question": question,
        "as_of": done.as_of,
        "note": opinion.note,
    }
    if opinion.right:
        return Case(**about, answers=(opinion.right,))
    if opinion.judgement != "right":
        return "Say what the right answer is, then it can become a test case."
    if done.outcome == "declined":
        return Case(**about, kind="unanswerable", unanswerable=True)
    return Case(**about, evidence=_gold(done))


def _gold(done: Answer) -> Any:  # noqa: ANN401 - a tuple of `eval.cases.Gold`, loaded when needed
    from eval.cases import Gold

    return tuple(
        Gold(article=c.source.article_id, quote=c.quote, part=part)
        for part, s in enumerate(done.statements)
        for c in s.citations
    )


def feedback(view: View, told: str = "") -> Markup:
    """Return the buttons, and once one is pressed, the note and the way to a test case.

    Args:
        view: A finished answer that is kept.
        told: What came of the last press, in words.
    """
    given = view.opinion
    cited = view.answer is not None and any(s.citations for s in view.answer.statements)
    offered = {v: name for v, name in _NAMES.items() if cited or v != "wrong citation"}
    buttons = together(
        Markup(
            '<button type="button" data-do="opinion" data-judgement="{}" aria-pressed="{}">'
            "{}</button>"
        ).format(value, "true" if given and given.judgement == value else "false", name)
        for value, name in offered.items()
    )
    status = (
        Markup('<p class="dl-told" role="status">{}</p>').format(words(told)) if told else EMPTY
    )
    return Markup(
        '<div class="dl-feedback"><div class="dl-judge" role="group" aria-label="Was this right?">'
        "<span>Was this right?</span>{}</div>{}{}{}</div>"
    ).format(buttons, BUTTON, EMPTY if given is None else _note(given), status)


def _note(given: Opinion) -> Markup:
    if given.case:
        return Markup('<p class="dl-hint">Kept as test case <code>{}</code>.</p>').format(
            words(given.case)
        )
    right = (
        EMPTY
        if given.judgement == "right"
        else Markup(
            "<label><span>What is right? In few words, as an article has it</span>"
            '<input name="right" value="{}" maxlength="{}" dir="auto"></label>'
        ).format(words(given.right), LONGEST_NOTE)
    )
    return Markup(
        '<form class="dl-form" data-form="opinion" data-judgement="{}" '
        'aria-label="About this answer">{}<label><span>Note (optional)</span>'
        '<textarea name="note" rows="2" maxlength="{}" '
        'dir="auto">{}</textarea></label><div class="dl-buttons">'
        '<button type="submit" class="dl-strong" name="do" value="opinion">Save</button></div>'
        '<details class="dl-made"><summary>For maintainers</summary><div class="dl-buttons">'
        '<button type="submit" class="dl-plain" name="do" value="case">Make it a test case</button>'
        '<span class="dl-hint">It is kept in cases.jsonl of the archive, for dateline eval.</span>'
        "</div></details></form>"
    ).format(given.judgement, right, LONGEST_NOTE, words(given.note))
