"""The sentences that may answer a question, scored: from passages to candidates, best first.

Each is scored by what it shares with the question (words weighted by rarity, meaning, the form of
answer asked for) and by where it stands.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from langchain_core.documents import Document

from rag.archive.archive import Archive
from rag.language.terms import asked_terms, held_stems, spellings
from rag.language.tongue import Tongue
from rag.language.words import stem
from rag.models.encoder import Encoder
from rag.models.reranker import Reranker
from rag.question.form import AnswerForm
from rag.question.parts import asking
from rag.question.query import Query
from rag.search.retrieve import FOREIGN, NEWS_DAYS
from rag.telemetry.steps import step
from rag.types import Article, Span, day

ENCODED = 20
"""Most sentences whose meaning is compared: the rest share too few words to be worth 5 ms each."""
SETTING = 1 / 3
"""What a word counts for that stands only in the sentences ahead of the one that asks: what answers
"What year was she first elected?" need not say again why she is in the news. Over 300 news quiz
questions, of which 48 have such a sentence, the gold is read in .707, where it counts 1 in .697."""
URGENT = 2.5
"""How much more the day counts when a question says "this week": a small model takes an old story
that reads alike for this week's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A sentence that may become evidence, with what speaks for it (each 0 to 1)."""

    article: Article
    cluster: str
    position: int
    """Which sentence of the article it is, from 0."""
    span: Span
    rank: float
    """1 for the best passage, falling with its rank."""
    words: float
    """Share of the question's words in the sentence, weighted by rarity."""
    around: float
    """The same with the title and the neighbouring sentences added."""
    form: float
    """1 when it holds the form of answer that the question asks for."""
    fresh: float = 0.0
    """1 for what was published when the question was put, .5 a fortnight before, times `URGENT`
    for a question that asks for the news; 0 where it is unknown when it was put."""
    meaning: float = 0.0
    """Cosine of sentence and question, at least 0."""

    logit: float | None = None
    """What the cross-encoder makes of the question and this sentence; None where it was not asked.
    Above 4 or so it mostly answers, below 0 it is about something else."""
    reads: Callable[[str], float] | None = field(default=None, compare=False, repr=False)
    """Gives the same for other words, such as a part of the sentence."""

    @property
    def text(self) -> str:
        """The words of the sentence."""
        return self.span.of(self.article.text)

    @property
    def headed(self) -> str:
        """The sentence behind the headline of its article, as a cross-encoder reads it."""
        title = self.article.title
        return f"{title}. {self.text}" if title else self.text

    @property
    def features(self) -> tuple[float, ...]:
        """The numbers that `score` weighs, in the order of `WEIGHTS`."""
        early = 1 / (1 + self.position)
        return (self.rank, self.words, self.around, self.form, self.meaning, early, self.fresh)


FORMED = 3.0
"""How much more the form of the answer counts in another language, where meaning counts less."""

WEIGHTS = (1.0, 1.5, 1.5, 0.8, 3.0, 0.3, 1.2)
BIAS = 4.5
"""The score at which a sentence is as likely as not to answer the question."""


def score(candidate: Candidate) -> float:
    """Return how likely a sentence is to answer the question, on an open scale."""
    return sum(w * f for w, f in zip(WEIGHTS, candidate.features, strict=True))


def rated(question: str, found: Sequence[Candidate], reranker: Reranker) -> list[Candidate]:
    """Return sentences with what a cross-encoder makes of them and a question, in their order."""

    def reads(text: str) -> float:
        return reranker.score([(question, text)])[0]

    logits = reranker.score([(question, c.headed) for c in found])
    return [replace(c, logit=x, reads=reads) for c, x in zip(found, logits, strict=True)]


def nearest(found: Sequence[Candidate], margin: float, least: float) -> list[Candidate]:
    """Return the sentences that are nearly as much about a question as the best of them.

    Args:
        found: Sentences with their logits.
        margin: How far below the best one a sentence may be, in logits.
        least: What each must have, however good the others are.
    """
    best = max((c.logit for c in found if c.logit is not None), default=0.0)
    floor = max(best - margin, least)
    return [c for c in found if c.logit is not None and c.logit >= floor]


def likelihood(candidate: Candidate) -> float:
    """Return the score as a probability that the sentence answers the question."""
    return 1.0 / (1.0 + math.exp(BIAS - score(candidate)))


def rarity(
    terms: Sequence[str],
    archive: Archive,
    spelled: Callable[[str], tuple[str, ...]] = spellings,
    stemmed: Callable[[str], str] = stem,
) -> dict[str, float]:
    """Weigh the stem of each term by how few passages hold it, in whatever spelling.

    The weight is the log of how many passages there are to one that holds the term (Spärck Jones,
    "A statistical interpretation of term specificity", 1972, smoothed).
    """
    variants = {term: spelled(term) for term in terms}
    counts = archive.frequencies([v for same in variants.values() for v in same])
    passages = archive.passage_count
    weights: dict[str, float] = {}
    for term, same in variants.items():
        weight = math.log(1 + (passages + 1) / (1 + max(counts[v] for v in same)))
        weights[stemmed(term)] = max(weight, weights.get(stemmed(term), 0.0))
    return weights


