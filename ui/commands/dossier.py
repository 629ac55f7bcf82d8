"""`dateline dossier`, `claims` and `timeline`: what the archive has of a topic, without a model."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands import common
from ui.commands.ask import chosen_filter, exit_code, opened
from ui.commands.entities import up_to_date

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from rich.console import RenderableType

    from rag.answer.claims import Claim
    from rag.answer.dossier import Dossier
    from rag.answer.pipeline import NewsQA
    from rag.types import Filter

TopicArgument = Annotated[str, typer.Argument(help="A name, a topic, or a question, in quotes.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What is asked for, and of which articles."""

    text: str
    archive: Path | None
    json: bool
    as_of: date | None
    within: Filter | None


def _asked(told: Callable[[Topic], int], name: str) -> Callable[..., int]:
    """Return a command with the options that all that is told of a topic shares."""

    def command(  # noqa: PLR0913 - a parameter for each option, as typer has it
        topic: TopicArgument,
        *,
        archive: common.ArchiveOption = None,
        json: common.JsonOption = False,
        as_of: common.AsOfOption = None,
        since: common.SinceOption = None,
        until: common.UntilOption = None,
        publisher: common.PublisherOption = None,
        collection: common.CollectionOption = None,
    ) -> int:
        within = chosen_filter(since, until, publisher, collection)
        return told(Topic(text=topic, archive=archive, json=json, as_of=as_of, within=within))

    command.__name__, command.__doc__ = name, told.__doc__
    return command


def _dossier(topic: Topic) -> int:
    """Say all that the archive has of a topic: counts, key sentences, people, what is disputed."""
    from rag.answer.dossier import dossier as sheet_of
    from rag.answer.dossier import dossier_json

    with _machine(topic.archive, watch=not topic.json, named=True) as qa:
        sheet = sheet_of(topic.text, qa, filters=topic.within, as_of=topic.as_of)
    if topic.json:
        common.emit(dossier_json(sheet))
    else:
        from ui.terminal import console

        out = console(sys.stdout)
        for part in _sheet(sheet):
            out.print(part)
    return 0 if sheet.articles else common.DECLINED


def _timeline(topic: Topic) -> int:
    """Tell what happened in order, one cited sentence for each event; no model is asked."""
    with _machine(topic.archive, watch=not topic.json) as qa:
        answer = qa.timeline(topic.text, filters=topic.within, as_of=topic.as_of)
    if topic.json:
        from rag.record import to_json

        common.emit(to_json(answer))
    else:
        from ui.terminal import console, show

        show(console(sys.stdout), answer)
    return exit_code(answer)


dossier = _asked(_dossier, "dossier")
timeline = _asked(_timeline, "timeline")


def claims(  # noqa: PLR0913 - a parameter for each option, as typer has it
    topic: TopicArgument,
    *,
    archive: common.ArchiveOption = None,
    json: common.JsonOption = False,
    csv: Annotated[bool, typer.Option("--csv", help="Write CSV.")] = False,
    as_of: common.AsOfOption = None,
    since: common.SinceOption = None,
    until: common.UntilOption = None,
    publisher: common.PublisherOption = None,
    collection: common.CollectionOption = None,
) -> int:
    """List the figures that reports give on a topic: who says what, when, in which words."""
    if json and csv:
        raise typer.BadParameter("give either --json or --csv")
    from rag.answer.claims import as_csv, claim_json
    from rag.answer.claims import claims as ledger

    within = chosen_filter(since, until, publisher, collection)
    with _machine(archive, watch=not (json or csv)) as qa:
        found = ledger(topic, qa, filters=within, as_of=as_of)
    if csv:
        common.write(as_csv(found).rstrip("\n"))
    elif json:
        for claim in found:
            common.emit(claim_json(claim))
    else:
        _show(found)
    return 0 if found else common.DECLINED


@contextmanager
def _machine(archive: Path | None, *, watch: bool, named: bool = False) -> Iterator[NewsQA]:
    """Open an archive without a model; `named` reads the names that an older program left out."""
    settings = common.configure(archive=archive, llm="none")
    if named:
        up_to_date(settings)
    with opened(settings, watch=watch) as qa:
        yield qa


def _show(found: list[Claim]) -> None:
    from rich.table import Table
    from rich.text import Text

    from rag.answer.claims import spoken
    from ui.terminal import console, date_of, safe

    out = console(sys.stdout)
    if not found:
        out.print(Text("No report gives a figure on this."))
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("said", "who", "what", "value", "holds for", "outlet", "article"):
        table.add_column(column, max_width=32)
    for c in found:
        outlet = c.source.publisher or "outlet unknown"
        holds = spoken(c)
        cells = (date_of(c.said), c.who, c.what, c.value, holds, outlet, c.source.article_id)
        table.add_row(*(Text(safe(cell)) for cell in cells))
    out.print(table)


def _sheet(sheet: Dossier) -> Iterator[RenderableType]:
    from rich.text import Text

    from rag.types import Answer
    from ui.terminal import conflict_lines, safe, source_line, timeline_lines

    count = f"{sheet.articles:,} article{'' if sheet.articles == 1 else 's'}"
    yield Text(f"{safe(sheet.topic)}: {count}", style="bold")
    yield Text(safe(sheet.counted), style="dim")
    if not sheet.articles:
        yield Text("No article speaks of this. What the archive has: dateline entities")
    if sheet.first is not None and sheet.latest is not None:
        yield Text("first   ").append(source_line(sheet.first))
        yield Text("latest  ").append(source_line(sheet.latest))
        yield Text("by month: " + ", ".join(f"{m:%Y-%m} {n}" for m, n in sheet.months))
    if sheet.outlets:
        yield Text("by outlet: " + ", ".join(f"{safe(name)} {n}" for name, n in sheet.outlets))
    yield from timeline_lines(
        Answer(question=sheet.topic, outcome="answered", reason="", timeline=sheet.key)
    )
    for kind, many in (
        ("person", "people"),
        ("organisation", "organisations"),
        ("place", "places"),
    ):
        some = [f"{safe(e.name)} ({e.articles})" for e in sheet.named if e.kind == kind]
        if some:
            yield Text(f"\n{many}: " + ", ".join(some))
    yield from conflict_lines(sheet.conflicts)
    yield from _cited(sheet)
    if sheet.questions:
        yield Text("\nAsk, for example:", style="bold")
        yield from (Text(f"- {safe(question)}") for question in sheet.questions)


def _cited(sheet: Dossier) -> Iterator[RenderableType]:
    """Yield a line for each number that stands behind a quote."""
    from rich.text import Text

    from ui.terminal import date_of, safe

    readings = (c for conflict in sheet.conflicts for r in conflict.readings for c in r.citations)
    cited = {c.number: c.source for c in (*(event.citation for event in sheet.key), *readings)}
    if cited:
        yield Text()
    for number, source in sorted(cited.items()):
        where = f"{safe(source.publisher or 'outlet unknown')}, {date_of(source.published)}"
        yield Text(f"[{number}] {where} · {safe(source.article_id)}", style="dim")
