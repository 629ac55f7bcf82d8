"""`dateline edit`: day, outlet, title and authors of articles, stated by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands import common

if TYPE_CHECKING:
    from rag.archive.edits import Edits
    from rag.settings import Settings

SHOWN = 20
"""Articles that are listed."""

PublishedOption = Annotated[
    str | None,
    typer.Option("--published", metavar="DAY", help="Day of publication, with an hour or without."),
]
OutletOption = Annotated[str | None, typer.Option("--outlet", metavar="NAME")]
TitleOption = Annotated[str | None, typer.Option("--title", metavar="WORDS")]
AuthorOption = Annotated[
    list[str] | None, typer.Option("--author", metavar="NAME", help="May be repeated.")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")]


def edit(  # noqa: PLR0913 - a parameter for each option, as typer has it
    article_ids: common.IdsArgument = None,
    *,
    archive: common.ArchiveOption = None,
    where: common.WhereOption = None,
    published: PublishedOption = None,
    outlet: OutletOption = None,
    title: TitleOption = None,
    author: AuthorOption = None,
    dry_run: DryRunOption = False,
    json: common.JsonOption = False,
) -> None:
    """State by hand what the sources of articles do not; "unknown" takes a value away.

    It holds for what is read of the same article later too, and the texts stay as they are.
    """
    from rag.maintenance.edit import stated

    edits = stated(published=published, outlet=outlet, title=title, authors=author)
    if not edits:
        raise typer.BadParameter("say what to state: --published, --outlet, --title or --author")
    if not article_ids and not where:
        raise typer.BadParameter("name articles, or choose them: --where publisher=unknown")
    settings = common.configure(archive=archive)
    ids = _chosen(settings, article_ids or [], where or [], quiet=json)
    changed = _edit(settings, ids, edits) if ids and not dry_run else 0
    if json:
        common.emit({"chosen": ids, "edited": changed})
    elif dry_run:
        common.write(f"{common.counted(len(ids), 'article')} would be edited")
    else:
        common.write(f"{common.counted(changed, 'article')} edited")


def _chosen(settings: Settings, ids: list[str], where: list[str], *, quiet: bool) -> list[str]:
    from rag.archive.archive import Archive
    from rag.maintenance.edit import chosen
    from ui.commands.articles import line_of

    with Archive.open(settings.archive) as store:
        found = chosen(store, ids, where)
        for article_id in () if quiet else found[:SHOWN]:
            common.write(line_of(store.article(article_id)))
    if not quiet and len(found) > SHOWN:
        common.write(f"... and {len(found) - SHOWN} more")
    return found


def _edit(settings: Settings, ids: list[str], edits: Edits) -> int:
    from rag.archive.archive import Archive
    from rag.maintenance.edit import edit as change
    from rag.models.embed import load

    with Archive.create(settings.archive) as store:
        return change(store, load(settings.embed), settings.embed.batch, ids, edits)
