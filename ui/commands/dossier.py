"""`dateline dossier` and `dateline claims`: what the archive has of a topic, without a model."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands import common
from ui.commands.ask import chosen_filter, opened
from ui.commands.entities import up_to_date

if TYPE_CHECKING:
    from rich.console import RenderableType

    from rag.answer.claims import Claim
    from rag.answer.dossier import Dossier

TopicArgument = Annotated[str, typer.Argument(help="A name, a topic, or a question, in quotes.")]


def dossier(
    topic: TopicArgument,
    *,
    archive: common.ArchiveOption = None,
    json: common.JsonOption = False,
    as_of: common.AsOfOption = None,
    since: common.SinceOption = None,
    until: common.UntilOption = None,
    publisher: common.PublisherOption = None,
) -> int:
    """Say all that the archive has of a topic: counts, key sentences, people, what is disputed."""
    settings = common.configure(archive=archive, llm="none")
    within = chosen_filter(since, until, publisher)
    from rag.answer.dossier import dossier as sheet_of
    from rag.answer.dossier import dossier_json

    up_to_date(settings)
    with opened(settings, watch=not json) as qa:
        sheet = sheet_of(topic, qa, filters=within, as_of=as_of)
    if json:
        common.emit(dossier_json(sheet))
    else:
        from ui.terminal import console

        out = console(sys.stdout)
        for part in _sheet(sheet):
            out.print(part)
    return 0 if sheet.articles else common.DECLINED


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
) -> int:
    """List the figures that reports give on a topic: who says what, when, in which words."""
    if json and csv:
        raise typer.BadParameter("give either --json or --csv")
    settings = common.configure(archive=archive, llm="none")
    within = chosen_filter(since, until, publisher)
    from rag.answer.claims import as_csv, claim_json
    from rag.answer.claims import claims as ledger

    with opened(settings, watch=not (json or csv)) as qa:
        found = ledger(topic, qa, filters=within, as_of=as_of)
    if csv:
        common.write(as_csv(found).rstrip("\n"))
    elif json:
        for claim in found:
            common.emit(claim_json(claim))
    else:
        _show(found)
    return 0 if found else common.DECLINED


def _show(found: list[Claim]) -> None:
    from rich.table import Table
    from rich.text import Text

    from ui.terminal import console, date_of, safe

    out = console(sys.stdout)
    if not found:
        out.print(Text("No report gives a figure on this."))
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("said", "who", "value", "what", "outlet", "article"):
        table.add_column(column, max_width=40)
    for c in found:
        outlet = c.source.publisher or "outlet unknown"
        cells = (date_of(c.said), c.who, c.value, c.what, outlet, c.source.article_id)
        table.add_row(*(Text(safe(cell)) for cell in cells))
    out.print(table)


def _sheet(sheet: Dossier) -> Iterator[RenderableType]:
    from rich.text import Text

    from rag.types import Answer
    from ui.terminal import conflict_lines, date_of, safe, source_line, timeline_lines

    count = f"{sheet.articles:,} article{'' if sheet.articles == 1 else 's'}"
    yield Text(f"{safe(sheet.topic)}: {count}", style="bold")
    yield Text(safe(sheet.counted), style="dim")
    if sheet.first is not None and sheet.latest is not None:
        yield Text("first   ").append(source_line(sheet.first))
        yield Text("latest  ").append(source_line(sheet.latest))
        yield Text("by month: " + ", ".join(f"{m:%Y-%m} {n}" for m, n in sheet.months))
    if sheet.outlets:
        yield Text("by outlet: " + ", ".join(f"{safe(name)} {n}" for name, n in sheet.outlets))
    yield from timeline_lines(
        Answer(question=sheet.topic, outcome="answered", reason="", timeline=sheet.key)
    )
    for event in sheet.key:
        source = event.citation.source
        where = f"{safe(source.publisher or 'outlet unknown')}, {date_of(source.published)}"
        yield Text(f"[{event.citation.number}] {where} · {safe(source.article_id)}", style="dim")
    for kind in ("person", "organisation", "place"):
        some = [f"{safe(e.name)} ({e.articles})" for e in sheet.named if e.kind == kind]
        if some:
            yield Text(f"\n{kind}s: " + ", ".join(some))
    yield from conflict_lines(sheet.conflicts)
    if sheet.questions:
        yield Text("\nAsk, for example:", style="bold")
        yield from (Text(f"- {safe(question)}") for question in sheet.questions)
