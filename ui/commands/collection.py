"""`dateline collection`: named sets of articles, which a question can be restricted to."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands import common

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rag.archive.collections import Collections

app = typer.Typer(help="Named sets of articles: list, fill, delete.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="The collection.", metavar="NAME")]


@app.command("list")
def list_collections(
    *, archive: common.ArchiveOption = None, json: common.JsonOption = False
) -> None:
    """List the collections and how many articles each has."""
    with _kept(archive) as kept:
        found = kept.listed()
        for one in found:
            if json:
                common.emit({"name": one.name, "articles": one.articles})
            else:
                common.write(f"{one.name}  {common.counted(one.articles, 'article')}")
        if not found and not json:
            common.write("no collection yet; make one: dateline collection add NAME ARTICLE_ID...")


@app.command()
def add(
    name: NameArgument,
    article_ids: common.IdsArgument = None,
    *,
    archive: common.ArchiveOption = None,
    where: common.WhereOption = None,
) -> None:
    """Put articles into a collection, which is made if need be; a new one may be empty."""
    if not article_ids and not where and _made(archive, name):
        fill = f"dateline index FOLDER --collection {shlex.quote(name)}"
        common.write(f"{name} is made; fill it: {fill}")
        return
    done = _changed(archive, article_ids, where, lambda kept, ids: kept.add(name, ids))
    common.write(f"{done} added")


@app.command()
def remove(
    name: NameArgument,
    article_ids: common.IdsArgument = None,
    *,
    archive: common.ArchiveOption = None,
    where: common.WhereOption = None,
) -> None:
    """Take articles out of a collection; they stay in the archive."""
    done = _changed(archive, article_ids, where, lambda kept, ids: kept.remove(name, ids))
    common.write(f"{done} taken out")


@app.command()
def delete(name: NameArgument, *, archive: common.ArchiveOption = None) -> None:
    """Delete a collection; its articles stay in the archive."""
    with _kept(archive) as kept:
        kept.delete(name)
    common.write(f"{name} deleted; its articles are still in the archive")


def _kept(archive: Path | None) -> Collections:
    from rag.archive.collections import Collections

    return common.opened(Collections, common.configure(archive=archive).archive)


def _made(archive: Path | None, name: str) -> bool:
    """Make an empty collection; returns whether there was none of this name."""
    with _kept(archive) as kept:
        if any(one.name == name for one in kept.listed()):
            return False
        kept.add(name, [])
    return True


def _changed(
    archive: Path | None,
    article_ids: list[str] | None,
    where: list[str] | None,
    change: Callable[[Collections, list[str]], int],
) -> str:
    """Change what a collection has of the articles that are named or chosen; say how many."""
    from rag.archive.archive import Archive
    from rag.maintenance.edit import chosen

    if not article_ids and not where:
        raise typer.BadParameter("name articles, or choose them: --where publisher=Reuters")
    with Archive.open(common.configure(archive=archive).archive) as store:
        ids = chosen(store, article_ids or [], where or [])
    with _kept(archive) as kept:
        return common.counted(change(kept, ids), "article")
