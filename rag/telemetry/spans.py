"""One trace for each question: `query`, and below it a span for each step, by OpenTelemetry.

Spans are made when the question has ended, with the times that were taken on the way: none is ever
open while an answer is streamed. They hold counts and kinds; words only where `telemetry.content`
asks for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.errors import SettingsError
from rag.telemetry.steps import Seen, Step, Took
from rag.version import __version__

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Tracer

    from rag.types import Answer

NEEDED = "pip install 'dateline-qa[telemetry]'"
Value = str | int | float | bool
_PROVIDERS = {"openai": "openai", "ollama": "ollama"}
"""What `gen_ai.provider.name` is, by the kind of model; all else is named after itself."""


class Spans:
    """Writes a trace for each question, in a thread of its own."""

    def __init__(self, exporter: SpanExporter, *, content: bool = False) -> None:
        """Begin to write.

        Args:
            exporter: Where spans go.
            content: Whether question and answer stand in them.
        """
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        about = {"service.name": "dateline", "service.version": __version__}
        # Of our own, so that nothing else in this process writes into it, and it into nothing else.
        self._provider = TracerProvider(resource=Resource.create(about), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer: Tracer = self._provider.get_tracer("dateline", __version__)
        self._content = content

    def observe(self, seen: Seen) -> None:
        """Write the trace of a question."""
        from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

        whole = self._tracer.start_span(
            "query",
            context=_outer(seen.parent),
            kind=SpanKind.SERVER,
            start_time=seen.begun,
            attributes=_asked(seen) | (_words(seen) if self._content else {}),
        )
        if seen.error is not None:
            whole.set_status(Status(StatusCode.ERROR, type(seen.error).__name__))
        within = set_span_in_context(whole)
        for name, took in seen.steps.items():
            self._step(name, took, seen, within)
        whole.end(seen.ended)

    def _step(self, name: Step, took: Took, seen: Seen, within: Context) -> None:
        from opentelemetry.trace import SpanKind

        told: dict[str, Value] = {"dateline.seconds": took.seconds, "dateline.times": took.times}
        if name == "generate":
            told |= _model(seen.answer)
        span = self._tracer.start_span(
            name,
            context=within,
            kind=SpanKind.CLIENT if name == "generate" else SpanKind.INTERNAL,
            start_time=took.begun,
            attributes=told,
        )
        span.end(took.ended)

    def flush(self) -> None:
        """Send what has not been sent yet."""
        self._provider.force_flush()

    def close(self) -> None:
        """Send what is left, and end."""
        self._provider.shutdown()


def exporter(endpoint: str) -> SpanExporter:
    """Return what sends spans to a collector, by OTLP over HTTP.

    Raises:
        SettingsError: the package for it is not here.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError as error:
        raise SettingsError(f"telemetry.otlp_endpoint needs a package: {NEEDED}") from error
    return OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")


def _outer(parent: str) -> Context | None:
    """Return the trace that a request belongs to, as its header has it."""
    if not parent:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": parent})


def _asked(seen: Seen) -> dict[str, Value]:
    answer = seen.answer
    if answer is None:
        return {"error.type": type(seen.error).__name__} if seen.error else {}
    return {
        "dateline.outcome": answer.outcome,
        "dateline.declined": answer.declined,
        "dateline.verdict": answer.verdict.kind if answer.verdict else "",
        "dateline.statements": len(answer.statements),
        "dateline.dropped": len(answer.dropped),
        "dateline.evidence": len(answer.evidence),
        "dateline.confidence": answer.confidence,
        "dateline.extractive": answer.extractive,
        "dateline.judge": answer.judge,
        "dateline.settings": answer.settings_digest,
        "dateline.generation": answer.generation,
        "dateline.index": seen.index,
    }


def _words(seen: Seen) -> dict[str, Value]:
    answer = seen.answer
    return {
        "gen_ai.retrieval.query.text": seen.question,
        "dateline.answer": answer.text if answer else "",
    }


def _model(answer: Answer | None) -> dict[str, Value]:
    """Return what the conventions for language models have of the request that worded an answer."""
    if answer is None or answer.model == "none":
        return {}
    kind, _, name = answer.model.partition(":")
    told: dict[str, Value] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": _PROVIDERS.get(kind, kind),
        "gen_ai.request.model": name or kind,
        "gen_ai.usage.input_tokens": answer.tokens.prompt,
        "gen_ai.usage.output_tokens": answer.tokens.generated,
        "gen_ai.usage.cache_read.input_tokens": answer.tokens.cached,
    }
    first = answer.timings.first_token
    if first is not None:
        told["gen_ai.response.time_to_first_chunk"] = first
    return told
