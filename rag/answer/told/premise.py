"""Does any article say what a question takes for granted? "When was the dam blown up?" if it was.

A question for the time, the reason or the way of something takes it as done. Where no cited article
has a word for that deed anywhere, nothing in it can answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.language.names import names
from rag.language.thesaurus import DEEDS, same
from rag.language.words import Word, fold, lexicon, words
from rag.question.query import Query
from rag.types import Span, Statement

_TAKEN = re.compile(r"^(?:when|why|how|where|(?:on|at|in) (?:which|what) (?:\w+)|since when)\b")
"""How a question begins that takes something for granted."""
_QUANTITY = re.compile(r"^how (?:many|much|long|far|old|often|big|high|large|deep|tall|fast)\b")
_PASSIVE = lexicon("was were")
_ACTIVE = lexicon("did")
_ENDS = lexicon(
    "at in on of for from by with to during after before since until as into over under and or "
    "because when that which who"
)
_CLAUSE = lexicon("when before after because since until while that which who and or")
_ASPECTS = frozenset({"begin", "end"})
"""Whatever is told of began and ended, in whatever words."""
_ALSO = {"blow": frozenset({"blow", "blast", "destroy"})}
"""What else tells of a deed: who asks when a bridge was blown up takes an explosion for it."""
_IRREGULAR = lexicon(
    "blown shot sunk built sold bought sent hit cut won lost found born broken stolen taken made "
    "struck shut held caught fought"
)


def unfounded(query: Query, statements: Sequence[Statement], text_of: Callable[[str], str]) -> str:
    """Say that no article has the deed that a question takes for granted; else nothing.

    Args:
        query: The question.
        statements: What is to be said.
        text_of: Gives the text of an article by its id.
    """
    verb = deed(query.text)
    cited = {c.source.article_id: c.source.title or "" for s in statements for c in s.citations}
    if verb is None or not cited:
        return ""
    if same(verb.stem) in _ASPECTS:
        return ""
    wanted = _ALSO.get(verb.stem, frozenset({same(verb.stem)}))
    for article, title in cited.items():
        if any(same(w.stem) in wanted for w in words(f"{title}\n{text_of(article)}")):
            return ""
    return (
        f"No article that was found says so: none has a word for “{verb.text}”, which the question"
        " takes for granted."
    )


def deed(question: str) -> Word | None:
    """Return the verb of what a question takes for granted; None where that cannot be told.

    Of a passive it is the last word in a form of the past, of "did ..." the first word that is
    known as a verb; one whose usual synonyms are not listed proves nothing by its absence.
    """
    low = fold(question)
    run = words(question)
    if not _TAKEN.match(low) or _QUANTITY.match(low):
        return None
    first = next((i for i, w in enumerate(run) if w.low in _PASSIVE | _ACTIVE), None)
    if first is None:
        return None
    inside = [n.span for n in names(question)]
    clause: list[Word] = []
    for word in run[first + 1 :]:
        if word.low in _ENDS and clause:
            break
        here = Span(start=word.start, end=word.end)
        if word.content and not any(s.covers(here) for s in inside):
            clause.append(word)
    if run[first].low in _ACTIVE:
        return next((w for w in clause if same(w.stem) in DEEDS), None)
    until = next((i for i, w in enumerate(run) if i > first and w.low in _CLAUSE), len(run))
    past = [w for w in run[first + 1 : until] if w.low in _IRREGULAR or w.low.endswith("ed")]
    return past[-1] if past else None
