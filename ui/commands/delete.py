"""`dateline delete`: articles out of the archive for good, chosen by id, outlet or day."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from rag.errors import NotFound
from ui.commands import common

if TYPE_CHECKING:
    from rag.archive.archive import Archive
    from rag.settings import Settings
    from rag.types import Filter

SHOWN = 20
"""Articles that are listed before the question whether to delete them."""

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def delete(  # noqa: PLR0913 - a parameter for each option, as typer has it
    article_ids: common.IdsArgument = None,
    *,
    archive: common.ArchiveOption = None,
    publisher: common.PublisherOption = None,
    since: common.SinceOption = None,
    until: common.UntilOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    json: common.JsonOption = False,
) -> None:
    """Delete articles with all their revisions, vectors and words, also from the files' bytes.

    Name them, or choose them by outlet and days of publication (those without a date are not
    chosen by days). Exact copies of their text in other articles stay.
    """
    from rag.types import Filter

    within = Filter(since=since, until=until, publishers=tuple(publisher or ()))
    if bool(article_ids) == bool(within):
        raise typer.BadParameter("name articles, or choose them by --publisher, --since, --until")
    settings = common.configure(archive=archive)
    chosen = _chosen(settings, article_ids or [], within, quiet=json)
    gone = 0
    if chosen and not dry_run:
        if not yes:
            _ask(len(chosen))
        gone = _delete(settings, chosen)
    if json:
        common.emit({"chosen": chosen, "deleted": gone})
    elif dry_run:
        common.write(f"{common.counted(len(chosen), 'article')} would be deleted")
    else:
        common.write(f"{common.counted(gone, 'article')} deleted")


def _chosen(settings: Settings, ids: list[str], within: Filter, *, quiet: bool) -> list[str]:
    from rag.archive.archive import Archive

    with Archive.open(settings.archive) as store, store.snapshot():
        chosen = sorted(store.allowed(within) or ()) if within else list(dict.fromkeys(ids))
        for number, article_id in enumerate(chosen):
            if not quiet and number < SHOWN:
                _show(store, article_id)
            elif ids and not store.has(article_id):
                raise NotFound(f"there is no article {article_id!r}; nothing was deleted")
    if not quiet and len(chosen) > SHOWN:
        common.write(f"... and {len(chosen) - SHOWN} more")
    return chosen


def _show(store: Archive, article_id: str) -> None:
    from ui.terminal import date_of, safe

    article = store.article(article_id)
    outlet, title = safe(article.publisher or "outlet unknown"), safe(article.title or "untitled")
    common.write(f"{safe(article.id)}  {date_of(article.published):12}  {outlet} · {title}")


def _ask(count: int) -> None:
    """Ask the person at the terminal; away from one, nobody has agreed."""
    if not sys.stdin.isatty():
        raise typer.BadParameter("nobody can be asked here; say --yes to delete")
    typer.confirm(f"Delete {common.counted(count, 'article')} for good?", abort=True, err=True)


def _delete(settings: Settings, chosen: list[str]) -> int:
    from rag.archive.archive import Archive
    from rag.archive.erase import erase
    from rag.ingest.run import embed_pending

    with Archive.create(settings.archive) as store:
        gone = erase(store, chosen)
        if store.pending(store.fingerprint):
            # An exact copy with another title has taken the place of an article that went.
            from rag.models.embed import load

            embed_pending(store, load(settings.embed), settings.embed.batch)
            from rag.archive.indexes import open_index

            open_index(store).close()
    return gone
