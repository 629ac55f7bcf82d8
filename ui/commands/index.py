"""`dateline index` and `dateline reclean`: articles into the archive, and read again from it."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands import common, reports
from ui.commands.watching import tell_of

if TYPE_CHECKING:
    from rag.ingest.run import FileReport, Item, OnProgress
    from rag.ingest.sources.reading import Given
    from rag.models.embed import Embedder
    from rag.settings import EmbedSettings, Settings

# `dateline index --watch`: looks at folders again and again, and reads what came or changed.
Stamp = tuple[int, int]
"""Time of the last change in nanoseconds, and size."""


class Watched:
    """Remembers how files in some folders looked when they were last read."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Take the files as they are now for read."""
        self.folders = folders
        self._before = dict(self._stamps())
        self._read = dict(self._before)

    def changed(self) -> list[Path]:
        """Return the files that are new or changed, and no longer being written.

        A file counts when it looks as it did at the last call, so one that is still growing waits.
        """
        now = dict(self._stamps())
        ready = [
            path
            for path, stamp in now.items()
            if self._before.get(path) == stamp and self._read.get(path) != stamp
        ]
        self._before = now
        return ready

    def done(self, paths: Sequence[Path]) -> None:
        """Note that these have been read as they last looked."""
        self._read |= {path: self._before[path] for path in paths}

    def _stamps(self) -> Iterator[tuple[Path, Stamp]]:
        from rag.errors import SourceError
        from rag.ingest.sources.reading import find

        for folder in self.folders:
            try:
                for path in find([folder]):
                    stat = path.stat()
                    yield path, (stat.st_mtime_ns, stat.st_size)
            except (OSError, SourceError):
                continue  # It is gone, or not mounted at the moment; it may come back.


def watch(watched: Watched, read: Callable[[list[Path]], None], seconds: float) -> None:
    """Call `read` with the files that came or changed, until Ctrl-C.

    What goes wrong with one pass is told, and the same files are tried again at the next.
    """
    from rag.errors import DatelineError
    from ui.terminal import safe

    try:
        sys.stderr.write(f"Watching {', '.join(map(str, watched.folders))}; Ctrl-C ends it.\n")
        while True:
            time.sleep(seconds)
            paths = watched.changed()
            try:
                if paths:
                    read(paths)
            except (DatelineError, OSError) as error:
                sys.stderr.write(f"dateline: {safe(str(error))} (trying again)\n")
            else:
                watched.done(paths)
    except KeyboardInterrupt:
        return


STDIN_BYTES = 50_000_000
"""Most bytes that are read from standard input."""

PathsArgument = Annotated[
    list[str],
    typer.Argument(
        help="Files and folders of articles, addresses (https://...), - for standard input.",
        metavar="PATH...",
    ),
]
MapOption = Annotated[
    str | None,
    typer.Option(
        "--map",
        metavar="text=body,date=when",
        help="For JSON lines and CSV: which of their fields is ours (title, text, ...).",
    ),
]
LinksOption = Annotated[
    int | None,
    typer.Option(
        "--links",
        min=0,
        metavar="N",
        help="Fetch up to N pages that feeds and sitemaps only name.",
        show_default="0: they are listed",
    ),
]
WatchOption = Annotated[
    bool, typer.Option("--watch", help="Keep looking at the folders until Ctrl-C.")
]
CollectionOption = Annotated[
    str | None,
    typer.Option(
        "--collection",
        metavar="NAME",
        help="Put all that is read into this collection, which is made if need be.",
        show_default=False,
    ),
]
EveryOption = Annotated[
    float, typer.Option("--every", min=0.1, metavar="SECONDS", help="How often --watch looks.")
]


def index(  # noqa: PLR0913 - a parameter for each option, as typer has it
    paths: PathsArgument,
    *,
    archive: common.ArchiveOption = None,
    json: common.JsonOption = False,
    mapping: MapOption = None,
    links: LinksOption = None,
    watching: WatchOption = False,
    every: EveryOption = 5.0,
    collection: CollectionOption = None,
) -> int:
    """Read articles into the archive; what is unchanged costs nothing.

    Every file is accounted for: one that fails, or that no reader takes, is reported and the
    others go on. With --json one object for each file, and at last the totals.
    """
    settings = common.configure(archive=archive, links=links)
    ours = parse_mapping(mapping)
    read_in = partial(_read_in, settings, _collection(settings, collection))
    watched = Watched([Path(path) for path in paths]) if watching else None
    totals = read_in(_items(paths), ours, json=json)
    if not json:
        _tell_unknown(settings)
    if watched:

        def again(found: list[Path]) -> None:
            totals.update(read_in(found, ours, json=json))
            tell_of(settings, json=json)

        watch(watched, again, every)
    return common.SOME_FAILED if totals["failed"] or totals["unread"] else 0


