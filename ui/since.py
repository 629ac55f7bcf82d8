"""What changed between two answers to one question: in words, as escaped HTML."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from rag.types import Answer, Source
from ui.markup import EMPTY, byline, label, opener, plain_when, title, together, words
from ui.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How a later answer differs from an earlier one."""

    outcome: tuple[str, str] | None
    """The outcomes, when they differ."""
    said: tuple[str, ...]
    """Sentences that the earlier answer did not have."""
    unsaid: tuple[str, ...]
    """Sentences that only the earlier answer had."""
    cited: tuple[Source, ...]
    """Articles that only the later answer cites."""
    uncited: tuple[Source, ...]
    limits: bool
    """Whether other articles were allowed to be read."""
    archive: bool
    """Whether the archive has changed in between."""
    model: tuple[str, str] | None

    @property
    def none(self) -> bool:
        """Whether the two say the same, from the same articles."""
        return not (self.outcome or self.said or self.unsaid or self.cited or self.uncited)


def changes(old: Answer, new: Answer) -> Changes:
    """Compare two answers to one question."""
    was, now = _sentences(old), _sentences(new)
    before, after = _cited(old), _cited(new)
    return Changes(
        outcome=(old.outcome, new.outcome) if old.outcome != new.outcome else None,
        said=tuple(text for key, text in now.items() if key not in was),
        unsaid=tuple(text for key, text in was.items() if key not in now),
        cited=tuple(s for key, s in after.items() if key not in before),
        uncited=tuple(s for key, s in before.items() if key not in after),
        limits=(old.filters, old.as_of) != (new.filters, new.as_of),
        archive=old.generation != new.generation,
        model=(old.model, new.model) if old.model != new.model else None,
    )


def _sentences(answer: Answer) -> dict[str, str]:
    return {" ".join(s.text.casefold().split()): s.text for s in answer.statements}


def _cited(answer: Answer) -> dict[str, Source]:
    return {c.source.article_id: c.source for s in answer.statements for c in s.citations}


def since(old: View, new: View) -> Markup:
    """Return what changed since a question was asked before."""
    if old.answer is None or new.answer is None:
        return EMPTY
    found = changes(old.answer, new.answer)
    asked = plain_when(old.asked.astimezone()) if old.asked else "you asked before"
    rows = [
        *(_row("+", "now says", text) for text in found.said),
        *(_row("−", "no longer says", text) for text in found.unsaid),
        *(_article("+", "now cites", s) for s in found.cited),
        *(_article("−", "no longer cites", s) for s in found.uncited),
    ]
    return Markup('<div class="dl-since"><h3>Since {}</h3><p>{}</p>{}</div>').format(
        asked,
        " ".join(_why(found)),
        Markup("<ul>{}</ul>").format(together(rows)) if rows else EMPTY,
    )


def _why(found: Changes) -> list[str]:
    told = ["The answer is the same, from the same articles."] if found.none else []
    if found.outcome:
        told.append(f"It was {found.outcome[0]}, now it is {found.outcome[1]}.")
    if found.limits:
        told.append("Other filters were set.")
    told.append(
        "The archive has changed in between." if found.archive else "The archive has not changed."
    )
    if found.model:
        before, now = map(label, found.model)
        told.append(f"Another model wrote it: {before} before, {now} now.")
    return told


def _row(sign: str, verb: str, text: str) -> Markup:
    return Markup(
        '<li><span class="dl-diff" aria-hidden="true">{}</span><span class="dl-verb">{}</span> '
        '<span dir="auto">{}</span></li>'
    ).format(sign, verb, words(text))


def _article(sign: str, verb: str, source: Source) -> Markup:
    return Markup(
        '<li><span class="dl-diff" aria-hidden="true">{}</span><span class="dl-verb">{}</span> '
        '<button class="dl-inline" {}><span dir="auto">{}</span></button> '
        '<span class="dl-from">{}</span></li>'
    ).format(sign, verb, opener(source.article_id, None), title(source), byline(source))
