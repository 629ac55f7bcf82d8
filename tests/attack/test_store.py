"""Attacks on the store: killed at any moment, on a full disk, read while it is written.

How much of each: see `sizes`. docs/reliability.md is made of the lines that begin with FIGURE.
"""

import json
import os
import random
import shutil
import statistics
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from rag.ingest import run as ingest
from rag.ingest.sources import worker
from tests.attack import deeds
from tests.attack.nursery import Nursery
from tests.attack.sizes import SEED, figure, size, times
from tests.attack.states import State, States, part, shape, state_of

SECONDS = float(os.environ.get("DATELINE_SECONDS", size(60, 60, 600)))
HOUR = float(os.environ.get("DATELINE_HOUR", size(5, 60, 3600)))
ARTICLES = 24
LONG = 3600
"""Sentences of the one article that brings Chroma past the 1,000 vectors at which it persists."""


def test_what_the_nursery_replaces_in_itself_is_not_replaced_in_the_tests():
    assert ingest.Reader is worker.Reader


@pytest.fixture(scope="module")
def nursery():
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture(scope="module")
def base(nursery, tmp_path_factory) -> Path:
    """A sound archive of `ARTICLES` articles in their first revision."""
    folder = tmp_path_factory.mktemp("base")
    file = deeds.news(folder / "news.jsonl", dict.fromkeys(range(ARTICLES), 0))
    nursery("index", folder=str(folder / "archive"), file=str(file))
    return folder / "archive"


@pytest.fixture(scope="module")
def large(nursery, tmp_path_factory) -> Path:
    """A sound archive with more vectors than Chroma keeps outside its graph."""
    folder = tmp_path_factory.mktemp("large")
    deeds.news(folder / "news.jsonl", dict.fromkeys(range(4), 0))
    file = deeds.news(folder / "long.jsonl", {900: 0}, LONG)
    with (folder / "news.jsonl").open("a") as out:
        out.write(file.read_text())
    nursery("index", folder=str(folder / "archive"), file=str(folder / "news.jsonl"))
    [seen] = nursery("look", folder=str(folder / "archive"))["said"]
    assert seen["state"] == "chroma"
    assert list((folder / "archive").rglob("index_metadata.pickle"))
    return folder / "archive"


def look(nursery: Nursery, folder: Path) -> dict[int, int]:
    """Return the revision of each article as a reader sees it; all else about it was checked."""
    [said] = nursery("look", folder=str(folder))["said"]
    return {int(name[1:]): revision for name, revision in said["seen"].items()}


