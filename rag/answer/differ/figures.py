"""The values that sentences give for what a question asks, each with how well it fits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rag.answer.differ.named import of_the_names, spoken_of
from rag.answer.differ.window import clause, counted, ranges, window
from rag.language.eventday import by_distance, happened, told
from rag.language.names import Known
from rag.language.numbers import Bound, Quantity, numbers
from rag.language.numerals import NUMERALS
from rag.language.voice import same_voice, voice
from rag.language.when import When, dates
from rag.language.words import lexicon, words
from rag.question.asked import GENERIC, Asked, sense
from rag.question.scope import one_place, places
from rag.search.candidates import Candidate, nearest
from rag.types import Moment, Span, day

_OLD = re.compile(
    r"\bhad (?:expected|projected|said|planned|forecast)\b|\bprevious(?:ly)?\b|\boriginal\w*\b"
    r"|\bbefore that\b|\bup from\b|\bdown from\b|\bearlier version\b|\bpeak of\b"
    r"|\bback then\b",
    re.IGNORECASE,
)
"""Words by a value of an earlier time."""
_FEARED = re.compile(r"\bcould\b(?:\s+[\w’'-]+){0,4}\s*$", re.IGNORECASE)
"""What stands ahead of a value that is only feared or hoped for."""
_DENIED = re.compile(r"\b(?:not|rather than|instead of)\s+$", re.IGNORECASE)
"""What stands ahead of a value that no longer holds: "126 million and not 80 million"."""
NEAR = 2.5
"""How far below the best sentence, in logits of the cross-encoder, one may be that gives a value of
the same thing in other words."""
LIKELY = 4.0
"""The logit from which on a sentence answers."""
ELSE = 11.0
"""How far below the best value's words, in logits, those of another thing are."""
_STANDS_IN = re.compile(r" (?:in|at|near|from) ")
"""Within the name of who says so, what stands ahead of a place."""
_NONE = re.compile(r"\b(?:none|nobody|no one)\b", re.IGNORECASE)
"""A number of its own: "nine were trapped, none was killed"."""
_FORESEEN = re.compile(
    r"\b(?:expect(?:s|ed)?|forecasts?|project(?:s|ed|ions?)|predict(?:s|ed)?|foresees?)\b"
)
"""Words by a value that is only foreseen, which answers no question for what is."""
_PUT_OFF = re.compile(r"\b(?:was|were|had been) (?:\w+ )?to\b|\bhad (?:\w+ )?been\b", re.IGNORECASE)
"""Words by a day that was planned once."""
_PART = re.compile(
    r"\bin (?:\w+ )?(?:areas|parts|districts|regions|territory)\b|\b(?:adds|combines)\b",
    re.IGNORECASE,
)
"""Words by a number that is only one part of a count."""
_EACH = re.compile(
    r"\b(?:per (?!cent\b)|annual(?:ly)?\b|yearly|monthly|weekly|daily|each\b|apiece"
    r"|an? (?:year|month|week|day|hour)\b(?! (?:ago|earlier|before|later)))",
    re.IGNORECASE,
)
_POINTS = re.compile(r"^\s*(?:of a )?(?:full |percentage )*-?points?\b", re.IGNORECASE)
_COMPARED = re.compile(r"\s*(?:higher|lower|more|less|up|down)\b")
_SAID_ON = re.compile(
    r"\b(?:said|told|announced|reported|wrote|statement)\b[^,;]{0,30}$", re.IGNORECASE
)
_SINCE = re.compile(r"\b(?:since|from)(?: (?:about|late|early|at least))? $", re.IGNORECASE)
_FROM = re.compile(r"\bfrom (?:\w+ )?$", re.IGNORECASE)
_OF_THEM = re.compile(
    rf"\b(?:\d+|{'|'.join(NUMERALS)}|some|many|most|none|half|each|both) of (?:the|its|their|these"
    r"|those)(?: other| last| first)? $",
    re.IGNORECASE,
)
"""What stands ahead of a number of whom only a part is meant: "one of the two died"."""
_DONE = lexicon("manag begin start come go on get help abl continu return")
"""Stems before "to" and a verb that leave no doubt that it was done: "went on to", "came to"."""
_LIMIT = re.compile(
    r"\b(?:no (?:earlier|sooner|later) than|not (?:before|until|earlier than|later than))"
    r" (?:(?:in|on) )?$",
    re.IGNORECASE,
)
_SMALL = re.compile(r"^(?:in|of|since|until|by|from|during)\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value as a sentence writes it; a day counts as its ordinal number."""

    text: str
    kind: str
    unit: str
    low: float
    high: float
    bound: Bound = "exact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One value that a sentence gives for what is asked."""

    candidate: Candidate
    value: Value
    window: str
    """The words of the sentence that belong to the value."""
    near: float
    """Share of the question's words in the window; in the story where they only set the scene."""
    acts: bool
    """True when the window holds what the question says is done."""
    named: bool
    """True when the window holds what the question counts or measures."""
    meant: bool
    """True when the cross-encoder finds that its sentence answers, in whatever words."""
    places: frozenset[str]
    each: bool
    """True when it is so much for each of many, or for each year."""
    happened: tuple[date, date] | None = None
    """Between which days the sentence says that it happened."""
    voice: str = ""
    """Who says so; empty where the outlet itself does."""

    @property
    def day(self) -> date | None:
        """Return the day of its article."""
        return day(self.candidate.article.published)

    @property
    def fit(self) -> float:
        """Say how well it fits: the question's words near by, what is counted, what it does."""
        by_words = 4.0 * self.near + 3.0 * self.acts + 2.0 * self.named
        return max(by_words, 7.0 + self.near) if self.meant else by_words


def figures(asked: Asked, candidates: Sequence[Candidate]) -> list[Figure]:
    """Return the values that may answer the question, the best one of each voice of a sentence."""
    read = _days if "date" in asked.kinds else _amounts
    meant = {id(c) for c in nearest(candidates, NEAR, LIKELY)}
    meant |= {id(c) for c in candidates if _goes_on(c)}
    best = (f for c in candidates for f in _by_voice(list(read(asked, c, meant=id(c) in meant))))
    return _of_the_thing(asked, list(best))


def _by_voice(found: Sequence[Figure]) -> list[Figure]:
    """Return the best value of a sentence, and that of each other whom it quotes on the matter.

    "Hauliers say they lose 5,000 crowns a day; the agency puts the loss at less than 1,000."
    """
    kept: list[Figure] = []
    for figure in sorted(found, key=lambda f: -f.fit):
        other = figure.meant and bool(figure.voice)
        if not kept or (other and all(_apart(figure, k) for k in kept)):
            kept.append(figure)
    return kept


def _apart(one: Figure, other: Figure) -> bool:
    return bool(other.voice) and not same_voice(one.voice, other.voice)


def _goes_on(candidate: Candidate) -> bool:
    """Return True for a number that answers only behind the sentence before it, which has none.

    "The company said 38 were aboard. The prosecutor spoke of 52." "Its app failed, the bank said.
    It said 40,000 people were hit."
    """
    if candidate.reads is None or not candidate.position or candidate.logit is None:
        return False
    if not numbers(candidate.text):
        return False
    before = _before(candidate, _JUST_BEFORE).rpartition("\n\n")[2]
    told = bool(numbers(before))
    if told and (candidate.logit < 0 or not voice(candidate.article, candidate.span)):
        return False
    return candidate.reads(f"{before}{candidate.text}") >= LIKELY


def _of_the_thing(asked: Asked, found: list[Figure]) -> list[Figure]:
    """Leave out values whose own words are about something else than the best value's.

    "It abandoned its bid and will pay a break fee of 90 million" is about the bid, and its 90
    million are not: the cross-encoder reads the words of each value by themselves. What counts the
    very thing that is asked for, in a sentence that answers, needs no such reading.
    """
    read = [f.candidate.reads(_clause(f)) if f.candidate.reads else 0.0 for f in found]
    least = max(read, default=0.0) - ELSE
    return [
        f
        for f, logit in zip(found, read, strict=True)
        if logit >= least
        or (asked.ahead and (f.candidate.logit or 0.0) >= LIKELY)
        or (f.meant and (f.candidate.logit or 0.0) < LIKELY)
        or (f.meant and f.named and f.value.kind == "count" and bool(asked.head))
    ]


def _clause(figure: Figure) -> str:
    start = max(figure.candidate.text.find(figure.value.text.removeprefix("between ")), 0)
    return clause(figure.candidate.text, start)


def amounts(asked: Asked, candidate: Candidate) -> Iterator[tuple[Figure, Span]]:
    """Yield every amount of a sentence of the kind asked for, whatever it counts, and where."""
    text = candidate.text
    for low, high, span in ranges(text, _in_units(asked, candidate)):
        if low.kind not in asked.kinds or low.value in asked.given or low.earlier:
            continue
        value = _amount(text, low, high, span)
        yield (
            Figure(
                candidate=candidate,
                value=value,
                window=clause(text, span.start),
                near=0.0,
                acts=False,
                named=False,
                meant=True,
                places=frozenset(),
                each=_is_each(text, value.text),
                voice=_voice(candidate, value),
            ),
            span,
        )


def values(text: str, published: Moment | None = None) -> Iterator[Value]:
    """Yield every amount and day of a text, whatever it is about."""
    for low, high, span in ranges(text, numbers(text)):
        yield _amount(text, low, high, span)
    yield from (_day(w, text) for w in dates(text, published) if w.known)


def _amounts(asked: Asked, candidate: Candidate, *, meant: bool) -> Iterator[Figure]:
    text = candidate.text
    found = ranges(text, _in_units(asked, candidate))
    for low, high, span in found:
        rivals = [
            s for q, _, s in found if s != span and q.kind == low.kind and _alike(asked, text, s)
        ]
        none = [Span(start=m.start(), end=m.end()) for m in _NONE.finditer(text)]
        near = window(text, span, [*rivals, *none])
        if low.kind in asked.kinds and _stands(asked, candidate, low, span, near, meant=meant):
            value = _amount(text, low, high, span)
            yield from _figure(asked, candidate, near, value, meant=meant)


def _in_units(asked: Asked, candidate: Candidate) -> tuple[Quantity, ...]:
    """Return the numbers of a sentence; a bare one has the unit of the one that it goes on from.

    "It cost 4 million crowns, the operator said. The union put it at less than 2 million."
    """
    found = numbers(candidate.text)
    wanted = asked.kinds & {"money", "percent", "measure"}
    if not wanted or all(q.kind != "count" or q.nouns for q in found):
        return found
    ahead = _before(candidate, _JUST_BEFORE).rpartition("\n\n")[2] if candidate.position else ""
    last = next((q for q in reversed(numbers(ahead)) if q.kind in wanted), None)
    given: list[Quantity] = []
    for quantity in found:
        if quantity.kind == "count" and not quantity.nouns and last is not None:
            quantity = replace(quantity, kind=last.kind, unit=last.unit)  # noqa: PLW2901
        last = quantity if quantity.kind in wanted else last
        given.append(quantity)
    return tuple(given)


def _days(asked: Asked, candidate: Candidate, *, meant: bool) -> Iterator[Figure]:  # noqa: ARG001
    text = candidate.text
    if by_distance(text, day(candidate.article.published), asked.action):
        return  # its day is that of something else, from which the one asked for is counted
    found = dates(text, candidate.article.published)
    spans = [w.span for w in found if not _FROM.search(text[: w.span.start])]
    for when in found:
        near = window(text, when.span, [s for s in spans if s != when.span])
        if _dated(asked, candidate, when, near):
            yield from _figure(asked, candidate, near, _day(when, text), meant=False)


def _amount(text: str, low: Quantity, high: Quantity, span: Span) -> Value:
    return Value(
        text=("between " if low is not high and " and " in span.of(text) else "") + span.of(text),
        kind="count" if low.kind == "ordinal" else low.kind,
        unit=high.unit,
        low=low.value,
        high=high.value,
        bound=low.bound,
    )


def _day(when: When, text: str) -> Value:
    """Return a day as a value, told with "no earlier than" where that stands before it."""
    first, last = when.first or date.min, when.last or date.max
    limit = _LIMIT.search(text, 0, when.span.start)
    return Value(
        text=text[limit.start() : when.span.end] if limit else _SMALL.sub("", when.text),
        kind="date",
        unit="",
        low=first.toordinal(),
        high=last.toordinal(),
    )


def _figure(
    asked: Asked, candidate: Candidate, near: str, value: Value, *, meant: bool
) -> Iterator[Figure]:
    senses = _senses(near)
    if value.kind == "date" and candidate.position == 0:
        senses |= _senses(candidate.article.title or "")  # it heads what the first sentence tells
    if senses & GENERIC and not asked.action & senses and _told_before(asked, candidate):
        senses |= asked.action
    named = not asked.head or asked.head in senses
    if not named and value.kind == "count" and _bare(candidate, value):
        named = asked.head in _senses(_before(candidate, _JUST_BEFORE) + candidate.text)
    said_by = _voice(candidate, value)
    # Where somebody is who says so is not where it happened: "the observatory in Mirow".
    told = near.replace(said_by, " ") if _STANDS_IN.search(said_by) else near
    where = places(told, losses=asked.losses)
    if asked.home and where and not one_place(where, asked.home):
        return
    wanted = {sense(term) for term in asked.topic}
    own = frozenset() if asked.ahead else wanted & (asked.action | asked.things | {asked.head})
    held, scene = (wanted & (senses | ({asked.head} if named else set()))), wanted - own
    set_there = scene & (_senses(near) | _story(candidate))
    if asked.rated and not asked.rated & (senses | _story(candidate)):
        return
    # Where a name says which event is meant, other words may be used for it.
    pinned = bool(asked.names) and asked.kin <= senses | _story(candidate)
    if 2 * len(set_there) < len(scene) and not pinned and not meant:
        return
    by_words = _near(asked if pinned else None, candidate, len(held | set_there), len(wanted))
    yield Figure(
        candidate=candidate,
        value=value,
        window=near,
        near=by_words,
        acts=bool(asked.action & _done(near, senses)),
        named=named,
        meant=meant,
        places=where,
        each=_is_each(near, value.text),
        happened=happened(near, day(candidate.article.published)),
        voice=said_by,
    )


def _voice(candidate: Candidate, value: Value) -> str:
    """Return who gives a value: whom its own clause names, else its sentence."""
    at = max(candidate.text.find(value.text.removeprefix("between ")), 0)
    own = clause(candidate.text, at)
    start = candidate.span.start + candidate.text.find(own)
    article = candidate.article
    said = voice(article, Span(start=start, end=start + len(own))) if own else ""
    return said or voice(article, candidate.span)


def _near(asked: Asked | None, candidate: Candidate, held: int, wanted: int) -> float:
    """Return the share of the question's words by a value; names in its own sentence count too."""
    if asked is None:
        return held / max(wanted, 1)
    known = Known([candidate.text])
    own = sum(known.licence(n) == "same" for n in asked.names)
    plain = held / max(wanted, 1)
    return max(plain, (held + own) / max(wanted + len(asked.names), 1))


def _is_each(near: str, value: str) -> bool:
    """Say whether a value is for each of many, or for a time: by what stands right beside it."""
    start = near.find(value)
    if start < 0:
        return False
    after = re.split(r"\d", near[start + len(value) : start + len(value) + 45], maxsplit=1)[0]
    return bool(_EACH.search(f"{near[max(0, start - 25) : start]}{value}{after}"))


_JUST_BEFORE = 250
"""Characters ahead of a sentence in which stands what its "of them" or bare number counts."""
_AROUND = 600
"""Characters to each side of a sentence, and at the start of its article, that set its scene."""


def _done(near: str, senses: set[str]) -> set[str]:
    """Return senses without those of who does something alone: rescuers have not yet rescued."""
    run = words(near)
    doers = {sense(w.stem) for w in run if w.low.endswith(("er", "ers"))}
    return senses - (doers - {sense(w.stem) for w in run if not w.low.endswith(("er", "ers"))})


def _senses(text: str) -> set[str]:
    return {sense(w.stem) for w in words(text)}


def _before(candidate: Candidate, most: int) -> str:
    start = candidate.span.start
    return candidate.article.text[max(0, start - most) : start]


def _bare(candidate: Candidate, value: Value) -> bool:
    """Say whether a number stands without what it counts: "shot down five", "two of them"."""
    start = candidate.text.find(value.text)
    return start >= 0 and not counted(
        candidate.text, Span(start=start, end=start + len(value.text))
    )


def _story(candidate: Candidate) -> set[str]:
    """Return the senses of what sets the scene of a sentence: its neighbours, title and opening.

    What is counted and what it does must stand in a value's own words; the rest ("in the hotel
    fire") a story tells once.
    """
    article, end = candidate.article, candidate.span.end
    return _senses(
        f"{article.title or ''}\n{article.text[:_AROUND]}\n{_before(candidate, _AROUND)}"
        f"{candidate.text}{article.text[end : end + _AROUND]}"
    )


def _told_before(asked: Asked, candidate: Candidate) -> bool:
    """Say whether the sentences before, or the title, tell what a bare "the number" counts."""
    article = candidate.article
    before = article.text[max(0, candidate.span.start - 400) : candidate.span.start]
    return bool(asked.action & {sense(w.stem) for w in words(f"{article.title or ''} {before}")})


def _alike(asked: Asked, text: str, span: Span) -> bool:
    """Say whether a number counts what is asked for, as far as it says what it counts."""
    nouns = {sense(w.stem) for w in counted(text, span)}
    return not nouns or not asked.things or bool(nouns & asked.things)


def _stands(
    asked: Asked, candidate: Candidate, quantity: Quantity, span: Span, near: str, *, meant: bool
) -> bool:
    """Say whether a number may be what is asked for: its time, its names, what it counts."""
    text = candidate.text
    after = text[span.end :]
    # "The 200 metres" is what is run, not how far somebody ran.
    definite = quantity.kind == "measure" and text[: span.start].lower().endswith("the ")
    points = quantity.unit == "point" or _POINTS.match(after)
    if quantity.value in asked.given or points or definite:
        return False
    if (quantity.earlier and not _COMPARED.match(after)) or _OLD.search(near):
        return False
    if any(p.search(text[: span.start]) for p in (_OF_THEM, _FEARED, _DENIED)):
        return False
    if (asked.losses and _PART.search(near)) or (not asked.foreseen and _FORESEEN.search(near)):
        return False
    counted_so = meant and _counts_people(asked, candidate, quantity)
    counts = quantity.kind in {"count", "ordinal"} and not counted_so
    if counts and not _counts(asked, candidate, quantity, near):
        return False
    return _of_the_time(asked, candidate, near) and of_the_names(asked, candidate, near)


def _counts_people(asked: Asked, candidate: Candidate, quantity: Quantity) -> bool:
    """Return True where a number counts people by one name, and the question by another.

    "How many people": passengers, villagers. Whether they are those that are asked for, the
    cross-encoder has said. A number that stands alone counts what is spoken of.
    """
    nouns = {sense(w.stem) for w in counted(candidate.text, quantity.span)}
    people = "person" in nouns | {asked.head}
    return quantity.kind == "count" and not asked.losses and (people or not nouns)


def _counts(asked: Asked, candidate: Candidate, quantity: Quantity, near: str) -> bool:
    """Say whether a number counts what is asked for, by its noun or by its name."""
    behind = counted(candidate.text, quantity.span)
    nouns = {sense(w.stem) for w in behind}
    if {w.low for w in behind} & {part for name in asked.names for part in name.parts}:
        return True
    if asked.things and (nouns or quantity.kind == "ordinal"):
        return bool(nouns & asked.things)
    if not asked.head and not asked.action:
        return True  # "how big was it" leaves open what is counted
    senses = {sense(w.stem) for w in words(near)}
    if (asked.head and asked.head in senses) or asked.action & senses:
        return True
    return bool(senses & GENERIC) and _told_before(asked, candidate)


def _of_the_time(asked: Asked, candidate: Candidate, near: str) -> bool:
    """Say whether a value is of the years asked about, or of its article's own where none is."""
    published = day(candidate.article.published)
    known = asked.years or ({published.year} if published else set())
    firsts = [t.when.first for t in told(near, published) if not t.said]
    stated = {d.year for d in firsts if d is not None and not _recent(d, published, asked)}
    return not stated or not known or stated <= known


def _recent(told_of: date, published: date | None, asked: Asked) -> bool:
    """Say whether a day is of an article's own days, though of another year, in January."""
    return not asked.years and published is not None and abs((published - told_of).days) <= 60


def _dated(asked: Asked, candidate: Candidate, when: When, near: str) -> bool:
    """Say whether a date can be the day asked for."""
    if when.last is None or _OLD.search(near) or (asked.ahead and _PUT_OFF.search(near)):
        return False
    before = candidate.text[: when.span.start]
    since, said = asked.start and _SINCE.search(before), bool(_SAID_ON.search(before))
    if since or (said and asked.spoken):
        return of_the_names(asked, candidate, near)
    if said != (asked.spoken and not asked.ahead) or (_FROM.search(before) and not asked.ahead):
        return False
    published = day(candidate.article.published)
    if published is not None and (when.last > published) != asked.ahead:
        return False
    if not asked.ahead and _only_meant(asked, near):
        return False
    return of_the_names(asked, candidate, near) and spoken_of(asked, candidate, near)


def _only_meant(asked: Asked, near: str) -> bool:
    """Say whether what the question says was done is only a purpose here: "asked to join"."""
    run = words(near)
    acts = [i for i, w in enumerate(run) if sense(w.stem) in asked.action]
    return bool(acts) and all(
        i > 0 and run[i - 1].low == "to" and not (i > 1 and run[i - 2].stem in _DONE) for i in acts
    )
