"""Which sentence answers, so that it is told first: by its time, its speaker, its value.

Search ranks sentences by likeness, and likeness knows nothing of time: an election of 1998 reads
like that of 2024, and an approval in March like the news of September. Here the few that search
found are judged by what they say.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from rag.answer.differ.causes import asks_cause, telling
from rag.answer.differ.disagree import alike, comparable, newest
from rag.answer.differ.figures import figures
from rag.answer.differ.readings import numbered, own
from rag.language.eventday import began, by_distance, happened, told
from rag.language.facts import answer_type
from rag.language.kinds import ROLES
from rag.language.names import Name, names
from rag.language.voice import voice
from rag.language.when import dates
from rag.language.words import fold, words
from rag.question.asked import asked
from rag.question.deed import deed
from rag.question.query import MENTION, Period, Query
from rag.search.candidates import Candidate, nearest, score
from rag.search.select import source_of
from rag.types import Answer, Citation, Evidence, Statement, day

LATER = timedelta(days=45)
"""How long after a day or month an article may come out and tell of it without naming it."""
NEAR = 2.5
"""How far below the best sentence, in logits of the cross-encoder, one may be that says when."""
LIKELY = 4.0
"""The logit from which on a sentence answers."""
LEAST = 2.0
"""The logit below which a sentence tells of something else, however good the others are."""
TAKEN = -2.0
"""The same where a value of the right kind is there, or the question takes the event for granted:
that of one who compares two, or asks for a number of 2022."""
ALIKE = 1.5
"""How near, in logits, the sentences of one report are that tell of one thing."""
EVENTS = 1.0
"""The same of the sentences on two events of one name."""
ALIKE_IN_MEANING = 2.0
"""What the likeness of meaning counts beside a logit, as in `rag.search.retrieve`."""
FAR = 3.0
"""How much more a sentence without a day may be about an event than the best one with a day."""
_NAMED = frozenset({"person", "organisation", "place"})
AWAY = 5.0
"""How far, in logits, a sentence without its headline may be behind the one that answers best."""
APART = timedelta(days=90)
"""How far apart the days of two events of one name are."""
CLOSE = 0.8
"""Least likeness to the question of a sentence with the value, as a share of the best one's."""
_STATE = re.compile(
    r"\b(?:latest|newest|most recent(?:ly)?|currently|current|now|so far|to date|still|yet"
    r"|at present|up to date|last heard)\b"
    r"|^(?:who|what|which(?: \w+){1,3}) (?:is|are|(?!was)[a-z]{2,}(?<!s)s)\b"
    r"|^(?:is|are|has|have|did|will|may|can|does|do|was|were)\b"
    r"|^what (?:became|has become|will (?:happen|become)|happened) (?:of|to|with)\b"
)
"""How a question asks for a state of things, of which the newest report tells."""
_AT = re.compile(r"\b(?:in|on|during|of) (?:\w+day,? )?(?:the )?$", re.IGNORECASE)
"""What stands ahead of a date that says when: "in", "on Wednesday, "."""
_THE = re.compile(r"\bthe (?:\w+ )?$", re.IGNORECASE)
_NOUN = re.compile(r"\s+[a-z]")
"""Around a date that says which event is meant: "the 2024 strike", "the January 2025 quake"."""


def leading(
    query: Query, ranked: Sequence[Candidate], without: Sequence[str] = ()
) -> tuple[list[Candidate], str]:
    """Return the sentences of a part of a question, that which answers it first, and by what rule.

    Those of another time than the question names are left out, where any is of that time.

    Args:
        query: The question, or a part of it.
        ranked: The sentences that search found, best first.
        without: Rules that are left out, by name.
    """
    timed = list(ranked) if "period" in without else of_the_time(query, ranked)
    for name, rule in LEADS.items():
        if name not in without and (first := rule(query, timed)) is not None:
            return [first, *(c for c in timed if c is not first)], name
    return timed, ""


def goes_by_meaning(query: Query) -> bool:
    """Return True when a rule goes by what the cross-encoder makes of the sentences."""
    values = asked(query) is not None or answer_type(query.text) in _NAMED
    return values or asks_state(query) or asks_cause(query.text)


