"""The day behind a weekday, written beside it where a question asks when."""

from __future__ import annotations

import re
from dataclasses import replace

from rag.answer.days import meant, written
from rag.language.eventday import began
from rag.language.facts import answer_type
from rag.language.when import dates
from rag.question.query import Query
from rag.types import Answer, Statement, day


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
