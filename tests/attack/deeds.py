"""What is done to an archive in a child that may be killed, and how its state is then looked at.

Article n in its revision r holds the word of both, `word(n, r)`, in every passage: so that whoever
finds the word has found this text, whole or not at all.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

from rag.archive import audit, store
from rag.archive.archive import Archive
from rag.archive.editions import Editions
from rag.archive.erase import erase
from rag.archive.index import Index
from rag.archive.schema import Lite
from rag.errors import ArchiveBusy, ArchiveError, SourceError
from rag.ingest import run as ingestion
from rag.ingest.clean import clean
from rag.ingest.run import ingest
from rag.ingest.sources.reading import Draft, Given, Link, readings
from rag.ingest.sources.worker import Limits, Reader
from rag.settings import Settings
from rag.types import Filter
from tests.rag.making import Numbers

Say = Callable[[dict[str, Any]], object]
SETTINGS = Settings.model_validate({"chunk": {"characters": 200}})
PARTS = 8
"""Sentences of an article, which make about three passages."""


def word(number: int, revision: int) -> str:
    return f"q{number}z{revision}x"


def text(number: int, revision: int, parts: int = PARTS) -> str:
    own = word(number, revision)
    return " ".join(
        f"Report {own} says in part {part} that {own} had happened in the town."
        for part in range(parts)
    )


def news(path: Path, articles: dict[int, int], parts: int = PARTS) -> Path:
    """Write articles, given as number -> revision, as JSON lines."""
    lines = [json.dumps({"id": f"n{n}", "text": text(n, r, parts)}) for n, r in articles.items()]
    path.write_text("\n".join(lines) + "\n")
    return path


class InPlace(Reader):
    """Reads in this process: the child that reads is attacked elsewhere, and takes a second."""

    def __init__(self, limits: Limits) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def read(self, given: Given) -> Iterator[Draft | Link | SourceError]:
        for result in readings(given):
            yield replace(result, text=clean(result.text)) if isinstance(result, Draft) else result


def read_in_place() -> None:
    """Have this process read by itself; meant for the nursery, which runs no other tests."""
    ingestion.Reader = InPlace


def index(say: Say, folder: str, file: str) -> None:
    """Say each article when it is acknowledged."""
    with Archive.create(Path(folder)) as archive:
        for report in ingest(archive, Numbers(), [Path(file)], SETTINGS):
            say({"id": report.article_id, "outcome": report.outcome, "reason": report.reason})


def delete(say: Say, folder: str, ids: list[str]) -> None:
    with Archive.create(Path(folder)) as archive:
        say({"deleted": erase(archive, ids)})


def rebuild(say: Say, folder: str) -> None:
    with Archive.create(Path(folder)) as archive:
        held = Index.open(archive)
        held.rebuild()
        say({"state": held.state})
        held.close()


def recover(say: Say, folder: str) -> None:
    """What the next writer does by itself, with the seconds that it took."""
    begun = time.monotonic()
    with Archive.create(Path(folder)) as archive:
        list(ingest(archive, Numbers(), [], SETTINGS))
        count = archive.passage_count
        seconds = time.monotonic() - begun
        held = Index.open(archive)
        say({"seconds": seconds, "passages": count, "state": held.state})
        held.close()


def look(say: Say, folder: str) -> None:
    """Say which revision of each article a reader sees, after checking that it is all there."""
    with closing(sqlite3.connect(Path(folder) / "archive.db", factory=Lite)) as db:
        assert audit.faults(db) == []
    glance(say, folder)


def glance(say: Say, folder: str) -> None:
    """Do the same, but for the audit of the database."""
    with Archive.open(Path(folder)) as archive:
        seen = {a.id: _revision(archive, a.id) for a in archive.articles()}
        ids, matrix = archive.vectors()
        held = Index.open(archive)
        for row in range(0, len(ids), 1 + len(ids) // 8):
            best, score = held.search(matrix[row], 1, None)[0]
            assert best == ids[row] or score > 0.999, (best, ids[row])
        state = held.state
        held.close()
        folders = len(list((Path(folder) / "chroma").glob("g*")))
        say({"seen": seen, "state": state, "folders": folders, "unpurged": archive.unpurged})


def _revision(archive: Archive, article_id: str) -> int:
    """Return the revision of an article that words, passages and text agree on."""
    article = archive.article(article_id)
    number = int(article_id[1:])
    revision = int(article.text.split()[1].split("z")[1].rstrip("x"))
    parts = article.text.count("says in part")
    assert article.text == text(number, revision, parts)
    found = [i for i, _ in archive.search([word(number, revision)], 10_000, Filter())]
    passages = archive.passages(found)
    assert len(passages) == len(found) > 0
    covered = sorted((p.metadata["start"], p.metadata["end"]) for p in passages)
    assert (covered[0][0], covered[-1][1]) == (0, len(article.text))
    assert all(a[1] + 1 >= b[0] for a, b in pairwise(covered))
    for other in range(revision):
        assert archive.search([word(number, other)], 1, Filter()) == []
    return revision


def hold(say: Say, folder: str, seconds: float) -> None:
    """Be the writer for a while, unless there is one."""
    try:
        with Archive.create(Path(folder)):
            begun = time.monotonic()
            time.sleep(seconds)
            say({"owner": os.getpid(), "since": begun, "until": time.monotonic()})
    except ArchiveBusy as error:
        say({"refused": str(error), "pid": os.getpid()})


STEPS = {
    "put": (Archive, "put"),
    "embedded": (Archive, "embedded"),
    "delete": (Archive, "delete"),
    "compact": (Archive, "compact"),
    "clear": (Editions, "clear"),
    "draft": (Editions, "draft"),
    "publish": (Editions, "publish"),
    "sweep": (Editions, "sweep"),
    "change": ("rag.archive.chroma.Collection", "change"),
    "close": ("rag.archive.chroma.Collection", "close"),
    "flush": ("rag.archive.editions", "flush"),
    "replace": (Path, "replace"),
    "unlink": (Path, "unlink"),
    "rmtree": ("shutil", "rmtree"),
    "transaction": ("rag.archive.store.Store", "_writing"),
}
"""The steps of our own code between which it may be killed."""


def fail(say: Say, deed: str, step: str, when: str, nth: int, **arguments: Any) -> None:
    """Do something, and die right before or after the n-th time that it takes a step."""
    import importlib

    owner, name = STEPS[step]
    if isinstance(owner, str):
        module, _, inner = owner.rpartition(".")
        try:
            owner = importlib.import_module(owner)
        except ImportError:
            owner = getattr(importlib.import_module(module), inner)
    inner = getattr(owner, name)
    taken = 0

    def dying(*args: Any, **kwargs: Any) -> Any:
        nonlocal taken
        taken += 1
        if taken == nth and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = inner(*args, **kwargs)
        if taken == nth and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, dying)
    DEEDS[deed](say, **arguments)


def read(say: Say, folder: str, seconds: float) -> None:
    """Ask until the time is up, while others write; say how often and what was wrong."""
    from rag.answer.machine import retriever_of
    from rag.answer.pipeline import NewsQA
    from rag.verify.verifier import RuleVerifier

    settings = Settings.model_validate({"chat": {"llm": "none"}})
    encoder = Numbers()
    asked = cited = 0
    end = time.monotonic() + seconds
    with Archive.open(Path(folder)) as archive:
        qa = NewsQA(
            archive=archive,
            retriever=retriever_of(archive, encoder, settings),
            encoder=encoder,
            verifier=RuleVerifier(encoder.encode),
            chat=None,
            settings=settings,
        )
        while time.monotonic() < end:
            number, revision = asked % 24, asked // 24 % 6
            answer = qa.ask(f"What happened according to report {word(number, revision)}?")
            asked += 1
            for evidence in answer.evidence:
                name = evidence.source.article_id
                whole = evidence.text.split("q")[1].split("x")[0].split("z")
                own = text(int(whole[0]), int(whole[1]))
                assert name == f"n{whole[0]}", (name, evidence.text)
                assert evidence.span.of(own) == evidence.text, evidence
            for statement in answer.statements:
                for citation in statement.citations:
                    cited += 1
                    assert any(citation.quote in e.text for e in answer.evidence)
    say({"asked": asked, "cited": cited})


def write(say: Say, folder: str, seconds: float) -> None:
    """Index, revise, delete, rebuild until the time is up."""
    end = time.monotonic() + seconds
    rounds = 0
    file = Path(folder).with_suffix(".jsonl")
    with Archive.create(Path(folder)) as archive:
        while time.monotonic() < end:
            revision = rounds % 6
            news(file, dict.fromkeys(range(rounds % 2, 24, 2), revision))
            list(ingest(archive, Numbers(), [file], SETTINGS))
            erase(archive, [f"n{(rounds * 5 + k) % 24}" for k in range(3)])
            held = Index.open(archive)
            held.rebuild()
            held.close()
            rounds += 1
    say({"rounds": rounds})


def live(say: Say, folder: str, seconds: float, every: float) -> None:
    """Index, ask and delete for so long, and say now and then what that takes."""
    end = time.monotonic() + seconds
    begun = last = time.monotonic()
    rounds = 0
    file = Path(folder).with_suffix(".jsonl")
    while time.monotonic() < end:
        news(file, dict.fromkeys(range(rounds % 3, 60, 3), rounds % 7))
        with Archive.create(Path(folder)) as archive:
            list(ingest(archive, Numbers(), [file], SETTINGS))
            held = Index.open(archive)
            ids, matrix = archive.vectors()
            for row in range(0, len(ids), 5):
                assert held.search(matrix[row], 3, None)[0][1] > 0.999
            held.close()
            erase(archive, [f"n{n}" for n in range(rounds % 5, 60, 5)])
        rounds += 1
        if rounds == 1 or time.monotonic() - last >= every or time.monotonic() >= end:
            last = time.monotonic()
            say({"at": round(last - begun, 1), "rounds": rounds} | taken(Path(folder)))


def taken(folder: Path) -> dict[str, int]:
    """What this process and the archive's folder take."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    files = list(folder.rglob("*"))
    return {
        "memory": pages * resource.getpagesize(),
        "open": sum(1 for _ in Path("/proc/self/fd").iterdir()),
        "threads": sum(1 for _ in Path("/proc/self/task").iterdir()),
        "folders": sum(path.is_dir() for path in files),
        "files": sum(path.is_file() for path in files),
        "bytes": sum(path.stat().st_size for path in files if path.is_file()),
    }