def on_its_day(
    ranked: Sequence[Candidate],
    least: float = LEAST,
    alike: float = EVENTS,
    done: Collection[str] = (),
) -> tuple[Candidate, date, date] | None:
    """Return the sentence that says when it happened, with the first and the last day of that.

    Of several events of one name it is the last, and of sentences on that the most exact. The
    cross-encoder knows that a bridge that fell has collapsed, which no list of words does.

    Args:
        ranked: Sentences with their logits.
        least: The logit that it must have.
        alike: How near the sentences on another event of that name must be.
        done: Stems of what was done, as `rag.language.eventday.by_distance` takes them.
    """
    told_of = [c for c in ranked if not _ahead(c)]
    dated = {id(c): when for c in told_of if (when := _told_days(c, done)) is not None}
    about = nearest([c for c in told_of if id(c) in dated], NEAR, least)
    if not about:
        return None
    best = max(about, key=_about)
    since = dated[id(best)][0]
    better = [c for c in ranked if _logit(c) - _logit(best) > FAR and _day(c) >= since]
    if better:
        return None  # a report of those days tells of it, and does not say when it was
    named = nearest(about, alike, LIKELY) or [best]
    last = max(dated[id(c)][1] for c in named)
    same = [c for c in about if abs(last - dated[id(c)][1]) <= APART]
    first = max(same, key=lambda c: (dated[id(c)][0] == dated[id(c)][1], _logit(c)))
    return (first, *dated[id(first)])


def _logit(candidate: Candidate) -> float:
    return candidate.logit or 0.0


def _about(candidate: Candidate) -> float:
    """Return how much a sentence is about a question: what the cross-encoder has alike, by meaning.

    A probe that "lifted off" and one that "went into orbit" are both nearly launched for it.
    """
    return _logit(candidate) + ALIKE_IN_MEANING * candidate.meaning


def _ahead(candidate: Candidate) -> bool:
    """Return True for a sentence that tells of a day to come: a plan says nothing of what was."""
    published = day(candidate.article.published)
    found = dates(candidate.text, candidate.article.published)
    return published is not None and any(d.first and d.first > published for d in found)


def _on_its_day(query: Query, ranked: Sequence[Candidate]) -> Candidate | None:
    wanted = asked(query)
    if wanted is None or "date" not in wanted.kinds or wanted.ahead:
        return None
    if wanted.start and (since := _valued(query, ranked)) is not None:
        return since
    verb = deed(query.text)
    found = on_its_day(ranked, done=(verb.stem,) if verb else ())
    return None if found is None else found[0]


def _told_days(candidate: Candidate, done: Collection[str]) -> tuple[date, date] | None:
    """Return the days that a sentence says something happened on; None where it says no such."""
    published = day(candidate.article.published)
    if distant := by_distance(candidate.text, published, done):
        return distant.first, distant.last
    if first := began(candidate.text, published):
        return first, first
    when = happened(candidate.text, published)
    return when if when is not None and when[1] - when[0] < timedelta(days=32) else None


def of_the_time(query: Query, ranked: Sequence[Candidate]) -> list[Candidate]:
    """Leave out what tells of another time than the question names; all stay if none is of it."""
    period = asked_period(query)
    kept = [c for c in ranked if period is None or _within(c, period)]
    best = max(map(score, ranked), default=0.0)
    return kept if any(score(c) >= 0.5 * best for c in kept) else list(ranked)


def asked_period(query: Query) -> Period | None:
    """Return the time that a question names for what happened: "in 2024", "on 3 May 2024"."""
    if len(query.mentions) != 1 or query.kind == "timeline":
        return None
    named = MENTION.search(query.text)
    if named is None:
        return None
    ahead, behind = query.text[: named.start()], query.text[named.end() :]
    if not _AT.search(ahead) and not (_THE.search(ahead) and _NOUN.match(behind)):
        return None
    return query.mentions[0]


def _within(candidate: Candidate, period: Period) -> bool:
    """Say whether a sentence may tell of a time: it names it, or its article is of that time."""
    published = day(candidate.article.published)
    first, last = period
    days = [(t.when.first, t.when.last) for t in told(candidate.text, published) if not t.said]
    if any(a and b and a <= last and first <= b for a, b in days):
        return True
    if published is None:
        return True
    exact = [a for a, b in days if a and b and b - a < timedelta(days=32)]
    apart = bool(exact) and all(not first <= a <= last for a in exact)
    return not apart and first <= published <= last + LATER


def asks_state(query: Query) -> bool:
    """Say whether a question asks for a state of things, which later news replaces."""
    other = query.kind in {"timeline", "order", "duration"}
    return not other and not query.mentions and bool(_STATE.search(fold(query.text)))


