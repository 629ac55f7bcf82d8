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

_PRONOUN = re.compile(r"^\W*(?:it|they|he|she)\b", re.IGNORECASE)


def renewed(old: Answer, new: Answer, archive: Archive, reranker: Reranker | None) -> Answer:
    """Return a new answer with the value that takes the place of the old one, if it has one.

    Only the sentence that answers is read for it, and the one behind it.
    """
    before, citation = value(old), lead(new)
    if not before or citation is None or new.verdict is None:
        return new
    behind, both = _behind(archive, citation) or (None, citation)
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
    if here == there:
        spelt = _PRONOUN.sub(lambda _: named[-1].text, further, count=1)
        here, there = reranker.score([(old.question, text), (old.question, spelt)])
    return alike[0].text if there > here else None


def _behind(archive: Archive, citation: Citation) -> tuple[Citation, Citation] | None:
    """Return the next sentence of the paragraph as a citation, and both sentences as one."""
    name = citation.source.article_id
    try:
        spans, text = archive.sentences(name), archive.article(name).text
    except DatelineError:
        return None
    span = next((s for s in spans if s.start >= citation.span.end), None)
    if span is None or "\n" in text[citation.span.end : span.start]:
        return None
    both = Span(start=citation.span.start, end=span.end)
    one, other = (replace(citation, span=s, quote=s.of(text)) for s in (span, both))
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
