"""`dateline follow`: feeds, sitemaps and folders that are read again and again."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.commands import common
from ui.commands.watching import tell_of

if TYPE_CHECKING:
    from rag.archive.follows import Follow, FollowRun, Follows
    from rag.settings import Settings

LOOK = 5.0
"""Seconds between two looks at what is due."""
USUAL = 900.0
"""Seconds between two looks at a place."""
LEAST = 60.0
"""Seconds that must lie between two looks at an address."""

PlacesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PLACE...]",
        help="Addresses of feeds and sitemaps, folders and files; without any, what is followed "
        "is listed.",
        show_default=False,
    ),
]
EveryOption = Annotated[
    float | None,
    typer.Option(
        "--every",
        parser=common.parse_duration,
        metavar="TIME",
        help="How often each is looked at: 90s, 15m, 2h, 1d.",
        show_default="15m",
    ),
]


def follow(  # noqa: PLR0913 - a parameter for each option, as typer has it
    places: PlacesArgument = None,
    *,
    archive: common.ArchiveOption = None,
    json: common.JsonOption = False,
    every: EveryOption = None,
    run: Annotated[
        bool, typer.Option("--run", help="Read what is due now, or the places named, once.")
    ] = False,
    watching: Annotated[
        bool, typer.Option("--watch", help="Read each when it is due, until Ctrl-C.")
    ] = False,
    pause: Annotated[bool, typer.Option("--pause", help="Look at the places no more.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Look at them again.")] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Forget them; their articles stay.")
    ] = False,
    runs: Annotated[bool, typer.Option("--runs", help="Show what the last runs brought.")] = False,
) -> int:
    """Follow feeds, sitemaps and folders: they are read again and again, politely.

    Only what changed is fetched; robots.txt is kept, and a server that fails is asked less often.
    `dateline follow --watch`, `dateline index --watch` and `dateline serve` do the reading.
    """
    settings = common.configure(archive=archive)
    named = [_place(place) for place in places or ()]
    chosen = [
        what
        for what, wanted in (
            ("pause", pause),
            ("resume", resume),
            ("remove", remove),
            ("runs", runs),
            ("run", run or watching),
        )
        if wanted
    ]
    if len(chosen) > 1 or (chosen and chosen[0] in ("pause", "resume", "remove") and not named):
        raise typer.BadParameter("name places, and one thing to do with them")
    with opened(settings) as follows:
        match chosen:
            case []:
                _add(follows, named, every or USUAL, settings.follow.private)
                _show(_listed(follows, named), json=json)
                _tell_next(() if json else named)
            case ["runs"]:
                for place in named or [f.place for f in follows.listed()]:
                    follows.follow(place)
                    _show(map(_run_record, reversed(follows.runs(place))), json=json)
            case ["run"]:
                return _read(settings, follows, named, watching=watching, json=json)
            case [what]:
                for place in named:
                    _change(follows, what, place)
                _show(_listed(follows, () if what == "remove" else named), json=json)
    return 0


def _tell_next(places: Sequence[str]) -> None:
    """Say that a place is only noted so far, and what reads it."""
    if places:
        common.write(
            "Nothing was read for this yet. Read now: dateline follow --run; again and again: "
            "dateline follow --watch, or dateline serve."
        )


@contextmanager
def opened(settings: Settings) -> Iterator[Follows]:
    """Open what an archive follows; an archive that is not there yet is made."""
    from rag.archive.archive import Archive
    from rag.archive.follows import Follows
    from rag.errors import ArchiveMissing

    try:
        Archive.open(settings.archive).close()  # which brings its tables up to date
    except ArchiveMissing:
        Archive.create(settings.archive).close()
    with Follows.open(settings.archive) as follows:
        yield follows


def _place(raw: str) -> str:
    from rag.ingest.sources.reading import is_address

    return raw if is_address(raw) else str(Path(raw).expanduser().absolute())


def _add(follows: Follows, places: Sequence[str], every: float, private: Collection[str]) -> None:
    from rag.errors import SourceError
    from rag.ingest.sources.reading import is_address
    from rag.ingest.sources.web import refuse_private

    for place in places:
        if is_address(place):
            refuse_private(place, private)
            if every < LEAST:
                raise typer.BadParameter(f"an address is looked at every {LEAST:.0f} s at most")
        elif not Path(place).exists():
            raise SourceError(f"there is no file or folder {place!r}")
    for place in places:
        follows.add(place, round(every) or 1, datetime.now(UTC))


def _change(follows: Follows, what: str, place: str) -> None:
    if what == "remove":
        follows.remove(place)
    else:
        follows.pause(place, "by hand" if what == "pause" else "")


def _read(
    settings: Settings, follows: Follows, named: Sequence[str], *, watching: bool, json: bool
) -> int:
    """Read what is due, or what is named; the exit code says whether one failed."""
    import threading

    from ui.rounds import follower_of

    reader = follower_of(settings, follows, threading.Event())
    bad = 0
    chosen: Sequence[Follow] = [follows.follow(place) for place in named]
    if watching:
        sys.stderr.write("Reading what is followed when it is due; Ctrl-C ends it.\n")
    while True:
        read = False
        for one in chosen if named else follows.due(datetime.now(UTC)):
            done = reader.run(one)
            if done is not None:
                bad += done.outcome == "failed"
                read = read or done.outcome == "read"
                _show([_run_record(done)], json=json)
        if read:
            tell_of(settings, json=json)
        if not watching:
            return common.SOME_FAILED if bad else 0
        try:
            time.sleep(LOOK)
        except KeyboardInterrupt:
            return 0


def _listed(follows: Follows, named: Sequence[str]) -> Iterator[dict[str, Any]]:
    for one in follows.listed():
        if not named or one.place in named:
            last = next(iter(follows.runs(one.place, 1)), None)
            yield {
                "place": one.place,
                "every": one.every,
                "due": one.due.isoformat(timespec="seconds"),
                "paused": one.paused,
                "failures": one.failures,
                "last": None if last is None else _run_record(last),
            }


def _run_record(run: FollowRun) -> dict[str, Any]:
    moments = {n: getattr(run, n).isoformat(timespec="seconds") for n in ("begun", "ended")}
    return asdict(run) | moments | {"counts": dict(run.counts)}


def _show(found: Any, *, json: bool) -> None:  # noqa: ANN401 - records of either kind
    from ui.terminal import safe

    none = True
    for record in found:
        none = False
        if json:
            common.emit(record)
            continue
        common.write(safe(_line(record)))
    if none and not json:
        common.write("Nothing is followed; begin with: dateline follow https://.../feed")


def _line(record: dict[str, Any]) -> str:
    if "every" in record:
        last = record["last"]
        state = (
            f"paused: {record['paused']}" if record["paused"] else f"next {_when(record['due'])}"
        )
        came = f"; last: {_words(last)}" if last else "; not read yet"
        return f"{record['place']}  every {_time(record['every'])}, {state}{came}"
    return f"{_when(record['begun'])}  {record['place']}: {_words(record)}"


def _when(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _words(run: dict[str, Any]) -> str:
    counts = ", ".join(f"{n} {name}" for name, n in run["counts"].items())
    # The line names the place already.
    said = re.sub(rf"^{re.escape(run['place'])}:? ", "", run["message"])
    return ": ".join(filter(None, (run["outcome"], counts, said)))


def _time(seconds: int) -> str:
    for unit, name in ((86_400, "d"), (3600, "h"), (60, "m")):
        if seconds % unit == 0:
            return f"{seconds // unit}{name}"
    return f"{seconds}s"
