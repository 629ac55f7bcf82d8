"""Would a source rather say this of another? Asked of a cross-encoder, by changing the names.

    another("Coastway agreed to buy Marlin.", "Marlin agreed to buy its rival Coastway.", reranker)

A cross-encoder that was taught which passage answers a query tells little of whether a claim is
true: "Coastway agreed to buy Marlin" has every word of the source. But it prefers, if only by a
little, the claim with the names the other way round, and that difference is free of all else that
moves its scores. So the doer of a claim is exchanged for others of the source, and pairs of its own
names are turned round; a source that fits the other claim better, whichever of the two is read
first, says it of another.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from rag.language.entities import read
from rag.language.kinds import Kind
from rag.language.names import Name, names
from rag.language.sentences import split
from rag.models.reranker import Pair, Reranker

MARGIN = 0.12
"""Logits by which a changed claim must fit better in either order. Of 18 pairs that were tried when
this was made, eight of ten false claims were found out and none of eight true ones blamed; of eight
more false ones, written afterwards, five. It is one check beside those that read clauses."""
MOST = 7
"""Changed claims that are tried for one source: with its own they are one batch of the model, whose
weights in eight bits give a pair another score in other company."""
OPENS = 4
"""A name behind at most so many words is the doer of a sentence."""


def another(claim: str, source: str, article: str, reranker: Reranker) -> str:
    """Say whom a source would rather say a claim of; "" where it is the claim's own.

    Args:
        claim: One sentence.
        source: The sentence that seems to bear it out, without its dateline.
        article: The text in which that stands: it tells people from places.
        reranker: The cross-encoder.
    """
    changed = list(_changed(claim, source, article))[:MOST]
    if not changed:
        return ""
    texts = [claim, *(text for text, _ in changed)]
    first: list[Pair] = [(text, source) for text in texts]
    ahead = reranker.score(first)
    behind = reranker.score([(of, text) for text, of in first])
    margins = [min(ahead[k] - ahead[0], behind[k] - behind[0]) for k in range(1, len(texts))]
    best = max(range(len(changed)), key=margins.__getitem__)
    return changed[best][1] if margins[best] >= MARGIN else ""


def _changed(claim: str, source: str, article: str) -> Iterator[tuple[str, str]]:
    """Yield the claim with other names, each with what the source then says."""
    mine, theirs = _distinct(names(claim)), _distinct(names(source))
    acting = [n for n in mine if not claim.startswith(("'s", "’s"), n.span.end)]
    known = [name for name in acting if any(_same(name, other) for other in theirs)]
    for one, other in combinations(known, 2):
        yield _turned(claim, one, other), "in the source it is the other way round"
    doer = next((n for n in mine[:1] if len(claim[: n.span.start].split()) <= OPENS), None)
    if doer is None or doer not in known:
        return
    kinds = _kinds(article)
    sure = {part for name in names(article) if name.sure for part in name.parts}
    for rival in theirs:
        own = any(_same(rival, name) for name in mine)
        if not own and rival.last in sure and _alike(doer, rival, kinds):
            text = claim[: doer.span.start] + rival.text + claim[doer.span.end :]
            yield text, f"the source says this of {rival.text}, not of {doer.text}"


def _turned(claim: str, one: Name, other: Name) -> str:
    between = claim[one.span.end : other.span.start]
    return claim[: one.span.start] + other.text + between + one.text + claim[other.span.end :]


def _kinds(article: str) -> dict[str, Kind]:
    """Return the words of names, each with the kind of what it names."""
    return {
        word: entity.kind
        for entity in read(article, split(article))
        for mention in entity.mentions
        for name in names(mention.of(article))
        for word in name.parts
    }


def _alike(one: Name, other: Name, kinds: dict[str, Kind]) -> bool:
    """Return True unless one is a person and the other a place: a country or a firm may do both."""
    return {kinds.get(one.last), kinds.get(other.last)} != {"person", "place"}


def _distinct(found: tuple[Name, ...]) -> list[Name]:
    kept: list[Name] = []
    for name in found:
        if not any(_same(name, other) for other in kept):
            kept.append(name)
    return kept


def _same(one: Name, other: Name) -> bool:
    return bool(set(one.parts) & set(other.parts))
