"""What a judge sees of one statement: numbers, each with a name and a meaning.

Two of them come from a cross-encoder that reads the question, or the statement, together with the
cited sentence. The others say how sure the model was, and whether the words that are new in the
statement, those that the question does not have, stand in its sources. What the question itself
says is never held against a statement.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from rag.language.names import names
from rag.language.numbers import numbers
from rag.language.terms import held_stems
from rag.language.words import Word, words
from rag.models.reader import Reader
from rag.models.reranker import Pair, Reranker
from rag.question.form import AnswerForm
from rag.types import Citation, Evidence, Moment, Source, day

Features = Mapping[str, float]

NAMES = (
    "answers",
    "answers_piece",
    "carries",
    "carries_piece",
    "read",
    "asked",
    "asked_here",
    "asked_names",
    "form",
    "certainty",
    "weakest",
    "new_faced",
    "numbers_held",
    "names_held",
    "objected",
    "proposed",
    "reads",
    "tells",
)
"""The features, in their order.

`answers`, `answers_piece`: logits of the question against the cited sentence, and against all that
was read of its article. `carries`, `carries_piece`: the same of the statement. `read`: how likely
the search found the cited piece to answer, 0 to 1. `asked`: share of the question's words, weighted
by rarity, in and around the cited sentence; `asked_here`: in that sentence alone. `asked_names`:
share of its names in the cited article. `form`: 1 when the statement has the form that is asked
for. `certainty`, `weakest`: log odds of the model's tokens, their mean and the least likely.
`new_faced`, `numbers_held`, `names_held`: share of what the statement adds to the question (its
words, numbers, names) that stands in the cited piece or the label of its article. `objected`: how
many deterministic checks did not find a part of the statement in the source, 2 at most.
`proposed`: log odds of yes, when the model is asked whether its answer is right (Kadavath et al.
2022, arXiv 2207.05221); NaN where it was not asked. `reads`: log odds that a cited sentence has
words that answer, as the extractive reader finds; `tells`: how much lower they are for the best of
those words that the statement says, 0 where it says the very best; NaN without a reader.
"""
UNSURE = 0.88
"""How likely the default model finds its words, on average; taken where a model does not say."""
UNSUREST = 0.45
"""The same of the least likely of its tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One statement of an answer, with all that it may rest on."""

    question: str
    text: str
    citations: tuple[Citation, ...]
    evidence: tuple[Evidence, ...]
    weights: Mapping[str, float] = field(default_factory=dict)
    """The stems of the question's words, each with how rare it is in the archive."""
    articles: Mapping[str, str] = field(default_factory=dict)
    """The whole texts of the cited articles, by id."""
    certainty: float | None = None
    """How likely the model found its words, 0 to 1; None where it does not say."""
    weakest: float | None = None
    """How likely it found the least likely of its tokens."""
    look: float | None = None
    """How likely the model finds at a second look that its answer is right; None without one."""


def best(question: str, evidence: Sequence[Evidence], reranker: Reranker) -> tuple[Citation, ...]:
    """Return the sentences of the evidence that answer a question best, as citations, best first.

    Sentences that are nearly as good stand in the order of their scores; the same words of two
    articles stand once.
    """
    found = [(e, span) for e in evidence for span in e.sentences]
    scores = _scores(reranker, question, [_headed(e.source, e.quote(span)) for e, span in found])
    order = sorted(range(len(found)), key=lambda i: -scores[i])
    quoted: dict[str, Citation] = {}
    for piece, span in (found[i] for i in order):
        quote = piece.quote(span)
        made = Citation(number=piece.number, source=piece.source, span=span, quote=quote)
        quoted.setdefault(" ".join(quote.lower().split()), made)
    return tuple(quoted.values())


def measure(
    claim: Claim, reranker: Reranker, objected: int = 0, reader: Reader | None = None
) -> Features:
    """Return the features of a claim by name; scores of the cross-encoder are logits.

    Args:
        claim: The statement with its sources.
        reranker: The cross-encoder.
        objected: How many deterministic checks did not find a part of it in the source.
        reader: Finds which words of a sentence answer.
    """
    cited = [_headed(c.source, c.quote) for c in claim.citations]
    pieces = [_headed(e.source, e.text) for e in _cited(claim)]
    against = list(dict.fromkeys((*cited, *pieces)))
    pairs: list[Pair] = [(one, text) for one in (claim.question, claim.text) for text in against]
    logits = dict(zip(pairs, reranker.score(pairs), strict=True))  # in one go: batches are full
    form = AnswerForm(claim.question)

    def most(text: str, of: Sequence[str]) -> float:
        return max((logits[text, one] for one in of), default=LOWEST)

    return {
        "answers": most(claim.question, cited),
        "answers_piece": most(claim.question, pieces),
        "carries": most(claim.text, cited),
        "carries_piece": most(claim.text, pieces),
        "read": max((e.score for e in _cited(claim)), default=0.0),
        **_asked(claim),
        "form": float(not form.tells or form.held_by(claim.text)),
        "certainty": _logit(UNSURE if claim.certainty is None else claim.certainty),
        "weakest": _logit(UNSUREST if claim.weakest is None else claim.weakest),
        **_novelty(claim),
        "objected": float(min(objected, 2)),
        "proposed": math.nan if claim.look is None else _logit(claim.look),
        **_read(claim, reader),
    }