def together(doers: list[tuple[Nursery, str, dict]]) -> list[dict]:
    """Let each nursery do its deed at the same time, and return all that is said."""
    said: list[dict] = []

    def work(doer: Nursery, do: str, how: dict) -> None:
        said.extend(doer(do, **how)["said"])

    threads = [threading.Thread(target=work, args=each) for each in doers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


# What a deed may leave behind


class Killing:
    """One archive that is written by processes which are killed, and what it must hold."""

    def __init__(self, nursery: Nursery, folder: Path, chance: random.Random) -> None:
        self.nursery, self.folder, self.chance = nursery, folder, chance
        self.held = look(nursery, folder)
        self.killed = self.acknowledged = 0
        self.seconds = 0.0
        """How long the last one took."""
        self.usual = dict.fromkeys(["index", "re-index", "delete", "rebuild"], 1.0)
        """Seconds that each takes if it is let."""

    def index(self, wanted: dict[int, int], **how) -> None:
        """Index these revisions; those that were acknowledged must be there afterwards."""
        file = deeds.news(self.folder.with_suffix(".jsonl"), wanted)
        end = self.nursery("index", folder=str(self.folder), file=str(file), **how)
        said = [int(line["id"][1:]) for line in end["said"]]
        done = self.held | {n: wanted[n] for n in said}
        following = [n for n in wanted if n not in said][:1]
        self._settle(end, done, [done | {n: wanted[n]} for n in following], len(said))

    def delete(self, numbers: list[int], **how) -> None:
        """Delete articles; all are gone or, if nothing was said, perhaps all are there."""
        ids = [f"n{n}" for n in numbers]
        end = self.nursery("delete", folder=str(self.folder), ids=ids, **how)
        done = {n: r for n, r in self.held.items() if n not in numbers}
        states = [done] if end["said"] else [self.held, done]
        self._settle(end, states[0], states[1:], len(end["said"]))

    def rebuild(self, **how) -> None:
        """Make the vector index anew, which changes nothing that a reader sees."""
        end = self.nursery("rebuild", folder=str(self.folder), **how)
        self._settle(end, self.held, [], 0)

    def _settle(self, end: dict, sure: dict, possible: list[dict], acknowledged: int) -> None:
        self.killed += end["killed"]
        self.acknowledged += acknowledged
        self.seconds = end["seconds"]
        if not end["killed"]:
            possible = []
        seen = look(self.nursery, self.folder)
        assert seen in [sure, *possible], (seen, sure)
        self.held = seen

    def something(self) -> str:
        """Do one of the four at random, and kill it at some moment between its first and last."""
        what = self._possible(self.chance.choice(["index", "re-index", "delete", "rebuild"]))
        how = {"after": self.chance.uniform(0, 1.1 * self.usual[what])}
        before = self.killed
        if what == "index":
            free = [n for n in range(3 * ARTICLES) if n not in self.held]
            self.index(dict.fromkeys(self.chance.sample(free, 6), 0), **how)
        elif what == "re-index":
            chosen = self.chance.sample(sorted(self.held), 6)
            self.index({n: self.held[n] + 1 for n in chosen}, **how)
        elif what == "delete":
            self.delete(self.chance.sample(sorted(self.held), 5), **how)
        else:
            self.rebuild(**how)
        # One that ended by itself says how long it takes now; one that did not may take longer.
        self.usual[what] = self.usual[what] * 1.02 if self.killed > before else self.seconds
        return what

    def _possible(self, what: str) -> str:
        """Return what is to be done, or something else where there is too little or too much."""
        if what == "index" and len(self.held) >= 2 * ARTICLES:
            return "delete"
        if what == "delete" and len(self.held) <= ARTICLES:
            return "index"
        return what


def test_killed_at_random_nothing_acknowledged_is_lost_and_nothing_half_visible(
    nursery, base, tmp_path
):
    folder = Path(shutil.copytree(base, tmp_path / "archive"))
    killing = Killing(nursery, folder, random.Random(SEED))
    count = times(100, 100, 1000)
    what: Counter[str] = Counter()
    while killing.killed < count:
        before = killing.killed
        what[killing.something()] += killing.killed - before
    [end] = nursery("recover", folder=str(folder))["said"]
    assert end["state"] == "chroma"
    assert look(nursery, folder) == killing.held
    assert len(list((folder / "chroma").glob("g*"))) == 1
    figure(
        "kill -9 at random",
        seed=SEED,
        killed=killing.killed,
        **{name.replace("-", "_"): count for name, count in sorted(what.items())},
        acknowledged=killing.acknowledged,
        lost=0,
        half_visible=0,
        bound=f"{3 / killing.killed:.4f}",
    )


# Between our own steps


DEATHS = [
    ("index", step, when, nth)
    for step in ("put", "transaction", "embedded", "draft", "change", "close", "flush")
    for when in ("before", "after")
    for nth in (1, 2)
] + [
    (do, step, when, 1)
    for do in ("index", "delete", "rebuild")
    for step in ("publish", "replace", "sweep", "rmtree", "unlink", "delete", "compact", "clear")
    for when in ("before", "after")
]


def test_between_any_two_of_our_steps_a_death_is_made_good_by_doing_it_again(
    nursery, base, tmp_path
):
    wanted = {3: 1, 5: 1, 100: 0, 101: 0}
    file = deeds.news(tmp_path / "news.jsonl", wanted)
    arguments = {
        "index": {"file": str(file)},
        "delete": {"ids": ["n1", "n2"]},
        "rebuild": {},
    }
    first = look(nursery, base)
    after = {
        "index": first | wanted,
        "delete": {n: r for n, r in first.items() if n not in (1, 2)},
        "rebuild": first,
    }
    died = 0
    every = len(DEATHS)
    deaths = random.Random(SEED).sample(DEATHS, min(every, times(every, every, every)))
    for number, (do, step, when, nth) in enumerate(deaths):
        folder = Path(shutil.copytree(base, tmp_path / str(number)))
        death = {"deed": do, "step": step, "when": when, "nth": nth}
        end = nursery("fail", folder=str(folder), **arguments[do], **death)
        died += end["killed"]
        assert look(nursery, folder).keys() >= first.keys() - {1, 2}
        for _ in range(2):
            nursery(do, folder=str(folder), **arguments[do])
            [end] = nursery("look", folder=str(folder))["said"]
            seen = {int(name[1:]): revision for name, revision in end["seen"].items()}
            assert seen == after[do], (do, step, when, nth)
            assert (end["state"], end["folders"]) == ("chroma", 1), (do, step, when, nth)
            assert not end["unpurged"]
        shutil.rmtree(folder)
    assert died
    figure("failpoints", points=f"{len(deaths)} of {len(DEATHS)}", died=died, idempotent=died)


# At the n-th call to the kernel

CALLS = ("write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "ftruncate", "mkdir")
STEP = size(400, 400, 1)
"""A run whose states are copied is stopped after every so many calls of a thread."""
READ = 40
"""Every so many of these states a reader looks before the next writer comes."""
NEEDS_STRACE = pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace is not installed (make strace)"
)


def strace(call: str, nth: int) -> list[str]:
    return [
        "-e",
        f"trace={call}",
        "-o",
        "/dev/null",
        "-e",
        f"inject={call}:signal=KILL:when={nth}",
    ]


def counted(nursery: Nursery, tmp_path: Path, do: str, **arguments) -> dict[str, int]:
    """Count the calls of the busiest thread in a run that is not disturbed."""
    log = tmp_path / f"calls-{do}"
    tracing = ["-e", f"trace={','.join(CALLS)}", "-o", str(log)]
    nursery(do, strace=tracing, **arguments)
    return busiest(log)


def busiest(log: Path) -> dict[str, int]:
    """Return how often the thread that makes a call most often makes it."""
    most: Counter[str] = Counter()
    lines = (line.split(maxsplit=2) for line in log.read_text().splitlines())
    by_thread = Counter((thread, call.partition("(")[0]) for thread, call, *_ in lines)
    for (_, call), count in by_thread.items():
        most[call] = max(most[call], count)
    return {call: most[call] for call in CALLS if most[call]}


@NEEDS_STRACE
@pytest.mark.parametrize("do", ["index", "rebuild"])
def test_killed_at_the_nth_call_to_the_kernel_it_is_repaired_without_a_person(
    nursery, base, large, tmp_path, do
):
    """`index` is our own writing, `rebuild` of the large archive is Chroma's persisting."""
    origin = base if do == "index" else large
    wanted = {3: 1, 5: 1, 100: 0}
    file = deeds.news(tmp_path / "news.jsonl", wanted)
    arguments = {"file": str(file)} if do == "index" else {}
    before = look(nursery, origin)
    whole = Path(shutil.copytree(origin, tmp_path / "whole"))
    calls = counted(nursery, tmp_path, do, folder=str(whole), **arguments)
    points = [(call, n) for call, count in calls.items() for n in range(1, count + 1)]
    chance = random.Random(SEED)
    # Inside Chroma all points but these are tried by copies of the files, see below.
    most = len(points) if do == "index" else 20
    chosen = chance.sample(points, min(len(points), times(20, 20, most)))
    seconds, killed = [], 0
    for call, nth in chosen:
        folder = Path(shutil.copytree(origin, tmp_path / "archive"))
        end = nursery(do, folder=str(folder), strace=strace(call, nth), **arguments)
        killed += end["killed"]
        seen = look(nursery, folder)
        assert all(seen.get(n) in {before.get(n), wanted.get(n)} for n in before | wanted)
        [end] = nursery("recover", folder=str(folder))["said"]
        assert end["state"] == "chroma", (call, nth)
        assert look(nursery, folder) == seen
        seconds.append(end["seconds"] * 10_000 / end["passages"])
        shutil.rmtree(folder)
    assert killed
    figure(
        f"kill at the n-th {'/'.join(calls)} in {do}",
        points=f"{len(chosen)} of {len(points)}",
        seed=SEED,
        killed=killed,
        repaired=len(chosen),
        median_seconds_per_10k=f"{statistics.median(seconds):.1f}",
    )


def stopping(log: Path, step: int) -> list[str]:
    """Stop all threads after each call, or after every so many of a thread."""
    calls = ",".join(CALLS)
    return [
        "-e",
        f"trace={calls}",
        "-o",
        str(log),
        "-e",
        f"inject={calls}:signal=STOP:when=1+{step}",
    ]


class Trying:
    """Lets the next writer recover from states; of what it comes to, each is looked at once."""

    def __init__(self, nursery: Nursery, folder: Path, states: States) -> None:
        self.nursery, self.folder, self.states = nursery, folder, states
        self.audited: set[str] = set()
        self.ends: dict[str, dict[int, int]] = {}
        self.seconds: list[float] = []
        self.read = 0

    def reader(self, state: State) -> dict[int, int]:
        """Return what a reader of this state sees; each state of the database is audited once."""
        self.states.restore(state, self.folder)
        database = part(state, "archive.db")
        do = "glance" if database in self.audited else "look"
        self.audited.add(database)
        self.read += 1
        [said] = self.nursery(do, folder=str(self.folder))["said"]
        return {int(name[1:]): revision for name, revision in said["seen"].items()}

    def writer(self, state: State) -> dict[int, int]:
        """Return what a reader sees after the next writer."""
        self.states.restore(state, self.folder)
        [said] = self.nursery("recover", folder=str(self.folder))["said"]
        assert said["state"] == "chroma"
        self.seconds.append(said["seconds"] * 10_000 / said["passages"])
        end = json.dumps(state_of(self.folder))
        if end not in self.ends:
            self.ends[end] = look(self.nursery, self.folder)
            assert len(list((self.folder / "chroma").glob("g*"))) == 1
        return self.ends[end]


@NEEDS_STRACE
def test_from_every_state_of_the_files_in_a_rebuild_the_next_writer_recovers(
    nursery, large, tmp_path
):
    """As with real kills, but of one run that is stopped after each call and copied."""
    before = look(nursery, large)
    folder, log = Path(shutil.copytree(large, tmp_path / "whole")), tmp_path / "calls"
    states = States(tmp_path / "states")
    how = stopping(log, STEP)
    stops = nursery("rebuild", folder=str(folder), strace=how, keep=tmp_path / "states")["stops"]
    kept = states.kept()
    trying = Trying(nursery, tmp_path / "archive", states)
    heads: set[tuple[str, str]] = set()
    for number, state in enumerate(kept):
        head = part(state, "archive.db"), part(state, "chroma/CURRENT")
        if number % READ == 0 or head not in heads:
            assert trying.reader(state) == before
        heads.add(head)
        assert trying.writer(state) == before
    calls = busiest(log)
    figure(
        "every state of the files in rebuild",
        calls=sum(" = " in line for line in log.read_text().splitlines()),
        stops=stops,
        states=len(kept),
        repaired=len(kept),
        read_before=trying.read,
        ends=len(trying.ends),
        median_seconds_per_10k=f"{statistics.median(trying.seconds):.1f}",
        **real_kills(nursery, large, tmp_path, calls, {shape(state) for state in kept}),
    )


def real_kills(nursery, large, tmp_path, calls, shapes) -> dict[str, int]:
    """Kill runs at some of the calls: what each leaves is, in names and sizes, a copied state."""
    if STEP > 1:
        return {}
    points = [(call, n) for call, count in calls.items() for n in range(1, count + 1)]
    killed = 0
    for call, nth in random.Random(SEED).sample(points, 20):
        folder = Path(shutil.copytree(large, tmp_path / "killed"))
        killed += nursery("rebuild", folder=str(folder), strace=strace(call, nth))["killed"]
        assert shape(state_of(folder)) in shapes, (call, nth)
        shutil.rmtree(folder)
    assert killed
    return {"real_kills": killed, "of_these_states": killed}


# Two writers


def test_of_many_writers_at_once_one_wins_and_the_others_are_told_who(nursery, base, tmp_path):
    others = [Nursery(), Nursery()]
    rounds, refused, later = times(20, 20, 50), 0, 0
    try:
        for _ in range(rounds):
            doers = [nursery, *others]
            how = {"folder": str(base), "seconds": 0.2}
            said = together([(doer, "hold", how) for doer in doers])
            owned = sorted(
                (line["since"], line["until"], line["owner"]) for line in said if "owner" in line
            )
            owners = [pid for *_, pid in owned]
            assert all(a[1] <= b[0] for a, b in pairwise(owned)), owned
            told = [line["refused"] for line in said if "refused" in line]
            assert len(owners) + len(told) == len(doers)
            assert owners
            assert all(any(f"process {pid} (" in line for pid in owners) for line in told), said
            refused += len(told)
            later += len(owners) - 1
    finally:
        for other in others:
            other.close()
    assert refused
    figure(
        "second process", rounds=rounds, refused_with_name=refused, wrote_later=later, both_wrote=0
    )


# Full disks


@contextmanager
def small_disk(place: Path, room: str) -> Iterator[Path]:
    """Mount a disk of its own in memory."""
    place.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={room}", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_on_a_full_disk_nothing_is_lost_reading_goes_on_and_room_is_all_it_needs(nursery, tmp_path):
    chance = random.Random(SEED)
    rounds, stored = times(3, 3, 10), []
    for number in range(rounds):
        with small_disk(tmp_path / "disk", "12m") as disk:
            ballast = disk / "ballast"
            ballast.write_bytes(bytes(chance.randrange(10_500_000, 11_400_000)))
            wanted = dict.fromkeys(range(300), 0)
            file = deeds.news(tmp_path / "news.jsonl", wanted, 40)
            folder = disk / "archive"
            said = nursery("full", folder=str(folder), file=str(file))["said"]
            ids = [line["id"] for line in said if line.get("outcome") == "added"]
            assert "is full" in said[-1]["refused"], said[-1]
            nursery("ask_full", folder=str(folder), ids=ids)
            nursery("rebuild_full", folder=str(folder))
            nursery("ask_full", folder=str(folder), ids=ids)
            stored.append(len(ids))
            subprocess.run(["mount", "-o", "remount,size=400m", str(disk)], check=True)
            said = nursery("full", folder=str(folder), file=str(file))["said"]
            assert "refused" not in said[-1], number
            assert look(nursery, folder) == wanted
    figure("disk full (12 MB)", rounds=rounds, seed=SEED, stored_before=stored, lost=0)


# Damaged files


def test_a_byte_that_changes_in_the_database_is_an_error_or_nothing_never_another_text(
    nursery, base, tmp_path
):
    chance = random.Random(SEED)
    flips = times(40, 40, 400)
    outcomes: Counter[str] = Counter()
    folder = Path(shutil.copytree(base, tmp_path / "archive"))
    data = (folder / "archive.db").read_bytes()
    for _ in range(flips):
        changed = bytearray(data)
        place = chance.randrange(len(changed))
        changed[place] ^= 1 << chance.randrange(8)
        (folder / "archive.db").write_bytes(changed)
        [said] = nursery("texts", folder=str(folder), numbers=list(range(ARTICLES)))["said"]
        outcomes["refused" if said["refused"] else "unharmed"] += 1
        outcomes["found by the audit"] += said["found"]
    figure("database bits flipped", flips=flips, seed=SEED, wrong_text=0, **outcomes)


# Readers


def test_readers_cite_only_what_is_there_while_all_is_rewritten(nursery, base, tmp_path):
    folder = Path(shutil.copytree(base, tmp_path / "archive"))
    others = [Nursery(), Nursery()]
    how = {"folder": str(folder), "seconds": SECONDS}
    doers = [(nursery, "write", how), (others[0], "read", how), (others[1], "read", how)]
    try:
        said = together(doers)
    finally:
        for other in others:
            other.close()
    total = Counter()
    for line in said:
        total.update(line)
    assert len(said) == len(doers)
    assert total["asked"] > 0
    assert total["cited"] > 0
    figure("readers during writer", seconds=SECONDS, readers=2, errors=0, foreign=0, **total)


# Long life


def test_a_long_life_takes_no_more_memory_files_or_folders(nursery, tmp_path):
    said = nursery("live", folder=str(tmp_path / "archive"), seconds=HOUR, every=HOUR / 12)["said"]
    first, last = said[len(said) // 3], said[-1]
    for name in ("open", "threads", "folders", "files"):
        assert last[name] <= first[name] + 2, said
    assert last["memory"] < 1.5 * first["memory"], said
    assert last["bytes"] < 3 * first["bytes"], said
    figure("long life", seconds=HOUR, first=json.dumps(first), last=json.dumps(last))
