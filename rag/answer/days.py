"""A day as people write it, and no more of it than is known."""

from __future__ import annotations

from rag.language.eventday import is_month
from rag.language.when import When, dates
from rag.types import Event, Moment, day


def written(moment: Moment | None) -> str:
    """Write a day as people do, "30 May 2024"; "date unknown" when there is none."""
    known = day(moment)
    return f"{known.day} {known:%B %Y}" if known else "date unknown"


def dated(event: Event) -> str:
    """Write when an event was, as far as that is known: a day, a month, the day of a report."""
    known = day(event.when)
    if known is not None and event.dating == "month":
        return f"{known:%B %Y}"
    if known is not None and event.dating == "year":
        return f"{known.year}"
    said = written(known)
    if known is not None and event.dating == "before":
        return f"before {said}"
    return f"reported {said}" if known is not None and event.dating == "reported" else said


def both_days(event: Event) -> str:
    """Write when an event was and, where that is another day, when it was reported."""
    happened, reported = dated(event), day(event.reported)
    if event.dating == "reported" or reported is None or reported == day(event.when):
        return happened
    return f"{happened} (reported {written(reported)})"


def full(text: str, published: Moment | None) -> str:
    """Return the day or month that words such as "on Wednesday" or "last month" mean.

    Empty where the words name neither, or where their article has no date.
    """
    found = next((d for d in dates(text, published) if d.known), None)
    return "" if found is None else meant(found)


def meant(found: When) -> str:
    """Return the day or month that a date of a sentence means; empty where it is neither."""
    if found.first is None or found.last is None:
        return ""
    if is_month(found.first, found.last):
        return f"{found.first:%B %Y}"
    if found.first != found.last:
        return ""
    said = written(found.first)
    return f"{found.first:%A}, {said}" if found.weekday is not None else said
