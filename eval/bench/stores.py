"""A large archive in a folder and on a server: how much longer a search takes, what an index finds.

    python -m eval.bench stores --real ARCHIVE --server postgresql://... \
        [--size 100k] [--chroma http://host:port] [--vectors postgresql://...]

The archive is made from a real one (see `eval.bench.made`) in a folder, and moved to the server.
Every question is put to all stores one after the other, in an order that changes, so that whatever
else the machine does meets all alike. A vector index is also asked within a month, an outlet, and
both; recall is the share of the ten nearest of all vectors that may be found.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np

from eval.bench.load import SAMPLE as QUESTIONS
from eval.bench.made import make
from eval.bench.scale import sizes
from eval.cases import load as cases
from eval.corpus import cache
from rag.archive.archive import Archive
from rag.archive.index import Index
from rag.archive.indexes import open_index
from rag.archive.vectors import Matrix
from rag.models.embed import load
from rag.models.memo import Memo
from rag.question.query import Query, read
from rag.search.retrieve import DenseRetriever, FusedRetriever, LexicalRetriever
from rag.settings import IndexSettings, Place, Settings, place
from rag.types import Filter

NEIGHBOURS = 10
MONTH = Filter(since=date(2022, 6, 1), until=date(2022, 6, 30))
OUTLET = ("Made Outlet 7",)
WITHIN = {
    "all": Filter(),
    "one month": MONTH,
    "one outlet": Filter(publishers=OUTLET),
    "one outlet in one month": replace(MONTH, publishers=OUTLET),
}


@dataclass(frozen=True, slots=True)
class Store:
    """An archive with an index."""

    name: str
    archive: Archive
    index: Index
    fused: FusedRetriever
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"all": [], "one month": []})


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What came of one store."""

    name: str
    p50: dict[str, float]
    p95: dict[str, float]
    """Milliseconds of a fused search with its passages read."""
    ratio: float
    """Its p95 over that of the folder."""
    recall: dict[str, float]
    """At ten, by what was filtered."""


def measure(stores: Sequence[Store], asked: Sequence[str], vectors: Matrix) -> list[Measured]:
    """Put all questions to all stores by turns."""
    chance = random.Random(22)  # noqa: S311 - an order, no secret
    queries = [replace(read(one), filters=Filter()) for one in asked]
    for store in stores:
        store.fused.search(queries[0])
    for query in queries:
        for within in ("all", "one month"):
            one = replace(query, filters=WITHIN[within])
            for store in chance.sample(list(stores), len(stores)):
                store.seconds[within].append(_spent(store.fused.search, one))
    first = _cut(stores[0].seconds["all"], 95)
    return [
        Measured(
            name=store.name,
            p50={within: _cut(spent, 50) for within, spent in store.seconds.items()},
            p95={within: _cut(spent, 95) for within, spent in store.seconds.items()},
            ratio=_cut(store.seconds["all"], 95) / first,
            recall={name: recall(store, vectors, within) for name, within in WITHIN.items()},
        )
        for store in stores
    ]


def recall(store: Store, vectors: Matrix, within: Filter) -> float:
    """Return how many of the ten nearest that may be found an index finds."""
    ids, matrix = store.archive.vectors()
    allowed = store.archive.allowed(within) if within else None
    # A passage's id begins with its article's.
    rows = [n for n, one in enumerate(ids) if allowed is None or one.rsplit(":", 2)[0] in allowed]
    if not rows:
        return float("nan")
    open_ = matrix[rows]
    shares = []
    for vector in vectors:
        best = np.argsort(-(open_ @ vector), kind="stable")[:NEIGHBOURS]
        exact = {ids[rows[int(n)]] for n in best}
        found = {name for name, _ in store.index.search(vector, NEIGHBOURS, within)}
        shares.append(len(found & exact) / len(exact))
    return float(np.mean(shares))


def table(found: Sequence[Measured]) -> str:
    """Write what was measured as a Markdown table."""
    heads = ["store", "fused, ms p50 / p95", "p95 to the folder's", "fused in one month", *WITHIN]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for one in found:
        cells = [
            one.name,
            f"{one.p50['all']:.0f} / {one.p95['all']:.0f}",
            f"{one.ratio:.2f}",
            f"{one.p50['one month']:.0f} / {one.p95['one month']:.0f}",
            *(f"{one.recall[name]:.3f}" for name in WITHIN),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, f"({', '.join(WITHIN)}: recall at {NEIGHBOURS})"]) + "\n"


def run(
    real: Place,
    server: Place,
    size: int,
    hows: Sequence[IndexSettings],
    tell: Callable[[str], None] = lambda _: None,
    questions: int = 100,
) -> list[Measured]:
    """Make the archives unless they are there, and measure them.

    Args:
        real: The archive that they are made from.
        server: Where one is moved to.
        size: Passages.
        hows: The indexes of that on the server.
        tell: Is told what is done.
        questions: How many are put.
    """
    folder = cache() / "stores" / f"{size}"
    if not (folder / "archive.db").exists():
        tell(f"making {size} passages")
        with Archive.open(real) as source:
            make(folder, source, size)
    _moved(folder, server, tell)
    asked = [case.question for case in cases(QUESTIONS)][:questions]
    with ExitStack() as stack:
        encoder = Memo(load(Settings().embed))
        vectors = encoder.encode(asked)
        stores = [stack.enter_context(_open("folder, chroma", folder, IndexSettings(), encoder))]
        for how in hows:
            tell(f"indexing by {how.engine}")
            name = f"server, {how.engine}"
            stores.append(stack.enter_context(_open(name, server, how, encoder)))
        tell("asking")
        return measure(stores, asked, vectors)


def _moved(folder: Path, server: Place, tell: Callable[[str], None]) -> None:
    from rag.errors import ArchiveError
    from rag.maintenance.move import move

    try:
        with Archive.open(server):
            return
    except ArchiveError:
        tell("moving it to the server")
    move(folder, server)


@contextmanager
def _open(name: str, at: Place, how: IndexSettings, encoder: Memo) -> Iterator[Store]:
    with Archive.create(at) as writing:
        open_index(writing, how=how).close()  # all is carried over
    with Archive.open(at) as archive:
        index = open_index(archive, how=how)
        parts = (
            LexicalRetriever(archive=archive),
            DenseRetriever(archive=archive, index=index, encoder=encoder),
        )
        yield Store(name, archive, index, FusedRetriever(archive=archive, parts=parts))
        index.close()


def _spent(what: Callable[[Query], object], query: Query) -> float:
    begun = time.perf_counter()
    what(query)
    return 1000 * (time.perf_counter() - begun)


def _cut(spent: Sequence[float], share: int) -> float:
    return float(np.percentile(np.array(spent), share))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real", type=place, required=True, help="the archive it is made from")
    parser.add_argument("--server", type=place, required=True)
    parser.add_argument("--size", type=sizes, default=[100_000])
    parser.add_argument("--chroma", help="a Chroma server")
    parser.add_argument("--vectors", help="a database with pgvector, if the server has none")
    parser.add_argument("--questions", type=int, default=100)
    given = parser.parse_args()
    hows = [IndexSettings(engine="pgvector", url=given.vectors)]
    if given.chroma:
        hows.append(IndexSettings(engine="chroma-server", url=given.chroma))

    def tell(line: str) -> None:
        sys.stderr.write(f"{line}\n")

    for size in given.size:
        found = run(given.real, given.server, size, hows, tell, given.questions)
        sys.stdout.write(table(found))


if __name__ == "__main__":
    main()
