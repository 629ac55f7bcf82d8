"""What comes of a question, in one line: agreed, changed, disputed, one source, or no answer.

    Changed over time: at least 41,000 - Harbor Ledger, reported 14 February 2023

It is read off the finished answer: what its sources differ on, what they cite, who says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from rag.answer.cite import stripped
from rag.answer.days import dated, full, written
from rag.answer.differ.disagree import comparable, equal, newest
from rag.answer.differ.figures import Figure, Value, values
from rag.answer.timely import BEGIN
from rag.answer.told.lead import BEFORE, who_is
from rag.answer.told.premise import NOBODY
from rag.answer.told.short import short
from rag.language.eventday import began, by_distance, happened
from rag.language.facts import answer_type
from rag.language.names import Known, names
from rag.language.places import COUNTRIES
from rag.language.speech import SAYING, TELLING, speeches
from rag.language.voice import voice
from rag.language.words import words
from rag.models.reader import Reader
from rag.question.asked import asked
from rag.question.deed import deed
from rag.question.query import Query
from rag.search.candidates import Candidate
from rag.search.select import source_of
from rag.types import Answer, Citation, Conflict, Reading, Ruling, RulingKind, Statement, day

_LEADS: dict[RulingKind, str] = {
    "agreed": "Agreed",
    "changed": "Changed over time",
    "disputed": "Disputed",
    "one_source": "One source only",
}
UNPROVED = "No checked answer: no sentence passed the check."
ABSENT = "Not in the archive."
RELATED = "Found, but not this."
"""Where articles speak of it and none answers."""


def ruled(
    query: Query,
    rankings: Sequence[Sequence[Candidate]],
    answer: Answer,
    reader: Reader | None = None,
) -> Ruling:
    """Return what comes of a question.

    Args:
        query: The question.
        rankings: For each part of it the sentences that may answer, that which does first.
        answer: As it will be shown, with what its sources differ on.
        reader: Finds the words of a sentence that answer; without it rules do.
    """
    if answer.outcome == "declined" or not answer.statements:
        proved = not any(s.citations for s in answer.dropped) or answer.extractive
        if proved:
            return Ruling(kind="not_in_archive", text=_corrected(answer))
        return Ruling(kind="no_checked_answer", text=UNPROVED)
    if answer.timeline:
        return _course(answer)
    settled = [c for c in answer.conflicts if c.kind == "changed over time"]
    for conflict in answer.conflicts:
        if conflict.kind == "conflict" and not settled:
            return _disputed(conflict)
    if settled:
        return _changed(settled[0], answer)
    return _sides(query, rankings, answer) or _plain(query, rankings, answer, reader)


def _corrected(answer: Answer) -> str:
    """Say that nothing answers; where a question takes a deed for granted, what is said instead."""
    if not answer.reason.startswith(NOBODY) or not answer.closest:
        return RELATED if answer.declined == "not_answered" else ABSENT
    near = answer.closest[0]
    source = ", ".join(filter(None, (near.source.publisher, written(near.source.published))))
    said = _brief(" ".join(near.quote.split()))
    return f"{ABSENT} {answer.reason} What comes closest: “{said}” - {stripped(source)}"


def _sides(query: Query, rankings: Sequence[Sequence[Candidate]], answer: Answer) -> Ruling | None:
    """Set the two things that are asked about together side by side, each with its voice."""
    best = [ranked[0] for ranked in rankings if ranked]
    cited = [c for s in answer.statements for c in s.citations]
    told = [b for b in best if any(_holds(c, b) for c in cited)]
    if len(rankings) < 2 or len({(b.article.id, b.position) for b in told}) < 2:
        return None
    said = "; ".join(f"{_brief(' '.join(b.text.split()))} - {_from(b)}" for b in told)
    two = all(_asked_of(query, b) for b in told[:2])
    differ = two and _differ(told[0].text, told[1].text)
    kind: RulingKind = "disputed" if differ else "one_source"
    return Ruling(kind=kind, text=f"Side by side: {said}")


def _asked_of(query: Query, candidate: Candidate) -> bool:
    """Return True when a question names who says a sentence; values of two things may differ."""
    who = f"{voice(candidate.article, candidate.span)} {candidate.article.publisher or ''}"
    asked_for = {w.low for w in words(query.text) if w.content}
    return any(w.low in asked_for for w in words(who) if w.content)


def _from(candidate: Candidate) -> str:
    """Name who says what a sentence says, and the day of its report."""
    article = candidate.article
    who = voice(article, candidate.span) or article.publisher or ""
    when = written(article.published) if day(article.published) else "date unknown"
    return ", ".join(filter(None, (stripped(who), when)))


def _differ(one: str, other: str) -> bool:
    """Say whether two sentences give different numbers of one kind and unit, and none alike."""
    pairs = [
        (a, b)
        for a in values(one)
        for b in values(other)
        if a.kind != "date" and (a.kind, a.unit) == (b.kind, b.unit)
    ]
    return bool(pairs) and not any(equal(a, b) for a, b in pairs)


def _course(answer: Answer) -> Ruling:
    """Say how many steps a course of events has, from which day to which."""
    events = answer.timeline
    stories = {e.citation.source.article_id for e in events}
    steps = "1 event" if len(events) == 1 else f"{len(events)} events"
    days = list(dict.fromkeys(dated(e) for e in events if e.when is not None))
    span = f"from {days[0]} to {days[-1]}" if len(days) > 1 else "".join(days) or dated(events[0])
    value = f"{steps}, {span}"
    kind: RulingKind = "agreed" if len(stories) > 1 else "one_source"
    return Ruling(kind=kind, text=f"In order of time: {value}", value=value)


def _disputed(conflict: Conflict) -> Ruling:
    said = "; ".join(f"{r.value} - {_who(r)}" for r in conflict.readings)
    first = conflict.readings[0]
    reported = max(
        (d for r in conflict.readings for c in r.citations if (d := day(c.source.published))),
        default=None,
    )
    when = f", reported {written(reported)}" if reported else ""
    return Ruling(
        kind="disputed",
        text=f"{_LEADS['disputed']}: {said}{when}",
        value=" / ".join(r.value for r in conflict.readings),
        day=reported,
        voice=_who(first),
    )


def _changed(conflict: Conflict, answer: Answer) -> Ruling:
    """Say the last value; where the newest reports differ among themselves, say that too."""
    last = conflict.readings[-1]
    citation = max(last.citations, key=lambda c: (str(day(c.source.published) or ""), -c.number))
    rivals = [
        r.value
        for c in answer.conflicts
        if c.kind == "conflict"
        for r in c.readings
        if r.value != last.value
    ]
    also = f" (also reported: {', '.join(rivals)})" if rivals else ""
    return _ruling("changed", last.value, _who(last), citation, also=also)


def _plain(
    query: Query,
    rankings: Sequence[Sequence[Candidate]],
    answer: Answer,
    reader: Reader | None,
) -> Ruling:
    """Judge an answer whose sources do not differ: how many voices give its value."""
    first = _leading(answer, rankings)
    figure = _figure(query, rankings, answer) if query.tongue is None else None
    citation = _cited(first, figure)
    told = _named(first, answer)
    plain = query.tongue is None and len(rankings) == 1
    value = _value(query, told, figure, citation, reader) if plain else None
    voices = _voices(answer, figure, rankings, query)
    kind: RulingKind = "agreed" if len(voices) > 1 else "one_source"
    if value and _was_another(query.text, value, answer):
        kind = "changed"
    if citation is None:
        return Ruling(kind="one_source", text=f"{_LEADS['one_source']}: {first.text}", value=value)
    return _ruling(
        kind, value or _brief(_own(first)), _speaker(citation, figure, rankings), citation
    )


def _own(first: Statement) -> str:
    """Return an article's own sentence without the outlet and the day that code puts before it."""
    return next((c.quote for c in first.citations if first.text.endswith(c.quote)), first.text)


