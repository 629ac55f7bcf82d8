"""An answer on a terminal: the words, under them the proof.

Article and model text is untrusted: it only ever reaches the screen as `Text` (no rich markup)
and without control characters, so that no title can move the cursor or recolour the screen.
Away from a terminal the same lines come out plain: no colour, no codes, no wrapping.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import IO

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rag.answer.days import both_days
from rag.types import (
    Answer,
    Citation,
    Conflict,
    Coverage,
    Evidence,
    Filter,
    Listing,
    Moment,
    Source,
    Statement,
    day,
)
from ui.asked import means, search_words

UNWRAPPED = 10_000
"""Columns of a console that is no terminal: wide enough that nothing wraps."""

_BREAKS = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
_UNSHOWABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def console(stream: IO[str]) -> Console:
    """Return a console for `stream` that is plain and unwrapped unless it is a terminal."""
    terminal = stream.isatty()
    return Console(
        file=stream,
        force_terminal=terminal,
        color_system="auto" if terminal else None,
        width=None if terminal else UNWRAPPED,
        highlight=False,
        markup=False,
        emoji=False,
    )


def safe(text: str) -> str:
    """Return untrusted text as one line without control characters and direction overrides."""
    return _UNSHOWABLE.sub("", _BREAKS.sub(" ", text))


def date_of(moment: Moment | None) -> str:
    """Return the day for people; what is unknown says so."""
    known = day(moment)
    return known.isoformat() if known else "date unknown"


def source_line(source: Source) -> Text:
    """Return outlet, date and title on one line."""
    line = Text(safe(source.publisher or "outlet unknown"), style="bold")
    line.append(f" · {date_of(source.published)} · ", style="not bold")
    line.append(safe(source.title or "untitled"), style="not bold italic")
    return line


def evidence_lines(evidence: Iterable[Evidence]) -> Iterator[RenderableType]:
    """Show what was found before a word of the answer is written, two lines for each."""
    for found in evidence:
        yield Text.assemble((f"[{found.number}] ", "cyan"), source_line(found.source))
        quote = Text(f"    “{safe(found.text)}”", style="dim", no_wrap=True, overflow="ellipsis")
        yield quote


def show(to: Console, answer: Answer) -> None:
    """Print the checked answer with its sources, what was left out, and the figures."""
    for part in render(answer):
        to.print(part)


def render(answer: Answer) -> Iterator[RenderableType]:
    """Lay out an answer, top to bottom."""
    yield from _how_it_was_read(answer)
    if answer.verdict is not None:
        yield Text(safe(answer.verdict.text), style="bold")
    if answer.listing is not None:
        yield from listing_lines(answer.listing)
    else:
        yield from _declined(answer) if answer.outcome == "declined" else _answered(answer)
    yield from conflict_lines(answer.conflicts)
    yield from timeline_lines(answer)
    if answer.outcome != "answered":
        yield from _coverage(answer)
    yield from _dropped(answer)
    yield Text()
    yield _figures(answer)


def _how_it_was_read(answer: Answer) -> Iterator[RenderableType]:
    if answer.asked_as:
        yield Text(f"Asked as: {safe(answer.asked_as)}", style="dim")
    for search in answer.searches:
        yield Text(f"Also searched: {safe(search_words(search))}", style="dim")
    if answer.filters:
        yield Text(f"Only articles {filter_words(answer.filters)}", style="dim")


def filter_words(within: Filter) -> str:
    """Say in words which articles were allowed."""
    words = []
    if within.since:
        words.append(f"since {within.since}")
    if within.until:
        words.append(f"until {within.until}")
    if within.publishers:
        words.append("from " + ", ".join(map(safe, within.publishers)))
    if within.authors:
        words.append("by " + ", ".join(map(safe, within.authors)))
    if within.collections:
        words.append("of " + ", ".join(map(safe, within.collections)))
    if within.without:
        words.append("without " + ", ".join(map(safe, within.without)))
    if within.entities:
        words.append("that name " + " and ".join(map(safe, within.entities)))
    return " ".join(words)


def _declined(answer: Answer) -> Iterator[RenderableType]:
    reason = safe(answer.reason) or "the archive does not hold an answer"
    yield Text.assemble(("No answer: ", "bold yellow"), reason)
    if answer.closest:
        yield Text()
        yield Text("What the articles say that comes closest:", style="bold")
        for citation in answer.closest:
            yield _indented(Text(f"“{safe(' '.join(citation.quote.split()))}”", style="green"))
            yield _indented(source_line(citation.source))


def _answered(answer: Answer) -> Iterator[RenderableType]:
    listed = tuple(event.text for event in answer.timeline)  # they follow, in a table
    prose = [s for s in answer.statements if not s.text.endswith(listed)]
    for number, (_, run) in enumerate(groupby(prose, key=lambda s: s.paragraph)):
        if number:
            yield Text()
        yield Text(" ").join(map(statement_text, run))
    if answer.reason:
        lead = "Partial" if answer.outcome == "partial" else "Note"
        yield Text.assemble((f"{lead}: ", "bold yellow"), safe(answer.reason))
    if answer.extractive:
        unused = "; no model was used" if answer.model == "none" else ""
        yield Text(f"In the sources' own words{unused}.", style="dim")
    cited = [c for s in answer.statements for c in s.citations]
    yield from _sources([*cited, *(event.citation for event in answer.timeline)])


def statement_text(statement: Statement) -> Text:
    """Return a sentence with its citation numbers and, where the check had doubts, a word."""
    line = Text(safe(statement.text))
    numbers = sorted({c.number for c in statement.citations})
    line.append("".join(f" [{n}]" if not i else f"[{n}]" for i, n in enumerate(numbers)), "cyan")
    if statement.verdict.support != "supported":
        word = "likely" if statement.verdict.support == "partly" else statement.verdict.support
        line.append(f" ({word})", style="yellow")
    return line


def _sources(citations: list[Citation]) -> Iterator[RenderableType]:
    by_number = sorted(_distinct(citations), key=lambda c: (c.number, c.span))
    for number, cited in groupby(by_number, key=lambda c: c.number):
        quotes = list(cited)
        yield Text()
        yield Text.assemble((f"[{number}] ", "cyan"), source_line(quotes[0].source))
        for citation in quotes:
            yield _indented(Text(f"“{safe(citation.quote)}”", style="green"))


def _distinct(citations: Iterable[Citation]) -> Iterable[Citation]:
    return {(c.number, c.span, c.source.article_id): c for c in citations}.values()


def _indented(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, 4), expand=False)


READABLE = 88
"""Most characters of a line of a column: what is piped, and a wide window, wrap there too."""


def _table(*headers: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for header in headers:
        table.add_column(header, max_width=READABLE)
    return table


def conflict_lines(conflicts: Iterable[Conflict]) -> Iterator[RenderableType]:
    """Lay out what sources disagree on."""
    for conflict in conflicts:
        yield Text()
        yield Text(f"Sources differ: {conflict.kind}", style="bold yellow")
        table = _table("says", "outlet", "date", "words")
        for reading in conflict.readings:
            for citation in reading.citations:
                source = citation.source
                table.add_row(
                    Text(safe(reading.value), style="bold"),
                    Text(safe(source.publisher or "outlet unknown")),
                    Text(date_of(source.published), no_wrap=True),
                    Text(f"“{safe(citation.quote)}” [{citation.number}]"),
                )
        yield table


def timeline_lines(answer: Answer) -> Iterator[RenderableType]:
    """Lay out a course of events."""
    if not answer.timeline:
        return
    yield Text()
    yield Text("In order of time", style="bold")
    table = _table("date", "event")
    for event in answer.timeline:
        when = Text(both_days(event), no_wrap=True)
        table.add_row(when, Text(f"{safe(event.text)} [{event.citation.number}]"))
    yield table


def listing_lines(listing: Listing) -> Iterator[RenderableType]:
    """Lay out what the archive says of itself: a table, and what was counted."""
    if listing.rows:
        yield Text()
        table = _table(*listing.columns, "article" if len(listing.rows[0].articles) == 1 else "")
        for row in listing.rows:
            name = row.articles[0] if len(row.articles) == 1 else ""
            table.add_row(*(Text(safe(c)) for c in row.cells), Text(safe(name), style="dim"))
        yield table
    if (left := listing.total - len(listing.rows)) > 0:
        yield Text(f"and {left:,} more")
    yield Text(safe(listing.counted), style="dim")


def _coverage(answer: Answer) -> Iterator[RenderableType]:
    if answer.nearest:
        yield Text()
        yield Text("Closest in the archive:", style="bold")
        for source in answer.nearest:
            line = Text.assemble("- ", source_line(source))
            yield line.append(f" ({safe(source.article_id)})", style="dim")
    if answer.coverage:
        yield Text(coverage_words(answer.coverage), style="dim")


def coverage_words(coverage: Coverage) -> str:
    """Say how many articles there are and which days they span."""
    words = f"The archive holds {coverage.articles} article{'' if coverage.articles == 1 else 's'}"
    if coverage.earliest and coverage.latest:
        words += f" published from {coverage.earliest} to {coverage.latest}"
    return words + (f", {coverage.undated} without a date." if coverage.undated else ".")


def _dropped(answer: Answer) -> Iterator[RenderableType]:
    # Without a model, what is left out are true sentences that are beside the point.
    if not answer.dropped or answer.model == "none":
        return
    yield Text()
    yield Text("Written by the model but removed by the check:", style="dim")
    for statement in answer.dropped:
        why = "; ".join(map(safe, statement.verdict.reasons)) or statement.verdict.support
        yield Text(f"- {safe(statement.text)} ({why})", style="dim")


def _figures(answer: Answer) -> Text:
    timings, tokens = answer.timings, answer.tokens
    parts = [f"model {safe(answer.model)}"]
    if answer.judge == "rules" and answer.listing is None:
        parts.append("judged by rules alone")
    if timings.first_evidence is not None:
        parts.append(f"first evidence {timings.first_evidence:.2f} s")
    if timings.first_token is not None:
        parts.append(f"first word {timings.first_token:.1f} s")
    parts.append(f"total {timings.total:.1f} s")
    if tokens.prompt:
        parts.append(
            f"{tokens.prompt} tokens read ({tokens.cached} cached), {tokens.generated} written"
        )
    parts += map(safe, means(answer))
    return Text(" · ".join(parts), style="dim")
