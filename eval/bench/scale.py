"""`python -m eval.bench scale`: search and size of archives from a thousand passages to a million.

Each size is built once (see `eval.bench.made`) and measured in a fresh process: opening, search by
words, by meaning (the exact scan, and Chroma), both fused, fused within one month; the share of the
ten exact neighbours that Chroma finds; memory and bytes on disk. Questions are those of RealTimeQA;
embedding a question is measured apart, since it does not depend on the archive.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from eval.bench.growth import Row, table
from eval.corpus import cache, prepare
from eval.loaders import realtimeqa
from eval.memory import peak_mb
from rag.archive.archive import Archive
from rag.models.encoder import Matrix
from rag.question.query import Query, read
from rag.settings import Place, Settings
from rag.types import Filter

MONTH = Filter(since=date(2022, 6, 1), until=date(2022, 6, 30))
NEIGHBOURS = 10
Clock = Callable[[], float]


def main() -> int:
    """Run the benchmark of the command line."""
    options = _options()
    suite = realtimeqa.load(options.data)
    real = prepare(suite, Settings()).archive
    asked = [case.question for case in suite.cases if not case.unanswerable][: options.questions]
    rows = []
    for size in options.sizes:
        folder = options.cache / f"{size}"
        seconds = _built(folder, real, size)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
            clock = time.process_time if options.processor else time.perf_counter
            row = fresh.submit(_measured, folder, asked, clock, options.where).result()
        row = replace(row, build_seconds=seconds)
        rows.append(row)
        sys.stdout.write(json.dumps(asdict(row)) + "\n")
        sys.stdout.flush()
        if not options.keep:
            shutil.rmtree(folder)
    sys.stdout.write(table(rows))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--sizes", type=sizes, default=[1_000, 10_000], metavar="1k,10k,1m")
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data/realtimeqa_dev"), metavar="FOLDER"
    )
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--cache", type=Path, default=cache() / "scale", metavar="FOLDER")
    parser.add_argument("--keep", action="store_true", help="leave the archives there")
    parser.add_argument(
        "--processor",
        action="store_true",
        help="measure processor time, which other programs on the machine do not lengthen",
    )
    parser.add_argument("--where", action="store_true", help="measure Chroma's own filter too")
    return parser.parse_args()


def sizes(raw: str) -> list[int]:
    """Read sizes such as 1k,10k,1m."""
    units = {"k": 1_000, "m": 1_000_000}
    return [int(one.rstrip("km")) * units.get(one[-1], 1) for one in raw.lower().split(",")]


def _built(folder: Path, real: Place, size: int) -> float:
    """Make the archive of one size and its Chroma folder; return the seconds, 0 if it is there."""
    if (folder / "chroma" / "CURRENT").exists():
        return 0.0
    from eval.bench.made import make
    from rag.archive.index import Index

    shutil.rmtree(folder, ignore_errors=True)
    begun = time.perf_counter()
    with Archive.open(real) as source:
        make(folder, source, size)
    with Archive.create(folder) as archive:
        Index.open(archive).close()
    return time.perf_counter() - begun


def _measured(folder: Path, asked: Sequence[str], clock: Clock, where: bool) -> Row:
    """Measure one archive; meant for a process of its own."""
    from rag.archive.index import Index
    from rag.models.embed import load
    from rag.models.memo import Memo
    from rag.search.retrieve import DenseRetriever, FusedRetriever, LexicalRetriever

    settings = Settings()
    encoder = Memo(load(settings.embed))
    vectors = encoder.encode(asked)
    begun = clock()
    with Archive.open(folder) as archive:
        queries = [replace(read(one), filters=Filter()) for one in asked]
        index = Index.open(archive)
        lexical = LexicalRetriever(archive=archive)
        dense = DenseRetriever(archive=archive, index=index, encoder=encoder)
        fused = FusedRetriever(archive=archive, parts=(lexical, dense))
        fused.search(queries[0])
        opened = clock() - begun
        monthly = [replace(query, filters=MONTH) for query in queries]
        times: dict[str, Any] = {
            "words": _times(clock, lexical.rank, queries),
            "fused": _times(clock, fused.search, queries),
            "month": _times(clock, fused.search, monthly),
            "near": _times(clock, dense.rank, monthly),
        }
        memory = peak_mb()
        ids, matrix = archive.vectors()
        exact = [set(_best(ids, matrix, vector)) for vector in vectors]
        return Row(
            passages=len(ids),
            database_mb=_megabytes(folder / "archive.db"),
            chroma_mb=_megabytes(folder / "chroma"),
            build_seconds=0.0,
            open_seconds=opened,
            memory_mb=memory,
            scan=_times(clock, lambda vector: _best(ids, matrix, vector), vectors),
            where=_where(clock, archive, ids, matrix, vectors) if where else None,
            **_chroma(clock, folder, vectors, exact),
            **times,
        )


def _chroma(
    clock: Clock, folder: Path, vectors: Matrix, exact: Sequence[set[str]]
) -> dict[str, Any]:
    """Time Chroma's graph and count how many of the exact neighbours it finds."""
    from rag.archive.chroma import Collection
    from rag.archive.editions import Editions

    editions = Editions(folder / "chroma")
    edition = editions.current()
    assert edition is not None  # noqa: S101 - built just before
    if not edition.chroma:
        return {"chroma": None, "recall": None}
    collection = Collection(editions.path(edition))
    found = [{i for i, _ in collection.search(v[None], NEIGHBOURS)[0]} for v in vectors]
    shares = [len(f & e) / len(e) for f, e in zip(found, exact, strict=True)]
    times = _times(clock, lambda vector: collection.search(vector[None], 50), vectors)
    collection.close()
    return {"chroma": times, "recall": float(np.mean(shares))}


