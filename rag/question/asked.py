"""What a question asks the value of: the kind of value, what it counts, what that does, and where.

"How many missiles did Ukraine fire at Bryansk?" asks for a count of missiles that were fired.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.language.datewords import masked
from rag.language.facts import AnswerType, answer_type
from rag.language.models import in_name
from rag.language.names import Name, names
from rag.language.numbers import numbers
from rag.language.places import ALIAS, UNDERSTOOD
from rag.language.speech import SAYING
from rag.language.terms import asked_terms
from rag.language.thesaurus import same
from rag.language.units import LENGTHS, MEASURES
from rag.language.when import dates
from rag.language.words import STOP, Word, fold, lexicon, stem, words
from rag.question.deed import deed, to_come
from rag.question.query import Query
from rag.question.scope import places
from rag.types import Span

_FOLDED = {
    stem(word): sense
    for sense, forms in {
        "kill": "toll deaths killed fatalities perished",
        "fire": "launched",
        "person": "crowd audience attendance",
        "sell": "bought buy buys sold purchase purchased acquire acquired acquisition takeover",
        "plan": "due scheduled set slated expected plans supposed",
    }.items()
    for word in forms.split()
}


def sense(word: str) -> str:
    """Return what stands for a stem and its near-synonyms."""
    return _FOLDED.get(word) or _FOLDED.get(same(word)) or same(word)


def _senses(stems: str) -> frozenset[str]:
    return frozenset(map(sense, stems.split()))


LOSSES = frozenset({"kill", "hurt", "miss"})
"""What befalls people whose number grows, and goes by country."""
_VICTIMS = LOSSES | {"person", ""}
_BY_DAY = _senses("plan fire fli move postpon delay follow slip push")
"""What sentences say of a day to come, whatever it is that the question says is to happen."""
_FORMS = frozenset(
    map(
        stem,
        lexicon(
            "day date year month number count figure amount quantity total time latest current "
            "length height weight weigh depth width distance range speed size fast tall high long "
            "wide deep heavy big large far name go going travel have happen"
        ),
    )
)
"""Words that say in which form a value is wanted."""
GENERIC = _senses("number count total figur talli")
"""Words for a count as such, whatever is counted."""
_CHANGING = LOSSES | _senses(
    "rate inflat unemploy member popul case price rang polici number count total wage stock poll "
    "approv displac arrest homeless debt follow plan cut"
)
_AUX = lexicon(
    "did do does has have had will was were is are can could would may might must should"
)
_ENDS = lexicon(
    "at in on of for from by with to during after before since until between as into over under "
    "near against about that which who when because if while and or than inside outside"
)
_RATE = frozenset(map(stem, ("rate", "share", "percentage", "proportion")))
_FUTURE = re.compile(
    r"\b(?:will|going to|due|planned|scheduled|expect(?:ed)?|supposed|set to|(?:is|are|was|were) to"
    r"|is the (?:\w+ )?date|to be \w+(?:d|n|t))\b"
)
_FORESEEN = re.compile(
    r"\b(?:expect|forecast|project|predict|foresee|will|would|plan|is to|are to|going to|due)"
)
_NOW = re.compile(
    r"^(?:\W*\w+){1,4}? (?:is|are|does|do|has|have)\b|\b(?:latest|current|now)\b"
    r"|\bhow (?:much|many) (?:\w+ )?(?:is|are|does|do|has|have)\b"
)
_QUANTITIES: tuple[tuple[str, str], ...] = (
    (
        "percent",
        r"rates?|inflation|unemployment|turnout|percentage|share|proportion|(?:target|rate) range",
    ),
    ("count", r"toll|number|count|total|magnitude|population|attendance|crowd|audience"),
    ("money", r"price|cost|value|worth|budget|fine|salary|revenue|profit"),
    ("measure", r"length|height|weight|depth|width|distance|range|speed|size|amount|quantity"),
    ("duration", r"duration|age"),
)
_OPENS = re.compile(
    r"^(?:(?:at|to|with|by|for|of|in|on|from) )?(?:what|which) (?:(?:is|was|are|were|will be) )?"
    r"(?:the |a |an )?|^(?:the |latest |current )+"
)
_MEASURED = re.compile(
    r"\bhow (?:far|tall|high|long|wide|fast|deep|heavy|big|large)\b"
    r"|^what (?:do|does|did) .+ weigh\b|\bin what time\b"
)
_BIG = re.compile(r"\bhow (?:big|large)\b|\bsize\b")
"""What may be counted as well as measured: a crowd, a spill."""
_IDIOM = re.compile(r"\bt(?:ake|akes|ook|aking|aken) part in\b", re.IGNORECASE)
"""What says no more than its small word does."""
_PLURAL = re.compile(r"(?<![suia])s$|ies$|[aeo]as$")
_BE = r"will|would|did|does|do|is|was|are|were|has|have|had"
_MUCH = re.compile(rf"\bhow (?!(?:many|long|old|often|come|can|could|{_BE})\b)[a-z]+ (?:{_BE})\b")
"""What asks for an amount of whatever is measured: "how much did", "how effective is"."""
_TYPES: dict[AnswerType, frozenset[str]] = {
    "money": frozenset({"money"}),
    "percent": frozenset({"percent"}),
    "date": frozenset({"date"}),
}
_WHEN = re.compile(
    r"^(?:(?!\b(?:what|which|who|whom|whose|where|why|how)\b).)*?"
    r"\b(?:when|(?:what|which) (?:year|day|date|month))\b"
)
_START = re.compile(r"^(?:since|from) (?:when|(?:what|which) (?:day|date|month|year))\b")
_CLOCK = re.compile(r"(?<!\bin )\b(?:what|which) time\b|\btime of day\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question for a value, taken apart; words are senses (stems, near-synonyms folded)."""

    kinds: frozenset[str]
    """Kinds of `Quantity` that may answer it, or "date"."""
    head: str
    """What is counted or measured: "missil", "rate"; empty where nothing is named."""
    action: frozenset[str]
    """What it does or undergoes: one of these is wanted beside the value."""
    names: tuple[Name, ...]
    kin: frozenset[str]
    """What stands right behind a name and makes it another's: the canal of "the Aller canal"."""
    given: frozenset[float]
    """Numbers that the question itself says."""
    years: frozenset[int]
    home: frozenset[str]
    """The places that it names for the value; empty when it names none."""
    changes: bool
    """True when the value is of a kind that later news replaces."""
    ahead: bool
    """True when it asks for a day still to come."""
    spoken: bool
    """True when it asks for the day on which something was said: "when was it announced"."""
    start: bool
    """True when it asks since when, or from when on, something is so."""
    foreseen: bool
    """True when it asks for what was expected."""
    rated: frozenset[str]
    """What a rate is a rate of, "unemploy": another rate of the same country is no answer."""
    topic: frozenset[str]
    """The question's words that carry sense, by stem; names, numbers and months left out."""

    @property
    def losses(self) -> bool:
        """Say whether people who were harmed are counted."""
        return bool(self.action & LOSSES)

    @property
    def things(self) -> frozenset[str]:
        """What a number must count: of the harmed, "people", "deaths" and "dead" are one."""
        if self.losses:
            return self.action | {self.head or "person"}
        return frozenset({self.head} if self.head else ())