def _leading(answer: Answer, rankings: Sequence[Sequence[Candidate]]) -> Statement:
    """Return the statement that tells the sentence which answers; the first, if none does."""
    best = [ranked[0] for ranked in rankings if ranked]
    told = (s for s in answer.statements if any(_holds(c, b) for c in s.citations for b in best))
    return next(told, answer.statements[0])


_YES_OR_NO = re.compile(r"(?:yes|no)\b", re.IGNORECASE)
_NEWS = re.compile(r"\b(?:latest|newest|happen\w*|bec[ao]me|news|most recent\w*)\b", re.IGNORECASE)
"""What asks for a sentence, not for a thing."""
_HE = re.compile(r"^(?:he|she|they)\b", re.IGNORECASE)


def _named(first: Statement, answer: Answer) -> Statement:
    """Return a statement, or the one before it where it begins with "He"."""
    place = answer.statements.index(first)
    return answer.statements[place - 1] if place and _HE.match(first.text) else first


LONGEST = 160
"""Most characters of a sentence that stands for a value."""


def _brief(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rsplit(' ', 1)[0]} …"


def _figure(query: Query, rankings: Sequence[Sequence[Candidate]], answer: Answer) -> Figure | None:
    """Return the value that the answer gives, as the sentences have it."""
    wanted = asked(query)
    if wanted is None or len(rankings) != 1:
        return None
    found = comparable(wanted, query, rankings[0])
    said = [v for s in answer.statements for v in values(s.text)]
    given = [f for f in found if any(_alike(v, f) and equal(v, f.value) for v in said)]
    # A sentence that is cited for one number may hold another, which the model did not say.
    given = given or [
        f
        for f in found
        if (answer.extractive or not any(_alike(v, f) for v in said))
        and any(_holds(c, f.candidate) for s in answer.statements for c in s.citations)
    ]
    return newest(wanted, given) if given else None