def _where(
    clock: Clock, archive: Archive, ids: Sequence[str], matrix: Matrix, vectors: Matrix
) -> tuple[float, float]:
    """Time what we do not do: the day as metadata in Chroma, and its `where`."""
    import chromadb

    days = {p.id: p.metadata["published"] for p in _passages(archive, ids)}
    numbers = [{"day": int(days[i][:10].replace("-", "") or 0)} for i in ids]
    client: Any = chromadb.EphemeralClient()
    collection = client.create_collection("where", embedding_function=None)
    for start in range(0, len(ids), 5_000):
        part = slice(start, start + 5_000)
        collection.add(ids=ids[part], embeddings=matrix[part], metadatas=numbers[part])
    month = {"$and": [{"day": {"$gte": 20220601}}, {"day": {"$lte": 20220630}}]}
    return _times(
        clock,
        lambda v: collection.query(query_embeddings=[v], n_results=50, where=month),
        vectors[:20],
    )


def _passages(archive: Archive, ids: Sequence[str]) -> list[Any]:
    parts = (ids[start : start + 10_000] for start in range(0, len(ids), 10_000))
    return [passage for part in parts for passage in archive.passages(part)]


def _best(ids: Sequence[str], matrix: Matrix, vector: Matrix) -> list[str]:
    scores = matrix @ vector
    count = min(NEIGHBOURS, len(scores))
    return [ids[int(row)] for row in np.argpartition(-scores, count - 1)[:count]]


def _times(
    clock: Clock, what: Callable[[Any], object], items: Sequence[Query] | Matrix
) -> tuple[float, float]:
    """Return the median and the 95th percentile of the milliseconds that each item takes."""
    spent = []
    for item in items:
        begun = clock()
        what(item)
        spent.append(1e3 * (clock() - begun))
    return float(np.percentile(spent, 50)), float(np.percentile(spent, 95))


def _megabytes(place: Path) -> float:
    files = [place] if place.is_file() else [p for p in place.rglob("*") if p.is_file()]
    return sum(path.stat().st_size for path in files) / 1e6
