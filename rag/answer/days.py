"""A day as people write it, and no more of it than is known."""

from __future__ import annotations

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
