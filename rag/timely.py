"""Is the answer of the days that were asked about? "This week" is not answered by last year's news.

Questions for the news mostly say so in a word. What an old report tells of another occasion reads
just like the answer, and no other check can tell them apart: the words, names and forms all fit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from rag.prompts import written
from rag.query import Query
from rag.types import Statement, day

_PERIODS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (
        21,
        re.compile(
            r"\b(?:this (?:past )?(?:week|weekend)|last (?:week|weekend|night)|yesterday|tonight"
            r"|(?<!USA )today|earlier this week)\b",
            re.IGNORECASE,
        ),
    ),
    (62, re.compile(r"\b(?:this|last|the past) month\b", re.IGNORECASE)),
    (92, re.compile(r"\b(?:recent|recently)\b", re.IGNORECASE)),
)
"""Days before a question in which its answer must have been published, by the word that says so;
a report may come some days after what it tells, and a weekly quiz some days after the week."""


def stale(query: Query, statements: Sequence[Statement]) -> str:
    """Say why an answer is too old for a question that asks for the news; nothing when it is not.

    Articles without a date say nothing about it, so one of them among the citations lets it stand.

    Args:
        query: The question, with the day on which it is put.
        statements: What is to be said.
    """
    days = next((n for n, pattern in _PERIODS if pattern.search(query.text)), None)
    published = [day(c.source.published) for s in statements for c in s.citations]
    known = [p for p in published if p is not None]
    if days is None or query.asked_on is None or not known or len(known) < len(published):
        return ""
    newest = max(known)
    if newest >= query.asked_on - timedelta(days=days):
        return ""
    return (
        f"What comes closest was published on {written(newest)}, too long before "
        f"{written(query.asked_on)} to be the news that is asked for."
    )
