"""`dateline watch`: questions whose answer is watched, and what changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ui.commands import common

if TYPE_CHECKING:
    from rag.archive.notices import Notice, Watch
    from rag.archive.watches import Watches
    from rag.settings import Settings
    from ui.rounds import Done

app = typer.Typer(
    help="Be told when the answer to a question changes: by an Atom feed, by mail, or by a request "
    "to an address of yours. New articles are compared when `dateline serve`, `dateline index "
    "--watch` or `dateline follow --watch` run.",
    no_args_is_help=True,
)

NameArgument = Annotated[str, typer.Argument(metavar="ID", help="As `dateline watch list` has it.")]


@app.command()
def add(  # noqa: PLR0913 - a parameter for each option, as typer has it
    question: Annotated[str, typer.Argument(help="A question, in quotes.")],
    *,
    archive: common.ArchiveOption = None,
    json: common.JsonOption = False,
    every: Annotated[
        Literal["commit", "day"],
        typer.Option("--every", help="Look whenever articles came, or once a day."),
    ] = "commit",
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="atom|MAIL|URL",
            help="atom: the feed alone; a mail address; an https address that is sent a request.",
        ),
    ] = "atom",
    since: common.SinceOption = None,
    until: common.UntilOption = None,
    publisher: common.PublisherOption = None,
) -> int:
    """Ask a question, and be told from now on when its answer changes."""
    from ui.commands.ask import chosen_filter
    from ui.watching import wish_of

    settings = common.configure(archive=archive, llm="none")
    wish = wish_of(question, every, to, chosen_filter(since, until, publisher), settings)
    with opened(settings) as watches, _machine(settings) as qa:
        from rag.watching.run import add as begin

        watch = begin(qa, watches, wish)
        token = watches.token(watch.owner)
    record = watch_record(watch) | {"secret": watch.secret or None, "feed": feed_of(token)}
    if json:
        common.emit(record)
        return 0
    _write(record)
    if watch.secret:
        common.write(f"requests are signed with {watch.secret} (shown this once)")
    common.write(f"feed: {record['feed']} of `dateline serve`")
    return 0


@app.command("list")
def list_watches(*, archive: common.ArchiveOption = None, json: common.JsonOption = False) -> int:
    """List what is watched, and the address of the feed."""
    settings = common.configure(archive=archive)
    with opened(settings) as watches:
        for watch in watches.listed():
            record = watch_record(watch)
            common.emit(record) if json else _write(record)
        if not json:
            if not watches.listed():
                common.write('nothing is watched yet; begin: dateline watch add "QUESTION"')
            common.write(f"feed: {feed_of(watches.token(''))} of `dateline serve`")
    return 0


@app.command()
def pause(name: NameArgument, *, archive: common.ArchiveOption = None) -> int:
    """Look no more at what is new for a watch."""
    with opened(common.configure(archive=archive)) as watches:
        watches.pause(name, paused=True)
    return 0


@app.command()
def resume(name: NameArgument, *, archive: common.ArchiveOption = None) -> int:
    """Look again."""
    with opened(common.configure(archive=archive)) as watches:
        watches.pause(name, paused=False)
    return 0


@app.command()
def remove(name: NameArgument, *, archive: common.ArchiveOption = None) -> int:
    """Delete a watch with its notices."""
    with opened(common.configure(archive=archive)) as watches:
        watches.remove(name)
    return 0


@app.command()
def run(*, archive: common.ArchiveOption = None, json: common.JsonOption = False) -> int:
    """Look at all watches and stored answers now, and send what waits."""
    settings = common.configure(archive=archive, llm="none")
    with opened(settings):
        done = tell_of(settings, json=json)
    if not json:
        common.write(f"{common.counted(len(done.notices) + len(done.marks), 'notice')}")
    return 0


@app.command()
def notices(
    name: Annotated[str | None, typer.Argument(metavar="[ID]", show_default=False)] = None,
    *,
    archive: common.ArchiveOption = None,
    json: common.JsonOption = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000)] = 20,
) -> int:
    """Show what changed, the newest first, with old and new quotes."""
    settings = common.configure(archive=archive)
    with opened(settings) as watches:
        if name is not None:
            watches.watch(name)
        found = watches.notices(watch=name, limit=limit)
        for notice in found:
            _tell(notice, json=json)
    if not found and not json:
        common.write("nothing changed yet")
    return 0


def tell_of(settings: Settings, *, json: bool) -> Done:
    """Look at watches and stored answers as the archive is now, and write what changed."""
    from ui.rounds import Done, tell
    from ui.terminal import safe

    with opened(settings) as watches:
        if not watches.busy():
            return Done()
        with _machine(settings) as qa:
            done = tell(settings, qa)
        for notice in done.notices:
            _tell(notice, json=json)
    for mark in () if json else done.marks:
        common.write(f"{mark.state:10} stored answer {mark.exchange}")
    for delivery in () if json else done.deliveries:
        about = f": {delivery.message}" if delivery.message else ""
        common.write(safe(f"{delivery.state:10} {delivery.channel} {delivery.target}{about}"))
    return done


def opened(settings: Settings) -> Watches:
    """Open the watches of an archive, which must exist."""
    from rag.archive.watches import Watches

    return common.opened(Watches, settings.archive)


@contextmanager
def _machine(settings: Settings) -> Iterator[Any]:
    from rag.answer.pipeline import open_qa

    quiet = settings.model_copy(update={"chat": settings.chat.model_copy(update={"llm": "none"})})
    with open_qa(quiet) as qa:
        yield qa


def feed_of(token: str) -> str:
    """Return the path of a person's feed."""
    return f"/feeds/{token}.atom"


def watch_record(watch: Watch) -> dict[str, Any]:
    """Return a watch as plain values, without its secret."""
    from ui.watching import watch_json

    return watch_json(watch)


def _write(record: dict[str, Any]) -> None:
    from ui.terminal import safe

    state = "paused" if record["paused"] else f"every {record['every']}"
    said = record["message"] or record["now"]
    common.write(safe(f"{record['id']}  {record['question']}  ({state}, to {record['to']})"))
    common.write(safe(f"    {said}"))


def _tell(notice: Notice, *, json: bool) -> None:
    from rag.watching.deliver import in_words, payload
    from ui.terminal import safe

    if json:
        common.emit(payload(notice))
        return
    common.write(f"{notice.made:%Y-%m-%d %H:%M} UTC")
    for line in in_words(notice).splitlines():
        common.write(safe(f"  {line}"))
