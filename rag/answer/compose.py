"""One answer in the making: the steps from a query to an `Answer`, in their order.

    prepare -> word -> check -> conclude     or, for a course of events,     prepare -> tell

The clock and what the listener is told live here; what each step does is in its own module.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.answer import cite, decide, foreign, numbered, onward, prompts, timely
from rag.answer.barred import barred
from rag.answer.chosen import holds, led, resolved, sides
from rag.answer.differ.readings import settle
from rag.answer.prepare import Ready, fit
from rag.answer.prove import Prover, Worded, closest
from rag.answer.told import shared
from rag.answer.told.lead import asks_state, with_earlier
from rag.answer.told.premise import unfounded
from rag.answer.told.ruling import ruled
from rag.answer.told.short import shortened
from rag.answer.told.told import Told
from rag.errors import ModelError
from rag.events import EvidenceFound, Progress, StatementChecked, TextDelta
from rag.models.ledger import Ledger
from rag.models.thoughts import without
from rag.models.wire import PromptTooLong
from rag.question.query import Query
from rag.search.candidates import Candidate
from rag.search.select import LEANS
from rag.telemetry.steps import step
from rag.types import (
    Answer,
    Event,
    Evidence,
    Listing,
    Profile,
    Ruling,
    Statement,
    Timings,
)
from rag.verify.plain import PlainVerifier

if TYPE_CHECKING:
    from rag.answer.machine import Machine
    from rag.models.chat import Chat
    from rag.verify.reader import Method


SHORTER = 0.5
"""How much of what a model can read is tried, once it has said that the prompt is too long."""


class Composer:
    """Makes one answer; used once."""

    def __init__(
        self,
        qa: Machine,
        emit: Callable[[Progress], None],
        stop: threading.Event | None,
        ledger: Ledger | None = None,
    ) -> None:
        self._ledger = ledger or Ledger()
        self._qa = qa
        self._emit = emit
        self._stop = stop
        self._start = time.perf_counter()
        self._first_evidence: float | None = None
        self._unknown_markers = 0
        self._checking: float | None = None
        self._judged = False
        self._prompt = ""
        self._verifier = ""
        self._passed: tuple[Statement, ...] = ()

    def answer(self, ready: Ready) -> Answer:
        """Answer a question for which all is ready."""
        if ready.listing is not None:
            return self._counted(ready.query, ready.listing)
        tongue = ready.query.tongue
        if tongue is not None:
            self._qa = replace(self._qa, judge=None, verifier=PlainVerifier(tongue))
        answer = self._answer(ready)
        if ready.told and ready.messages:
            answer = self._with_told(ready.query, ready.told, answer)
        if ready.described is not None and answer.outcome != "declined":
            answer = resolved(answer, ready.described)
            self._tell_checked(answer.statements[-1:])
        if answer.outcome != "declined" and tongue is None and self._qa.on("weekday"):
            answer = timely.resolved(ready.query, answer)
        return replace(
            answer,
            verdict=_ruling(ready, answer, self._qa),
            profile=ready.profile,
            searches=ready.searches,
            verifier=self._verifier,
            spent=self._ledger.spent(),
        )

    def _with_told(self, query: Query, told: Told, answer: Answer) -> Answer:
        """Put a course of events beside a model's own words; in their place, where none stand."""
        if answer.outcome == "declined":
            return self._tell(query, told)
        evidence, events = beside(answer.evidence, told)
        return replace(answer, evidence=evidence, timeline=events) if events else answer

    def _answer(self, ready: Ready) -> Answer:
        query, evidence = ready.query, ready.evidence
        if ready.missing:
            return self._withheld(query, evidence, ready.missing)
        if ready.told and not ready.messages:
            return self._tell(query, ready.told)
        self._show(evidence)
        with step("generate"):
            worded = self._word(ready)
        self._prompt = _prompt(ready, self._qa) if worded.numbered else ""
        if worded.refused:
            answer = self._conclude(query, evidence, worded, ())
            return replace(answer, reason=decide.RELATED, declined="not_answered")
        ready, worded, statements = self._proven(ready, worded)
        evidence = ready.evidence
        prover = Prover(self._qa, query, evidence, worded)
        self._tell_checked(statements)
        statements = self._with_chosen(ready, worded, statements)
        if not worded.extractive and not any(map(decide.stands, statements)):
            worded, statements = self._quoted(ready, prover, worded, statements)
        if query.tongue is not None:
            return self._conclude(query, evidence, worded, statements)
        if self._qa.on("shared") and shared.describes(query.text, self._qa.archive.publishers()):
            statements = self._meant(query, worded, evidence) or statements
        answer = self._conclude(query, evidence, worded, statements)
        answer = self._settled(query, ready.rankings, answer)
        state = self._qa.on("earlier") and asks_state(query)
        if state and len(ready.rankings) == 1 and ready.rankings[0]:
            answer = with_earlier(query, ready.rankings[0], answer)
        short_style = self._qa.settings.answer.style == "short" and len(query.parts) == 1
        return shortened(answer, query.text, self._qa.spans) if short_style else answer

    def _proven(self, ready: Ready, worded: Worded) -> tuple[Ready, Worded, tuple[Statement, ...]]:
        """Check what was written; where that is in doubt, let the model read on."""
        prover = Prover(self._qa, ready.query, ready.evidence, worded)
        profile = None if ready.query.tongue else ready.profile
        statements = self._check(prover, worded, profile)
        stopped = self._stop is not None and self._stop.is_set()
        if worded.extractive or stopped or not onward.wanted(self._qa, ready, statements):
            return ready, worded, statements
        return self._read_on(ready, worded, statements)

    def _read_on(
        self, ready: Ready, worded: Worded, statements: tuple[Statement, ...]
    ) -> tuple[Ready, Worded, tuple[Statement, ...]]:
        """Ask once more over the sentences that come next; return the likelier of both answers.

        What the other one said stands among what was removed.
        """
        more = onward.following(ready, self._qa)
        if more is None:
            return ready, worded, statements
        both = replace(ready, evidence=(*ready.evidence, *more.evidence))
        self._show(both.evidence)
        with step("generate"):
            again = self._word(more)
        if again.extractive:  # the model failed: what it said before is all that there is
            return both, worded, statements
        prover = Prover(self._qa, ready.query, both.evidence, again, more.evidence)
        second = self._check(prover, again, None)
        tokens = worded.tokens + again.tokens
        again = replace(again, tokens=tokens, first_token=worded.first_token)
        if onward.likeliest(second) > onward.likeliest(statements):
            self._passed = onward.passed_over(statements, second)
            return both, again, second
        self._passed = onward.passed_over(second, statements)
        return both, replace(worded, tokens=tokens), statements

    def _counted(self, query: Query, listing: Listing) -> Answer:
        """Give an answer about the archive itself, which code counted."""
        self._show(())
        return Answer(
            question=query.text,
            outcome="answered",
            reason="",
            verdict=Ruling(kind="counted", text=listing.title, value=str(listing.total)),
            listing=listing,
            filters=query.filters,
            as_of=query.as_of,
            confidence=1.0,
            extractive=True,
            judge="none",
            settings_digest=self._qa.settings.digest(),
            generation=self._qa.archive.generation,
            timings=Timings(first_evidence=self._first_evidence, total=self._clock()),
        )

    def _with_chosen(
        self, ready: Ready, worded: Worded, statements: tuple[Statement, ...]
    ) -> tuple[Statement, ...]:
        """Add what rules chose and what stands leaves out; of the sources' words, drop the rest."""
        first = led(ready, statements, extractive=worded.extractive)
        both = len(ready.rankings) > 1 and self._qa.on("sides")
        added = (first,) if first else sides(ready, statements) if both else ()
        if not added:
            return statements
        self._tell_checked(added)
        kept = tuple(s for s in statements if decide.stands(s) or not worded.extractive)
        return (*added, *kept) if first else (*kept, *added)

    def _withheld(self, query: Query, evidence: tuple[Evidence, ...], reason: str) -> Answer:
        """Decline because of what the archive lacks, and show what comes closest."""
        self._show(evidence)
        answer = self._conclude(query, evidence, Worded(text="", extractive=True), ())
        return replace(answer, reason=reason)

    def _meant(
        self, query: Query, worded: Worded, evidence: Sequence[Evidence]
    ) -> tuple[Statement, ...]:
        """Return the name that the reports share, where it is described and asked for."""
        found = shared.settle(query.text, worded.text, evidence, extractive=worded.extractive)
        if found is None:
            return ()
        self._emit(StatementChecked(found, kept=True))
        return (found,)

    def _settled(
        self, query: Query, rankings: Sequence[Sequence[Candidate]], answer: Answer
    ) -> Answer:
        """Never choose silently between sources that give different values."""
        settled = settle(answer, query, rankings, self._qa.settings.answer, self._qa.spans)
        for statement in settled.statements:
            if statement not in answer.statements:
                self._emit(StatementChecked(statement, kept=True))
        return settled

    def _show(self, evidence: tuple[Evidence, ...]) -> None:
        self._first_evidence = self._first_evidence or self._clock()
        self._emit(EvidenceFound(evidence))

    def _clock(self) -> float:
        return time.perf_counter() - self._start

    def _tell(self, query: Query, told: Told) -> Answer:
        """Give an answer that code put together from the sources' own sentences."""
        self._show(told.evidence)
        for statement in told.statements:
            self._emit(StatementChecked(statement, kept=True))
        worded = Worded(text="", extractive=True)
        answer = self._conclude(query, told.evidence, worded, told.statements)
        return answer if answer.outcome == "declined" else replace(answer, timeline=told.events)

    def _word(self, ready: Ready) -> Worded:
        """Let the model word an answer; without one, or if it fails, let the sources speak."""
        chat = self._qa.chat
        if chat is None or not ready.messages:
            return Worded(text=self._own_words(ready), extractive=True)
        try:
            return self._written(chat, ready)
        except PromptTooLong as error:
            if ready.profile is not None and ready.profile.markers:
                with suppress(ModelError):
                    return self._written(chat, fit(ready, self._qa, SHORTER))
            return self._failed(ready, error)
        except ModelError as error:
            return self._failed(ready, error)

    def _failed(self, ready: Ready, error: ModelError) -> Worded:
        failure = f"The language model failed, so these are the sources' own words ({error})."
        return Worded(text=self._own_words(ready), extractive=True, failure=failure)

    def _written(self, chat: Chat, ready: Ready) -> Worded:
        """Let the model write.

        Raises:
            ModelError: it failed.
        """
        limits = {"profile": ready.profile} if ready.profile and ready.profile.markers else {}
        generation = chat.stream(ready.messages, stop=self._stop, **limits)
        first: float | None = None
        parts: list[str] = []
        try:
            for delta in generation:
                first = self._clock() if first is None else first
                parts.append(delta)
                self._emit(TextDelta(delta))
        finally:
            self._ledger.add(generation.tokens, self._qa.settings.chat)
        text = without("".join(parts))
        return Worded(
            text=text,
            tokens=generation.tokens,
            first_token=first,
            certainty=generation.certainty,
            weakest=getattr(generation, "weakest", None),
            numbered=bool(limits),
            refused=bool(limits) and numbered.refused(text),
        )

    def _own_words(self, ready: Ready) -> str:
        """Return what was read that answers best, word for word, as an answer.

        A question of one part that names no time is answered by the sentence that the reranker
        finds best; else what was told first for each part has it.
        """
        query = ready.query
        if len(query.parts) > 1 or query.mentions or ready.led:
            return _own_words(ready)
        quote = Prover(self._qa, query, ready.evidence, Worded(text="", extractive=True)).quote()
        return f"{quote.text} [{quote.citations[0].number}]" if quote else _own_words(ready)

    def _check(
        self, prover: Prover, worded: Worded, profile: Profile | None
    ) -> tuple[Statement, ...]:
        """Tie every sentence to its sources and say what they make of it."""
        begun = self._clock()
        parse = numbered.parse if worded.numbered else cite.parse
        with step("cite"):
            parsed = parse(worded.text, prover.evidence)
        self._unknown_markers = parsed.unknown_markers
        reads = None if profile is None or worded.extractive else profile.verify
        statements = [prover.statement(draft) for draft in parsed.drafts]
        if reads is not None and reads != "rules" and statements:
            statements = self._reviewed(prover, statements, reads)
        self._checking = (self._checking or 0.0) + self._clock() - begun
        self._judged = self._qa.judge is not None
        return tuple(statements)

    def _reviewed(
        self, prover: Prover, statements: list[Statement], method: Method
    ) -> list[Statement]:
        """Let a chat model read what was written beside its sources, in one request."""
        reader = self._qa.checker()
        if reader is not None:
            self._verifier = reader.name
            statements = list(
                prover.reviewed(statements, reader, method, ledger=self._ledger, stop=self._stop)
            )
        return statements

    def _tell_checked(self, statements: Sequence[Statement]) -> None:
        for statement in statements:
            self._emit(StatementChecked(statement, kept=decide.stands(statement)))

    def _quoted(
        self, ready: Ready, prover: Prover, worded: Worded, statements: tuple[Statement, ...]
    ) -> tuple[Worded, tuple[Statement, ...]]:
        """Let the best sentence speak for itself, where none of the model's stands.

        It must be judged to answer the question: else what comes closest is shown, as just that.
        """
        quote = prover.quote()
        if ready.query.tongue is not None and ready.evidence:
            [quote] = map(
                prover.statement, cite.parse(_own_words(ready), ready.evidence).drafts[:1]
            )
        if quote is None or not decide.stands(quote):
            return worded, statements
        self._emit(StatementChecked(quote, kept=True))
        failure = "No sentence of the model passed the check: these are an article's own words."
        return replace(worded, extractive=True, failure=failure), (*statements, quote)

    def _text_of(self, article: str) -> str:
        return self._qa.archive.article(article).text

    def _sure(
        self,
        query: Query,
        evidence: Sequence[Evidence],
        worded: Worded,
        kept: Sequence[Statement],
        dropped: Sequence[Statement],
    ) -> float:
        """Return how likely the answer is right, as the judge has it or as its signs say."""
        if query.tongue is not None:
            return foreign.sure(query, query.tongue, kept, evidence, self._qa.archive)
        if self._judged:
            return decide.surest(kept or dropped)
        quoted = worded.extractive and bool(worded.text)
        measured = decide.signals(
            query, kept, dropped, evidence, self._qa.archive, worded.certainty, quoted=quoted
        )
        return decide.confidence(measured, query.kind)

    def _conclude(
        self,
        query: Query,
        evidence: tuple[Evidence, ...],
        worded: Worded,
        statements: tuple[Statement, ...],
    ) -> Answer:
        """Say whether the answer stands, and put together all that is known of it."""
        with step("decide"):
            return self._decided(query, evidence, worded, statements)

    def _decided(
        self,
        query: Query,
        evidence: tuple[Evidence, ...],
        worded: Worded,
        statements: tuple[Statement, ...],
    ) -> Answer:
        qa = self._qa
        kept = tuple(s for s in statements if decide.stands(s))
        dropped = tuple(s for s in statements if not decide.stands(s))
        sure = self._sure(query, evidence, worded, kept, dropped)
        least = qa.settings.answer.decline_below if query.tongue is None else foreign.ENOUGH
        outcome, reason = decide.outcome(sure, kept, dropped, least)
        checked = query.tongue is None and qa.on("premise")
        late = unfounded(query, kept, evidence, self._text_of) if checked else ""
        late = late or ("" if evidence else barred(query.filters, qa.archive))
        outcome, reason = ("declined", late) if late else (outcome, reason)
        declined = outcome == "declined"
        unknown = decide.unknown(query, qa.archive) if declined and not late else ""
        kind = (
            decide.why(evidence, dropped, judged=self._judged, unknown=unknown) if declined else ""
        )
        if unknown:
            reason = decide.unmentioned(unknown, qa.archive)
        elif self._judged and kind == "not_answered" and not late:
            reason = decide.RELATED
        return Answer(
            question=query.text,
            outcome=outcome,
            reason=" ".join(filter(None, (reason, worded.failure, _limits(query, kept)))),
            statements=() if declined else kept,
            evidence=() if declined else evidence,
            nearest=decide.nearest(evidence) if outcome != "answered" else (),
            declined=kind,
            closest=closest(qa, query, evidence) if declined else (),
            coverage=qa.archive.coverage() if outcome != "answered" else None,
            dropped=(*(statements if declined else dropped), *self._passed),
            unknown_markers=self._unknown_markers,
            filters=query.filters,
            as_of=query.as_of,
            inferred=query.inferred,
            confidence=sure,
            extractive=worded.extractive,
            model=qa.chat.name if qa.chat else "none",
            judge=qa.judge.reranker.name if qa.judge else "rules",
            settings_digest=qa.settings.digest(),
            prompt_digest=self._prompt or prompts.digest(qa.settings.answer.style),
            generation=qa.archive.generation,
            timings=Timings(
                first_evidence=self._first_evidence,
                first_token=worded.first_token,
                total=self._clock(),
                checking=self._checking,
            ),
            tokens=worded.tokens,
        )


