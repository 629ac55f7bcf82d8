"""One answer in the making: the steps from a query to an `Answer`, in their order.

    prepare -> word -> check -> conclude     or, for a course of events,     prepare -> tell

The clock and what the listener is told live here; what each step does is in its own module.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.answer import cite, decide, prompts, timely
from rag.answer.differ.disagree import equal
from rag.answer.differ.figures import values
from rag.answer.differ.readings import numbered, own, settle
from rag.answer.prepare import Ready
from rag.answer.prove import Prover, Worded, closest
from rag.answer.told import shared
from rag.answer.told.described import Described
from rag.answer.told.lead import asks_state, with_earlier
from rag.answer.told.premise import unfounded
from rag.answer.told.ruling import ruled
from rag.answer.told.short import shortened
from rag.answer.told.told import Told
from rag.errors import ModelError
from rag.events import EvidenceFound, Progress, StatementChecked, TextDelta
from rag.question.query import Query
from rag.search.candidates import Candidate, likelihood
from rag.search.select import LEANS, source_of
from rag.types import Answer, Citation, Evidence, Ruling, Statement, Timings, Verdict

if TYPE_CHECKING:
    from rag.answer.machine import Machine


_CHOSEN = Verdict(support="partly", score=0.6, reasons=("chosen by its time, value or speaker",))
"""Of the sentence that a rule chose and no model's words have."""
SIDE = 0.5
"""How likely the best sentence of a side must be to answer, to be told by itself."""


