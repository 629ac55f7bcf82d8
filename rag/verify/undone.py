"""Is it done in the source at all? "The council sold the depot": it only plans to, or it rents it.

What is told as done needs a source in which it is done. A deed that the source does not have at all
may be there in another word; whether any of its words is near enough is asked of the encoder.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.language.idioms import plain
from rag.language.predicates import deeds, fold
from rag.language.speech import TELLING
from rag.language.words import Word, lexicon, words
from rag.verify.ground import bare, sense
from rag.verify.score import Encode

LIKE = 0.58
"""Words of this cosine mean the same often enough. Of 40 pairs of verbs with different meanings one
in ten was above it, of 44 pairs that mean the same two in five."""
_AHEAD = lexicon("to will would may might could should can must shall wont if")
"""What stands ahead of a deed that is not done."""
_DONE = lexicon("has have had was were been")
_REACH = 2
"""Words between it and the deed: "will not be sold", "to quickly sell"."""


def undone(claim: str, source: str) -> str:
    """Say which deed of a claim its source has only as one to come; "" where it has none such."""
    run, theirs = words(plain(bare(claim))), words(plain(bare(source)))
    told = {d.verb for d in deeds(plain(bare(claim)))}
    told = told & sense(claim) or told  # "put" is a deed only where the claim has no other
    for k, verb in ((k, fold(word)) for k, word in enumerate(run)):
        if verb not in told or _ahead(run, k) is not None:
            continue
        places = [i for i, other in enumerate(theirs) if fold(other) == verb]
        leads = [_ahead(theirs, i) for i in places]
        if leads and leads[0] is not None and None not in leads:
            return _only(theirs, leads[0], places[0])
    return ""


def planned(verb: str, source: str) -> bool:
    """Return True when a source has a deed, by its folded stem, only as one to come."""
    run = words(plain(bare(source)))
    places = [k for k, word in enumerate(run) if fold(word) == verb]
    return bool(places) and all(_ahead(run, k) is not None for k in places)


def unsaid(claim: str, source: str, headline: str, encode: Encode) -> str:
    """Say which deed of a claim its source has in no word that is near it; "" where it has all.

    A headline may have the deed itself, but what is only near that is as often its opposite.
    """
    held, mine = sense(source) | sense(headline), sense(claim)
    told = {d.verb for d in deeds(plain(bare(claim)))} & mine - held
    run = words(plain(bare(claim)))
    lacking = [w for w in run if fold(w) in told and w.low not in TELLING]
    if not lacking:
        return ""
    theirs = words(plain(bare(source)))
    places = [k for k, w in enumerate(theirs) if w.content]
    if not places:
        return f"the source does not speak of {lacking[0].text!r}"
    vectors = encode([*(w.low for w in lacking), *(theirs[k].low for k in places)])
    near = vectors[: len(lacking)] @ vectors[len(lacking) :].T
    for word, cosines in zip(lacking, near, strict=True):
        place = places[int(cosines.argmax())]
        if cosines.max() < LIKE:
            return f"the source does not speak of {word.text!r}"
        lead = _ahead(theirs, place)
        if lead is not None and _ahead(run, run.index(word)) is None:
            return _only(theirs, lead, place)
    return ""


def _only(run: Sequence[Word], lead: int, place: int) -> str:
    said = " ".join(w.text for w in run[lead : place + 1])
    return f"the source only says {said!r}"


def _ahead(run: Sequence[Word], k: int) -> int | None:
    """Return where it is said that the deed at `k` is not done; None where it is."""
    for i in range(k - 1, max(-1, k - 2 - _REACH), -1):
        if run[i].low in _AHEAD:
            return i
        if run[i].content or run[i].low in _DONE:
            return None
    return None
