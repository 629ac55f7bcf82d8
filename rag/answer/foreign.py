"""How sure an answer in a language other than English is, and what it is made of.

No judge was fitted to such answers. What counts is whether the question's words, weighed by their
rarity, stand where the answer was taken from, and whether it has the form that is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.archive.archive import Archive
from rag.question.query import Query
from rag.search.candidates import weighed_in
from rag.types import Evidence, Statement

if TYPE_CHECKING:
    from rag.language.tongue import Tongue

ENOUGH = 0.55
"""Share of the question's words from which on a sentence is taken to speak of it."""
FORMLESS = 0.5
"""What is left of the confidence where a number, a day or a person is asked for and none said."""

UNCOUNTED = 0.7
"""What is left where the number of things is asked for, and the answer does not name the things."""


def sure(
    query: Query,
    tongue: Tongue,
    kept: Sequence[Statement],
    evidence: Sequence[Evidence],
    archive: Archive,
) -> float:
    """Return how likely the statements kept are to answer the question, 0 to 1."""
    weights = weighed_in(tongue, query.text, archive)
    total = sum(weights.values())
    if not kept or not total:
        return 0.0
    cited = {c.number for s in kept for c in s.citations}
    pieces = [e for e in evidence if e.number in cited]
    around = " ".join(f"{e.source.title or ''}\n{e.text}" for e in pieces)
    held = tongue.held(weights, around)
    articles = " ".join(archive.article(e.source.article_id).text for e in pieces)
    share = sum(weights[stem] for stem in held) / total
    said = " ".join(s.text for s in kept)
    formed = tongue.has_form(tongue.form(query.text), said, query.text)
    named = _named(query.text, tongue, f"{around} {articles}")
    counted = tongue.counted(query.text)
    uncounted = counted is not None and not tongue.held({counted}, said)
    return share * named * (1.0 if formed else FORMLESS) * (UNCOUNTED if uncounted else 1.0)


def _named(question: str, tongue: Tongue, text: str) -> float:
    """Return the share of the question's names and figures that the cited articles hold."""
    names = set() if tongue.nouns else tongue.names(question)
    wanted = names | {t for t in tongue.tokens(question) if t[0].isdigit()}
    known = set(tongue.tokens(text))
    return len(wanted & known) / len(wanted) if wanted else 1.0
