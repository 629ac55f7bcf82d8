"""What is new, read as one reads who knows the old answer.

An answer is taken from one sentence. Where that takes leave of what was told before, or the next
one says more ("The yard laid off 300 people. It now employs 950."), the value is another one.
"""

from __future__ import annotations

import re
from dataclasses import replace

from rag.answer.differ.figures import Value, values
from rag.archive.archive import Archive
from rag.errors import DatelineError
from rag.language.names import names
from rag.language.terms import held_stems
from rag.models.reranker import Reranker
from rag.types import Answer, Citation, Span, Statement, Verdict
from rag.watching.differ import lead, value
from rag.watching.succession import succession

_NOW = re.compile(r"\b(?:now|left|in all|in total|altogether|remain(?:s|ing)?)\b", re.IGNORECASE)
"""Words of a sentence that tells how many there are after all that came before."""
_PRONOUN = re.compile(r"^\W*(?:it|they|he|she)\b", re.IGNORECASE)


def renewed(old: Answer, new: Answer, archive: Archive, reranker: Reranker | None) -> Answer:
    """Return a new answer with the value that takes the place of the old one, if it has one.

    Only the sentence that answers is read for it, and the one behind it.
    """
    before, citation = value(old), lead(new)
    if not before or citation is None or new.verdict is None:
        return new
    if _PRONOUN.match(citation.quote):
        return _ahead(new, archive, citation)
    behind, both = _beside(archive, citation, 1) or (None, citation)
    further = behind.quote if behind else ""
    figures = list(values(before))
    if figures:
        told = _leaning(old, figures[0], citation.quote, further, reranker)
        return _saying(new, told, both) if told else new
    found = succession(new.question, before, citation.quote, further)
    if found is None:
        return new
    whole = both if found.further else citation
    return _saying(new, found.heir or whole.quote, whole)


def _leaning(
    old: Answer, figure: Value, text: str, further: str, reranker: Reranker | None
) -> str | None:
    """Return the value of a next sentence that answers better, with a name for its pronoun.

    It does, too, if it has more of the words in which the old answer was told.
    """
    named = names(old.question)
    alike = [v for v in values(further) if (v.kind, v.unit) == (figure.kind, figure.unit)]
    if not (alike and named and reranker and _PRONOUN.match(further)):
        return None
    known = lead(old)
    words = held_stems(known.quote if known else "") - held_stems(old.question)
    here, there = (float(len(words & held_stems(one))) for one in (text, further))
    if here == there and _NOW.search(further):
        return alike[0].text
    if here == there:
        spelt = _PRONOUN.sub(lambda _: named[-1].text, further, count=1)
        here, there = reranker.score([(old.question, text), (old.question, spelt)])
    return alike[0].text if there > here else None


def _ahead(new: Answer, archive: Archive, citation: Citation) -> Answer:
    """Return an answer that cites the sentence ahead, too, which says what "it" stands for."""
    _, both = _beside(archive, citation, -1) or (None, citation)
    told = value(new)
    return _saying(new, both.quote if told == citation.quote else told, both)


def _beside(archive: Archive, citation: Citation, step: int) -> tuple[Citation, Citation] | None:
    """Return the sentence of the paragraph behind (1) or ahead (-1), and both as one citation."""
    name = citation.source.article_id
    try:
        spans, text = list(archive.sentences(name)), archive.article(name).text
    except DatelineError:
        return None
    place = next((i for i, s in enumerate(spans) if s.end >= citation.span.end), 0) + step
    if not 0 <= place < len(spans):
        return None
    first, last = sorted((spans[place], citation.span), key=lambda s: s.start)
    if "\n" in text[first.end : last.start]:
        return None
    both = Span(start=first.start, end=last.end)
    one, other = (replace(citation, span=s, quote=s.of(text)) for s in (spans[place], both))
    return one, other


def _saying(new: Answer, told: str, citation: Citation) -> Answer:
    """Return an answer that gives this value, and cites these words for it."""
    assert new.verdict is not None  # noqa: S101 - the caller has looked
    was = new.verdict.value
    line = new.verdict.text.replace(was, told, 1) if was else new.verdict.text
    support = next((s.verdict for s in new.statements), Verdict(support="partly", score=0.5))
    statement = Statement(text=citation.quote, citations=(citation,), verdict=support)
    return replace(
        new, verdict=replace(new.verdict, value=told, text=line), statements=(statement,)
    )
