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
import sqlite3
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
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
from rag.models.vocabulary import common
from rag.question.cut import Known
from rag.question.holdings import about_archive
from rag.settings import Place, Settings
from rag.types import Answer, Article, Listing, day

SEED = 20240530
EACH = 40
"""Questions over real articles."""
TRIES = 2000
"""How often it is tried to make one that is not there yet."""
_NAME = re.compile(r"\b[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,}){1,2}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question about the archive with the right answer."""

    question: str
    articles: frozenset[str]
    """The ids of the articles that count; for the first or latest, those that may stand there."""
    rows: frozenset[str] = frozenset()
    """For outlets and authors: their names."""
    top: frozenset[str] = frozenset()
    """For that which has most: those that may stand first."""
    says: tuple[str, ...] = ()
    """What the line above the table says, where days are asked for."""
    total: int | None = None
    """How many there are, where that is asked."""

    @property
    def sealed(self) -> bool:
        """Whether it is in the half that nobody reads."""
        return hashlib.sha256(self.question.encode()).digest()[0] % 2 == 1

    def right(self, answer: Answer) -> bool:
        """Return True when exactly this was answered."""
        return self.met(answer.listing)

    def met(self, found: Listing | None) -> bool:
        """Return True when a list is exactly what is right."""
        if found is None:
            return False
        if self.says:
            return all(day in found.title for day in self.says)
        if self.top:
            return bool(found.rows) and found.rows[0].cells[0] in self.top
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
            top=frozenset(line.get("top", ())),
            says=tuple(line.get("says", ())),
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


Forms = Mapping[str, Sequence[str]]
"""For each kind of question the ways in which it is put."""


def made(articles: Sequence[Article], which: str = "first") -> list[Asked]:
    """Make questions about articles by rule, each with what a plain scan counts.

    Args:
        articles: What they are about.
        which: The set of ways in which questions are put, in `cases/archive_forms.toml`.
    """
    path = Path(__file__).parent / "cases" / "archive_forms.toml"
    forms: Forms = tomllib.loads(path.read_text("utf-8"))[which]
    dice = random.Random(f"{SEED} {which}" if which != "first" else SEED)  # noqa: S311 - the same
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
        lambda: _counting(dice, articles, dice.choice(names), forms),
        lambda: _from(dice, articles, dice.choice(outlets), forms),
        lambda: _signed(dice, articles, dice.choice(signed), forms),
        lambda: _month(dice, articles, dice.choice(months), forms),
        lambda: _outlets(dice, articles, dice.choice(names), forms),
        lambda: _end(dice, articles, dice.choice(names), forms),
        lambda: _both(dice, articles, dice.choice(names), dice.choice(outlets), forms),
        lambda: _counting(dice, articles, dice.choice(names), forms),
    ]
    if "between" in forms:
        days = sorted({d for a in articles if (d := day(a.published))})
        kinds += [
            lambda: _between(dice, articles, sorted(dice.sample(days, 2)), forms),
            lambda: _whom(dice, articles, forms),
            lambda: _newest(dice, articles, forms),
            lambda: _covered(dice, days, forms),
        ]
    found: dict[str, Asked] = {}
    tries = 0
    while len(found) < EACH and tries < TRIES:  # of few articles fewer questions can be made
        tries += 1
        asked = kinds[(len(found) if tries < len(kinds) * EACH else tries) % len(kinds)]()
        found.setdefault(asked.question, asked)
    return list(found.values())


def _holds(name: str) -> Callable[[Article], bool]:
    said = r"[\s-]+".join(map(re.escape, name.split()))
    pattern = re.compile(rf"(?<!\w){said}(?!\w)", re.IGNORECASE)
    return lambda article: bool(pattern.search(f"{article.title or ''}\n{article.text}"))


def _asked(question: str, articles: Iterable[Article]) -> Asked:
    ids = frozenset(a.id for a in articles)
    return Asked(question=question, articles=ids, total=len(ids))


