"""Which sentence answers, so that it is told first: by its time, its speaker, its value.

Search ranks sentences by likeness, and likeness knows nothing of time: an election of 1998 reads
like that of 2024, and an approval in March like the news of September. Here the few that search
found are judged by what they say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from rag.answer.differ.disagree import alike, comparable, newest
from rag.answer.differ.figures import figures
from rag.answer.differ.readings import numbered, own
from rag.language.eventday import happened, told
from rag.language.facts import answer_type
from rag.language.names import Known, names
from rag.language.terms import asked_terms
from rag.language.voice import voice
from rag.language.words import fold, stem, words
from rag.question.asked import asked, sense
from rag.question.query import MENTION, Period, Query
from rag.search.candidates import Candidate, score
from rag.search.select import source_of
from rag.types import Answer, Citation, Evidence, Statement, day

AROUND = 500
"""Characters before a sentence that may name what it speaks of; half as many behind it."""
SPEAKS = 0.75
"""Share of the most of the question's words that is found, from which on a report speaks of it."""
LATER = timedelta(days=45)
"""How long after a day or month an article may come out and tell of it without naming it."""
CLOSE = 0.8
"""Least likeness to the question of a sentence with the value, as a share of the best one's."""
_STATE = re.compile(
    r"\b(?:latest|newest|most recent(?:ly)?|currently|current|now|so far|to date|still|yet"
    r"|at present|up to date|last heard)\b"
    r"|^(?:who|what|which(?: \w+){1,3}) (?:is|are|leads?|heads?|runs?|owns?|holds?|chairs?"
    r"|commands?|governs?|rules?|controls?)\b"
    r"|^(?:is|are|has|have)\b"
    r"|^(?:was|were|did|were there|was there) (?:anyone|anybody|any|someone)\b"
)
"""How a question asks for a state of things, of which the newest report tells."""
_AT = re.compile(r"\b(?:in|on|during|of) (?:\w+day,? )?(?:the )?$", re.IGNORECASE)
"""What stands ahead of a date that says when: "in", "on Wednesday, "."""


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
    if named is None or not _AT.search(query.text[: named.start()]):
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
    other = query.kind in {"timeline", "order", "duration", "change"}
    return not other and not query.mentions and bool(_STATE.search(fold(query.text)))


def latest(query: Query, ranked: Sequence[Candidate]) -> Candidate | None:
    """Return the best sentence of the newest report that speaks of what is asked, of a state."""
    if not asks_state(query):
        return None
    about = [(c, _speaks(query, c)) for c in ranked if day(c.article.published) is not None]
    about = [(c, s) for c, s in about if s > 0]
    most = max((s for _, s in about), default=0.0)
    near = [(c, s) for c, s in about if s >= SPEAKS * most and _fits(query, c)]
    if not near:
        return None
    last = max(_day(c) for c, _ in near)
    return max(
        ((c, s) for c, s in near if _day(c) == last),
        key=lambda found: (found[1], _own(query, found[0], ranked), score(found[0])),
    )[0]


def earlier(query: Query, ranked: Sequence[Candidate]) -> list[Candidate]:
    """Return, oldest first, the best sentence of each report older than that of the first one."""
    first = ranked[0]
    about = [(c, _speaks(query, c)) for c in ranked if day(c.article.published) is not None]
    least = SPEAKS * max((s for _, s in about), default=1.0)
    found: dict[str, Candidate] = {}
    for candidate in sorted(ranked, key=lambda c: _own(query, c, ranked), reverse=True):
        before = _day(candidate) < _day(first) and candidate.cluster != first.cluster
        speaks = any(c is candidate and s >= least for c, s in about)
        if before and speaks and _fits(query, candidate) and _own(query, candidate, ranked) > 0:
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


