"""Does a new sentence speak of what the old answer speaks of? A fitted logistic of a few features.

That a sentence answers a question is not enough for a watch: "the detour around the tunnel takes 40
minutes" answers, after a fashion, how long the tunnel will be closed. What counts is whether it
answers about as well as the old one, whether the two tell of one thing as a cross-encoder reads
them, and whether it has those words of the question that the old one had.

`python -m eval.bench watches --fit` fits the weights, on open kinds of question alone: the first
and third set, the open half of the second and fourth (`eval/bench/watched.toml`), and cases written
by hand (`eval/cases/watches.jsonl`, `watches_handed.jsonl`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rag.answer.differ.window import clause
from rag.language.facts import answer_type
from rag.language.names import names
from rag.language.numbers import numbers
from rag.language.when import dates
from rag.language.words import Word, lexicon, stem, words
from rag.models.reranker import Reranker
from rag.question.asked import GENERIC, sense
from rag.question.deed import deed
from rag.types import Answer, Citation, day
from rag.watching.differ import lead, value
from rag.watching.succession import succession, takes

_YEAR = re.compile(r"\b\d{4}\b")
_DECADE = re.compile(r"\b(?:in|during|of) the (?:\w+ )?(\d{3}0)s\b")
FEATURES = ("answers", "less", "onward", "back", "lost", "undone")
"""In their order. `answers`: the logit of the question against the new sentence under its headline.
`less`: how much higher that of the old one is. `onward`, `back`: logits of the old sentence against
the new one, and the other way round. `lost`: words of the question that the old one has and the new
one has not; `undone`: 1 where the verb of the question is one of these."""
WEIGHTS: Mapping[str, float] = {
    "answers": 0.246,
    "less": -0.850,
    "onward": 0.308,
    "back": 0.264,
    "lost": -2.566,
    "undone": -0.749,
}
BIAS = -1.672
ABOUT = 0.6
"""Log odds from which on two sentences are taken to speak of one thing. With each kind of question
left out in turn, of 804 pairs that do .991 are found so, and of 152 that do not five; as means over
the 80 kinds .949 and .048 (`python -m eval.bench watches --fit`)."""
LEAVE = 2.5
"""How much lower they may be where the new sentence takes leave of what the old answer names, or
where somebody takes what is asked for: that is told in other words than who owns or leads it."""
_COUNTED = GENERIC | {sense(stem("people"))}
"""Words of a question that a "toll" says as well."""
NEARLY = 0.87
"""Part of the old confidence that rules alone must have in what is new. Half of the kinds of
question of `eval/bench/watched.py` set it: what speaks of something else of the subject reaches .8
of the old confidence at most, a change .95 at least."""
_MODALS = lexicon("will would did does do")
_ASKING = {"who": 1, "which": 2, "what": 2}
"""Where the verb of a question for who or what does something stands: behind "which company"."""


@dataclass(frozen=True, slots=True)
class Told:
    """The sentence that tells an answer, with what stands before it."""

    citation: Citation
    text: str

    @property
    def headed(self) -> str:
        """Return the sentence under its headline."""
        title = self.citation.source.title
        return f"{title}. {self.citation.quote}" if title else self.citation.quote


def about(old: Answer, new: Answer, reranker: Reranker | None) -> bool:
    """Return True when what is new speaks of that of which the old answer speaks, as of today.

    Where no cross-encoder is here, it must answer about as surely.
    """
    pair = read_beside(old, new)
    if pair is None:
        return False
    if reranker is None:
        return new.confidence >= NEARLY * old.confidence
    text = pair[1].citation.quote
    left = succession(new.question, value(old), text) or takes(new.question, value(new), text)
    least = ABOUT - LEAVE if left else ABOUT
    return odds(measure(new.question, *pair, reranker)) >= least


def read_beside(old: Answer, new: Answer) -> tuple[Told, Told] | None:
    """Return the old and the new sentence; None where rules alone say that they tell of two."""
    was, now = _told(old), _told(new)
    if was is None or now is None or bygone(new.question, was, now):
        return None
    return None if of_another(new.question, now.citation.quote) else (was, now)


def odds(features: Mapping[str, float]) -> float:
    """Return the log odds that two sentences speak of one thing."""
    return BIAS + sum(WEIGHTS[name] * features[name] for name in FEATURES)


def measure(question: str, was: Told, now: Told, reranker: Reranker) -> dict[str, float]:
    """Return the features of an old and a new sentence."""
    old, new, onward, whole, back = reranker.score(
        [
            (question, was.headed),
            (question, now.headed),
            (was.citation.quote, now.citation.quote),
            (was.text, now.citation.quote),
            (now.citation.quote, was.text),
        ]
    )
    named = {sense(w.stem) for name in names(question) for w in words(name.text)}
    had = (_senses(question) - named - _COUNTED) & _senses(f"{was.headed} {was.text}")
    lost = had - _senses(now.headed)
    undone = lost & ({sense(verb.stem)} if (verb := _verb(question)) else set())
    return {
        "answers": new,
        "less": old - new,
        "onward": max(onward, whole),
        "back": back,
        "lost": float(len(lost - undone)),
        "undone": float(len(undone)),
    }


def _verb(question: str) -> Word | None:
    """Return the verb of a question, also where who does it is asked for: "who owns the mine"."""
    run = [w for w in words(question) if w.low not in _MODALS]
    place = _ASKING.get(run[0].low, 0) if run else 0
    behind = run[place] if place and len(run) > place else None
    return deed(question) or (behind if behind and behind.content else None)


def bygone(question: str, was: Told, now: Told) -> bool:
    """Return True for what is told of a year before the old report, which is no news.

    "The poet, who won the prize in 2011, died." A day that is asked for may well lie back.
    """
    reported = day(was.citation.source.published)
    if answer_type(question) == "date" or reported is None or _YEAR.search(question):
        return False
    published = day(now.citation.source.published)
    text = now.citation.quote
    decades = [int(m[1]) + 9 for m in _DECADE.finditer(text)]
    years = decades + [
        d.first.year for d in dates(text, published) if d.first and _YEAR.search(d.span.of(text))
    ]
    return bool(years) and max(years) < reported.year


def of_another(question: str, text: str) -> bool:
    """Return True when a figure stands in a piece of a sentence that names something else alone.

    "In Usk Valley 23 schools have closed, more than in Monmouth Vale": what is asked of is named,
    but only beside it. "The Liberals have 31 seats in Ardal, while the Greens sit next to them":
    so is one of the two names of "How many seats do the Greens have in Ardal?".
    """
    asked = {name.last for name in names(question)}
    found = numbers(text)
    here = asked & {name.last for name in names(text)}
    if not found or not here:
        return False
    pieces = [clause(text, figure.span.start) for figure in found]
    named = [{name.last for name in names(piece)} for piece in pieces]
    return all(held - asked and here - held for held in named)


def _told(answer: Answer) -> Told | None:
    citation = lead(answer)
    if citation is None:
        return None
    texts = (s.text for s in answer.statements if citation.quote in s.text)
    return Told(citation, next(texts, citation.quote))


def _senses(text: str) -> set[str]:
    return {sense(w.stem) for w in words(text) if w.content}