def _counting(dice: random.Random, articles: Sequence[Article], name: str, forms: Forms) -> Asked:
    return _asked(dice.choice(forms["counting"]).format(name), filter(_holds(name), articles))


def _from(dice: random.Random, articles: Sequence[Article], outlet: str, forms: Forms) -> Asked:
    form = dice.choice(forms["from"])
    return _asked(form.format(outlet), (a for a in articles if a.publisher == outlet))


def _signed(dice: random.Random, articles: Sequence[Article], author: str, forms: Forms) -> Asked:
    form = dice.choice(forms["signed"])
    return _asked(form.format(author), (a for a in articles if author in a.authors))


def _month(
    dice: random.Random, articles: Sequence[Article], month: tuple[int, int], forms: Forms
) -> Asked:
    said = f"{date(*month, 1):%B %Y}"
    within = (a for a in articles if (d := day(a.published)) and (d.year, d.month) == month)
    return _asked(dice.choice(forms["month"]).format(said), within)


def _outlets(dice: random.Random, articles: Sequence[Article], name: str, forms: Forms) -> Asked:
    form = dice.choice(forms["outlets"])
    found = [a for a in articles if _holds(name)(a)]
    rows = frozenset(a.publisher or "outlet unknown" for a in found)
    return Asked(question=form.format(name), articles=frozenset(), rows=rows)


def _end(dice: random.Random, articles: Sequence[Article], name: str, forms: Forms) -> Asked:
    latest = dice.random() < 0.5
    which = dice.choice(forms["latest" if latest else "first"])
    days = {a.id: d for a in articles if _holds(name)(a) and (d := day(a.published))}
    best = (max if latest else min)(days.values(), default=None)
    ids = frozenset(i for i, d in days.items() if d == best)
    return Asked(question=dice.choice(forms["end"]).format(which, name), articles=ids)


def _both(
    dice: random.Random, articles: Sequence[Article], name: str, outlet: str, forms: Forms
) -> Asked:
    found = (a for a in articles if a.publisher == outlet and _holds(name)(a))
    return _asked(dice.choice(forms["both"]).format(name, outlet), found)


def _between(
    dice: random.Random, articles: Sequence[Article], days: Sequence[date], forms: Forms
) -> Asked:
    since, until = days
    form = dice.choice(forms["between"])
    within = (a for a in articles if (d := day(a.published)) and since <= d <= until)
    return _asked(form.format(f"{since:%-d %B %Y}", f"{until:%-d %B %Y}"), within)


def _whom(dice: random.Random, articles: Sequence[Article], forms: Forms) -> Asked:
    """Ask who wrote an article, by a title that no other one has."""
    titles = Counter(a.title for a in articles)
    signed = [a for a in articles if a.title and titles[a.title] == 1 and a.authors]
    one = dice.choice(signed)
    question = dice.choice(forms["whom"]).format(one.title)
    return Asked(question=question, articles=frozenset([one.id]), says=one.authors)


def _newest(dice: random.Random, articles: Sequence[Article], forms: Forms) -> Asked:
    days = {a.id: d for a in articles if (d := day(a.published))}
    last = max(days.values())
    ids = frozenset(i for i, d in days.items() if d == last)
    return Asked(question=dice.choice(forms["newest"]), articles=ids)


def _covered(dice: random.Random, days: Sequence[date], forms: Forms) -> Asked:
    says = tuple(f"{d:%-d %B %Y}" for d in (days[0], days[-1]))
    return Asked(question=dice.choice(forms["covered"]), articles=frozenset(), says=says)


def rows(folder: Path) -> list[Article]:
    """Read the articles of an archive by plain SQL, which shares no code with what is measured."""
    path = (folder / "archive.db").resolve()
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        found = db.execute(
            "SELECT a.id, r.text, r.title, r.publisher, r.authors, a.day FROM article AS a"
            " JOIN revision AS r ON r.article = a.n AND r.digest = a.digest"
            " WHERE a.withdrawn IS NULL"
        ).fetchall()
    return [
        Article(
            id=name,
            digest="",
            text=text,
            title=title,
            publisher=publisher,
            authors=tuple(json.loads(authors)),
            published=parse_moment(published or ""),
        )
        for name, text, title, publisher, authors, published in found
    ]


