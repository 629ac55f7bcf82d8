"""Who or what an old answer names has it no more, as a new sentence says; and who has it now.

"Hopkins Drinks sold the brewery to the Castell family." Whoever asks who owns the brewery finds the
old owner in this sentence as well, ahead of the new one, so that nothing seems to have changed. A
watch knows what was told before: it can see that the sentence takes leave of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.language.cues import denials
from rag.language.facts import answer_type
from rag.language.idioms import plain
from rag.language.names import Name, names
from rag.language.predicates import Deed, deeds, fold, predicates
from rag.language.words import lists, words
from rag.verify.undone import planned


def _folded(text: str) -> frozenset[str]:
    return frozenset(fold(w) for w in words(text) if w.content)


_VERBS = {name: _folded(" ".join(sorted(said))) for name, said in lists("succession").items()}
_NEXT = _VERBS["takes"] | _VERBS["appoints"] | _VERBS["heirs"]
_BEFORE = r"(?:instead of|rather than|no longer|former|ex-|previous|outgoing|late|(?:over )?from)"
"""Words ahead of what was, and is no more."""
_DENIES = re.compile(
    r"\b(?:den(?:y|ies|ied|ying)|disput(?:e|es|ed)|rumou?r(?:s|ed)?)\b", re.IGNORECASE
)
_ADJUNCT = r"^(?:because of|due to|owing to|after|since|following|as)\b[^,]*?"
"""How a sentence begins that first tells what is no more."""
_LINKED = r"(?:(?:the|a|an|its|his|her|their|[a-z][\w-]*)\s+){0,3}$"
"""Small words and a noun or two between a preposition and a name: "to the builder Pontis"."""


@dataclass(frozen=True, slots=True)
class Succession:
    """That somebody or something has a thing no more."""

    heir: str
    """Who or what has it now; empty where the words do not tell."""
    further: bool
    """Whether the heir is named by the next sentence alone."""


def succession(question: str, old: str, text: str, further: str = "") -> Succession | None:
    """Return who has what `old` had; None where a text does not say that it has it no more.

    Args:
        question: What is watched.
        old: A name, as the old answer gives it.
        text: The new sentence.
        further: The sentence behind it.
    """
    mine, asked = _folded(old), _folded(question)
    if not mine & _folded(text) or not _gone(question, mine, asked, text):
        return None
    here, there = (_others(part, mine | asked) for part in (text, further))
    heir = _heir(question, text, here)
    if heir is None and (taker := _taker(further, there)) is not None:
        return Succession(taker.text, further=True)
    heir = heir or (here[0] if len(here) == 1 else None)
    return Succession(heir.text if heir else "", further=False)


def takes(question: str, new: str, text: str) -> bool:
    """Return True when who or what is new takes what a question names: "Kern bought the mill"."""
    thing = frozenset().union(*(_folded(name.text) for name in names(question)))
    mine = _folded(new)
    return any(
        d.verb in _VERBS["takes"] and not d.passive and mine & d.ahead and thing & d.behind
        for d in deeds(plain(text))
    )


def _gone(question: str, mine: frozenset[str], asked: frozenset[str], text: str) -> bool:
    """Return True when a text takes leave of what is named by these words."""
    if _DENIES.search(text):
        return False
    heard = plain(text)
    said = {d.verb for d in deeds(heard) if _leave(d, mine, asked)} | _idioms(mine, text, heard)
    if any(not planned(verb, heard) and not _denied(verb, heard) for verb in said):
        return True
    name = _pattern(mine, text)
    where = answer_type(question) == "place"
    if where and (re.search(_ADJUNCT + name, text, re.IGNORECASE) or _moved(text, asked)):
        return True
    ends = any(d.verb in _VERBS["ends"] for d in deeds(text))
    with_it = ends and re.search(rf"\bwith (?:the )?{name}", text)
    return bool(with_it or re.search(rf"\b{_BEFORE}\W+(?:\w+\W+){{0,2}}?{name}", text))


def _leave(d: Deed, mine: frozenset[str], asked: frozenset[str]) -> bool:
    """Return True when a deed takes from somebody what is asked for."""
    if d.verb in _VERBS["gives"]:
        return bool(mine & d.behind and asked & d.ahead if d.passive else
                    mine & d.ahead and asked & d.behind)  # fmt: skip
    if d.verb in _VERBS["leaves"]:
        return not d.passive and bool(mine & d.ahead or (mine & d.behind and asked & d.ahead))
    if d.verb in _VERBS["ousts"]:
        return bool(mine & (d.ahead if d.passive else d.behind))
    lost = d.verb in _VERBS["loses"] and mine & d.ahead
    return bool(lost and d.behind & (_VERBS["offices"] | asked))


def _idioms(mine: frozenset[str], text: str, heard: str) -> frozenset[str]:
    """Return what somebody does who leaves, as phrases and states say it: "stepped down"."""
    new = _folded(heard) - _folded(text)
    found = [c for c in predicates(heard) if mine & (c.subject or c.content)]
    left = (c.content & _VERBS["leaves"] & new | c.content & _VERBS["states"] for c in found)
    return frozenset().union(*left)


def _denied(verb: str, text: str) -> bool:
    run = {w.stem for w in words(text) if fold(w) == verb}
    return any(run & stems for _, stems in denials(text))


def _moved(text: str, asked: frozenset[str]) -> bool:
    return any(d.verb in _VERBS["moves"] and asked & (d.ahead | d.behind) for d in deeds(text))


def _pattern(mine: frozenset[str], text: str) -> str:
    """Return what finds the words of a name in a text."""
    found = {w.text for w in words(text) if fold(w) in mine and w.capital}
    return rf"(?:{'|'.join(sorted(map(re.escape, found)))})\b" if found else r"(?!)"


def _others(text: str, known: frozenset[str]) -> list[Name]:
    """Return the names of a text that are not made of known words, in order."""
    return [n for n in names(text) if not _folded(n.text) <= known]


def _heir(question: str, text: str, found: list[Name]) -> Name | None:
    """Return the name that has what the sentence takes from another one."""
    ahead = ("in", "at", "to") if answer_type(question) == "place" else ("to", "with", "from", "by")
    for small in ahead:
        for name in found:
            if re.search(rf"\b{small}\s+{_LINKED}", text[: name.span.start]):
                return name
    return _taker(text, found)


def _taker(text: str, found: list[Name]) -> Name | None:
    """Return the name that takes something over, or that is appointed."""
    told = list(deeds(plain(text)))
    for name in found:
        stems = _folded(name.text)
        if any(d.verb in _VERBS["takes"] and stems & d.ahead and not d.passive for d in told):
            return name
        if any(d.verb in _VERBS["appoints"] and stems & (d.behind | d.ahead) for d in told):
            return name
    return found[0] if len(found) == 1 and _folded(plain(text)) & _NEXT else None
