"""A kept question as a list of blocks, from which every kind of file is written alike.

So no file can leave out what another has: the verdict, where sources differ, the course of events,
the words with their footnotes, what was removed, what comes closest, the sources, how it was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.answer.barred import BARRED
from rag.answer.days import written
from rag.archive.exchanges import Exchange
from rag.types import Answer, Citation, Conflict, Event, Listing, Ruling, Source, Statement, day
from ui.asked import search_words
from ui.behind import covered
from ui.chips import limits
from ui.compare import happened
from ui.footnotes import Footnotes, cited
from ui.html import came, own_words, said, why
from ui.listing import UNKNOWN, cell
from ui.markup import fragment, href, label, outlet, plain_when, title
from ui.stands import lines
from ui.view import View

Style = Literal["plain", "strong", "soft", "note"]
Kind = Literal["question", "head", "text", "item", "source", "quote"]

_SAID = {
    "supported": "",
    "partly": " (likely)",
    "contradicted": " (contradicted by the articles)",
    "unsupported": " (not supported)",
}
HEADS = {
    "changed over time": "This changed over time",
    "different scope": "The sources count different things",
    "estimate": "The sources give different estimates",
    "conflict": "The sources disagree",
}
DECLINED = {
    "": "Not answered.",
    "nothing_found": "No article of the archive speaks of that.",
    "not_answered": "The articles that come closest do not answer that.",
    "not_proven": "No sentence passed the check.",
}


@dataclass(frozen=True, slots=True)
class Run:
    """Some words of one style; `note` is the number of a footnote."""

    text: str
    style: Style = "plain"
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of one kind; `number` is that of a source."""

    kind: Kind
    runs: tuple[Run, ...]
    number: int = 0


def blocks(e: Exchange) -> Iterator[Block]:
    """Yield a question and all that is known of its answer."""
    yield _block("question", e.question)
    yield _block("text", f"Asked {plain_when(e.asked)}.", "soft")
    chips = ", ".join(text for _, _, text in limits(View.kept(e)).chips())
    if chips:
        yield _block("text", f"Only articles: {chips}.", "soft")
    if e.answer is None:
        yield _block("text", f"No answer: {label(e.message or e.state)}", "soft")
        return
    for n, line in enumerate(lines(e.standing)):
        yield _block("item" if n else "text", line, "plain" if n else "strong")
    yield from answer_blocks(e.answer)


def answer_blocks(a: Answer) -> Iterator[Block]:
    """Yield all that an answer says, in the order of the page."""
    notes = Footnotes.of(a.evidence, a)
    yield from _read(a)
    if a.listing is not None:
        yield from _listed(a.listing)
        yield from _closest(a, notes)
        yield from _sources(a, notes)
        yield _block("text", _made(a), "soft")
        return
    barred = a.reason.startswith(BARRED)
    if a.outcome == "declined":
        yield _block("text", a.reason if barred else DECLINED[a.declined], "strong")
    elif a.verdict is not None:
        yield _block("text", _ruling(a, a.verdict), "strong")
    if why(a) and not barred:
        yield _block("text", why(a), "soft")
    for c in a.conflicts:
        yield from _conflict(c, notes)
    yield from _course(a.timeline, notes)
    own = own_words(a)
    for _, s in said(a):
        mark = "" if own else _SAID[s.verdict.support]
        yield Block("text", (Run(s.text), *_marks(s.citations, notes), Run(mark)))
    yield from _closest(a, notes)
    if a.model != "none":
        yield from _removed(a.dropped)
    yield from _sources(a, notes)
    yield _block("text", _made(a), "soft")


def _ruling(a: Answer, ruling: Ruling) -> str:
    """Return what comes of a question, called as on the page where that is no judgement."""
    kind, badge, value = came(a)
    if kind in ("closest", "course"):
        return ": ".join(filter(None, (badge, value.striptags())))
    return ruling.text


def _read(a: Answer) -> Iterator[Block]:
    if a.asked_as:
        yield _block("text", f"Understood as: {a.asked_as}", "soft")
    if a.searches:
        more = "; ".join(map(search_words, a.searches))
        yield _block("text", f"Also searched for: {more}", "soft")