def _alike(value: Value, figure: Figure) -> bool:
    return (value.kind, value.unit) == (figure.value.kind, figure.value.unit)


def _holds(citation: Citation, candidate: Candidate) -> bool:
    same = citation.source.article_id == candidate.article.id
    return same and citation.span.overlaps(candidate.span)


def _cited(first: Statement, figure: Figure | None) -> Citation | None:
    """Return the citation that bears the value out: that of its sentence, else the first."""
    if figure is not None:
        found = figure.candidate
        return Citation(
            number=0, source=source_of(found.article), span=found.span, quote=found.text
        )
    return first.citations[0] if first.citations else None


def _value(
    query: Query,
    first: Statement,
    figure: Figure | None,
    citation: Citation | None,
    reader: Reader | None,
) -> str | None:
    """Return the value in few words; a weekday as the date that it was."""
    if figure is not None and figure.value.kind != "date":
        return figure.value.text
    if answer_type(query.text) == "date" and citation is not None:
        return _day_told(query, first, figure, citation, reader)
    if _wants_sentence(query, first) or (asked(query) is not None and figure is None):
        return None
    said = _own(first)
    found = short(query.text, said, reader) or _person(query.text, said)
    return _tells(query.text, said, found)


_YEAR = re.compile(r"\b(?:what|which) year\b", re.IGNORECASE)


def _day_told(
    query: Query,
    first: Statement,
    figure: Figure | None,
    citation: Citation,
    reader: Reader | None,
) -> str | None:
    """Return the day or month in full, whatever the words for it; the year where that is asked."""
    verb, published = deed(query.text), day(citation.source.published)
    if verb and (distant := by_distance(citation.quote, published, {verb.stem})):
        return f"{distant.length} {written(distant.since)}"
    exact = began(citation.quote, published)
    if exact is None or not BEGIN.search(query.text):
        exact = None
        if figure is not None and figure.value.low == figure.value.high:
            exact = date.fromordinal(int(figure.value.low))
        elif figure is None and not _ahead(query):
            days = happened(citation.quote, day(citation.source.published))
            exact = days[0] if days is not None and days[0] == days[1] else None
    if exact is not None:
        return str(exact.year) if _YEAR.search(query.text) else f"{exact:%A}, {written(exact)}"
    if figure is not None:
        return _in_full(figure.value.text, citation)
    # What the sentence itself says comes before the days that code wrote beside its weekdays.
    said = (short(query.text, text, reader) for text in (citation.quote, first.text))
    return next((known for text in said if text and (known := _in_full(text, citation))), None)