def weighed_in(tongue: Tongue, question: str, archive: Archive) -> dict[str, float]:
    """Weigh the words of a question in another language by their rarity."""
    return rarity(tongue.terms(question), archive, tongue.spellings, tongue.stem)


def asked_weights(question: str, archive: Archive) -> dict[str, float]:
    """Weigh the words of a question by their rarity; those that only set its scene count less."""
    weights = rarity(asked_terms(question), archive)
    asked = {stem(term) for term in asked_terms(asking(question))}
    return {t: w if t in asked else SETTING * w for t, w in weights.items()}


def candidates(
    query: Query,
    passages: Sequence[Document],
    archive: Archive,
    encoder: Encoder,
    most: int = ENCODED,
) -> list[Candidate]:
    """Return the sentences of the passages with their scores, best first, `most` of them."""
    with step("rerank"):
        return _rated(query, passages, archive, encoder, most)


def _rated(
    query: Query, passages: Sequence[Document], archive: Archive, encoder: Encoder, most: int
) -> list[Candidate]:
    ruler = _ruler(query, archive)
    found: list[Candidate] = []
    for place, passage in enumerate(passages):
        of_one = _of_passage(passage, 1 / (1 + 0.25 * place), archive, ruler)
        found.extend(replace(c, fresh=_fresh(c.article, query)) for c in of_one)
    shortlist = sorted(found, key=score, reverse=True)[:most]
    if not shortlist:
        return []
    vectors = encoder.encode([query.text, *(c.text for c in shortlist)])
    cosines = np.clip(vectors[1:] @ vectors[0], 0.0, 1.0)
    counts = 1.0 if query.tongue is None else FOREIGN
    measured = [
        replace(c, meaning=counts * float(cosine), form=FORMED * c.form if query.tongue else c.form)
        for c, cosine in zip(shortlist, cosines, strict=True)
    ]
    return sorted(measured, key=score, reverse=True)


def _fresh(article: Article, query: Query) -> float:
    """Return how near to the question's day an article was published."""
    published = day(article.published)
    if query.asked_on is None or published is None:
        return 0.0
    near = 1 / (1 + abs((query.asked_on - published).days) / NEWS_DAYS)
    return URGENT * near if query.recent else near


@dataclass(frozen=True, slots=True)
class _Ruler:
    """What the sentences are measured with: the question's words, in its language."""

    weights: Mapping[str, float]
    held: Callable[[str], Collection[str]]
    """Returns stems that a text holds, those of the question among them."""
    formed: Callable[[str], bool]
    """Returns True when a text holds the form of answer that is asked for."""


def _ruler(query: Query, archive: Archive) -> _Ruler:
    text, tongue = query.text, query.tongue
    if tongue is None:
        return _Ruler(asked_weights(text, archive), held_stems, AnswerForm(text).held_by)
    weights = weighed_in(tongue, text, archive)
    form = tongue.form(text)

    def led(sentence: str) -> set[str]:
        return tongue.led(weights, sentence) if form == "person" else set()

    return _Ruler(
        weights,
        lambda sentence: tongue.held(weights, sentence) | led(sentence),
        lambda sentence: form is not None and tongue.has_form(form, sentence, text),
    )


def _of_passage(passage: Document, rank: float, archive: Archive, ruler: _Ruler) -> list[Candidate]:
    weights = ruler.weights
    article = archive.article(passage.metadata["article_id"])
    inside = Span(start=passage.metadata["start"], end=passage.metadata["end"])
    numbered = [
        (position, span)
        for position, span in enumerate(archive.sentences(article.id))
        if inside.covers(span)
    ]
    held = [ruler.held(span.of(article.text)) for _, span in numbered]
    title = set(ruler.held(article.title or ""))
    total = sum(weights.values()) or 1.0
    return [
        Candidate(
            article=article,
            cluster=passage.metadata["cluster"],
            position=position,
            span=span,
            rank=rank,
            words=sum(w for t, w in weights.items() if t in held[i]) / total,
            around=sum(
                w for t, w in weights.items() if t in title.union(*held[max(0, i - 2) : i + 2])
            )
            / total,
            form=float(ruler.formed(span.of(article.text))),
        )
        for i, (position, span) in enumerate(numbered)
    ]


def sentences(rankings: Sequence[Sequence[Candidate]], archive: Archive) -> Iterator[str]:
    """Yield the titles and sentences of the articles that were found, each article once."""
    found = {c.article.id: c.article for ranking in rankings for c in ranking}
    for article in found.values():
        yield article.title or ""
        for span in archive.sentences(article.id):
            yield span.of(article.text)