def _speaks(query: Query, candidate: Candidate) -> float:
    """Return the share of the question's words that stand in and around a sentence.

    0 where one of its names is missing there: a report on a neighbour speaks of something else.
    """
    article, span = candidate.article, candidate.span
    around = article.text[max(0, span.start - AROUND) : span.end + AROUND // 2]
    story = f"{article.title or ''}\n{around}"
    known = Known([story, article.text[:AROUND]])
    if any(n.sure and known.licence(n) != "same" for n in names(query.text)):
        return 0.0
    wanted = _topic(query.text)
    return (1 + len(wanted & _senses(story))) / (1 + len(wanted))


def _own(query: Query, candidate: Candidate, ranked: Sequence[Candidate]) -> float:
    """Weigh the question's words in a sentence itself; what few of the sentences have tells more.

    It is counted in what was found: how rare a word is in the archive says nothing. What stands
    in the title of its article only sets the scene.
    """
    held = [_senses(c.text) for c in ranked]
    own = _topic(query.text) & _senses(candidate.text)
    scene = _senses(candidate.article.title or "")
    return sum((0.5 if w in scene else 1) / sum(w in senses for senses in held) for w in own)


def _senses(text: str) -> frozenset[str]:
    return frozenset(sense(w.stem) for w in words(text))


def _topic(question: str) -> frozenset[str]:
    named = {w.stem for n in names(question) if n.sure for w in words(n.text)}
    stems = {stem(term) for term in asked_terms(question)} - named - _VAGUE
    return frozenset(map(sense, stems))


_VAGUE = frozenset(map(stem, ("anyone", "anybody", "someone", "happen", "still", "yet", "state")))
"""Words of a question for a state that no report of it has."""


_SAYS = re.compile(
    r"\b(?:what|how) (?:exactly |else )?(?:did|does|do|has|have) (?P<who>.{2,80}?) (?:say|said|tell"
    r"|told|think|make|made|react|respond|comment|argue|claim|warn|announce|reply|answer)\b",
    re.IGNORECASE,
)
"""A question for the words of somebody."""


_WORDS = re.compile(r"\b(?:say|said|tell|told|comment|reply|answer)\b", re.IGNORECASE)
"""What asks for words of his, where "react" may be told without any."""


def _said(query: Query, ranked: Sequence[Candidate]) -> Candidate | None:
    """Return the best sentence in which speaks who is asked after: "What did she say ..."."""
    found = _SAYS.search(query.text)
    asked_for = [w.low for w in words(found["who"]) if w.content] if found else []
    if not asked_for:
        return None
    who = asked_for[-1]
    spoken = [c for c in ranked if who in {w.low for w in words(_voiced(c))}]
    told_of = () if spoken and _WORDS.search(query.text) else ranked
    about = [*spoken, *(c for c in told_of if who in {w.low for w in words(c.text)})]

    def worth(candidate: Candidate) -> float:
        quoted = candidate in spoken and any(q in candidate.text for q in '"“')
        return score(candidate) + 0.5 * (candidate in spoken) + quoted

    return max(about, key=worth, default=None)


def _voiced(candidate: Candidate) -> str:
    return voice(candidate.article, candidate.span)


def _valued(query: Query, ranked: Sequence[Candidate]) -> Candidate | None:
    """Return the sentence with the value that is asked for; the newest, where it changed."""
    wanted = asked(query)
    if wanted is None or not ranked:
        return None
    if not (found := comparable(wanted, query, ranked)):
        return _dated(query, ranked) if "date" in wanted.kinds and not wanted.ahead else None
    first = newest(wanted, found).candidate
    other = ranked[0] not in [f.candidate for f in alike(wanted, query, ranked)]
    if other and (score(first) < CLOSE * score(ranked[0]) or figures(wanted, ranked[:1])):
        return None  # what is far more like the question speaks of something else
    return first


def _dated(query: Query, ranked: Sequence[Candidate]) -> Candidate | None:
    """Return the best sentence that names all whom the question does and says when it happened.

    It may tell of it in other words: "the bridge fell", of one who asks when it collapsed.
    """
    named = [n for n in names(query.text) if n.sure]
    near = [c for c in ranked if score(c) >= CLOSE * score(ranked[0])]
    for candidate in near if named else ():
        known = Known([candidate.text])
        when = happened(candidate.text, day(candidate.article.published))
        exact = when is not None and when[1] - when[0] < timedelta(days=32)
        if exact and all(known.licence(n) == "same" for n in named):
            return candidate
    return None


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
    "speaker": _said,
    "value": _valued,
    "latest": latest,
}
"""Rules that say which sentence answers, in their order, by the names that leave them out."""