def latest(query: Query, ranked: Sequence[Candidate]) -> Candidate | None:
    """Return the best sentence of the newest report that speaks of what is asked, of a state."""
    if not asks_state(query):
        return None
    about = [c for c in nearest(ranked, NEAR, TAKEN) if day(c.article.published) is not None]
    last = max(map(_day, about), default=None)
    newest_of = [c for c in about if _day(c) == last and _fits(query, c)]
    best = max(map(_logit, newest_of), default=0.0)
    # News begins with what is new: what follows goes on from it.
    return min((c for c in newest_of if best - _logit(c) <= ALIKE), key=_place, default=None)


_WHO_IS = re.compile(r"^who(?: is| are| was| were|['’]s|['’]re) (?P<who>.+?)\W*$", re.IGNORECASE)
_APPOSED = re.compile(
    r"^(?:, (?:\d+, )?(?:an?|the|who|whose|his|her|its|their|[a-z][\w-]* (?:of|for|at|in))\b"
    r"| (?:is|was|became|has been|serves as) (?:an?|the|one)\b)"
)
"""What goes on behind a name to say who that is."""


def who_is(question: str) -> Name | None:
    """Return the name of whom a question asks who that is: "Who is Ann Lee?"."""
    found = _WHO_IS.match(question)
    wanted = names(found["who"]) if found else ()
    whole = (
        found is not None and len(wanted) == 1 and wanted[0].span.of(found["who"]) == found["who"]
    )
    return wanted[0] if whole else None


def _introduced(query: Query, ranked: Sequence[Candidate]) -> Candidate | None:
    """Return the sentence that says who somebody is: "the minister Ann Lee", "Ann Lee, a nurse"."""
    wanted = who_is(query.text)
    told_of = [c for c in ranked if wanted is not None and _introduces(c.text, wanted.parts)]
    return max(told_of, key=_logit, default=None)


def _introduces(text: str, parts: tuple[str, ...]) -> bool:
    for name in names(text):
        ahead = [w.low for w in words(text[: name.span.start])][-1:]
        role = bool(name.title) or any(low in ROLES for low in ahead)
        said = role or _APPOSED.search(text[name.span.end :]) is not None
        if name.parts[-len(parts) :] == parts and said:
            return True
    return False


def _place(candidate: Candidate) -> int:
    return candidate.position


def _cause(query: Query, ranked: Sequence[Candidate]) -> Candidate | None:
    """Return the sentence that names what brought something about, where that is asked."""
    return max(telling(query, ranked), key=_logit, default=None)


def earlier(query: Query, ranked: Sequence[Candidate]) -> list[Candidate]:
    """Return, oldest first, the best sentence of each report older than that of the first one."""
    first = ranked[0]
    found: dict[str, Candidate] = {}
    for candidate in sorted(nearest(ranked, NEAR, TAKEN), key=_logit, reverse=True):
        before = _day(candidate) < _day(first) and candidate.cluster != first.cluster
        if before and _fits(query, candidate) and day(candidate.article.published) is not None:
            found.setdefault(candidate.cluster, candidate)
    return sorted(found.values(), key=_day)


def with_earlier(query: Query, ranked: Sequence[Candidate], answer: Answer) -> Answer:
    """Let the newest report speak first, and show what was said before it with its days.

    Args:
        query: A question for a state of things.
        ranked: The sentences that may answer it, that of the newest report first.
        answer: As it would stand; one that was declined or shows a change stays.
    """
    if answer.outcome == "declined" or answer.conflicts or not day(ranked[0].article.published):
        return answer
    pieces = list(answer.evidence)
    told = {c.source.article_id for s in answer.statements for c in s.citations}
    newest_said = () if ranked[0].article.id in told else (own(_citation(ranked[0], pieces)),)
    before = tuple(
        _before(own(_citation(c, pieces)))
        for c in earlier(query, ranked)[-MOST:]
        if c.article.id not in told
    )
    statements = (*newest_said, *answer.statements, *before)
    return replace(answer, statements=statements, evidence=tuple(pieces))


BEFORE = "Before: "
"""What stands ahead of what was said before the newest report."""
MOST = 2
"""Most earlier reports that are shown beside the newest one."""


def _citation(candidate: Candidate, pieces: list[Evidence]) -> Citation:
    source = source_of(candidate.article)
    return numbered(
        Citation(number=0, source=source, span=candidate.span, quote=candidate.text), pieces
    )


def _before(statement: Statement) -> Statement:
    return replace(statement, text=f"{BEFORE}{statement.text}")


def _day(candidate: Candidate) -> date:
    return day(candidate.article.published) or date.min


