"""What a question says is done: the verb of its main clause.

    deed("When did work on the tunnel begin?").text        # "begin"
    deed("Why was the hospital in Tarn closed?").text      # "closed"

Of a passive it is the last word in a form of the past. Of "did ..." it is the first known verb
behind the subject, which may have its own "of the" and a clause of its own ("that owned it").
"""

from __future__ import annotations

from itertools import pairwise

from rag.language.names import names
from rag.language.thesaurus import DEEDS, same
from rag.language.words import Word, lexicon, words
from rag.types import Span

_BEING = lexicon("is are was were")
_PASSIVE = lexicon("was were is are been being")
_ACTIVE = lexicon("did does do will would")
_LEADS = lexicon(
    "the a an this that these those its their his her of on in at for from by with to as and or "
    "into over under between against about near"
)
"""What a noun stands behind, and a verb of "did ..." does not."""
_CLAUSE = lexicon("when where before after because since until while which who whose and or that")
_ASIDES = lexicon("that which who whose where")
_PRONOUNS = lexicon("it they he she we you")
_PARTICLES = lexicon("back up down out off over away on in")
PARTICIPLES = lexicon(
    "blown shot sunk built sold bought sent hit cut won lost found born broken stolen taken made "
    "struck shut held caught fought"
)


def deed(question: str) -> Word | None:
    """Return the verb of what a question asks of; None where it cannot be told."""
    run = words(question)
    first = next((i for i, w in enumerate(run) if w.low in _PASSIVE | _ACTIVE), None)
    if first is None:
        return None
    inside = [n.span for n in names(question)]
    if run[first].low in _ACTIVE:
        return _of_did(run, first, inside)
    until = next((i for i in range(first + 1, len(run)) if run[i].low in _CLAUSE), len(run))
    past = [w for w in run[first + 1 : until] if w.low in PARTICIPLES or w.low.endswith("ed")]
    return past[-1] if past else to_come(run)


def to_come(run: tuple[Word, ...]) -> Word | None:
    """Return the verb of what is, or was, still to be done: "when was work to begin"."""
    be = next((i for i, w in enumerate(run) if w.low in _BEING), len(run))
    return next(
        (
            b
            for i, (a, b) in enumerate(pairwise(run))
            if a.low == "to" and i > be + 1 and same(b.stem) in DEEDS
        ),
        None,
    )


def _of_did(run: tuple[Word, ...], first: int, inside: list[Span]) -> Word | None:
    """Return the verb behind a subject; what a clause of the subject has is not it.

    It is the first known one, else the last word of the clause that can be one.
    """
    subject = aside = False
    may: list[Word] = []
    for i in range(first + 1, len(run)):
        word = run[i]
        named = any(s.covers(Span(start=word.start, end=word.end)) for s in inside)
        free = word.content and not named and run[i - 1].low not in _LEADS
        if word.low in _ASIDES and subject:
            aside = True
        elif _ends(word, subject=subject, begun=bool(may)):
            break
        elif word.low == "of":
            may.clear()  # what has an "of" is a noun: "the airport of Lismark"
        elif subject and free:
            if same(word.stem) in DEEDS and not (aside and word.low.endswith(("ed", "s"))):
                return word
            may.append(word)
        # Who does it stands first: "did work begin".
        subject = subject or named or word.content or word.low in _PRONOUNS
    plain = [w for w in may if w.low not in _PARTICLES]
    return plain[-1] if plain and not aside else None


def _ends(word: Word, *, subject: bool, begun: bool) -> bool:
    """Say whether a clause ends at a word: at another one, or behind what can be its verb."""
    return (subject and word.low in _CLAUSE) or (begun and word.low in _LEADS - {"of"})
