"""Begins to observe what the settings ask for; without them nothing is imported, nothing leaves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rag.settings import TelemetrySettings
from rag.telemetry.steps import Observer


@contextmanager
def observers(settings: TelemetrySettings) -> Iterator[tuple[Observer, ...]]:
    """Give those who are told of each question, as long as the block lasts.

    Raises:
        SettingsError: a package for it is not here.
    """
    found: list[Observer] = []
    if settings.metrics:
        from rag.telemetry.metrics import Metrics

        found.append(Metrics())
    if settings.otlp_endpoint is None:
        yield tuple(found)
        return
    from rag.telemetry.spans import Spans, exporter

    spans = Spans(exporter(settings.otlp_endpoint), content=settings.content)
    try:
        yield (*found, spans)
    finally:
        spans.close()