def asked(query: Query) -> Asked | None:
    """Take a question for a value apart; None when it asks for something else."""
    text, course = valued(query.text)
    low = fold(text)
    if len({w.text for w in dates(text)}) > 1 and not course:
        return None  # the values of two times are asked for, and differ by right
    run = words(text)
    start = _after_how_many(run)
    phrase = _phrase(text, run, start)
    kinds = _any_amount(low, _kinds(low, phrase, counts=start is not None))
    if not kinds:
        return None
    if "date" in kinds:
        phrase = []
    whole = not phrase or any(w.low in _AUX for w in run if w.start > phrase[-1].start)
    head, rest = _head(phrase, counts=start is not None, whole=whole)
    said = start is not None or not phrase
    action = (_action(text, run, start or 0) or rest) if said else frozenset()
    done = deed(text)
    if said and done is not None and done.stem not in _FORMS:
        action = frozenset({sense(done.stem)})
    elif _BIG.search(low):
        action = frozenset()
    to_be = bool(_FUTURE.search(low.rpartition(". ")[2])) or to_come(run) is not None
    ahead = "date" in kinds and to_be
    if any(head in {sense(w.stem) for w in words(n.text)} for n in names(text)):
        head = ""  # a name is looked for as one: its thing may be called otherwise ("missiles")
    if losses := {head, *action} & LOSSES:
        head, action = "" if head in _VICTIMS else head, frozenset(losses)
    topics = {head, *action}
    paid = "money" in kinds and bool(re.search(r"\b(?:did|was|were)\b", low))
    now = bool(_NOW.search(low)) and "measure" not in kinds
    return Asked(
        kinds=kinds,
        head=head,
        action=action | _BY_DAY if ahead else action,
        names=tuple(n for n in names(text) if n.sure and n.text not in UNDERSTOOD),
        kin=_kin(text, run, done),
        given=frozenset(q.value for q in numbers(text)),
        years=frozenset(d.year for p in query.mentions for d in p),
        changes=bool(topics & _CHANGING and not paid) or ahead or now or course,
        ahead=ahead,
        spoken=done is not None and done.low in SAYING,
        start=bool(_START.search(low)),
        foreseen=bool(_FORESEEN.search(low)),
        home=places(text, losses=bool(losses)),
        rated=frozenset(sense(w.stem) for w in (_rated(phrase) if kinds == {"percent"} else ())),
        topic=_topical(text),
    )


