"""How much of a statement its sources hold: a few measures, weighed into one probability.

The weights were fitted by `eval.calibrate` on half of a set of human judgements; the other half
gives the figures in `docs/results.md`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from itertools import chain, product

import numpy as np
from numpy.typing import NDArray

from rag.language.cues import AHEAD, claims, looks_ahead, quotes
from rag.language.idioms import plain
from rag.language.names import names
from rag.language.places import ALIAS
from rag.language.predicates import deeds, doers, predicates
from rag.language.speech import TELLING, speeches
from rag.language.thesaurus import same
from rag.language.words import stem, words
from rag.verify.binding import referred, sentence_before
from rag.verify.ground import Finding, Ground, Premise, bare, line, sense

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Sentences to rows of unit length, as `Embedder.encode` gives them."""

_JOINT = re.compile(r"[,;]? (?:and|while|but|whereas) |; ")

_SOFT = frozenset(
    {
        "bound",
        "counted",
        "deed",
        "small",
        "unsaid",
        "opening",
        "date",
        "published",
        "number",
        "quote",
    }
)
"""Lesser objections that human judgements bear out; hedges and attribution are flags only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """How much of a statement its premises hold; each 0 to 1."""

    held: float
    """Share of its content words in any premise, averaged with that in one for each part."""
    linked: float
    """Share of its nearby word pairs that stand near each other in a premise."""
    cosine: float
    """Similarity in meaning to the premises read together; 0 without an encoder."""
    doubt: float
    """1 when a check has a lesser objection."""


WITH_MEANING = (-4.26, 0.61, 2.64, 2.56, -0.99)
"""Bias, then one weight for each of `Features`, when there is an encoder."""
WORDS_ONLY = (-2.86, 0.72, 3.32, 0.0, -0.9)
"""The same without an encoder."""


def measure(
    statement: str,
    ground: Ground,
    findings: Sequence[Finding],
    encode: Encode | None,
    *,
    presumed: frozenset[str] = frozenset(),
) -> Features:
    """Measure how much of a statement, but for the words `presumed`, the premises hold."""
    parts = _parts(statement, _left_out(statement, ground) | presumed)
    mine = frozenset(chain.from_iterable(parts))
    size = max(len(mine), 1)
    inside = len(mine & ground.union)
    near = len(mine & (ground.around - ground.union))
    covered = (inside + 0.5 * near) / size if mine else 1.0
    best = _best(parts, ground) / size if mine else 1.0
    linked = _linked(parts, statement, ground, covered)
    return Features(
        held=(covered + best) / 2,
        linked=linked,
        cosine=_cosine(statement, ground, encode),
        doubt=float(any(f.check in _SOFT and f.support == "partly" for f in findings)),
    )


def _best(parts: Sequence[Sequence[str]], ground: Ground) -> int:
    """Count the content words held when each part rests on one premise of its own."""
    return sum(max((len(set(part) & s) for s in ground.senses), default=0) for part in parts)


def _parts(statement: str, left_out: frozenset[str]) -> list[tuple[str, ...]]:
    """Cut a statement at "and", "while", "but"; a part of one word stays with its neighbour.

    Numbers are blanked first: "25 and a half days" is one.
    """
    parts: list[tuple[str, ...]] = []
    for piece in _JOINT.split(bare(statement)):
        run = tuple(w for w in line(piece) if w not in left_out)
        if parts and (len(run) < 2 or len(parts[-1]) < 2):
            parts[-1] += run
        else:
            parts.append(run)
    return parts


def _left_out(statement: str, ground: Ground) -> frozenset[str]:
    """Return the words of names that the sources know but do not repeat: "he", "the agency"."""
    known = (n for n in names(statement) if ground.known.licence(n) == "same")
    folded = {ALIAS.get(part) or same(stem(part)) for n in known for part in n.parts}
    checked = _checked(statement, ground)
    return frozenset((folded | checked) - ground.union) | referred(statement, ground)


def _checked(statement: str, ground: Ground) -> set[str]:
    """Return words for how a thing is said, which have checks of their own, if the source has such.

    They are "promised" where it says "would", "warned" where it says "said", "ruled out" where it
    says "no".
    """
    mine = [w for w in words(statement) if w.content]
    found = {w for w in mine if w.stem in AHEAD and any(map(looks_ahead, ground.texts))}
    if any(speeches(t) or quotes(t) for t in ground.texts):
        found |= {w for w in mine if w.low in TELLING}
    if any(claims(t).negated for t in ground.texts):
        denying = {c.word for c in claims(statement).negated}
        found |= {w for w in mine if w.low in denying}
    return {same(w.stem) for w in found}


def probability(features: Features, *, meaning: bool) -> float:
    """Return the probability that people would call the statement supported."""
    bias, *weights = WITH_MEANING if meaning else WORDS_ONLY
    z = bias + sum(w * x for w, x in zip(weights, astuple(features), strict=True))
    return 1.0 / (1.0 + math.exp(-z))


def _cosine(statement: str, ground: Ground, encode: Encode | None) -> float:
    if encode is None:
        return 0.0
    vectors = encode([statement, " ".join(ground.texts)])
    return float(np.clip(vectors[0] @ vectors[1], 0.0, 1.0))


def _linked(
    parts: Sequence[Sequence[str]], statement: str, ground: Ground, covered: float
) -> float:
    """Return the share of nearby word pairs that stand near each other in a premise too.

    Pairs are at most three content words apart here and four there, in either order: who does
    what to whom has a check of its own. `covered` counts as one pair more, so that a statement of
    two words does not hang on one pair.
    """
    pairs = set().union(*(_pairs(part, 3) for part in parts))
    subjects = _subjects(statement)
    theirs = set().union(*(_pairs(line(t), 4) for t in ground.texts))
    theirs = theirs.union(*(_carried(p, ground, subjects) for p in ground.premises))
    return (len(pairs & theirs) + covered) / (len(pairs) + 1)


def _subjects(statement: str) -> frozenset[str]:
    """Return what a statement speaks of, but for names."""
    ahead = (c.subject for c in predicates(statement)), (d.ahead for d in deeds(statement))
    named = {same(stem(part)) for n in names(statement) for part in n.parts}
    return frozenset().union(*chain(*ahead)) - named


def _carried(premise: Premise, ground: Ground, subjects: frozenset[str]) -> set[frozenset[str]]:
    """Pair the words of each clause without a subject with that of the clause before it.

    Where a pronoun opens the premise, it may stand for a subject of the statement that the sentence
    before has, if it is no name: `referred` knows when that is clear.
    """
    text = plain(bare(premise.text))
    told = list(zip(predicates(text), doers(text), strict=True))
    pairs = {(a, b) for c, doer in told for a in doer - c.subject for b in c.content if c.verbs}
    if told and told[0][0].refers and premise.text in premise.context:
        meant = subjects & sense(sentence_before(premise, ground))
        pairs |= set(product(meant, told[0][0].content))
    return set(map(frozenset, pairs))


def _pairs(run: Sequence[str], reach: int) -> set[frozenset[str]]:
    return {frozenset((a, b)) for i, a in enumerate(run) for b in run[i + 1 : i + 1 + reach]}