def _fits(query: Query, candidate: Candidate) -> bool:
    return answer_type(query.text) != "person" or candidate.form > 0


_SAYS = re.compile(
    r"\b(?:what|how) (?:exactly |else )?(?:did|does|do|has|have) (?P<who>.{2,80}?) (?:say|said|tell"
    r"|told|think|make|made|react|respond|comment|argue|claim|warn|announce|reply|answer)\b"
    r"|\bwhat (?:was|were|is|are) (?P<whose>.{2,80}?)['’]s? (?:own |first |exact )?"
    r"(?:words?|comments?|answer|repl(?:y|ies)|response|reaction|statement)\b",
    re.IGNORECASE,
)
"""A question for the words of somebody."""


_WORDS = re.compile(r"\b(?:say|said|tell|told|comments?|reply|answer|words?)\b", re.IGNORECASE)
"""What asks for words of his, where "react" may be told without any."""


def _said(query: Query, ranked: Sequence[Candidate]) -> Candidate | None:
    """Return the best sentence in which speaks who is asked after: "What did she say ..."."""
    who = _speaker(query.text)
    if not who:
        return None
    spoken = [c for c in ranked if who in {w.low for w in words(_voiced(c))}]
    told_of = () if spoken and _WORDS.search(query.text) else ranked
    about = [*spoken, *(c for c in told_of if who in {w.low for w in words(c.text)})]

    def worth(candidate: Candidate) -> float:
        quoted = candidate in spoken and any(q in candidate.text for q in '"“')
        return score(candidate) + 0.5 * (candidate in spoken) + quoted

    return max(about, key=worth, default=None)


def speaks(question: str, candidate: Candidate) -> bool:
    """Return True for a sentence in which speaks who is asked after: "What did she say ..."."""
    return _speaker(question) in {w.low for w in words(_voiced(candidate))}


def _speaker(question: str) -> str:
    """Return the last word of whose words are asked for; empty where none are."""
    found = _SAYS.search(question)
    said = (found["who"] or found["whose"]) if found else ""
    return next((w.low for w in reversed(words(said)) if w.content), "")


def _voiced(candidate: Candidate) -> str:
    return voice(candidate.article, candidate.span)


def _by_headline(candidate: Candidate, ranked: Sequence[Candidate]) -> bool:
    """Return True where it is the headline alone that makes a sentence answer, and another's words.

    Below "US will give Ukraine 31 Abrams tanks" stands that Britain gives 14 of another kind.
    """
    if candidate.reads is None:
        return False
    best = max(candidate.reads(c.text) for c in ranked if c.logit is not None)
    return best >= LIKELY and best - candidate.reads(candidate.text) > AWAY


def _valued(query: Query, ranked: Sequence[Candidate]) -> Candidate | None:
    """Return the sentence with the value that is asked for; the newest, where it changed."""
    wanted = asked(query)
    if wanted is None or not ranked:
        return None
    if not (found := comparable(wanted, query, ranked)):
        return None
    first = newest(wanted, found).candidate
    if first.logit is not None:
        least = LEAST if "date" in wanted.kinds else TAKEN
        margin = math.inf if wanted.ahead and _logit(first) >= LIKELY else NEAR
        near = first in nearest(ranked, margin, least) and not _by_headline(first, ranked)
        return first if near else None
    other = ranked[0] not in [f.candidate for f in alike(wanted, query, ranked)]
    if other and (score(first) < CLOSE * score(ranked[0]) or figures(wanted, ranked[:1])):
        return None  # what is far more like the question speaks of something else
    return first


def alias(question: str, ranked: Sequence[Candidate]) -> str | None:
    """Return a question with the short form of a name that an article gives: "the League (ODL)".

    What was reported later has often the short form alone.
    """
    for article in {c.article.id: c.article for c in ranked}.values():
        for full in _SHORT.finditer(article.text):
            if full["name"] in question:
                return question.replace(full["name"], full["short"])
    return None


_SHORT = re.compile(
    r"(?P<name>\b[A-Z][\w’'-]+(?: (?:of |the |for )*[A-Z][\w’'-]+)+) \((?P<short>[A-Z]{2,8})\)"
)
"""A name with its short form behind it."""
LEADS: Mapping[str, Callable[[Query, Sequence[Candidate]], Candidate | None]] = {
    "who": _introduced,
    "day": _on_its_day,
    "speaker": _said,
    "value": _valued,
    "causes": _cause,
    "latest": latest,
}
"""Rules that say which sentence answers, in their order, by the names that leave them out."""
