"""Counts and times of all questions, for Prometheus.

No label comes from what anybody wrote: each has a few values that stand in the code, so that the
number of series is bounded.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from rag.errors import (
    ArchiveError,
    DatelineError,
    ModelError,
    QuestionError,
    SettingsError,
)
from rag.telemetry.spans import NEEDED
from rag.telemetry.steps import STEPS, Seen
from rag.types import Outcome

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the buckets of times."""
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where several workers keep what they count, so that any of them can tell all."""
_OUTCOMES = (*get_args(Outcome), "stopped", "failed")
_FOUND = ("unsupported", "contradicted", "partly", "supported")
_ITEMS = ("added", "revised", "unchanged", "duplicate", "withdrawn", "refused", "unread", "failed")
_ERRORS: tuple[tuple[type[DatelineError], str], ...] = (
    (ModelError, "model"),
    (ArchiveError, "archive"),
    (QuestionError, "question"),
)


class Meters:
    """All that is counted; `Metrics` fills it."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self.registry = CollectorRegistry()
        made: dict[str, Any] = {"registry": self.registry}
        self.questions = Counter("dateline_questions", "Questions by outcome", ["outcome"], **made)
        self.errors = Counter("dateline_errors", "Questions that failed, by what", ["part"], **made)
        self.seconds = Histogram(
            "dateline_step_seconds", "Seconds by step", ["step"], buckets=SECONDS, **made
        )
        self.dropped = Counter(
            "dateline_statements_dropped", "Statements removed, by the finding", ["found"], **made
        )
        self.tokens = Counter("dateline_tokens", "Tokens of the chat model", ["kind"], **made)
        self.degraded = Counter(
            "dateline_degraded", "Answers made without a part that was down", ["part"], **made
        )
        self.refused = Counter("dateline_refused", "Questions refused: the line was full", **made)
        self.items = Counter(
            "dateline_ingest_items", "Articles read, by outcome", ["outcome"], **made
        )
        self.working = Gauge(
            "dateline_working", "Questions in work", multiprocess_mode="livesum", **made
        )
        self.waiting = Gauge(
            "dateline_waiting", "Questions in line", multiprocess_mode="livesum", **made
        )
        self.lag = Gauge(
            "dateline_index_lag", "Passages without a vector", multiprocess_mode="livemax", **made
        )
        for outcome in _OUTCOMES:
            self.questions.labels(outcome)
        for name in ("query", *STEPS):
            self.seconds.labels(name)


@cache
def meters() -> Meters:
    """Return what this process counts.

    Raises:
        SettingsError: the package for it is not here.
    """
    try:
        return Meters()
    except ImportError as error:
        raise SettingsError(f"telemetry.metrics needs a package: {NEEDED}") from error


class Metrics:
    """Counts each question."""

    def __init__(self) -> None:
        self._meters = meters()

    def observe(self, seen: Seen) -> None:
        """Count a question."""
        ours, answer = self._meters, seen.answer
        ours.questions.labels(_outcome(seen)).inc()
        ours.seconds.labels("query").observe(seen.seconds)
        for name, took in seen.steps.items():
            ours.seconds.labels(name).observe(took.seconds)
        if seen.index == "scan":
            ours.degraded.labels("index").inc()
        if answer is None:
            if isinstance(seen.error, Exception):
                ours.errors.labels(_part(seen.error)).inc()
            return
        for statement in answer.dropped:
            found = statement.verdict.support
            ours.dropped.labels(found if found in _FOUND else "other").inc()
        ours.tokens.labels("read").inc(answer.tokens.prompt)
        ours.tokens.labels("cached").inc(answer.tokens.cached)
        ours.tokens.labels("written").inc(answer.tokens.generated)
        if answer.model != "none" and answer.extractive and "generate" in seen.steps:
            ours.degraded.labels("model").inc()


def item(outcome: str) -> None:
    """Count an article that was read."""
    meters().items.labels(outcome if outcome in _ITEMS else "other").inc()


def exposed() -> tuple[bytes, str]:
    """Return all counts in Prometheus' own form, of all workers of a server, and its media type."""
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    return generate_latest(_registry()), CONTENT_TYPE_LATEST


def forget(pid: int) -> None:
    """Leave out of all sums what a worker had in its hands when it died; what it counted stays."""
    if os.environ.get(FOLDER):
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid)  # type: ignore[no-untyped-call]


def series() -> int:
    """Return how many series there are."""
    return sum(len(metric.samples) for metric in _registry().collect())


def _registry() -> CollectorRegistry:
    if not os.environ.get(FOLDER):
        return meters().registry
    from prometheus_client import CollectorRegistry
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _outcome(seen: Seen) -> str:
    if seen.answer is not None:
        return seen.answer.outcome
    return "failed" if isinstance(seen.error, DatelineError) or _fault(seen) else "stopped"


def _fault(seen: Seen) -> bool:
    """Return True for a mistake of ours; who stops a question raises an error of its own."""
    return seen.error is not None and type(seen.error).__name__ != "Stopped"


def _part(error: Exception) -> str:
    if type(error).__name__ == "Stopped":
        return "stopped"
    return next((name for kind, name in _ERRORS if isinstance(error, kind)), "inner")