def _tell_unknown(settings: Settings) -> None:
    """Say how many articles lack a day or an outlet, and how to find them."""
    from rag.archive.archive import Archive

    with Archive.open(settings.archive) as store:
        undated, nameless = store.lacking()
    lacks = [(undated, "no date", "--undated"), (nameless, "no outlet", "--no-outlet")]
    told = [
        (f"{common.counted(n, 'article')} {'has' if n == 1 else 'have'} {what}", option)
        for n, what, option in lacks
        if n
    ]
    for words, option in told:
        common.write(f"{words}: dateline list {option}; to state it: dateline edit")


def reclean(*, archive: common.ArchiveOption = None, json: common.JsonOption = False) -> int:
    """Read the kept originals of all articles again, as this version of the program reads them.

    What comes out otherwise than it is stored becomes a revision; nothing else changes.
    """
    settings = common.configure(archive=archive)

    def reading(progress: OnProgress) -> Iterator[FileReport]:
        from rag.archive.archive import Archive
        from rag.ingest.run import reread
        from rag.models.embed import load

        with Archive.open(settings.archive):
            pass  # There must be one: `create` would make it.
        with Archive.create(settings.archive) as store:
            yield from reread(store, load(settings.embed), settings, progress)

    totals = reports.show(reading, json=json)
    return common.SOME_FAILED if totals["failed"] else 0


def parse_mapping(raw: str | None) -> dict[str, str] | None:
    """Read `ours=theirs,...`."""
    if raw is None:
        return None
    pairs = [pair.partition("=") for pair in raw.split(",")]
    if not all(ours.strip() and theirs.strip() for ours, _, theirs in pairs):
        raise typer.BadParameter(f"--map {raw!r} does not look like text=body,date=when")
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}


def _collection(settings: Settings, name: str | None) -> str:
    """Return the id of a collection, which is made if need be; empty for none."""
    if name is None:
        return ""
    from rag.archive.archive import Archive
    from rag.archive.collections import Collections

    Archive.create(settings.archive).close()
    with Collections.open(settings.archive) as kept:
        kept.add(name, [])
        return kept.id_of(name)


def _read_in(
    settings: Settings,
    collection: str,
    items: Sequence[Item],
    mapping: dict[str, str] | None,
    *,
    json: bool,
) -> Counter[str]:
    def reading(progress: OnProgress) -> Iterator[FileReport]:
        from rag.archive.archive import Archive
        from rag.ingest.run import ingest

        with Archive.create(settings.archive) as store:
            embedder = _embedder(settings.embed)
            yield from ingest(
                store,
                embedder,
                items,
                settings,
                mapping=mapping,
                fetch=_fetch,
                progress=progress,
                collection=collection,
            )

    return reports.show(reading, json=json)


@cache
def _embedder(settings: EmbedSettings) -> Embedder:
    """Return the model, which is loaded once however often a folder is looked at."""
    from rag.models.embed import load

    return load(settings)


def _items(paths: Sequence[str]) -> list[Item]:
    """Return what was named: files and folders, addresses, or what is piped in."""
    from rag.ingest.sources.reading import Link, is_address

    items: list[Item] = []
    for path in paths:
        if path == "-":
            items.append(_piped())
        elif is_address(path):
            items.append(Link(origin=path, url=path))
        else:
            items.append(Path(path))
    return items


def _piped() -> Given:
    from rag.errors import SourceError
    from rag.ingest.sources.formats import from_bytes

    data = sys.stdin.buffer.read(STDIN_BYTES + 1)
    if len(data) > STDIN_BYTES:
        raise SourceError(
            f"standard input: over {STDIN_BYTES / 1e6:.0f} MB; name the file instead of piping it"
        )
    # Numbered like a record of many: another text that is piped in is another article.
    return from_bytes(data, "standard input:1")


def _fetch(url: str) -> Given:
    from rag.ingest.sources.web import Web

    return Web().fetch(url)
