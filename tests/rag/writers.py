"""Several processes that write into one archive on a server, each its share of some articles."""

from __future__ import annotations

import sys
from multiprocessing import get_context
from pathlib import Path

from rag.archive.archive import Archive
from rag.ingest.adding import add
from rag.settings import Settings, place
from tests.rag.making import Numbers

OUTLETS = ("AP", "Reuters", "BBC", "Le Monde")


def record(number: int) -> dict[str, str]:
    """An article: of every tenth there is a near copy, of every fifteenth an exact one."""
    story = number - 1 if number % 10 == 1 else number
    story = number - 2 if number % 15 == 2 else story
    words = " ".join(f"w{story * k % 997}x{k % 7}" for k in range(1, 90))
    tail = " Reprinted with thanks." if number % 10 == 1 else ""
    return {
        "id": f"a{number}",
        "text": f"Report {story} from town {story % 40}. {words}.{tail} It ended on day {story}.",
        "publisher": OUTLETS[number % 4],
        "published": f"2024-0{1 + number % 9}-1{number % 10}",
        "url": f"https://news.example/{number}",
    }


def share(writer: int, writers: int, count: int, shared: float) -> list[int]:
    """The numbers that a writer brings: its own, and some that others bring too."""
    own = [n for n in range(count) if n % writers == writer]
    others = [n for n in range(count) if n % writers == (writer + 1) % writers]
    return own + others[: int(shared / (1 - shared) * len(own))]


def write(address: str, writer: int, writers: int, count: int, shared: float) -> None:
    records = [record(n) for n in share(writer, writers, count, shared)]
    report = add(place(address), Numbers(), records, Settings())
    if report.failed:
        sys.exit(str(report))


def together(address: str, writers: int, count: int, shared: float = 0.3) -> list[int | None]:
    """Let them write at once, and return their exit codes."""
    return _run(address, list(range(writers)), writers, count, shared)


def until_done(address: str, writers: int, count: int, shared: float = 0.3) -> int:
    """Let them write, and run once more whoever could not go on; return how often that was."""
    again, left = 0, list(range(writers))
    while left and again < 10 * writers:
        codes = _run(address, left, writers, count, shared)
        left = [n for n, code in zip(left, codes, strict=True) if code != 0]
        again += len(left)
    assert not left, "they never came to an end"
    return again


def _run(
    address: str, which: list[int], writers: int, count: int, shared: float
) -> list[int | None]:
    context = get_context("spawn")
    processes = [
        context.Process(target=write, args=(address, n, writers, count, shared)) for n in which
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


def state(at: str | Path) -> dict[str, object]:
    """What an archive holds, but for the order in which it came and the names of clusters."""
    with Archive.create(place(at)) as archive:  # SQLite compares words where it could write
        articles = {a.id: archive.article(a.id) for a in archive.articles()}
        clusters = {
            frozenset({name, *(c.article_id for c in archive.copies(name))}) for name in articles
        }
        ids, matrix = archive.vectors()
        texts = {a.text for a in articles.values()}
        with archive._reading() as db:
            assert db.words.sound(db)
            waiting = db.execute("SELECT count(*) FROM article WHERE state = 'pending'")
            assert waiting.fetchone()[0] == 0
        offsets = {
            (p.page_content, p.metadata["start"], p.metadata["end"]) for p in archive.passages(ids)
        }
        exact = all(
            articles[p.metadata["article_id"]].text[p.metadata["start"] : p.metadata["end"]]
            == p.page_content
            for p in archive.passages(ids)
        )
        return {
            "articles": {(a.id, a.digest, a.publisher, a.published) for a in articles.values()},
            "clusters": clusters,
            "passages": sorted(offsets),
            "exact": exact,
            "vectors": len(ids) == len(matrix) == archive.passage_count == archive.tally().embedded,
            "copies": archive.tally().copies,
            "texts": len(texts),
            "found": {w: archive.frequencies([w])[w] for w in ("report", "town", "w13x6", "day")},
        }