LOWEST = -11.0
"""A score of the cross-encoder where there is nothing to score."""


FURTHEST = 15.0
"""Log odds of the reader beyond which nothing becomes more certain, either way."""


def _read(claim: Claim, reader: Reader | None) -> dict[str, float]:
    """Return what a reader finds in the cited sentences, and how much of that the claim says."""
    if reader is None:
        return {"reads": math.nan, "tells": math.nan}
    cited = {c.quote: f"{c.source.title}. " if c.source.title else "" for c in claim.citations}
    found = reader.read([(claim.question, ahead, quote) for quote, ahead in cited.items()])
    said = _stems(claim.text)
    best = max((reading.best()[1] for reading in found), default=-FURTHEST)
    told = max(
        (
            reading.best({s for s in reading.tokens if _stems(s.of(quote)) <= said})[1]
            for quote, reading in zip(cited, found, strict=True)
        ),
        default=-FURTHEST,
    )
    return {"reads": _bounded(best), "tells": _bounded(told) - _bounded(best)}


def _bounded(odds: float) -> float:
    return min(max(odds, -FURTHEST), FURTHEST)


def _scores(reranker: Reranker, text: str, against: Sequence[str]) -> tuple[float, ...]:
    pairs: list[Pair] = [(text, other) for other in against]
    return reranker.score(pairs)


def _headed(source: Source, text: str) -> str:
    return f"{source.title}. {text}" if source.title else text


def _cited(claim: Claim) -> list[Evidence]:
    numbers = {c.number for c in claim.citations}
    return [e for e in claim.evidence if e.number in numbers]


def _asked(claim: Claim) -> dict[str, float]:
    """Return how much of what the question names stands where the statement was taken from."""
    around = " ".join(map(_face, _cited(claim)))
    held = held_stems(around)
    here = held_stems(" ".join(c.quote for c in claim.citations))
    articles = " ".join([around, *claim.articles.values()])
    named = [n.parts[-1] for n in names(claim.question) if n.sure and n.parts]
    spoken = {w.low for w in words(articles)} if named else set()
    return {
        "asked": _weighed(claim.weights, held),
        "asked_here": _weighed(claim.weights, here),
        "asked_names": sum(n in spoken for n in named) / len(named) if named else 1.0,
    }


def _weighed(weights: Mapping[str, float], held: Collection[str]) -> float:
    """Return the weighted share of stems that are held; 1 when there are none to hold."""
    total = sum(weights.values())
    return sum(w for t, w in weights.items() if t in held) / total if total else 1.0


def _novelty(claim: Claim) -> dict[str, float]:
    """Return how much of what a statement says beyond the question stands in its sources."""
    asked = _stems(claim.question)
    new = [w for w in words(claim.text) if w.content and w.stem not in asked]
    faced = _stems(" ".join(_face(e) for e in _cited(claim)))
    figures = _figures(claim.text) - _figures(claim.question)
    known = _figures(" ".join(map(_face, _cited(claim))))
    named = {part for n in names(claim.text) if n.sure for part in n.parts}
    proper = [w for w in new if w.low in named or w.capital]
    return {
        "new_faced": _share(new, faced),
        "numbers_held": len(figures & known) / len(figures) if figures else 1.0,
        "names_held": _share(proper, faced),
    }


def facts(text: str) -> set[str | float]:
    """Return what a text names and counts: its numbers, and the words of its names, folded."""
    return {*_figures(text), *(part for n in names(text) if n.sure for part in n.parts)}


def _figures(text: str) -> set[float]:
    """Return the numbers of a text by value, years and days of a month among them."""
    digits = (w.low.replace(",", "") for w in words(text) if w.low[0].isdigit())
    written = {float(d) for d in digits if d.replace(".", "", 1).isdigit()}
    return written | {quantity.value for quantity in numbers(text)}


def _face(piece: Evidence) -> str:
    """Return what a reader sees of an article beside a sentence: its label, and its neighbours."""
    source = piece.source
    label = (source.title, source.publisher, _written(source.published), piece.text)
    return " ".join(part for part in label if part)


def _written(published: Moment | None) -> str:
    known = day(published)
    return f"{known.day} {known:%B} {known.year}" if known else ""


def _stems(text: str) -> set[str]:
    return {w.stem for w in words(text)}


def _share(wanted: Sequence[Word], held: set[str]) -> float:
    return sum(w.stem in held for w in wanted) / len(wanted) if wanted else 1.0


def _logit(chance: float) -> float:
    kept = min(max(chance, 0.01), 0.995)
    return math.log(kept / (1 - kept))
