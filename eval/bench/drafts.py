"""`python -m eval.bench drafts --archive ARCHIVE`: how long sixty sentences take to check.

The draft is made of the sentences of `dateline eval drafts`, as one text. The archive is grown to
the size that is asked for by made articles (`eval.bench.made`), out of those of ARCHIVE; it takes a
minute, once. Beside the seconds stands the processor time, which other work on the machine does not
lengthen much: with two cores at hand, half of it is the least that it can take.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from eval.bench.made import make
from eval.drafts import load
from rag.answer.draft import Checked, check
from rag.answer.pipeline import open_qa
from rag.archive.archive import Archive
from rag.settings import Settings


def timed(settings: Settings, draft: str) -> tuple[list[Checked], list[float], float]:
    """Return what was found of each sentence, the seconds that each took, and processor time."""
    with open_qa(settings) as qa:
        qa.retrieve(qa.read("Is everything loaded?"))
        used, before = time.process_time(), time.perf_counter()
        found, seconds = [], []
        for one in check(draft, qa):
            now = time.perf_counter()
            found.append(one)
            seconds.append(now - before)
            before = now
        return found, seconds, time.process_time() - used


def main() -> None:
    """Grow the archive, check the draft, print what it took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--passages", type=int, default=10_000)
    given = parser.parse_args()
    draft = " ".join(case.sentence for case in load())
    with TemporaryDirectory() as folder:
        grown = Path(folder) / "archive"
        with Archive.open(given.archive) as real:
            make(grown, real, given.passages)
        settings = Settings(archive=grown, chat={"llm": "none"})
        found, seconds, used = timed(settings, draft)
    half, most = np.percentile(seconds, (50, 95))
    counts = ", ".join(f"{n} {name}" for name, n in Counter(f.finding for f in found).items())
    sys.stdout.write(
        f"{len(found)} sentences against {given.passages:,} passages: {sum(seconds):.1f} s "
        f"({used:.1f} s of the processor), {half:.2f} s a sentence, 95 % below {most:.2f} s; "
        f"{counts}\n"
    )


if __name__ == "__main__":
    main()
