"""Do people see anything of what they may not read? What each sees of an archive with rights is
compared with what anybody sees of an archive that holds only what this person may read.

    python -m tests.rag.noninterference --users 20 --questions 50
    python -m tests.rag.noninterference --users 20 --questions 50 --store postgres-15

No chat model is asked. Left out are times, and the number of the archive's state.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag import NewsQA
from rag.answer.claims import claims
from rag.answer.dossier import dossier
from rag.answer.draft import check
from rag.answer.pipeline import open_qa
from rag.archive.archive import Archive
from rag.archive.catalogue import Chosen
from rag.archive.collections import Collections
from rag.archive.filing import Filing
from rag.archive.people import People
from rag.ingest.chunk import chunk
from rag.ingest.identity import bands, cluster_of
from rag.ingest.naming import name_pending
from rag.ingest.run import embed_pending
from rag.language.sentences import split
from rag.record import to_json
from rag.rights import Reader, acting
from rag.search.spelling import respelt
from rag.settings import Place, Settings
from rag.types import Article, Filter

CASES = Path(__file__).resolve().parents[2] / "eval" / "cases"
NAMES = ("City", "Desk", "Foreign", "Law", "Science", "War")
OF_ARCHIVE = (
    "How many articles are there?",
    "Which outlets reported on Ukraine?",
    "How many articles mention NATO?",
    "List the articles of May 2024",
    "Who wrote about the Fed?",
    "What is the latest article?",
)
IDS_OF_TIME = ("generation", "timings")


class Kept:
    """An encoder that encodes each text once."""

    def __init__(self, encoder: Any) -> None:
        self._encoder, self._known = encoder, dict[str, Any]()
        self.fingerprint = encoder.fingerprint

    def encode(self, texts: Sequence[str]) -> Any:
        import numpy as np

        new = [t for t in dict.fromkeys(texts) if t not in self._known]
        for text in new:  # alone, so that a text's vector does not hang on its neighbours
            self._known[text] = self._encoder.encode([text])[0]
        return np.stack([self._known[t] for t in texts])


@dataclass(frozen=True)
class World:
    """An archive with rights, and what it was made of."""

    place: Place
    articles: Sequence[Article]
    held: dict[str, set[str]]
    """The articles of each collection."""
    users: dict[str, set[str]]
    """The collections of each user."""


def made(place: Place, articles: Sequence[Article], users: int, encoder: Any) -> World:
    """Make an archive with collections and people; everything by chance, but always the same."""
    chance = random.Random(7)
    held: dict[str, set[str]] = {name: set() for name in NAMES}
    for article in articles:
        for name in chance.sample(NAMES, chance.choice((0, 1, 1, 1, 2))):
            held[name].add(article.id)
    may = {f"user{n}": set(chance.sample(NAMES, chance.choice((1, 1, 2, 3)))) for n in range(users)}
    pour(place, articles, held, encoder)
    with People.open(place) as people:
        for name, granted in may.items():
            people.add(name)
            for collection in granted:
                people.grant(name, collection)
    return World(place, articles, held, may)


def pour(
    place: Place, articles: Sequence[Article], held: dict[str, set[str]], encoder: Any
) -> None:
    """Store articles in their order, as indexing them would."""
    settings = Settings()
    with Archive.create(place) as archive:
        archive.unfold()
        for article in articles:
            found = bands(article.text)
            cluster = cluster_of(article, archive.near(found))
            pieces = chunk(article, settings.chunk, cluster=cluster)
            how = Filing(bands=found, cluster=cluster)
            archive.put(article, pieces, split(article.text), how)
        name_pending(archive)
        embed_pending(archive, encoder, settings.embed.batch)
    with Collections.open(place) as kept:
        for name, ids in held.items():
            kept.add(name, sorted(ids))


def cut(world: World, user: str, place: Place, encoder: Any) -> None:
    """Make the archive that holds no more than a user may read."""
    held = {name: ids for name, ids in world.held.items() if name in world.users[user]}
    may = set().union(*held.values())
    pour(place, [a for a in world.articles if a.id in may], held, encoder)


def readers(world: World) -> dict[str, Reader]:
    with People.open(world.place) as people:
        found = {name: people.named(name) for name in world.users}
    return {name: reader for name, reader in found.items() if reader}


def questions(count: int) -> list[str]:
    """Some questions of the sample, spread over it, and some about the archive itself."""
    lines = (CASES / "sample.jsonl").read_text().splitlines()
    asked = list(dict.fromkeys(json.loads(line)["question"] for line in lines))
    wanted = max(1, count - len(OF_ARCHIVE))
    return [*asked[:: max(1, len(asked) // wanted)][:wanted], *OF_ARCHIVE][:count]


def answers(qa: NewsQA, asked: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """All that a person is told when asking: the whole answer, and how the search ranked."""
    for question in asked:
        answer = to_json(qa.ask(question))
        yield f"ask {question}", {k: v for k, v in answer.items() if k not in IDS_OF_TIME}
        found = qa.retrieve(qa.read(question))
        yield f"search {question}", [(p.id, p.page_content, p.metadata) for p in found]


def sights(qa: NewsQA) -> Iterator[tuple[str, Any]]:
    """All else that there is to be seen."""
    archive = qa.archive
    views: dict[str, Callable[[], Any]] = {
        name: getattr(archive, name)
        for name in ("coverage", "lacking", "counts", "publishers", "collections", "authors")
    }
    views |= {
        name: getattr(archive, name)
        for name in ("languages", "incomplete", "months", "tally", "unnamed", "histories")
    }
    for name, view in views.items():
        yield name, view()
    yield "articles", [archive.article(a.id) for a in archive.articles()]
    yield "page", archive.page(7)
    yield "copies", [(a.id, archive.copies(a.id)) for a in archive.articles()]
    for words in ("ukr", "fed rate", "reuters", "entity:NATO", "missile"):
        yield f"leaf {words}", archive.leaf(Chosen(text=words), limit=9)
    yield "entities", archive.entities(limit=500)
    yield "named", archive.entities(like="nat", kind="organisation", within=Filter())
    yield "frequencies", archive.frequencies(["Ukraine", "missiles", "rate", "the", "NATO*"])
    yield "spelling", respelt(archive, "wen did artmis go to the mooon near kharkv")
    yield "cards", [(c.id, c.title, c.outlet, c.day) for c in archive.cards()]
    yield "dossier", _plain(dossier("NATO", qa))
    yield "claims", claims("Ukraine missiles", qa)
    draft = "NATO has 32 members. The Fed cut rates in 2022. The bridge in Baltimore collapsed."
    yield "draft", list(check(draft, qa))
    timeline = to_json(qa.timeline("Artemis"))
    yield "timeline", {k: v for k, v in timeline.items() if k not in IDS_OF_TIME}


def _plain(told: Any) -> str:
    """Write out what has a number of the archive's state somewhere inside."""
    import re

    return re.sub(r"(generation|total|first_evidence|checking)=[\d.]+", "", repr(told))