_COURSE = re.compile(
    r"^how (?:did|has|have|does) (?P<what>.+?) (?:chang|develop|evolv|mov|vari|progress|shift)\w*"
    r"(?P<rest>\b.*?)(?: over (?:time|the (?:\w+ )?(?:years|months|weeks)))?\W*$",
    re.IGNORECASE,
)
"""A question for the course of a value: it asks for the value, of all days."""
_JOINED = re.compile(r"(?<=[a-z])[-–](?=[A-Z])")
"""What joins two names, as in "the Turkey-Syria border"."""


def valued(question: str) -> tuple[str, bool]:
    """Return a question for a value, with joined names apart, and whether it asks for its course.

    "How did the rate change?" asks what the rate was, of all days.
    """
    text = _IDIOM.sub("in", _JOINED.sub(" and ", question))
    found = _COURSE.match(text)
    if found is None:
        return text, False
    return f"What was {found['what']}{found['rest']}?", True


def _rated(phrase: Sequence[Word]) -> tuple[Word, ...]:
    """Return what a rate is of: the words ahead of "rate", where it is no rate of a name."""
    last = next((i for i, w in enumerate(phrase) if w.stem in _RATE), 0)
    return tuple(w for w in phrase[:last] if w.text.islower())


def rate(question: str) -> str:
    """Return the words of a question that say what the rate is of that it asks for."""
    run = words(question)
    return " ".join(w.text for w in _rated(_phrase(question, run, _after_how_many(run))))


def _kin(text: str, run: tuple[Word, ...], done: Word | None) -> frozenset[str]:
    """Return the nouns right behind the names of a question, without its verb."""
    ends = {n.span.end for n in names(text) if n.sure}
    behind = (b for a, b in pairwise(run) if a.end in ends and text[a.end : b.start] == " ")
    return frozenset(sense(w.stem) for w in behind if w.content and w != done)


def _topical(text: str) -> frozenset[str]:
    """Return the words of a question without names, numbers and months: other rules check them.

    How it asks, "on which day", "what number", is no part of what it asks for.
    """
    named = {w.stem for n in names(text) if n.sure for w in words(n.text)}
    plain = masked(text)
    stems = {stem(term) for term in asked_terms(plain)}
    return frozenset(t for t in stems - named - _FORMS if not t[0].isdigit())


def _after_how_many(run: tuple[Word, ...]) -> int | None:
    """Return the place after "how many", "how many of the", "number of"."""
    opened = [("how", "many"), ("number", "of"), ("amount", "of"), ("quantity", "of")]
    pairs = list(enumerate(pairwise(run)))
    start = next((i for i, (a, b) in pairs if (a.low, b.low) in opened or _mass(run, i)), None)
    if start is None:
        return None
    small = {"of", "the", "them", "those", "these"}
    return next((i for i in range(start + 2, len(run)) if run[i].low not in small), len(run))


