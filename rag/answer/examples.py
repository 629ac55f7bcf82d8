"""Example questions drawn from an archive: made of its own sentences, kept when it answers them.

    examples(archive, lambda question: qa.ask(question))

No model words them: a sentence of a plain form is turned around ("Ann Lee will lead the inquiry."
is "Who will lead the inquiry?"), a name that many days report on asks for its timeline. Then each
is asked, and only what is answered is shown. The same archive always gives the same questions.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING

from rag.errors import DatelineError
from rag.language.names import names
from rag.language.places import PHRASES
from rag.types import Answer, Article, day

if TYPE_CHECKING:
    from rag.archive.archive import Archive

READ = 60
"""Most articles that are read for questions, the newest first."""
TRIED = 16
"""Most questions that are asked to find those that are answered."""
_LONGEST = 110

_DAY = r" on (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_CAPITAL = r"[A-Z][\w'’-]+"
_WHO = re.compile(
    rf"^{_CAPITAL}(?: {_CAPITAL}){{1,2}} "
    r"(?P<rest>(?:will|won|became|leads|led|heads|headed|commands|signed|approved|resigned) "
    r"[^,;:“”\"()]{8,80})\.$"
)
_MANY = re.compile(
    r"^(?:(?:At least|More than|About|Nearly|Almost|Some) )?\d[\d,.]* "
    r"(?P<rest>[a-z]+(?: [a-z]+)? (?:were|have|had|are|will) [^,;:“”\"()]{8,80})\.$"
)
_WHEN = re.compile(
    r"^(?P<subject>(?:The )?[A-Z][^,;:“”\"()]{3,50}?) (?P<verb>was|were) "
    r"(?P<rest>[a-z]+(?:ed|en|wn|t)(?: (?!by )[^,;:“”\"()]{2,50}?)?) (?:on|in) "
    r"(?:(?:January|February|March|April|May|June|July|August|September|October|November|December)"
    r"[ \d,]*|\d{1,2} [A-Z][a-z]+[ \d]*)\.$"
)
_ROLE = re.compile(
    rf"(?P<who>{_CAPITAL} (?![IVX]+\b){_CAPITAL}), "
    r"(?:the|a|an|its) (?:[a-z'’-]+ ){1,6}[A-Za-z'’-]+, "
)
_UNCLEAR = re.compile(
    r"\b(?:he|she|it|they|his|her|its|their|them|this|that|these|those|one|last)\b",
    re.IGNORECASE,
)


def examples(
    archive: Archive, ask: Callable[[str], Answer], *, count: int = 3, patience: float = 2.0
) -> tuple[str, ...]:
    """Return up to `count` questions that an archive answers.

    Args:
        archive: Where the sentences come from.
        ask: Answers a question; without a chat model it takes a fraction of a second.
        count: How many are wanted.
        patience: Seconds after which no more questions are tried.
    """
    end = time.monotonic() + patience
    found: list[str] = []
    for question in islice(candidates(archive), TRIED):
        if len(found) == count or time.monotonic() > end:
            break
        try:
            answered = ask(question).outcome == "answered"
        except DatelineError:
            continue
        if answered:
            found.append(question)
    return tuple(found)


def candidates(archive: Archive) -> Iterator[str]:
    """Yield questions that the archive may answer, of each form in turn."""
    listed = archive.articles(limit=READ)
    articles = [archive.article(a.id) for a in listed]
    said = [s for a in articles for s in _sentences(archive, a)]
    forms = (
        filter(None, map(_who, said)),
        _timelines(articles),
        filter(None, map(_many, said)),
        filter(None, map(_when, said)),
        filter(None, map(_role, said)),
        filter(None, map(_title, articles)),
    )
    mixed = chain.from_iterable(zip_longest(*forms))
    good = (q for q in mixed if q and len(q) <= _LONGEST and not _UNCLEAR.search(q))
    yield from dict.fromkeys(good)


def _sentences(archive: Archive, article: Article) -> Iterator[str]:
    for span in archive.sentences(article.id):
        text = " ".join(span.of(article.text).split())
        if len(text) <= 240:
            yield re.sub(rf"{_DAY}(?=\.$)", "", text)


def _who(sentence: str) -> str | None:
    found = _WHO.match(sentence)
    return f"Who {found['rest']}?" if found else None


def _many(sentence: str) -> str | None:
    found = _MANY.match(sentence)
    return f"How many {found['rest']}?" if found else None


def _when(sentence: str) -> str | None:
    found = _WHEN.match(sentence)
    if not found:
        return None
    subject = re.sub("^The ", "the ", found["subject"])
    return f"When {found['verb']} {subject} {found['rest']}?"


def _role(sentence: str) -> str | None:
    found = _ROLE.search(sentence)
    return f"Who is {found['who']}?" if found else None


def _title(article: Article) -> str | None:
    name = " ".join((article.title or "").split()).rstrip(".!")
    if name.endswith("?"):
        return name
    return f"What is reported about “{name}”?" if 15 <= len(name) <= 80 else None


def _timelines(articles: list[Article]) -> Iterator[str]:
    """Yield a question for each name of a title that three or more days report on."""
    titled = {n.text for a in articles for n in names(f"About {a.title or ''}.")}
    days: dict[str, set[date]] = defaultdict(set)
    for article in articles:
        when = day(article.published)
        for name in titled:
            if (
                when
                and " " in name
                and tuple(name.lower().split()) not in PHRASES
                and name in article.text
            ):
                days[name].add(when)
    often = sorted((n for n in days if len(days[n]) >= 3), key=lambda n: (-len(days[n]), n))
    yield from (f"{name}: what happened when?" for name in often)
