"""Example questions drawn from an archive: made of its own sentences, kept when it answers them.

    examples(archive, lambda question: qa.ask(question))  # one of each gift that the archive has
    related(archive, answer, lambda question: qa.ask(question))  # beside what was just answered

No model words them: a sentence of a plain form is turned around ("Ann Lee will lead the inquiry."
is "Who will lead the inquiry?"), a name that many days report on asks for its timeline. Then each
is asked, and only what is answered is shown. The same archive always gives the same questions.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice, starmap, zip_longest
from typing import TYPE_CHECKING, Literal, get_args

from rag.errors import DatelineError
from rag.language.names import names
from rag.language.numbers import numbers
from rag.language.numerals import NUMERALS
from rag.language.places import PHRASES
from rag.language.speech import speeches
from rag.types import Answer, Article, RulingKind, day

if TYPE_CHECKING:
    from rag.archive.archive import Archive

Gift = Literal["a fact", "a change", "a dispute", "what happened when", "a question it declines"]
"""What an example shows that an archive can do."""

READ = 60
"""Most articles that are read for questions, the newest first."""
TRIED = 48
"""Most questions that are asked to find one of each gift."""
BESIDE = 8
"""Most questions that are asked to find related ones."""
ELSEWHERE = (
    "What is the capital of Mongolia?",
    "Who wrote the novel Moby-Dick?",
    "How tall is Mount Kilimanjaro?",
)
"""Questions that hardly an archive of news answers."""
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
_COUNT = r"(?:(?:at least|more than|about|nearly|almost|some) )?(?:\d[\d,.]*|{})".format(
    "|".join(NUMERALS)
)
_DONE = re.compile(
    rf"\b(?P<verb>[a-z]+ed(?: down| up| out| off)?|shot down)(?: only)? {_COUNT} (?:of the )?"
    r"(?P<what>(?:[A-Za-z-]+ ){0,4}?(?:[a-z]{3,}s|people))\b"
)
_WERE = re.compile(
    rf"\b{_COUNT} (?P<what>(?:[a-z-]+ ){{0,2}}?(?:[a-z]{{3,}}s|people)) "
    r"(?:were|have been|had been|was) (?P<verb>[a-z]+ed|shot down|hurt)\b",
    re.IGNORECASE,
)
_WILL = re.compile(
    rf"\b(?P<subject>(?:The )?{_CAPITAL}(?: (?:{_CAPITAL}|[IVX]+|\d+))*)(?:, [^,]{{3,70}},)? "
    r"(?:will|would|is to|was to) (?:now |not )?(?P<verb>[a-z]+) "
    r"(?:no earlier than|in|on|by|before) (?:\d|January|February|March|April|May|June|July|August|"
    r"September|October|November|December)"
)
_ROLE = re.compile(
    rf"(?P<who>{_CAPITAL} (?![IVX]+\b){_CAPITAL}), "
    r"(?:the|a|an|its) (?:[a-z'’-]+ ){1,6}[A-Za-z'’-]+, "
)
_UNCLEAR = re.compile(
    r"\b(?:he|she|it|they|his|her|its|their|them|this|that|these|those|one|last)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Example:
    """A question to try, and what it shows."""

    question: str
    gift: Gift | Literal[""]
    """Empty where nobody has asked it yet."""


def examples(
    archive: Archive, ask: Callable[[str], Answer], *, count: int = 4, patience: float = 2.0
) -> tuple[Example, ...]:
    """Return up to `count` questions: one of each gift, then more that are answered.

    Args:
        archive: Where the sentences come from.
        ask: Answers a question; without a chat model it takes a fraction of a second.
        count: How many are wanted.
        patience: Seconds after which no more questions are tried.
    """
    end = time.monotonic() + patience
    declined = next((q for q, a in _asked(ELSEWHERE, ask, end) if a.outcome == "declined"), None)
    last = [Example(declined, "a question it declines")] if declined else []
    found: dict[Gift, Example] = {}
    others: list[Example] = []
    for question, answer in _asked(islice(candidates(archive), TRIED), ask, end):
        gift = _gift(answer)
        if gift is None:
            continue
        if gift in found:
            others.append(Example(question, gift))
        found.setdefault(gift, Example(question, gift))
        if {"a fact", "a change", "a dispute"} <= found.keys():
            break
    if not found:
        return ()
    wanted = [found[g] for g in get_args(Gift) if g in found] + others
    return (*wanted[: count - len(last)], *last)


def related(
    archive: Archive,
    answer: Answer,
    ask: Callable[[str], Answer],
    *,
    count: int = 3,
    patience: float = 10.0,
) -> tuple[str, ...]:
    """Return up to `count` other questions that the articles of an answer answer.

    Args:
        archive: Where the sentences come from.
        answer: What was just answered, or declined with what comes closest.
        ask: Answers a question without a chat model.
        count: How many are wanted.
        patience: Seconds after which no more questions are tried.
    """
    end = time.monotonic() + patience
    sources = [*(e.source for e in answer.evidence), *(c.source for c in answer.closest)]
    articles = [archive.article(i) for i in dict.fromkeys(s.article_id for s in sources)]
    asked = {_plain(answer.question), _plain(answer.asked_as or "")}
    told = {c.span for c in answer.citations}
    tried = (q for q in _made(archive, articles) if _plain(q) not in asked)
    found: list[str] = []
    for question, other in _asked(islice(tried, BESIDE), ask, end):
        new = any(c.span not in told for c in other.citations)
        if _gift(other) is not None and new:
            found.append(question)
            told |= {c.span for c in other.citations}
        if len(found) == count:
            break
    return tuple(found)


def _asked(
    questions: Iterable[str], ask: Callable[[str], Answer], end: float
) -> Iterator[tuple[str, Answer]]:
    """Yield questions with their answers until time is up; what cannot be asked is left out."""
    for question in questions:
        if time.monotonic() > end:
            return
        with suppress(DatelineError):
            yield question, ask(question)


def _gift(answer: Answer) -> Gift | None:
    """Return what an answer shows; None where nothing is answered."""
    if answer.outcome == "declined" or answer.verdict is None:
        return None
    kinds: dict[RulingKind, Gift] = {"changed": "a change", "disputed": "a dispute"}
    if answer.verdict is not None and answer.verdict.kind in kinds:
        return kinds[answer.verdict.kind]
    return "what happened when" if answer.timeline else "a fact"


def _plain(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.casefold()))


def candidates(archive: Archive) -> Iterator[str]:
    """Yield questions that the archive may answer, of each form in turn."""
    listed = archive.articles(limit=READ)
    yield from questions_of(archive, [archive.article(a.id) for a in listed])


def questions_of(archive: Archive, articles: Sequence[Article]) -> Iterator[str]:
    """Yield questions that some articles may answer; last those that only name their headlines."""
    yield from _made(archive, articles)
    yield from filter(None, map(_title, articles))


def _made(archive: Archive, articles: Sequence[Article]) -> Iterator[str]:
    """Yield questions that are made of sentences, of each form in turn."""
    told = [(s, about) for a in articles for about in [_about(a)] for s in _sentences(archive, a)]
    said = [sentence for sentence, _ in told]
    people = _people(archive, articles)
    forms = (
        filter(None, map(_who, said)),
        _timelines(articles),
        filter(None, starmap(_counted, told)),
        filter(None, map(_will, said)),
        filter(None, (_told(s, about, people) for s, about in told)),
        filter(None, map(_many, said)),
        filter(None, map(_when, said)),
        filter(None, map(_role, said)),
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


def _counted(sentence: str, about: str) -> str | None:
    """Ask for a count of what was done; not for hours that something lasted."""
    found = _DONE.search(sentence) or _WERE.search(sentence)
    if not found or not about or not any(n.kind == "count" for n in numbers(found[0])):
        return None
    return f"{about}: how many {found['what']} were {found['verb']}?"


def _told(sentence: str, about: str, people: Mapping[str, str]) -> str | None:
    """Ask what somebody said, where a sentence reports that they speak."""
    named = (s.name.text.split()[-1] for s in speeches(sentence) if s.name)
    who = next((people[last] for last in named if last in people), None)
    return f"{about}: what did {who} say?" if who and about and who not in about else None


def _people(archive: Archive, articles: Sequence[Article]) -> dict[str, str]:
    """Return who is named in some articles, by their last names."""
    among = [a.id for a in articles][:500]
    found, _ = archive.entities(kind="person", among=among, limit=300)
    return {e.name.split()[-1]: e.name for e in reversed(found) if " " in e.name}


def _will(sentence: str) -> str | None:
    found = _WILL.search(sentence)
    if not found or found["verb"] == "be":
        return None
    return f"When will {re.sub('^The ', 'the ', found['subject'])} {found['verb']}?"


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


def _about(article: Article) -> str:
    """Return the name that a headline is about: its longest that the text has as well."""
    found = [n.text for n in names(f"About {article.title or ''}.") if n.text in article.text]
    return max(found, key=len, default="")


def _timelines(articles: Sequence[Article]) -> Iterator[str]:
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