class Composer:
    """Makes one answer; used once."""

    def __init__(
        self, qa: Machine, emit: Callable[[Progress], None], stop: threading.Event | None
    ) -> None:
        self._qa = qa
        self._emit = emit
        self._stop = stop
        self._start = time.perf_counter()
        self._first_evidence: float | None = None
        self._unknown_markers = 0
        self._checking: float | None = None
        self._judged = False

    def answer(self, ready: Ready) -> Answer:
        """Answer a question for which all is ready."""
        answer = self._answer(ready)
        if ready.described is not None and answer.outcome != "declined":
            answer = self._resolved(answer, ready.described)
        if answer.outcome != "declined" and self._qa.on("weekday"):
            answer = timely.resolved(ready.query, answer)
        return replace(answer, verdict=_ruling(ready, answer))

    def _resolved(self, answer: Answer, described: Described) -> Answer:
        """Show what a description stands for, with the sentence that names it."""
        pieces = list(answer.evidence)
        found = described.candidate
        cited = numbered(
            Citation(number=0, source=source_of(found.article), span=found.span, quote=found.text),
            pieces,
        )
        said = Statement(
            text=f"{described.text}: {described.name}",
            citations=(cited,),
            verdict=Verdict(support="supported", score=1.0),
        )
        self._emit(StatementChecked(said, kept=True))
        return replace(answer, statements=(*answer.statements, said), evidence=tuple(pieces))

    def _answer(self, ready: Ready) -> Answer:
        query, evidence = ready.query, ready.evidence
        if ready.missing:
            return self._withheld(query, evidence, ready.missing)
        if ready.told:
            return self._tell(query, ready.told)
        self._show(evidence)
        worded = self._word(ready)
        prover = Prover(self._qa, query, evidence, worded)
        statements = self._check(prover, worded)
        statements = self._led(ready, worded, statements)
        if not worded.extractive and not any(map(decide.stands, statements)):
            worded, statements = self._quoted(prover, worded, statements)
        if self._qa.on("shared") and shared.describes(query.text, self._qa.archive.publishers()):
            statements = self._meant(query, worded, evidence) or statements
        statements += self._sides(ready, worded, statements)
        answer = self._conclude(query, evidence, worded, statements)
        answer = self._settled(query, ready.rankings, answer)
        state = self._qa.on("earlier") and asks_state(query)
        if state and len(ready.rankings) == 1 and ready.rankings[0]:
            answer = with_earlier(query, ready.rankings[0], answer)
        short_style = self._qa.settings.answer.style == "short" and len(query.parts) == 1
        return shortened(answer, query.text) if short_style else answer

    def _led(
        self, ready: Ready, worded: Worded, statements: tuple[Statement, ...]
    ) -> tuple[Statement, ...]:
        """Let the sentence that a rule chose speak first, where no statement that stands has it.

        A rule knows the time, the value or the speaker that is asked for; likeness, on which the
        judge goes, does not.
        """
        if not ready.led:
            return statements
        first = ready.rankings[0][0]
        piece = next((e for e in ready.evidence if _holds(e, first)), None)
        standing = [s for s in statements if decide.stands(s)]
        if piece is None or any(_tells(s, first, ready.led) for s in standing):
            return statements
        cited = Citation(
            number=piece.number, source=piece.source, span=first.span, quote=first.text
        )
        text = " ".join(first.text.split())
        said = (
            Statement(text=text, citations=(cited,), verdict=_CHOSEN)
            if worded.extractive
            else (replace(own(cited), verdict=_CHOSEN))
        )
        self._emit(StatementChecked(said, kept=True))
        return (said, *(s for s in statements if decide.stands(s) or not worded.extractive))

    def _sides(
        self, ready: Ready, worded: Worded, statements: Sequence[Statement]
    ) -> tuple[Statement, ...]:
        """Let each side of a question about two things speak, where the model's words left it out.

        Its own best sentence is told with outlet and day, as far as it is likely to answer.
        """
        if len(ready.rankings) < 2 or not self._qa.on("sides"):
            return ()
        told = [c for s in statements if decide.stands(s) for c in s.citations]
        added: dict[int, Statement] = {}
        for first in (ranked[0] for ranked in ready.rankings if ranked):
            piece = next((e for e in ready.evidence if _holds(e, first)), None)
            known = any(c.source.article_id == first.article.id for c in told)
            if piece is not None and not known and likelihood(first) >= SIDE:
                cited = Citation(
                    number=piece.number, source=piece.source, span=first.span, quote=first.text
                )
                told_by = own(cited)
                verdict = replace(told_by.verdict, score=likelihood(first))
                added.setdefault(piece.number, replace(told_by, verdict=verdict))
        for statement in added.values():
            self._emit(StatementChecked(statement, kept=True))
        return tuple(added.values())

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
        settled = settle(answer, query, rankings, self._qa.settings.answer)
        for statement in settled.statements:
            if statement not in answer.statements:
                self._emit(StatementChecked(statement, kept=True))
        return settled

    def _show(self, evidence: tuple[Evidence, ...]) -> None:
        self._first_evidence = self._clock()
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
        generation = chat.stream(ready.messages, stop=self._stop)
        first: float | None = None
        parts: list[str] = []
        try:
            for delta in generation:
                first = self._clock() if first is None else first
                parts.append(delta)
                self._emit(TextDelta(delta))
        except ModelError as error:
            failure = f"The language model failed, so these are the sources' own words ({error})."
            return Worded(text=self._own_words(ready), extractive=True, failure=failure)
        return Worded(
            text="".join(parts),
            tokens=generation.tokens,
            first_token=first,
            certainty=generation.certainty,
            weakest=getattr(generation, "weakest", None),
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

    def _check(self, prover: Prover, worded: Worded) -> tuple[Statement, ...]:
        """Tie every sentence to its sources and say what they make of it."""
        begun = self._clock()
        parsed = cite.parse(worded.text, prover.evidence)
        self._unknown_markers = parsed.unknown_markers
        statements: list[Statement] = []
        for draft in parsed.drafts:
            statements.append(prover.statement(draft))
            self._emit(StatementChecked(statements[-1], kept=decide.stands(statements[-1])))
        self._checking = self._clock() - begun
        self._judged = self._qa.judge is not None
        return tuple(statements)

    def _quoted(
        self, prover: Prover, worded: Worded, statements: tuple[Statement, ...]
    ) -> tuple[Worded, tuple[Statement, ...]]:
        """Let the best sentence speak for itself, where none of the model's stands.

        It must be judged to answer the question: else what comes closest is shown, as just that.
        """
        quote = prover.quote()
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
        if self._judged:
            return decide.surest(kept or dropped)
        quoted = worded.extractive and bool(worded.text)
        measured = decide.signals(
            query, kept, dropped, evidence, self._qa.archive, worded.certainty, quoted=quoted
        )
        return decide.confidence(measured, query.kind)

    def _late(self, query: Query, kept: Sequence[Statement], evidence: Sequence[Evidence]) -> str:
        """Say why what is known is of another time than the question; else nothing."""
        on, text_of = self._qa.on, self._text_of
        return (
            (timely.stale(query, kept) if on("stale") else "")
            or (timely.elsewhen(query, kept, text_of) if on("elsewhen") else "")
            or (unfounded(query, kept, evidence, text_of) if on("premise") else "")
        )

    def _conclude(
        self,
        query: Query,
        evidence: tuple[Evidence, ...],
        worded: Worded,
        statements: tuple[Statement, ...],
    ) -> Answer:
        """Say whether the answer stands, and put together all that is known of it."""
        qa = self._qa
        kept = tuple(s for s in statements if decide.stands(s))
        dropped = tuple(s for s in statements if not decide.stands(s))
        sure = self._sure(query, evidence, worded, kept, dropped)
        outcome, reason = decide.outcome(sure, kept, dropped, qa.settings.answer.decline_below)
        late = "" if outcome == "declined" else self._late(query, kept, evidence)
        outcome, reason = ("declined", late) if late else (outcome, reason)
        declined = outcome == "declined"
        kind = decide.why(evidence, dropped, judged=self._judged) if declined else ""
        if self._judged and kind == "not_answered" and not late:
            reason = decide.RELATED
        return Answer(
            question=query.text,
            outcome=outcome,
            reason=" ".join(filter(None, (reason, worded.failure))),
            statements=() if declined else kept,
            evidence=() if declined else evidence,
            nearest=decide.nearest(evidence) if outcome != "answered" else (),
            declined=kind,
            closest=closest(qa, query, evidence) if declined else (),
            coverage=qa.archive.coverage() if outcome != "answered" else None,
            dropped=statements if declined else dropped,
            unknown_markers=self._unknown_markers,
            filters=query.filters,
            as_of=query.as_of,
            inferred=query.inferred,
            confidence=sure,
            extractive=worded.extractive,
            model=qa.chat.name if qa.chat else "none",
            judge=qa.judge.reranker.name if qa.judge else "rules",
            settings_digest=qa.settings.digest(),
            prompt_digest=prompts.digest(qa.settings.answer.style),
            generation=qa.archive.generation,
            timings=Timings(
                first_evidence=self._first_evidence,
                first_token=worded.first_token,
                total=self._clock(),
                checking=self._checking,
            ),
            tokens=worded.tokens,
        )


def _ruling(ready: Ready, answer: Answer) -> Ruling:
    """Say in one line what comes of a question."""
    told = ready.told
    if told is None or not told.line or answer.outcome == "declined":
        return ruled(ready.query, ready.rankings, answer)
    if told.known:
        return Ruling(kind="agreed", text=told.line, value=told.line)
    return Ruling(kind="no_checked_answer", text=told.line)


def _own_words(ready: Ready) -> str:
    """Return the evidence that answers each part of a question, word for word, as an answer."""
    found = {
        piece.number: _from(piece, ranked[0])
        for ranked in ready.rankings
        for piece in ready.evidence
        if ranked and _holds(piece, ranked[0])
    }
    best = sorted(ready.evidence, key=lambda e: -e.score)[:1]
    chosen = found or {e.number: e.text for e in best}
    return " ".join(f"{' '.join(text.split())} [{number}]" for number, text in chosen.items())


def _from(piece: Evidence, lead: Candidate) -> str:
    """Return a piece of evidence from the sentence that answers on, or from what it leans on."""
    place = next(n for n, span in enumerate(piece.sentences) if span.overlaps(lead.span))
    if place and LEANS.match(lead.text):
        place -= 1
    return piece.text[piece.sentences[place].start - piece.span.start :]


def _tells(statement: Statement, first: Candidate, led: str) -> bool:
    """Say whether a statement is of the sentence that a rule chose, or gives its value."""
    article = first.article
    if any(
        c.source.article_id == article.id and c.span.overlaps(first.span)
        for c in statement.citations
    ):
        return True
    known = list(values(first.text, article.published)) if led == "value" else []
    return any(
        (v.kind, v.unit) == (k.kind, k.unit) and equal(v, k)
        for v in values(statement.text)
        for k in known
    )


def _holds(piece: Evidence, candidate: Candidate) -> bool:
    same = piece.source.article_id == candidate.article.id
    return same and piece.span.covers(candidate.span)
