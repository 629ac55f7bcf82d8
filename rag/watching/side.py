"""On which side of a question for yes or no two sentences stand, and whether one tells anything."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.language.cues import denials
from rag.language.facts import answer_type
from rag.language.names import names
from rag.language.predicates import deeds
from rag.language.thesaurus import same
from rag.language.words import Word, lexicon, stem, words
from rag.question.deed import deed
from rag.verify.undone import planned
from rag.verify.verifier import CHECKS, Premise, RuleVerifier

_WEIGHED = ("denial", "negation", "direction", "deed")
"""The checks that see a sentence say the opposite; days, names and figures may differ."""
_CHECK = RuleVerifier(without=CHECKS.keys() - set(_WEIGHED))
_PERFECT = re.compile(r"^\W*(?:has|have|had)\b", re.IGNORECASE)
_PAST = re.compile(r"^\W*(?:did|has|have|had|was|were)\b", re.IGNORECASE)
_BEING = re.compile(r"^\W*(?:is|are|was|were)\b", re.IGNORECASE)
_TOLD = frozenset(map(stem, lexicon("say said know known give given clear explain explained")))
"""Stems of what is denied where a sentence says that nothing is known."""
_AGAINST = same(stem("against"))
_BEHIND = re.compile(
    r"([\w’'-]+) (?:to|of|in|near|at|from|for|on|around|behind|beside|by|under) (?:the |an? )?$"
)
"""A noun and a small word that tie it to the name behind them."""
_NEAR = 3
"""Words behind a "no", a "nobody" or an "against" that say what is denied."""


def for_yes_or_no(question: str) -> bool:
    """Return True when a question asks for yes or no."""
    return answer_type(question) == "yesno"


def turned(question: str, old: str, new: str) -> bool:
    """Return True when a new sentence answers a question for yes or no otherwise than an old one.

    It says the opposite, or that what is asked for was done, of which the old one has no word.
    """
    if _elsewhere(question, new) or _only_planned(question, new):
        return False
    if any(_against(one, other) for one, other in ((old, new), (new, old))):
        return True
    verb = deed(_PERFECT.sub("Did", question)) or _state(question)
    if verb is None:
        return False
    asked = same(verb.stem)
    before, after = (_done(text, asked) for text in (old, new))
    if asked not in after:
        return False
    if asked not in before and asked in {same(s) for _, stems in denials(new) for s in stems}:
        return False
    return asked not in before or _refused(asked, before) != _refused(asked, after)


def _state(question: str) -> Word | None:
    """Return the last word of "Is the pass open?": the state that is asked for."""
    run = words(question)
    return run[-1] if _BEING.match(question) and run[-1].content and not run[-1].capital else None


def _done(text: str, asked: str) -> list[str]:
    """Return the senses of a text's words; what is done again is done: "reopened" is opened."""
    found = []
    for word in words(text):
        again = same(stem(word.low[2:])) if word.low.startswith("re") else ""
        found.append(asked if again == asked else same(word.stem))
    return found


def _only_planned(question: str, text: str) -> bool:
    """Return True when what a question asks whether it was done is only to come in a text."""
    verb = deed(_PERFECT.sub("Did", question)) if _PAST.match(question) else None
    return verb is not None and planned(same(verb.stem), text)


def _elsewhere(question: str, text: str) -> bool:
    """Return True when what is asked for is done to something else: "opened an exhibition".

    The question is whether a tunnel is open; what is opened is named by no word of it.
    """
    asked = {same(word.stem) for word in words(question) if word.content}
    done = [d for d in deeds(text) if d.verb in asked]
    if done and _of_a_part(question, text):
        return True
    return bool(done) and all(d.behind and not d.passive and not d.behind & asked for d in done)


def _of_a_part(question: str, text: str) -> bool:
    """Return True when what is named stands behind another thing: "the road to the mine"."""
    asked = {same(word.stem) for word in words(question) if word.content}
    for name in names(question):
        place = text.find(name.text)
        ahead = _BEHIND.search(text[:place]) if place > 0 else None
        thing = words(ahead[1]) if ahead else ()
        if thing and thing[0].content and same(thing[0].stem) not in asked:
            return True
    return False


def _refused(asked: str, said: Sequence[str]) -> bool:
    """Return True when what is asked for is what somebody is against: "voted against a ban"."""
    at = [i for i, word in enumerate(said) if word == _AGAINST]
    return any(asked in said[i + 1 : i + 1 + _NEAR] for i in at)


def _against(one: str, other: str) -> bool:
    return _CHECK.check(one, [Premise(text=other)]).support == "contradicted"


def tells_nothing(text: str) -> bool:
    """Return True when a sentence says that something is not known or was not said."""
    said = (denied for denied, _ in denials(text))
    return any(_TOLD & {w.stem for w in words(one)[1 : _NEAR + 1]} for one in said)