def _mass(run: tuple[Word, ...], i: int) -> bool:
    """Say whether "how much" stands at a place, of a thing: "how much oil", not "how much did"."""
    if [w.low for w in run[i : i + 2]] != ["how", "much"] or i + 2 >= len(run):
        return False
    thing = run[i + 2]
    return thing.content and thing.low not in {"money", "more", "less"} and thing.low[-2:] != "er"


def _phrase(text: str, run: tuple[Word, ...], start: int | None) -> list[Word]:
    """Return the words that name what is counted or measured, up to the first small word."""
    if start is None:
        opened = _OPENS.search(fold(text))
        if opened is None and run[0].low in STOP:
            return []
        start = sum(w.start < opened.end() for w in run) if opened else 0
    found: list[Word] = []
    for i, word in enumerate(run[start:], start):
        if word.content:
            found.append(word)
        elif not found or not in_name(text, run, i):
            break
    return found


def _any_amount(low: str, kinds: frozenset[str]) -> frozenset[str]:
    """Return the kinds of value, or all kinds of amount, where "how much" leaves them open."""
    open_ended = low.startswith("by how much") or (not kinds and bool(_MUCH.search(low)))
    return frozenset({"money", "percent", "measure", "count"}) if open_ended else kinds


def _kinds(low: str, phrase: list[Word], *, counts: bool) -> frozenset[str]:
    kind = answer_type(low)
    if _CLOCK.search(low) or (kind == "date" and not _WHEN.search(low)):
        return frozenset()
    if kind in _TYPES or (phrase and phrase[-1].low == "date"):
        return _TYPES.get(kind, _TYPES["date"])
    if counts:
        first = phrase[0].stem if phrase else ""  # "how many were hurt"
        unit = "duration" if first in LENGTHS else "measure" if first in MEASURES else "count"
        mass = re.search(r"\bhow much\b|\b(?:amount|quantity) of\b", low)
        return frozenset({unit, "measure" if mass else "ordinal"} if unit == "count" else {unit})
    if _BIG.search(low) or _MEASURED.search(low):
        lasts = re.search(r"\bhow (?:long|fast)\b|\bin what time\b", low)
        other = "count" if _BIG.search(low) else "duration" if lasts else "measure"
        return frozenset({"measure", other})
    if kind in {"thing", "number", "quote", "percent"} and phrase:
        said = " ".join(w.low for w in phrase)
        return frozenset(
            k for k, p in _QUANTITIES if re.search(rf"\b(?:{p})(?: (?:figure|level|count))?$", said)
        )
    return frozenset()


def _head(phrase: list[Word], *, counts: bool, whole: bool) -> tuple[str, frozenset[str]]:
    """Return what is counted, and what stands behind it ("people died" counts people).

    Args:
        phrase: The words behind "how many", or those that name what is measured.
        counts: True behind "how many" and "how much".
        whole: True where an auxiliary verb ends it: "how much lunar soil did ...".
    """
    units = MEASURES.keys() | LENGTHS.keys() | GENERIC | _FORMS
    things = [w for w in phrase if w.stem not in units]
    if not things:
        return "", frozenset()
    last = len(things) - 1
    if not counts:
        return sense(things[last].stem), frozenset()
    plural = [i for i, w in enumerate(things) if _PLURAL.search(w.low) or w.stem == "person"]
    place = plural[0] if plural and plural[0] < last else last if whole or plural else 0
    return sense(things[place].stem), frozenset(sense(w.stem) for w in things[place + 1 :])


def _action(text: str, run: tuple[Word, ...], start: int) -> frozenset[str]:
    """Return the senses of the words behind the auxiliary verb, up to the first preposition."""
    first = next((i for i in range(start, len(run)) if run[i].low in _AUX), None)
    if first is None:
        return frozenset()
    found: set[str] = set()
    inside = [n.span for n in names(text)]
    for word in run[first + 1 :]:
        if word.low in _ENDS and not (word.low == "to" or not found):
            break
        here = Span(start=word.start, end=word.end)
        if word.content and word.low not in ALIAS and not any(s.covers(here) for s in inside):
            found.add(sense(word.stem))
    return frozenset(found)
