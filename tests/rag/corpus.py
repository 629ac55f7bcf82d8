"""Many real articles on their way into an archive, but for the vectors: what fails, how fast.

python -m tests.rag.corpus FILE...     # failures, offset errors, boilerplate, rate, memory
"""

import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from eval.memory import peak_mb
from rag.errors import SourceError
from rag.ingest.boilerplate import kind_of
from rag.ingest.chunk import chunk
from rag.ingest.clean import clean
from rag.ingest.identity import bands, digest
from rag.ingest.sources.reading import Draft, Link, find, from_path
from rag.ingest.sources.worker import Limits, Reader
from rag.language.sentences import split
from rag.settings import ChunkSettings
from rag.types import Article

REPEATED = 200
"""How many of the most repeated sentences are looked at."""


@dataclass
class Tally:
    """What was found."""

    articles: int = 0
    links: int = 0
    failures: list[str] = field(default_factory=list)
    offsets: list[str] = field(default_factory=list)
    """Articles whose passages or sentences are not their text, or that cleaning changes again."""
    sentences: Counter[str] = field(default_factory=Counter)
    child: float = 0.0
    """The most memory of the reading process, in MB."""

    def boilerplate(self) -> list[tuple[str, int]]:
        """Return those of the most repeated sentences that are boilerplate lines."""
        return [(s, n) for s, n in self.sentences.most_common(REPEATED) if n > 1 and kind_of(s)]


def run(paths: Sequence[Path]) -> Tally:
    """Read, cut and compare the articles of these files."""
    tally = Tally()
    with Reader(Limits()) as reader:
        for path in find(paths):
            given = from_path(path)
            for result in [given] if isinstance(given, SourceError) else reader.read(given):
                if isinstance(result, Draft):
                    _count(result, tally)
                elif isinstance(result, Link):
                    tally.links += 1
                else:
                    tally.failures.append(str(result))
        tally.child = reader.memory
    return tally


def _count(draft: Draft, tally: Tally) -> None:
    text = draft.text
    tally.articles += 1
    if not text:
        tally.failures.append(f"{draft.origin}: no text left after cleaning")
        return
    spans = split(text)
    article = Article(id="a", digest=digest(text), text=text, title=draft.title)
    passages = chunk(article, ChunkSettings(), cluster="a")
    whole = all(text[p.metadata["start"] : p.metadata["end"]] == p.page_content for p in passages)
    ordered = all(a.end <= b.start for a, b in pairwise(spans))
    if not whole or not ordered or any(s.end > len(text) for s in spans) or clean(text) != text:
        tally.offsets.append(draft.origin)
    bands(text)
    tally.sentences.update({span.of(text) for span in spans})


def main() -> int:
    """Print what was found."""
    begun = time.perf_counter()
    tally = run([Path(name) for name in sys.argv[1:]])
    seconds = time.perf_counter() - begun
    own = resource.getrusage(resource.RUSAGE_SELF)
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    computing = own.ru_utime + own.ru_stime + child.ru_utime + child.ru_stime
    found = tally.boilerplate()
    said = [
        f"{tally.articles} articles, {tally.links} links",
        f"{len(tally.failures)} failures, {len(tally.offsets)} offset errors",
        f"{len(found)} boilerplate lines among the {REPEATED} most repeated sentences",
        f"{tally.articles / seconds:.1f} articles/s",
        f"{tally.articles / computing:.1f} articles for each second that both processes computed",
        f"memory: {peak_mb():.0f} MB, and {tally.child:.0f} MB in the reading process",
        *tally.failures[:20],
        *tally.offsets[:20],
        *(f"{count} x {sentence}" for sentence, count in found),
        "most repeated:",
        *(f"{n} x {s[:120]}" for s, n in tally.sentences.most_common(30)),
    ]
    sys.stdout.write("\n".join(said) + "\n")
    return int(bool(tally.failures or tally.offsets or found))


if __name__ == "__main__":
    sys.exit(main())
