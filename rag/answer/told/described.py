"""What a question describes instead of naming it: found first, so that it can be asked by its name.

"When will the clinic where Nora Lind was treated close its ward?"
the clinic where Nora Lind was treated: Saint Olga's Clinic
"When will Saint Olga's Clinic close its ward?"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.language.facts import answer_type
from rag.language.names import Known, Name, names
from rag.language.words import words
from rag.question.asked import sense
from rag.question.deed import deed
from rag.search.candidates import Candidate

_RELATIVE = re.compile(
    r"\b(?P<the>the (?:[a-z][\w’'-]* ){0,2}?(?P<noun>[a-z][\w’'-]*)) "
    r"(?P<clause>(?:where|that|which|who|(?:in|at|for|by|with) which) .+)$"
)
_NEAR = 4
"""How many of the best sentences may name it."""
_OWN = re.compile(r"['’]s? [A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")
"""What goes on with a name that owns one: "Saint Olga" is the saint of "Saint Olga's Clinic"."""
_AROUND = 250
"""Characters ahead of such a sentence in which those may be named of whom it goes on to tell."""
_CALLED = frozenset({"organisation", "place", "person"})
"""Kinds of thing that have a name of their own, whatever they are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A description in a question, with the name that a sentence gives for it."""

    text: str
    name: str
    candidate: Candidate

    def asked(self, question: str) -> str:
        """Return the question with the name in place of the description."""
        return question.replace(self.text, self.name, 1)


def resolve(question: str, find: Callable[[str], Sequence[Candidate]]) -> Described | None:
    """Find what a question describes; None where it describes nothing, or nothing is named so.

    Args:
        question: As read.
        find: Finds the sentences that may tell of a text, best first.
    """
    found = _description(question)
    if found is None:
        return None
    text, noun, clause = found
    wanted = [n for n in names(text) if n.sure]
    if not wanted:
        return None
    for candidate in find(text)[:_NEAR]:
        start, article = candidate.span.start, candidate.article
        near = article.text[max(0, start - _AROUND) : candidate.span.end]
        known = Known([near, article.title or ""])
        if any(known.licence(n) != "same" for n in wanted) or not _tells(clause, candidate):
            continue
        if name := next(_named(candidate.text, noun, clause, question), ""):
            return Described(text=text, name=name, candidate=candidate)
    return None


def _description(question: str) -> tuple[str, str, str] | None:
    """Return a description with its noun and its clause, which ends where the question goes on."""
    text = question.rstrip("? .")
    found = _RELATIVE.search(text)
    if found is None:
        return None
    verb = deed(question)
    end = len(text)
    if verb is not None and verb.start > found.start("clause"):
        before = text[: verb.start].rstrip()
        opened = re.search(r"\b(?:did|does|do|will|would)\b", text[: found.start()], re.IGNORECASE)
        end = len(before) if opened else end
    clause = text[found.start("clause") : end]
    if len(clause.split()) < 3:
        return None
    return text[found.start() : end], found["noun"], clause


def _senses(text: str) -> frozenset[str]:
    named = {
        w.start for n in names(text) for w in words(text) if n.span.start <= w.start < n.span.end
    }
    return frozenset(sense(w.stem) for w in words(text) if w.content and w.start not in named)


def _tells(clause: str, candidate: Candidate) -> bool:
    wanted = _senses(clause)
    held = frozenset(sense(w.stem) for w in words(candidate.text))
    close = {w for w in wanted if w in held or any(len(w) > 2 and h.startswith(w) for h in held)}
    return 2 * len(close) >= len(wanted)


def _named(text: str, noun: str, clause: str, question: str) -> Iterator[str]:
    """Yield the names of a sentence that may be what is described, the surest first."""
    given = Known([question])
    new = [n for n in names(text) if given.licence(n) != "same"]
    own = [(n, f"{n.text}{found[0]}") for n in new if (found := _OWN.match(text, n.span.end))]
    kind = sense(words(noun)[0].stem)
    called = [*own, *((n, n.text) for n in new)]
    yield from (text for _, text in called if kind in {sense(w.stem) for w in words(text)})
    if answer_type(f"which {noun} is it") not in _CALLED:
        return
    does = _senses(clause) | {kind}
    yield from (n.text for n in new if _called_beside(text, n, does))


def _called_beside(text: str, name: Name, does: frozenset[str]) -> bool:
    """Say whether a name stands beside the noun that it is for: "its owner, Sandvik Shipping"."""
    ahead = words(text[: name.span.start])[-2:]
    behind = words(text[name.span.end :])[:3]
    return any(
        any(sense(w.stem).startswith(d) and len(d) > 2 for d in does)
        for w in (*ahead, *behind)
        if w.content
    )
