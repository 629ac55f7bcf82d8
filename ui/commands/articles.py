"""`dateline show`, `list` and `stats`: what the archive holds."""

from __future__ import annotations

import sys
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.commands import common
from ui.commands.common import counted

if TYPE_CHECKING:
    from rag.types import Article, Source

DigestOption = Annotated[
    str | None,
    typer.Option("--digest", metavar="HEX", help="An earlier revision, by its full digest."),
]
DiffOption = Annotated[
    bool,
    typer.Option("--diff", help="What changed since the revision before, or that of --digest."),
]
UndatedOption = Annotated[
    bool, typer.Option("--undated", help="Only those whose day of publication is unknown.")
]
NoOutletOption = Annotated[
    bool, typer.Option("--no-outlet", help="Only those whose outlet is unknown.")
]
LimitOption = Annotated[
    int | None, typer.Option("--limit", min=1, help="At most so many.", show_default="all")
]


def show(
    article_id: Annotated[str, typer.Argument(help="As `list` and citations name it.")],
    *,
    archive: common.ArchiveOption = None,
    json: common.JsonOption = False,
    digest: DigestOption = None,
    diff: DiffOption = False,
) -> None:
    """Print a stored article; citations' start and end count characters of its text."""
    settings = common.configure(archive=archive)
    from rag.archive.archive import Archive

    with Archive.open(settings.archive) as store:
        article = store.article(article_id, None if diff else digest)
        copies = store.copies(article_id)
        revisions = store.revisions(article_id)
        old = store.article(article_id, digest or _before(revisions, article)) if diff else None
    if old is not None:
        _show_diff(old, article, json=json)
    elif json:
        ids = [source.article_id for source in copies]
        common.emit(article_record(article) | {"copies": ids, "revisions": revisions})
    else:
        _print_article(article, copies, revisions)


def list_articles(
    *,
    archive: common.ArchiveOption = None,
    json: common.JsonOption = False,
    limit: LimitOption = None,
    undated: UndatedOption = False,
    no_outlet: NoOutletOption = False,
) -> None:
    """List the articles, newest first, undated last; with --json one object a line."""
    settings = common.configure(archive=archive)
    from rag.archive.archive import Archive

    with Archive.open(settings.archive) as store:
        found = (
            article
            for article in store.articles(limit=None if undated or no_outlet else limit)
            if not (undated and article.published) and not (no_outlet and article.publisher)
        )
        for article in islice(found, limit):
            if json:
                record = article_record(article)
                del record["text"]
                common.emit(record)
            else:
                common.write(line_of(article))


def line_of(article: Article) -> str:
    """Return an article as a line of a list: id, day, outlet and title."""
    from ui.terminal import date_of, safe

    outlet = safe(article.publisher or "outlet unknown")
    title = safe(article.title or "untitled")
    mark = "  (withdrawn)" if article.withdrawn else ""
    return f"{safe(article.id)}  {date_of(article.published):12}  {outlet} · {title}{mark}"


def stats(*, archive: common.ArchiveOption = None, json: common.JsonOption = False) -> None:
    """Say how much the archive holds, which days it covers, and what it takes on the disk."""
    settings = common.configure(archive=archive)
    from rag.archive.archive import Archive
    from rag.maintenance.inventory import take
    from rag.settings import shown
    from ui.terminal import coverage_words

    with Archive.open(settings.archive) as store:
        held, coverage = take(store), store.coverage()
    if json:
        from rag.record import iso

        days = {"earliest": iso(coverage.earliest), "latest": iso(coverage.latest)}
        common.emit({"archive": shown(settings.archive)} | asdict(coverage) | days | asdict(held))
        return
    common.write(coverage_words(coverage))
    common.write(
        f"{counted(held.revisions, 'text')}, earlier revisions included; "
        f"{counted(held.copies, 'article')} with the text of another; "
        f"{counted(held.passages, 'passage')}; {counted(held.outlets, 'outlet')}"
    )
    common.write(
        f"{counted(held.vectors, 'vector')} of {held.embeddings or 'no model yet'}; "
        f"index {held.index}"
    )
    common.write(
        f"{held.database / 1e6:.1f} MB of articles, {held.chroma / 1e6:.1f} MB of index, "
        f"generation {held.generation}, in {shown(settings.archive)}"
    )


def article_record(article: Article) -> dict[str, Any]:
    """Return an article as JSON: ISO dates, null for what is unknown."""
    from rag.record import iso

    moments = {name: iso(getattr(article, name)) for name in ("published", "updated", "ingested")}
    return asdict(article) | moments


def _before(revisions: list[str], article: Article) -> str:
    """Return the revision before the current one; the current one where there is no other."""
    earlier = [digest for digest in revisions if digest != article.digest]
    return earlier[-1] if earlier else article.digest


def _show_diff(old: Article, new: Article, *, json: bool) -> None:
    from rich.text import Text

    from rag.ingest.difference import changes
    from ui.terminal import console, safe

    found = changes(old.text, new.text)
    if json:
        revisions = {"id": new.id, "old": old.digest, "new": new.digest}
        common.emit(revisions | {"changes": [asdict(change) for change in found]})
        return
    out = console(sys.stdout)
    if not found:
        out.print(Text("nothing changed in the text"))
    for change in found:
        if change.old:
            out.print(Text(f"- {safe(change.old)}", style="red"))
        if change.new:
            out.print(Text(f"+ {safe(change.new)}", style="green"))
        out.print()


def _print_article(article: Article, copies: tuple[Source, ...], revisions: list[str]) -> None:
    from rich.text import Text

    from rag.search.select import source_of
    from ui.terminal import console, date_of, safe, source_line

    out = console(sys.stdout)
    out.print(source_line(source_of(article)))
    about = {
        "by": ", ".join(article.authors),
        "updated": date_of(article.updated) if article.updated else None,
        "address": article.url,
        "read from": article.origin,
        "date from": article.date_source,
        "language": article.language,
        "printed": article.printed,
        "stated by hand": ", ".join(article.edited),
        "revision": article.digest,
        "other revisions": ", ".join(d for d in revisions if d != article.digest),
    }
    for name, value in about.items():
        if value:
            out.print(Text(f"{name}: {safe(value)}", style="dim"))
    if article.withdrawn:
        said = f"This article {safe(article.withdrawn)}. It is kept for the record, never quoted."
        out.print(Text(said, style="bold red"))
    for note in article.warnings:
        out.print(Text(f"note: {safe(note)}", style="bold"))
    for copy in copies:
        line = Text("same story: ", style="dim")
        out.print(line.append(source_line(copy)).append(f" · {safe(copy.article_id)}"))
    for paragraph in article.text.split("\n"):
        out.print(Text(safe(paragraph)))
