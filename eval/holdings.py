"""Questions about the archive: are they counted right, how fast, and is no other caught?

Over the sample the questions and their right answers are written by hand. Over real articles they
are made by rule, and a scan of the plain texts, which shares no code with the search, counts what
is right. Half of each is sealed: it is scored, and nobody reads it while the rules are written.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from eval.loaders import Record
from rag import NewsQA
from rag.archive.archive import Archive
from rag.archive.rows import digest_of
from rag.ingest.chunk import chunk
from rag.language.dates import parse_moment
from rag.language.sentences import split
from rag.language.words import STOP, fold
from rag.question.holdings import about_archive
from rag.question.tail import Known
from rag.settings import Place, Settings
from rag.types import Answer, Article, day

SEED = 20240530
EACH = 40
"""Questions over real articles."""
_NAME = re.compile(r"\b[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,}){1,2}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question about the archive with the right answer."""

    question: str
    articles: frozenset[str]
    """The ids of the articles that count; for the first or latest, those that may stand there."""
    rows: frozenset[str] = frozenset()
    """For outlets and authors: their names."""
    total: int | None = None
    """How many there are, where that is asked."""

    @property
    def sealed(self) -> bool:
        """Whether it is in the half that nobody reads."""
        return hashlib.sha256(self.question.encode()).digest()[0] % 2 == 1

    def right(self, answer: Answer) -> bool:
        """Return True when exactly this was answered."""
        found = answer.listing
        if found is None:
            return False
        if self.rows:
            return {row.cells[0] for row in found.rows} == self.rows
        ids = {name for row in found.rows for name in row.articles}
        if self.total is None:
            return bool(ids) and ids <= self.articles
        return found.total == self.total and (self.total > len(found.rows) or ids == self.articles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How one half of the questions went."""

    name: str
    asked: int
    right: int
    median: float
    """Seconds."""
    wrong: tuple[str, ...]
    """Those that anybody may read."""


def score(name: str, qa: NewsQA, questions: Sequence[Asked]) -> list[Score]:
    """Ask, and score the open and the sealed half."""
    rows: dict[bool, list[tuple[bool, float, str]]] = {False: [], True: []}
    for asked in questions:
        begun = time.perf_counter()
        answer = qa.ask(asked.question)
        took = time.perf_counter() - begun
        got = answer.listing.title if answer.listing else "not taken for such a question"
        said = f"{asked.question} -> {got} (right: {asked.total} {sorted(asked.rows)})"
        rows[asked.sealed].append((asked.right(answer), took, said))
    return [
        Score(
            name=f"{name}, {'sealed' if sealed else 'open'}",
            asked=len(some),
            right=sum(right for right, _, _ in some),
            median=median(took for _, took, _ in some),
            wrong=() if sealed else tuple(said for right, _, said in some if not right),
        )
        for sealed, some in rows.items()
        if some
    ]


def written(path: Path, ids: Mapping[str, str]) -> list[Asked]:
    """Read the questions over the sample, whose articles are named by their files."""
    lines = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    return [
        Asked(
            question=line["question"],
            articles=frozenset(ids[name] for name in line.get("articles", ())),
            rows=frozenset(line.get("rows", ())),
            total=line.get("total"),
        )
        for line in lines
    ]


def filled(archive: Archive, records: Iterable[Record], settings: Settings) -> list[Article]:
    """Store articles as they are, without vectors: counting needs none."""
    from rag.ingest.naming import name_pending

    stored = []
    for record in records:
        text = str(record["text"])
        article = Article(
            id=str(record["id"]),
            digest=digest_of(text),
            text=text,
            title=record.get("title"),
            publisher=record.get("publisher"),
            authors=tuple(record.get("authors") or ()),
            published=parse_moment(str(record.get("published") or "")),
            url=record.get("url"),
            language="en",
        )
        archive.put(article, chunk(article, settings.chunk), split(text))
        stored.append(article)
    name_pending(archive)
    return stored


def made(articles: Sequence[Article]) -> list[Asked]:
    """Make questions about articles by rule, each with what a plain scan counts."""
    dice = random.Random(SEED)  # noqa: S311 - which questions, and always the same
    counts = Counter(name for a in articles for name in set(_NAME.findall(a.text)))
    names = sorted(
        name
        for name, n in counts.items()
        if 3 <= n <= 30 and fold(name.split()[0]) not in STOP  # "The Guardian" is Guardian
    )
    outlets = sorted({a.publisher for a in articles if a.publisher})
    authors = Counter(name for a in articles for name in a.authors)
    signed = sorted(name for name, n in authors.items() if n > 1 and _NAME.fullmatch(name))
    months = sorted({(d.year, d.month) for a in articles if (d := day(a.published))})
    kinds: list[Callable[[], Asked]] = [
        lambda: _counting(dice, articles, dice.choice(names)),
        lambda: _from(dice, articles, dice.choice(outlets)),
        lambda: _signed(dice, articles, dice.choice(signed)),
        lambda: _month(dice, articles, dice.choice(months)),
        lambda: _outlets(dice, articles, dice.choice(names)),
        lambda: _end(dice, articles, dice.choice(names)),
        lambda: _both(dice, articles, dice.choice(names), dice.choice(outlets)),
        lambda: _counting(dice, articles, dice.choice(names)),
    ]
    found: dict[str, Asked] = {}
    while len(found) < EACH:
        asked = kinds[len(found) % len(kinds)]()
        found.setdefault(asked.question, asked)
    return list(found.values())


def _holds(name: str) -> Callable[[Article], bool]:
    said = r"[\s-]+".join(map(re.escape, name.split()))
    pattern = re.compile(rf"(?<!\w){said}(?!\w)", re.IGNORECASE)
    return lambda article: bool(pattern.search(f"{article.title or ''}\n{article.text}"))


def _asked(question: str, articles: Iterable[Article]) -> Asked:
    ids = frozenset(a.id for a in articles)
    return Asked(question=question, articles=ids, total=len(ids))


def _counting(dice: random.Random, articles: Sequence[Article], name: str) -> Asked:
    form = dice.choice(
        [
            "How many articles mention {}?",
            "List all articles that mention {}.",
            "how many articles do you have about {}",
            "Which articles are about {}?",
        ]
    )
    return _asked(form.format(name), filter(_holds(name), articles))


def _from(dice: random.Random, articles: Sequence[Article], outlet: str) -> Asked:
    forms = ["How many articles do you have from {}?", "How many articles did {} publish?"]
    form = dice.choice([*forms, "List the articles from {} in the archive"])
    return _asked(form.format(outlet), (a for a in articles if a.publisher == outlet))


def _signed(dice: random.Random, articles: Sequence[Article], author: str) -> Asked:
    forms = ["Which articles did {} write?", "Show me all articles by {}", "What has {} written?"]
    return _asked(dice.choice(forms).format(author), (a for a in articles if author in a.authors))


def _month(dice: random.Random, articles: Sequence[Article], month: tuple[int, int]) -> Asked:
    said = f"{date(*month, 1):%B %Y}"
    forms = ["What was reported in {}?", "How many articles were published in {}?"]
    form = dice.choice([*forms, "Which articles came out in {}?"])
    within = (a for a in articles if (d := day(a.published)) and (d.year, d.month) == month)
    return _asked(form.format(said), within)


def _outlets(dice: random.Random, articles: Sequence[Article], name: str) -> Asked:
    form = dice.choice(["Which outlets mention {}?", "What outlets have reported on {}?"])
    found = [a for a in articles if _holds(name)(a)]
    rows = frozenset(a.publisher or "outlet unknown" for a in found)
    return Asked(question=form.format(name), articles=frozenset(), rows=rows)


def _end(dice: random.Random, articles: Sequence[Article], name: str) -> Asked:
    latest = dice.random() < 0.5
    form = dice.choice(["What is the {} article about {}?", "Show me the {} article on {}"])
    which = dice.choice(["newest", "latest"] if latest else ["first", "oldest"])
    days = {a.id: d for a in articles if _holds(name)(a) and (d := day(a.published))}
    best = (max if latest else min)(days.values(), default=None)
    ids = frozenset(i for i, d in days.items() if d == best)
    return Asked(question=form.format(which, name), articles=ids)


def _both(dice: random.Random, articles: Sequence[Article], name: str, outlet: str) -> Asked:
    forms = ["How many articles from {1} mention {0}?", "Which articles by {1} are about {0}?"]
    found = (a for a in articles if a.publisher == outlet and _holds(name)(a))
    return _asked(dice.choice(forms).format(name, outlet), found)


def real(folder: Path, most: int) -> Iterator[Record]:
    """Yield the articles of ELOQ and of RealTimeQA, so many in all."""
    from eval.loaders import eloq, realtimeqa

    count = 0
    for name, load in (("eloq_news", eloq.load), ("realtimeqa_dev", realtimeqa.load)):
        corpus = load(folder / name).corpus
        for record in corpus() if corpus else ():
            if count >= most:
                return
            count += 1
            yield record


def over(archive: Place, settings: Settings, questions: Sequence[Asked], name: str) -> list[Score]:
    """Score questions over an archive; no model is asked."""
    with NewsQA.open(archive, chat="none", settings=settings) as qa:
        qa.ask(questions[0].question)  # what is read once is read
        return score(name, qa, questions)


def over_sample(settings: Settings) -> list[Score]:
    """Score the questions that were written over the sample."""
    from eval import corpus, suites

    place = corpus.prepare(suites.sample(), settings).archive
    with Archive.open(place) as archive:
        ids = {Path(a.origin).name: a.id for a in archive.articles() if a.origin}
    cases = written(Path(__file__).parent / "cases" / "archive.jsonl", ids)
    return over(place, settings, cases, f"{len(ids)} articles of the sample")


def over_real(folder: Path, settings: Settings, most: int) -> list[Score]:
    """Score questions made by rule over real articles."""
    with TemporaryDirectory() as place:
        path = Path(place) / "archive"
        with Archive.create(path) as archive:
            articles = filled(archive, real(folder, most), settings)
        return over(path, settings, made(articles), f"{len(articles)} real articles")


def caught(questions: Iterable[str], known: Known) -> list[str]:
    """Return the questions about the world that are taken for ones about the archive."""
    return [q for q in dict.fromkeys(questions) if about_archive(q, known) is not None]


def world(folder: Path | None) -> Iterator[tuple[str, list[str]]]:
    """Yield sets of questions about the world, by name."""
    from eval import suites

    cases = Path(__file__).parent / "cases"
    for path in sorted(cases.glob("*.jsonl")):
        if path.stem != "archive":
            yield path.stem, list(_questions(path))
    for name, place in _SETS.items():
        if folder is not None and (folder / place).is_dir():
            suite = suites.find(f"{name}:{folder / place}")
            yield name, [case.question for case in suite.cases]


_SETS = {
    "realtimeqa": "realtimeqa_dev",
    "multihop": "multihop_rag_dev",
    "eloq": "eloq_news",
    "ramdocs": "ramdocs_dev",
    "rgb": "rgb_counterfactual",
    "timeqa": "timeqa",
    "squad2": "squad2_dev",
}


def _questions(path: Path) -> Iterator[str]:
    for line in path.read_text("utf-8").splitlines():
        record: dict[str, Any] = json.loads(line) if line.strip() else {}
        said = [record.get("question"), *(record.get("paraphrases") or ())]
        yield from (one for one in said if isinstance(one, str))


def lines(settings: Settings, data: Path | None, most: int) -> Iterator[str]:
    """Measure all of it, and yield what came of it in lines for people."""
    scores = over_sample(settings)
    if data is not None:
        scores += over_real(data, settings, most)
    for one in scores:
        yield (
            f"{one.name}: {one.right} of {one.asked} exact ({one.right / one.asked:.3f}), "
            f"median {1000 * one.median:.0f} ms"
        )
        yield from (f"  wrong: {said}" for said in one.wrong)
    known = Known(outlets=("Harbor Ledger", "cnn.com"), authors=("Theo Marsh",))
    for name, questions in world(data):
        found = caught(questions, known)
        yield f"{name}: {len(found)} of {len(questions)} questions about the world are caught"
        yield from (f"  caught: {one}" for one in found)