def _in_full(text: str, citation: Citation) -> str | None:
    """Return a day or month in full, else words that have a number."""
    return full(text, citation.source.published) or (text if re.search(r"\d", text) else None)


def _ahead(query: Query) -> bool:
    wanted = asked(query)
    return wanted is not None and wanted.ahead


def _wants_sentence(query: Query, first: Statement) -> bool:
    """Say whether no few words of a statement answer: words, news, a yes that it does not say.

    The very words of a question may tell that it is over: "rescuers reached the trapped miners".
    """
    kind = answer_type(query.text)
    unsaid = kind == "yesno" and not _YES_OR_NO.match(first.text)
    if who_is(query.text) is not None:
        return True
    return kind == "quote" or unsaid or (kind == "thing" and bool(_NEWS.search(query.text)))


def _was_another(question: str, value: str, answer: Answer) -> bool:
    """Say whether an earlier report names somebody else: another led before."""
    told = (s for s in answer.statements if s.text.startswith(BEFORE))
    before = (c.quote for s in told for c in s.citations)  # its text names the outlet as well
    named = (_person(question, text) for text in before)
    return any(n is not None and n.split()[-1] not in value for n in named)


def _person(question: str, said: str) -> str | None:
    """Return the one whom a sentence names and the question does not, if it asks who."""
    if answer_type(question) != "person":
        return None
    given = Known([question])
    new = [n for n in names(said) if given.licence(n) != "same" and n.last not in COUNTRIES]
    people = [n for n in new if len(n.parts) > 1 and not any(w.isupper() for w in n.text.split())]
    return people[0].text if people else None


def _tells(question: str, said: str, value: str | None) -> str | None:
    """Return a value unless it is who tells of the thing, where nobody asked who says so."""
    asked_for = any(w.low in SAYING or w.low in TELLING for w in words(question))
    if value is None or asked_for or answer_type(question) != "person":
        return value
    speakers = [s.name.text for s in speeches(said) if s.name is not None]
    return None if any(value in who or who in value for who in speakers) else value


def _voices(
    answer: Answer,
    figure: Figure | None,
    rankings: Sequence[Sequence[Candidate]],
    query: Query,
) -> set[str]:
    """Return the stories that bear the answer out: copies of one are one."""
    clusters = {c.article.id: c.cluster for ranked in rankings for c in ranked}
    cited = {c.source.article_id for s in answer.statements[:1] for c in s.citations}
    if figure is not None:
        wanted = asked(query)
        found = comparable(wanted, query, rankings[0]) if wanted is not None else []
        cited = {f.candidate.article.id for f in found if equal(f.value, figure.value)}
    return {clusters.get(article, article) for article in cited}


def _speaker(
    citation: Citation, figure: Figure | None, rankings: Sequence[Sequence[Candidate]]
) -> str:
    """Return who says what is cited: the speaker whom the article names, else the outlet."""
    if figure is not None and figure.voice:
        return stripped(figure.voice)
    for ranked in rankings:
        for candidate in ranked:
            if _holds(citation, candidate) and (found := voice(candidate.article, citation.span)):
                return stripped(found)
    return stripped(citation.source.publisher or "")


def _who(reading: Reading) -> str:
    """Name who gives a value: the speaker, else its outlets."""
    if reading.voice:
        return stripped(reading.voice)
    outlets = dict.fromkeys(stripped(c.source.publisher or "") for c in reading.citations)
    return ", ".join(o for o in outlets if o) or "outlet unknown"


def _ruling(
    kind: RulingKind,
    value: str,
    voice: str,
    citation: Citation,
    *,
    also: str = "",
) -> Ruling:
    published = day(citation.source.published)
    when = f"reported {written(published)}" if published else "date unknown"
    tail = ", ".join(filter(None, (voice, when)))
    return Ruling(
        kind=kind,
        text=f"{_LEADS[kind]}: {value} - {tail}{also}",
        value=value,
        day=published,
        voice=voice or None,
    )
