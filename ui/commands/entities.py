"""`dateline entities`: who and what the articles name; telling apart who was taken for another."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ui.commands import common
from ui.commands.common import counted

if TYPE_CHECKING:
    from rag.archive.archive import Archive
    from rag.archive.entities import Named
    from rag.settings import Settings

Kind = Literal["person", "organisation", "place"]


def entities(  # noqa: PLR0913 - a parameter for each option, as typer has it
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME] | split NAME ARTICLE...",
            help="Words of a name; or `split`, a name, and the articles that mean somebody else.",
            show_default=False,
        ),
    ] = None,
    *,
    archive: common.ArchiveOption = None,
    json: common.JsonOption = False,
    kind: Annotated[Kind | None, typer.Option("--kind", help="Only these.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 30,
    since: common.SinceOption = None,
    until: common.UntilOption = None,
    publisher: common.PublisherOption = None,
    apart: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="With split: whom they mean.")
    ] = None,
    form: Annotated[
        str,
        typer.Option("--form", metavar="WORDS", help="With split: only where it is named so."),
    ] = "",
) -> None:
    """List people, organisations and places that articles name, or tell two of one name apart."""
    settings = common.configure(archive=archive)
    said = words or []
    if said[:1] == ["split"]:
        _split(settings, said[1:], apart or "", form, json=json)
        return
    if apart or form:
        raise typer.BadParameter("--as and --form go with: dateline entities split NAME ARTICLE...")
    from rag.archive.archive import Archive
    from ui.commands.ask import chosen_filter

    within = chosen_filter(since, until, publisher)
    up_to_date(settings)
    with Archive.open(settings.archive) as store:
        found, total = store.entities(
            like=" ".join(said), kind=kind, within=within, limit=limit, offset=0
        )
        for entity in found:
            common.emit(asdict(entity)) if json else common.write(_line(entity))
        if not json:
            _closing(store, found, total)


def _line(entity: Named) -> str:
    from ui.terminal import safe

    articles, mentions = counted(entity.articles, "article"), counted(entity.mentions, "mention")
    return f"{safe(entity.name)}  {entity.kind}, {articles}, {mentions}"


def _closing(store: Archive, found: list[Named], total: int) -> None:
    if len(found) == 1:
        _articles(store, found[0].name)
    elif not found:
        common.write("no such name in the articles")
    elif total > len(found):
        common.write(f"and {total - len(found):,} more; --limit shows them")


def _articles(store: Archive, name: str) -> None:
    """List the articles that name the one entity that was found."""
    from rag.types import Filter
    from ui.commands.articles import line_of

    within = store.allowed(Filter(entities=(name,))) or set()
    for article in store.articles():
        if article.id in within:
            common.write(f"  {line_of(article)}")


def up_to_date(settings: Settings) -> None:
    """Read what an older program stored without its entities, where nobody else writes."""
    from rag.ingest.naming import catch_up

    while catch_up(settings.archive):
        pass


def _split(settings: Settings, said: list[str], apart: str, form: str, *, json: bool) -> None:
    from rag.archive.archive import Archive
    from rag.errors import NotFound
    from rag.ingest.naming import name_pending

    if len(said) < 2 or not apart.strip():
        raise typer.BadParameter("write: dateline entities split NAME ARTICLE... --as OTHER-NAME")
    name, ids = said[0], said[1:]
    with Archive.create(settings.archive) as store:
        for article_id in ids:
            if not store.has(article_id):
                raise NotFound(f"there is no article {article_id!r}; nothing was changed")
        name_pending(store)
        moved = store.split_entity(name, ids, " ".join(apart.split()), form)
    if not moved:
        raise NotFound(f"none of these articles names {name!r}; see: dateline entities {name!r}")
    if json:
        common.emit({"name": name, "as": apart, "moved": moved})
    else:
        stands = "stands" if moved == 1 else "stand"
        common.write(f"{counted(moved, 'form')} of {name} now {stands} for {apart}")
