"""A day as people write it, and no more of it than is known."""

from __future__ import annotations

from rag.language.when import dates
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
    said = written(known)
    return f"reported {said}" if known is not None and event.dating == "reported" else said


def full(text: str, published: Moment | None) -> str:
    """Return the day that words such as "on Wednesday" mean, with its weekday where they have one.

    Empty where the words name no single day, or where their article has no date.
    """
    found = next((d for d in dates(text, published) if d.known and d.first == d.last), None)
    if found is None or found.first is None:
        return ""
    said = written(found.first)
    return f"{found.first:%A}, {said}" if found.weekday is not None else said
