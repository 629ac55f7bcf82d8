"""Real pages of news outlets, and how much of each is read right, beside plain trafilatura.

    python -m tests.rag.pages FOLDER            # FOLDER holds html/*.html.gz and expected.jsonl
    python -m tests.rag.pages FOLDER --worst 20 # and the pages that were read worst

A third of the pages is sealed, by a hash of their names: figures are printed for them, and no page
of them by itself, so that they stay a check on what was mended with the others in view.

The measures, for each page:

- title: the same after folding case and space (`same`), or one holds the other (`contained`).
- day: `right` when the day of publication is the expected one, in the zone that either states;
  `missing` when none was read and one is expected; `wrong` otherwise.
- authors: `exact` when the same names were read, in any order, after folding case and space.
- body F1: of the bag of words read and the bag of words expected. A word is a run of letters,
  marks and digits; of Chinese, Japanese and Korean writing each character is one. Letters are
  folded to NFKC and small ones. F1 = 2 * common / (read + expected).
- lost: F1 under .5 where plain trafilatura has .5 or more.
"""

import argparse
import gzip
import hashlib
import json
import resource
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import regex
import trafilatura
from py3langid.langid import classify

from rag.ingest.sources.reading import Draft, Given
from rag.ingest.sources.worker import Limits, Reader

LOST = 0.5
WORD = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]|"
    r"(?:(?![\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}])[\p{L}\p{M}\p{N}])+"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a reader made of a page."""

    title: str
    published: date | datetime | None
    authors: tuple[str, ...]
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How much of a page was read right."""

    name: str
    language: str
    title: str
    day: str
    authors: bool
    f1: float
    plain_f1: float

    @property
    def lost(self) -> bool:
        """Whether little was read of a page that plain trafilatura reads."""
        return self.f1 < LOST <= self.plain_f1


def words(text: str) -> list[str]:
    """Return the words that are compared."""
    return WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def f1(read: str, expected: str) -> float:
    """Return the F1 of two bags of words; 1 when both are empty."""
    ours, theirs = Counter(words(read)), Counter(words(expected))
    total = ours.total() + theirs.total()
    return 2 * (ours & theirs).total() / total if total else 1.0


def is_sealed(name: str) -> bool:
    """Return True for the third of the pages that nobody looks at one by one."""
    return hashlib.sha256(name.encode()).digest()[0] % 3 == 0


def title_of(read: str, expected: str) -> str:
    """Compare titles: `same`, `contained` or `other`."""
    one, other = " ".join(words(read)), " ".join(words(expected))
    if one == other:
        return "same"
    return "contained" if one and other and (one in other or other in one) else "other"


def day_of(read: date | datetime | None, expected: datetime | None) -> str:
    """Compare days of publication: `right`, `missing` or `wrong`."""
    if expected is None or read is None:
        return "right" if read is None and expected is None else "wrong" if read else "missing"
    if not isinstance(read, datetime):
        return "right" if read == expected.date() else "wrong"
    days = {read.date()}
    if read.tzinfo and expected.tzinfo:
        days.add(read.astimezone(expected.tzinfo).date())
    return "right" if expected.date() in days else "wrong"


def same_people(read: Iterable[str], expected: Iterable[str]) -> bool:
    """Return True when these are the same names."""
    return {" ".join(words(n)) for n in read} == {" ".join(words(n)) for n in expected}


def plain(data: bytes) -> Read:
    """Read a page with trafilatura alone, as it comes."""
    found = trafilatura.bare_extraction(data, include_comments=False, with_metadata=True)
    if found is None:
        return Read(title="", published=None, authors=(), body="")
    return Read(
        title=found.title or "",
        published=date.fromisoformat(found.date) if found.date else None,
        authors=tuple(filter(None, (found.author or "").split("; "))),
        body=found.text or "",
    )


