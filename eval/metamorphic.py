"""What must change nothing: other words for one question, and articles on something else.

    make metamorphic          # the questions of eval/cases/paraphrases.jsonl beside 2,000 articles

A question that is put in the passive, in another tense or with "what number of" asks the same, and
an archive that also holds the budgets of a thousand councils says the same about it.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from rag.answer.pipeline import NewsQA, open_qa
from rag.archive.rows import digest_of
from rag.settings import ChatSettings, Settings
from rag.types import Answer, Article

HERE = Path(__file__).parent
CASES = HERE / "cases" / "paraphrases.jsonl"
LEAST = 0.95
"""Share of the questions that must come out the same."""
WORDED = 0.85
"""The same for other words of one question, where kind and value of the verdict count as well as
what the sources differ on. The aim is `LEAST`; when this was set, 107 of 120 came out the same, and
119 in what the sources differ on."""


@dataclass(frozen=True, slots=True)
class Told:
    """What must stay the same of an answer: what comes of it, and what its sources differ on."""

    kind: str
    value: str | None
    conflicts: tuple[tuple[str, tuple[str, ...]], ...]


def told(answer: Answer) -> Told:
    """Take from an answer what must stay the same."""
    ruling = answer.verdict
    return Told(
        kind=ruling.kind if ruling else "",
        value=ruling.value if ruling and _is_value(ruling.value) else None,
        conflicts=tuple((c.kind, tuple(r.value for r in c.readings)) for c in answer.conflicts),
    )


def _is_value(text: str | None) -> bool:
    """Say whether a value is a number, a day or a name, which no wording changes."""
    return text is not None and bool(re.search(r"\d|^[A-Z]", text))


def questions() -> list[tuple[str, list[str]]]:
    """Return the questions, each with its paraphrases."""
    lines = CASES.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [(row["question"], row["paraphrases"]) for row in rows]


def unrelated(count: int) -> Iterator[Article]:
    """Yield articles by rule, on what no question asks: the budgets of made-up councils."""
    things = ("budget", "road plan", "school roof", "library", "bus line", "water main", "park")
    for n in range(count):
        thing = things[n % len(things)]
        text = (
            f"The council of Ostrava-{n} approved a {thing} of {300 + 7 * n} euros on Monday. "
            f"Councillor Petra Nemec {n} said that {n % 40 + 5} members had voted for it."
        )
        yield Article(
            id=f"unrelated-{n}",
            digest=digest_of(text),
            text=text,
            title=f"Council {n} approves {thing}",
            publisher=f"Gazette {n % 9}",
            published=date(2022, 1, 3) + timedelta(days=n % 1000),
        )


def differing(qa: NewsQA, asked: Sequence[tuple[str, str]]) -> list[str]:
    """Return what came out otherwise than it should, a line for each pair of questions."""
    found = []
    for one, other in asked:
        first, second = told(qa.ask(one)), told(qa.ask(other))
        if first != second:
            found.append(f"{one} | {other}\n  {first}\n  {second}")
    return found


def add(folder: Path, articles: Iterator[Article]) -> None:
    """Store articles in an archive, with passages and vectors."""
    from rag.archive.archive import Archive
    from rag.ingest.chunk import chunk
    from rag.ingest.run import embed_pending
    from rag.language.sentences import split
    from rag.models.embed import load

    settings = Settings()
    with Archive.create(folder) as archive:
        for article in articles:
            archive.put(article, chunk(article, settings.chunk), split(article.text))
        embed_pending(archive, load(settings.embed), settings.embed.batch)


def beside(folder: Path, count: int) -> list[str]:
    """Return the questions whose answer changes when articles on something else are added."""
    settings = Settings(archive=folder, chat=ChatSettings(llm="none"))
    asked = [one for one, _ in questions()]
    with open_qa(settings) as qa:
        before = {one: told(qa.ask(one)) for one in asked}
    add(folder, unrelated(count))
    with open_qa(settings) as qa:
        after = {one: told(qa.ask(one)) for one in asked}
    return [f"{one}\n  {before[one]}\n  {after[one]}" for one in asked if before[one] != after[one]]


def main() -> int:
    """Ask beside many articles; print what changed, and fail when that is too much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=2000)
    count = parser.parse_args().count
    from rag.archive.archive import Archive
    from rag.ingest.run import ingest
    from rag.models.embed import load

    with tempfile.TemporaryDirectory() as folder:
        with Archive.create(Path(folder)) as archive:
            list(ingest(archive, load(Settings().embed), [HERE / "sample"], Settings()))
        changed = beside(Path(folder), count)
    total = len(questions())
    print("\n".join(changed))  # noqa: T201 - the result of a program
    print(f"{total - len(changed)} of {total} the same beside {count} articles")  # noqa: T201
    return int(len(changed) > (1 - LEAST) * total)


if __name__ == "__main__":
    sys.exit(main())