def full(say: Say, folder: str, file: str) -> None:
    """Index on a small disk, where the low-water mark would refuse to begin at all."""
    store.LOW_WATER = 0
    try:
        index(say, folder, file)
    except ArchiveError as error:
        say({"refused": str(error)})


def ask_full(say: Say, folder: str, ids: list[str]) -> None:
    """Read everything that is said to be there from a disk on which nothing can be written."""
    store.LOW_WATER = 0
    with Archive.open(Path(folder)) as archive:
        there = {a.id for a in archive.articles()}
        assert set(ids) <= there, set(ids) - there
        for article_id in there:
            _revision(archive, article_id)
        held = Index.open(archive)
        names, matrix = archive.vectors()
        for row in range(0, len(names), 1 + len(names) // 20):
            assert held.search(matrix[row], 1, None)[0][1] > 0.999
        say({"there": len(there), "state": held.state})
        held.close()


def texts(say: Say, folder: str, numbers: list[int]) -> None:
    """Read every text of a database that may be damaged; only errors of ours may come of it."""
    stored = {text(number, 0) for number in numbers}
    refused = 0
    try:
        with Archive.open(Path(folder)) as archive:
            for article_id in [a.id for a in archive.articles()]:
                try:
                    assert archive.article(article_id).text in stored, article_id
                    archive.sentences(article_id)
                except ArchiveError:
                    refused += 1
            found = [i for i, _ in archive.search(["report"], 999, Filter())]
            for passage in archive.passages(found):
                assert any(passage.page_content in whole for whole in stored), passage
    except ArchiveError:
        refused += 1
    with closing(sqlite3.connect(Path(folder) / "archive.db", factory=Lite)) as db:
        say({"refused": refused, "found": bool(audit.faults(db))})


def rebuild_full(say: Say, folder: str) -> None:
    store.LOW_WATER = 0
    rebuild(say, folder)


DEEDS: dict[str, Callable[..., None]] = {
    "index": index,
    "delete": delete,
    "rebuild": rebuild,
    "recover": recover,
    "look": look,
    "glance": glance,
    "hold": hold,
    "fail": fail,
    "read": read,
    "write": write,
    "live": live,
    "full": full,
    "ask_full": ask_full,
    "rebuild_full": rebuild_full,
    "texts": texts,
}
