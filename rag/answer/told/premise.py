"""Does any article say what a question takes for granted? "When was the dam blown up?" if it was.

A question for the time, the reason or the way of something takes it as done. Where no cited article
has a word for that deed anywhere, nothing in it can answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.language.names import Known, Name, names
from rag.language.speech import SAYING
from rag.language.thesaurus import DEEDS, same
from rag.language.words import Word, fold, words
from rag.question.asked import asked, rate
from rag.question.deed import PARTICIPLES, deed
from rag.question.query import Query
from rag.types import Evidence, Statement

NOBODY = "No article that was found says so"
"""How it is put that a question takes for granted what no article says."""
_TAKEN = re.compile(r"^(?:when|why|how|where|(?:on|at|in) (?:which|what) (?:\w+)|since when)\b")
"""How a question begins that takes something for granted."""
_QUANTITY = re.compile(r"^how (?:many|much|long|far|old|often|big|high|large|deep|tall|fast)\b")
_ASPECTS = frozenset({"begin", "end"})
"""Whatever is told of began and ended, and was announced, in whatever words."""
_ALSO = {"blow": frozenset({"blow", "blast", "destroy"})}
"""What else tells of a deed: who asks when a bridge was blown up takes an explosion for it."""


def unfounded(
    query: Query,
    statements: Sequence[Statement],
    evidence: Sequence[Evidence],
    text_of: Callable[[str], str],
) -> str:
    """Say that no article has the deed that a question takes for granted; else nothing.

    Args:
        query: The question.
        statements: What is to be said.
        evidence: What was read; a sentence with the question's names and the deed founds it too.
        text_of: Gives the text of an article by its id.
    """
    cited = {c.source.article_id: c.source.title or "" for s in statements for c in s.citations}
    if not cited:
        cited = {e.source.article_id: e.source.title or "" for e in evidence}
    taken, wanted = _wanted(query)
    if not wanted or not cited:
        return ""
    named = [n for n in names(query.text) if n.sure]
    about = (e.text for e in evidence if named and _names_all(e.text, named))
    for text in (*(f"{title}\n{text_of(article)}" for article, title in cited.items()), *about):
        if any(same(w.stem) in wanted for w in words(text)):
            return ""
    return f"{NOBODY}: none has a word for “{taken}”, which the question takes for granted."


def _wanted(query: Query) -> tuple[str, frozenset[str]]:
    """Return what a question takes for granted, with the senses one of which must be told of."""
    value = asked(query)
    if value is not None and value.rated:
        return rate(query.text), frozenset(map(same, value.rated))
    verb = _taken(query.text)
    if verb is None or same(verb.stem) in _ASPECTS or verb.low in SAYING:
        return "", frozenset()
    return verb.text, _ALSO.get(verb.stem, frozenset({same(verb.stem)}))


def _names_all(text: str, named: Sequence[Name]) -> bool:
    known = Known([text])
    return all(known.licence(n) == "same" for n in named)


def _taken(question: str) -> Word | None:
    """Return the verb of what a question takes for granted; None where that cannot be told.

    One whose usual synonyms are not listed proves nothing by its absence.
    """
    low = fold(question)
    if not _TAKEN.match(low) or _QUANTITY.match(low):
        return None
    verb = deed(question)
    passive = verb is not None and (verb.low in PARTICIPLES or verb.low.endswith("ed"))
    known = verb is not None and (same(verb.stem) in DEEDS or passive)
    return verb if known else None