def ours(reader: Reader, path: Path, data: bytes) -> Read:
    """Read a page as `dateline index` does."""
    results = list(reader.read(Given(origin=str(path), format="html", data=data)))
    drafts = [r for r in results if isinstance(r, Draft)]
    if not drafts:
        return Read(title="", published=None, authors=(), body="")
    return Read(
        title=drafts[0].title or "",
        published=drafts[0].published,
        authors=drafts[0].authors,
        body="\n".join(d.text for d in drafts),
    )


def pages(folder: Path) -> Iterator[tuple[Path, dict[str, object]]]:
    """Yield each page's file and what is expected of it."""
    with (folder / "expected.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            yield folder / "html" / record["file"], record


def score(name: str, read: Read, expected: dict[str, object], plain_f1: float) -> Score:
    """Compare what was read of a page with what is expected."""
    body = str(expected["body"] or "")
    published = expected["published"]
    return Score(
        name=name,
        language=classify(body)[0],
        title=title_of(read.title, str(expected["title"] or "")),
        day=day_of(read.published, datetime.fromisoformat(str(published)) if published else None),
        authors=same_people(read.authors, expected["authors"]),
        f1=f1(read.body, body),
        plain_f1=plain_f1,
    )


def measure(folder: Path) -> tuple[list[Score], list[Score], float]:
    """Return the scores of ours and of plain trafilatura, and our pages a second of computing."""
    found: list[Score] = []
    beside: list[Score] = []
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with Reader(Limits()) as reader:
        for path, expected in pages(folder):
            data = gzip.decompress(path.read_bytes())
            other = plain(data)
            quality = f1(other.body, str(expected["body"] or ""))
            beside.append(score(path.name, other, expected, quality))
            found.append(score(path.name, ours(reader, path, data), expected, quality))
    spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    return found, beside, len(found) / spent


def line(name: str, scores: Sequence[Score]) -> str:
    """Return one line of figures."""
    titles, days = Counter(s.title for s in scores), Counter(s.day for s in scores)
    return (
        f"{name:24} {len(scores):4} pages  title {titles['same']} same, {titles['contained']} "
        f"contained, {titles['other']} other  day {days['right']} right, {days['missing']} missing,"
        f" {days['wrong']} wrong  authors {mean(s.authors for s in scores):.3f}"
        f"  body F1 {mean(s.f1 for s in scores):.3f}  lost {sum(s.lost for s in scores)}"
    )


def mean(values: Iterable[float]) -> float:
    """Return the mean, 0 of nothing."""
    every = list(values)
    return sum(every) / len(every) if every else 0.0


def report(found: Sequence[Score], beside: Sequence[Score]) -> Iterator[str]:
    """Yield the lines to print."""
    for part, sealed in (("open", False), ("sealed", True)):
        for who, scores in (("dateline", found), ("trafilatura", beside)):
            yield line(f"{part}, {who}", [s for s in scores if is_sealed(s.name) is sealed])
    yield line("all, dateline", found)
    yield line("all, trafilatura", beside)
    languages: dict[str, list[Score]] = defaultdict(list)
    for each in found:
        if not is_sealed(each.name):  # a language with one page would tell of a sealed one
            languages[each.language].append(each)
    yield "body F1 of the open pages by language (pages: dateline / trafilatura)"
    for language, scores in sorted(languages.items(), key=lambda item: (-len(item[1]), item[0])):
        yield (
            f"  {language} {len(scores):3}: {mean(s.f1 for s in scores):.3f}"
            f" / {mean(s.plain_f1 for s in scores):.3f}"
        )


def main() -> int:
    """Print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.rag.pages")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--worst", type=int, default=0, help="name so many of the open pages")
    given = parser.parse_args()
    found, beside, rate = measure(given.folder)
    said = [*report(found, beside), f"{rate:.2f} pages for each second of computing"]
    worst = sorted((s for s in found if not is_sealed(s.name)), key=lambda s: s.f1)
    said += [f"  {s.f1:.3f} / {s.plain_f1:.3f} {s.name}" for s in worst[: given.worst]]
    sys.stdout.write("\n".join(said) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