def _listed(found: Listing) -> Iterator[Block]:
    """Yield what the archive says of itself, a line a row."""
    yield _block("text", found.title, "strong")
    for row in found.rows:
        told = map(cell, row.cells, (UNKNOWN.get(column, "") for column in found.columns))
        yield _block("item", " · ".join(filter(None, told)))
    yield _block("text", found.counted, "soft")


def _block(kind: Kind, text: str, style: Style = "plain") -> Block:
    return Block(kind, (Run(text, style),))


def _marks(citations: Iterable[Citation], notes: Footnotes) -> tuple[Run, ...]:
    numbers = dict.fromkeys(notes.number(c.source.article_id) for c in citations)
    return tuple(Run(str(n), "note") for n in numbers)


def _conflict(c: Conflict, notes: Footnotes) -> Iterator[Block]:
    yield _block("head", HEADS[c.kind])
    for r in c.readings:
        for one in r.citations:
            who = label(r.voice) or outlet(one.source)
            when = plain_when(day(one.source.published))
            told = Run(f" – {who}, {when}: “{label(one.quote)}”")
            yield Block("item", (Run(r.value, "strong"), told, *_marks((one,), notes)))


def _course(events: Sequence[Event], notes: Footnotes) -> Iterator[Block]:
    if events:
        yield _block("head", "In order of time")
    for e in events:
        known = day(e.reported or e.citation.source.published)
        reported = f", reported {written(known)}" if known else ", day of the report unknown"
        told = (Run(happened(e), "strong"), Run(f"{reported} – {e.text}"))
        yield Block("item", (*told, *_marks((e.citation,), notes)))


def _closest(a: Answer, notes: Footnotes) -> Iterator[Block]:
    if a.closest:
        listed = a.listing is not None
        head = "What the articles say" if listed else "What the articles say that comes closest"
        yield _block("head", head)
    for c in a.closest:
        yield Block("item", (Run(f"“{label(c.quote)}”"), *_marks((c,), notes)))
    known = quoted(a)
    rest = [s for s in a.nearest if s.article_id not in known]
    if rest:
        declined = a.outcome == "declined"
        head = "Articles that come closest" if declined else "Also read, and not used"
        yield _block("head", head)
    for s in rest:
        yield Block("item", (Run(_byline(s)),))


def _removed(dropped: Sequence[Statement]) -> Iterator[Block]:
    if dropped:
        yield _block("head", "Removed by the check")
    for s in dropped:
        reason = "; ".join(s.verdict.reasons) or _SAID[s.verdict.support].strip(" ()")
        yield Block("item", (Run(s.text), Run(f" – {reason}" if reason else "", "soft")))


def _sources(a: Answer, notes: Footnotes) -> Iterator[Block]:
    """Yield one footnote an article, and under it every quote that is taken from it."""
    quotes = quoted(a)
    cited = [(n, s) for n, s in notes.listed() if quotes.get(s.article_id)]
    if cited:
        yield _block("head", "Sources")
    for number, s in cited:
        first, *_ = quotes[s.article_id]
        name = Run(title(s), "plain", fragment(s.url, first.quote) or href(s.url))
        parts = (Run(f"{outlet(s)}, "), name, Run(f", {plain_when(s.published)}"))
        yield Block("source", parts, number)
        for c in quotes[s.article_id]:
            place = f" ({label(c.source.article_id)}, characters {c.span.start} to {c.span.end})"
            yield Block("quote", (Run(f"“{label(c.quote)}”"), Run(place, "soft")))


def quoted(a: Answer) -> dict[str, list[Citation]]:
    """Return all that an answer cites, by article, each place once."""
    found: dict[str, dict[tuple[int, int], Citation]] = {}
    for c in cited(a):
        found.setdefault(c.source.article_id, {}).setdefault((c.span.start, c.span.end), c)
    return {name: list(places.values()) for name, places in found.items()}


def _byline(s: Source) -> str:
    return f"{outlet(s)}, {title(s)}, {plain_when(s.published)}"


def _made(a: Answer) -> str:
    words = "the articles themselves" if a.model == "none" else label(a.model)
    judge = "rules alone" if a.judge == "rules" else label(a.judge)
    parts = [f"Words by {words}, judged by {judge}, in {a.timings.total:.1f} s."]
    if a.as_of:
        parts.append(f"As of {plain_when(a.as_of)}.")
    if a.coverage:
        parts.append(covered(a.coverage))
    return " ".join(parts)