def beside(
    evidence: Sequence[Evidence], told: Told
) -> tuple[tuple[Evidence, ...], tuple[Event, ...]]:
    """Return a course of events, and other evidence with its own, numbered on."""
    on = len(evidence)
    pieces = (replace(e, number=e.number + on) for e in told.evidence)
    events = (
        replace(e, citation=replace(e.citation, number=e.citation.number + on)) for e in told.events
    )
    return (*evidence, *pieces), tuple(events)


def _prompt(ready: Ready, qa: Machine) -> str:
    """Name a prompt with numbered sentences; "" for the plain one."""
    profile = ready.profile
    if profile is None or not profile.markers:
        return ""
    return numbered.digest(ready.query.text, qa.settings.answer.style, profile)


def _ruling(ready: Ready, answer: Answer, qa: Machine) -> Ruling:
    """Say in one line what comes of a question."""
    told = ready.told
    if told is None or not told.line or answer.outcome == "declined":
        return ruled(ready.query, ready.rankings, answer, qa.spans)
    if told.known:
        return Ruling(kind="agreed", text=told.line, value=told.line)
    return Ruling(kind="no_checked_answer", text=told.line)


def _limits(query: Query, kept: Sequence[Statement]) -> str:
    """Say how little of an answer in another language was checked."""
    return f"{PlainVerifier(query.tongue).limits}." if query.tongue and kept else ""


def _own_words(ready: Ready) -> str:
    """Return the evidence that answers each part of a question, word for word, as an answer."""
    tongue = ready.query.tongue
    found = {
        piece.number: _from(piece, ranked[0]) if tongue is None else ranked[0].text
        for ranked in ready.rankings
        for piece in ready.evidence
        if ranked and holds(piece, ranked[0])
    }
    best = sorted(ready.evidence, key=lambda e: -e.score)[:1]
    told = found or {e.number: e.text for e in best}
    return " ".join(f"{' '.join(text.split())} [{number}]" for number, text in told.items())


def _from(piece: Evidence, lead: Candidate) -> str:
    """Return a piece of evidence from the sentence that answers on, or from what it leans on."""
    place = next(n for n, span in enumerate(piece.sentences) if span.overlaps(lead.span))
    if place and LEANS.match(lead.text):
        place -= 1
    return piece.text[piece.sentences[place].start - piece.span.start :]