def over_own(folder: Path, settings: Settings) -> list[Score]:
    """Score questions made by rule over an archive that is there."""
    articles = rows(folder)
    return [
        one
        for which, what in _REAL.items()
        for one in over(folder, settings, made(articles, which), f"{len(articles)} {what}")
    ]


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
    place, sets = sample(settings)
    found = []
    for name, (count, cases) in sets.items():
        found += over(place, settings, cases, f"{count} articles of {_SAMPLE[name]}")
    return found


def sample(settings: Settings) -> tuple[Place, dict[str, tuple[int, list[Asked]]]]:
    """Return the archive of the sample, and the sets of questions over its so many articles."""
    from eval import corpus, suites

    place = corpus.prepare(suites.sample(), settings).archive
    with Archive.open(place) as archive:
        ids = {Path(a.origin).name: a.id for a in archive.articles() if a.origin}
    cases = Path(__file__).parent / "cases"
    return place, {name: (len(ids), written(cases / f"{name}.jsonl", ids)) for name in _SAMPLE}


_SAMPLE = {
    "archive": "the sample",
    "archive_later": "the sample, written later",
    "archive_last": "the sample, written after that",
    "archive_fresh": "the sample, written last",
    "archive_typed": "the sample, as typed in a hurry",
    "archive_unread": "the sample, in words that nothing was fitted on",
}
_REAL = {
    "first": "real articles",
    "second": "real articles, put otherwise",
    "third": "real articles, put otherwise once more",
    "fourth": "real articles, put in a fourth way, of more kinds",
}


def over_real(folder: Path, settings: Settings, most: int) -> list[Score]:
    """Score questions made by rule over real articles."""
    with TemporaryDirectory() as place:
        path = Path(place) / "archive"
        with Archive.create(path) as archive:
            articles = filled(archive, real(folder, most), settings)
        found = []
        for which, what in _REAL.items():
            asked = made(articles, which)
            found += over(path, settings, asked, f"{len(articles)} {what}")
        return found


def caught(questions: Iterable[str], known: Known) -> list[str]:
    """Return the questions about the world that are taken for ones about the archive."""
    return [q for q in dict.fromkeys(questions) if about_archive(q, known) is not None]


def world(folder: Path | None) -> Iterator[tuple[str, list[str]]]:
    """Yield sets of questions about the world, by name."""
    from eval import suites

    cases = Path(__file__).parent / "cases"
    for path in sorted(cases.glob("*.jsonl")):
        if path.stem not in _SAMPLE:
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


def lines(settings: Settings, data: Path | None, most: int, own: Path | None) -> Iterator[str]:
    """Measure all of it, and yield what came of it in lines for people.

    Args:
        settings: How it is asked.
        data: The folder with sets of real articles and of questions about the world.
        most: Real articles that are read of these.
        own: An archive over which questions are made, in place of all else.
    """
    if own is not None:
        yield from _told(over_own(own, settings))
        return
    scores = over_sample(settings)
    if data is not None:
        scores += over_real(data, settings, most)
    yield from _told(scores)
    known = Known(outlets=("Harbor Ledger", "cnn.com"), authors=("Theo Marsh",), common=common)
    for name, questions in world(data):
        found = caught(questions, known)
        yield f"{name}: {len(found)} of {len(questions)} questions about the world are caught"
        yield from (f"  caught: {one}" for one in found)


def _told(scores: Iterable[Score]) -> Iterator[str]:
    for one in scores:
        yield (
            f"{one.name}: {one.right} of {one.asked} exact ({one.right / one.asked:.3f}), "
            f"median {1000 * one.median:.0f} ms"
        )
        yield from (f"  wrong: {said}" for said in one.wrong)