@contextmanager
def opened(place: Place, encoder: Any) -> Iterator[NewsQA]:
    base = Settings(archive=place)
    settings = base.model_copy(update={"chat": base.chat.model_copy(update={"llm": "none"})})
    with open_qa(settings, encoder=encoder) as qa:
        yield qa


def differences(
    world: World, encoder: Any, asked: Sequence[str], place: Callable[[str], Place]
) -> Iterator[str]:
    """Yield in words what any user sees otherwise; nothing is how it should be."""
    for user, reader in readers(world).items():
        cut(world, user, place(user), encoder)
        with opened(place(user), encoder) as alone, opened(world.place, encoder) as shared:
            views = ((sights, ()), (answers, (asked,)))
            for view, given in views:
                theirs = view(alone, *given)
                with acting(reader):
                    ours = list(view(shared, *given))
                for (name, mine), (_, only) in zip(ours, theirs, strict=True):
                    if (one := _same(mine)) != (two := _same(only)):
                        yield f"{user}, {name}: {_where(one, two)}"


def _same(value: Any) -> str:
    """Write a value so that equals are equal; the last digits of a sum are not looked at."""

    def rounded(v: Any) -> Any:
        if isinstance(v, float):
            return round(v, 5)
        if isinstance(v, dict):
            return {k: rounded(x) for k, x in v.items()}
        return [rounded(x) for x in v] if isinstance(v, list | tuple) else v

    return json.dumps(rounded(value), default=repr, ensure_ascii=False)


def _where(one: str, two: str) -> str:
    n = next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), len(one))
    return f"...{one[max(0, n - 80) : n + 80]!r} not ...{two[max(0, n - 80) : n + 80]!r}"


def _main() -> None:
    import os

    from rag.ingest.run import ingest
    from rag.models.embed import load
    from tests import servers

    os.environ.setdefault("DATELINE_RERANK__MODEL", "none")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--questions", type=int, default=50)
    parser.add_argument("--store", default="sqlite")
    given = parser.parse_args()
    settings = Settings()
    encoder = Kept(load(settings.embed))
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        with Archive.create(base / "sample") as archive:
            list(ingest(archive, encoder, [CASES.parent / "sample"], settings))
            articles = listed(archive)
        world = made(_at(given.store, base, "world"), articles, given.users, encoder)
        asked = questions(given.questions)
        found = list(differences(world, encoder, asked, lambda user: _at(given.store, base, user)))
        servers.close()
    sys.stdout.write("".join(f"{line}\n" for line in found))
    sys.stdout.write(f"{given.users} users, {len(asked)} questions: {len(found)} differences\n")
    raise SystemExit(1 if found else 0)


def listed(archive: Archive) -> list[Article]:
    """The articles in the order in which they came."""
    rows = archive._all("SELECT id FROM article WHERE withdrawn IS NULL ORDER BY n")
    return [archive.article(row["id"]) for row in rows]


def _at(store: str, base: Path, name: str) -> Place:
    from rag.settings import place
    from tests import servers

    return base / name if store == "sqlite" else place(servers.server(store).address(f"n_{name}"))


if __name__ == "__main__":
    _main()
