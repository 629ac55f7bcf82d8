"""What a click or a form of the page asks for, read strictly: it comes from a browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from rag.types import Filter
from ui.chips import Limits, limits, parse
from ui.talk import Talk
from ui.view import View

MOST_CHARACTERS = 2000
"""Most characters of a question."""
LEAST_CHARACTERS, LEAST_WORDS = 12, 3
"""What is shorter is not yet taken for a question while it is typed."""

MOST_LEFT_OUT = 50
"""Most articles that are left out of one question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A question to ask."""

    question: str
    filters: Filter | None = None
    """None lets the question's words decide."""
    as_of: date | None = None
    again: str | None = None
    """The exchange that asked it before."""
    alone: bool = False
    """Whether it is to be read without what was said before."""
    verbatim: bool = False
    """Whether it is to be read exactly as typed."""


def typed(question: str, chosen: Limits) -> Wanted | None:
    """Return the question in the box, with the filters that are set."""
    question = question.strip()[:MOST_CHARACTERS]
    if not question:
        return None
    given = chosen.filters if chosen else None
    return Wanted(question=question, filters=given, as_of=chosen.as_of)


def promising(text: str, chosen: Limits) -> Wanted | None:
    """Return what is being typed as a question, where it is long enough to be one."""
    if len(text) > MOST_CHARACTERS:
        return None
    asked = typed(text, chosen)
    if asked is None:
        return None
    long = len(asked.question) >= LEAST_CHARACTERS and len(asked.question.split()) >= LEAST_WORDS
    return asked if long else None


def wanted(talk: Talk, data: Mapping[str, Any], chosen: Limits) -> Wanted | str | None:
    """Return the question that something on the page asks for.

    A string says what is wrong with the form; None means that nothing is asked.
    """
    if data.get("ask") == "example":
        return typed(str(data.get("question", "")), chosen)
    if data.get("form") == "limits":
        read = parse(data)
        return read if isinstance(read, str) else _within(talk.current, read)
    view = talk.view(str(data.get("turn", "")))
    if not view.question:
        return None
    found: Wanted | None = None
    if data.get("form") == "leave":
        return _less(view, str(data.get("without", "")).splitlines())
    match data.get("ask"):
        case "again":
            found = replace(_anew(view), question=_full(view))
        case "alone":
            found = replace(_anew(view), verbatim=True)
        case "drop":
            field, name = str(data.get("field")), str(data.get("name", ""))
            found = _within(view, limits(view).without(field, name))
    return found


def _anew(view: View) -> Wanted:
    return Wanted(
        question=view.question, filters=view.filters, as_of=view.as_of, again=view.id, alone=True
    )


def _within(view: View, allowed: Limits) -> Wanted | None:
    """Return a question asked again with these filters, none of them inferred."""
    if not view.question:
        return None
    return replace(_anew(view), question=_full(view), filters=allowed.filters, as_of=allowed.as_of)


def _less(view: View, names: Sequence[str]) -> Wanted | None:
    """Return a question asked again without some of the articles that its answer shows."""
    allowed = limits(view)
    left = [name for name in names if name in view.shown]
    without = tuple(dict.fromkeys((*allowed.filters.without, *left)))[-MOST_LEFT_OUT:]
    changed = replace(allowed, filters=replace(allowed.filters, without=without))
    return _within(view, changed) if left else None


def _full(view: View) -> str:
    """Return the question as it can be understood alone."""
    return view.read.question if view.read is not None else view.question
