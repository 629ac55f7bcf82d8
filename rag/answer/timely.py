"""Is the answer of the days that were asked about? Last year's news does not tell of "this week".

Questions for the news mostly say so in a word. What an old report tells of another occasion reads
just like the answer, and no other check can tell them apart: the words, names and forms all fit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from rag.answer.days import meant, written
from rag.language.eventday import began
from rag.language.facts import answer_type
from rag.language.when import dates
from rag.question.query import MENTION, Period, Query, period
from rag.types import Answer, Citation, Statement, day

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
    (92, re.compile(r"(?<!most )\b(?:recent|recently)\b", re.IGNORECASE)),
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


AFTER = timedelta(days=45)
"""How long after a day or month an article may come out and tell of it without naming it."""
BEFORE = timedelta(days=2)
"""How long before it, for clocks and datelines that differ."""
_AT = re.compile(r"\b(?:in|on|during) (?:\w+day,? )?$", re.IGNORECASE)
"""What stands ahead of a date that says when: "in", "on Wednesday, "."""


def elsewhen(query: Query, statements: Sequence[Statement], text_of: Callable[[str], str]) -> str:
    """Say why an answer is not of the month or day with which a question ends; else nothing.

    "What did the board vote on in September 2024?" is answered by an article of those days, or by
    one that names September. Only a date at the end is surely the time of what is asked, not of
    something that is spoken of besides; articles without a date say nothing against an answer, and
    a course of events chooses its own days.

    Args:
        query: The question.
        statements: What is to be said.
        text_of: Gives the text of an article by its id.
    """
    asked = None if query.kind == "timeline" else _closing_period(query.text)
    citations = [c for s in statements for c in s.citations]
    if asked is None or not citations or any(_fits(c, asked, text_of) for c in citations):
        return ""
    newest = max(filter(None, (day(c.source.published) for c in citations)))
    return (
        f"What comes closest was published on {written(newest)} and does not name"
        f" {asked[0]:%B %Y}, which is asked about."
    )


def _closing_period(question: str) -> Period | None:
    """Return the month or day with which a question ends."""
    last = max(MENTION.finditer(question), key=lambda found: found.end(), default=None)
    if last is None or any(c.isalnum() for c in question[last.end() :]):
        return None
    asked = period(last.group()) if _AT.search(question[: last.start()]) else None
    return asked if asked and asked[1] - asked[0] < timedelta(days=31) else None


def _fits(citation: Citation, asked: Period, text_of: Callable[[str], str]) -> bool:
    """Say whether an article came out in those days, or names their month."""
    published = day(citation.source.published)
    if published is None or asked[0] - BEFORE <= published <= asked[1] + AFTER:
        return True
    month = rf"\b(?:{asked[0]:%B}\b|{asked[0]:%b}t?\.|{asked[0]:%Y-%m})"
    return re.search(month, text_of(citation.source.article_id)) is not None


def resolved(query: Query, answer: Answer) -> Answer:
    """Write the date behind a weekday or "yesterday" where a question asks when.

    "She resigned on Wednesday" becomes "... on Wednesday (3 July 2024)": the day that the date of
    the cited article makes of it. The quotes stay as they are.
    """
    if answer_type(query.text) != "date":
        return answer
    statements = tuple(map(_resolved, answer.statements))
    if BEGIN.search(query.text):
        statements = tuple(map(_begun, statements))
    return replace(answer, statements=statements)


BEGIN = re.compile(r"\b(?:begin|began|begun|start(?:ed)?|break out|broke out)\b", re.IGNORECASE)
"""What is asked where the day of a beginning is."""


def _begun(statement: Statement) -> Statement:
    """Add the day on which something began to a sentence that tells of its third day."""
    for citation in statement.citations:
        if first := began(citation.quote, day(citation.source.published)):
            body = statement.text.rstrip().rstrip(".")
            return replace(statement, text=f"{body}: it began on {first:%A}, {written(first)}.")
    return statement


def _resolved(statement: Statement) -> Statement:
    text = statement.text
    for citation in statement.citations:
        for found in dates(citation.quote, citation.source.published):
            when = meant(found).rpartition(", ")[2]
            if found.day is None and not found.stated and when and text.count(found.text) == 1:
                stands = f"{found.text} ({when})"
                text = text if stands in text else text.replace(found.text, stands)
    return replace(statement, text=text)
