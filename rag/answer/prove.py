"""Ties a statement to the sentences that carry it, and asks what it is worth.

prover = Prover(machine, query, evidence, worded)
prover.statement(draft)     # the statement with its citations and its verdict
prover.quote()              # the best sentence of the articles, word for word, judged likewise
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rag.answer import cite, decide, numbered
from rag.answer.days import written
from rag.answer.second import second_look
from rag.language.voice import voice
from rag.question.query import Query
from rag.search.candidates import asked_weights
from rag.telemetry.steps import step
from rag.types import Citation, Evidence, Source, Statement, Tokens, Verdict
from rag.verify import mend
from rag.verify.features import Claim, best, facts
from rag.verify.reader import Checked, Method
from rag.verify.verifier import ENOUGH, Premise

if TYPE_CHECKING:
    from rag.answer.machine import Machine
    from rag.models.ledger import Ledger
    from rag.verify.judge import Judge
    from rag.verify.reader import ModelVerifier

CLOSEST = 5
"""Sentences that are shown with a decline, and among which the likeliest may speak for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """What the model wrote, or the sources' own words where it did not."""

    text: str
    tokens: Tokens = field(default_factory=Tokens)
    first_token: float | None = None
    certainty: float | None = None
    weakest: float | None = None
    extractive: bool = False
    failure: str = ""
    numbered: bool = False
    """Whether it was asked to cite sentences by their numbers."""
    refused: bool = False
    """Whether it said that what it read does not answer."""


def closest(machine: Machine, query: Query, evidence: Sequence[Evidence]) -> tuple[Citation, ...]:
    """Return the sentences that come closest to an answer, best first."""
    if machine.judge is not None:
        return best(query.text, evidence, machine.judge.reranker)[:CLOSEST]
    return decide.first_sentences(evidence)[:CLOSEST]


TRIED = 4
"""Sets of sentences that may carry a statement, tried where those that the model cites do not."""


def _label(source: Source) -> str:
    """Return outlet, day and title of an article in one line."""
    known = (source.publisher, written(source.published), source.title)
    return ", ".join(part for part in known if part)


class Prover:
    """Proves the statements of one answer."""

    def __init__(
        self,
        machine: Machine,
        query: Query,
        evidence: tuple[Evidence, ...],
        worded: Worded,
        read: tuple[Evidence, ...] = (),
    ) -> None:
        """Make ready to prove what was worded.

        Args:
            machine: What answers.
            query: The question.
            evidence: What may be cited.
            worded: The answer.
            read: What of it the model read; all if empty.
        """
        self.evidence = evidence
        self._read = read or evidence
        self._machine = machine
        self._query = query
        self._worded = worded
        self._look: float | None = None
        self._looked = False
        self._weights = (
            asked_weights(query.text, machine.archive) if machine.judge is not None else {}
        )

    def statement(self, draft: cite.Draft) -> Statement:
        """Return a sentence of the model with the sources that carry it best, and the verdict."""
        if self._worded.numbered:
            return self._numbered(draft)
        if self._worded.extractive and (own := self._own(draft)):
            return self._proved(draft.text, own)
        found = cite.attributions(
            draft, self.evidence, self._machine.encoder, question=self._query.text
        )
        first = self._mended(self._pruned(self._best(draft.text, found)))
        if not self._doubted(first):
            return first
        self._looked = True
        self._look = second_look(self._machine, self._query.text, self._worded.text, self._read)
        return self._mended(self._pruned(self._best(draft.text, found)))

    def _own(self, draft: cite.Draft) -> tuple[Citation, ...]:
        """Return the very sentence that is quoted; another that is like it is another source."""
        for piece in sorted(self.evidence, key=lambda e: e.number not in draft.hints):
            for span in piece.sentences:
                quote = piece.quote(span)
                if " ".join(quote.split()) == " ".join(draft.text.split()):
                    return (
                        Citation(number=piece.number, source=piece.source, span=span, quote=quote),
                    )
        return ()

    def _numbered(self, draft: cite.Draft) -> Statement:
        """Return a sentence with those that it cites; with others only where these do not do."""
        marked = numbered.citations(draft, self.evidence)
        proved = self._proved(draft.text, marked)
        if proved.verdict.support != "supported":
            found = cite.attributions(
                draft, self.evidence, self._machine.encoder, question=self._query.text
            )
            other = self._best(draft.text, found[:TRIED])
            # The model's own citation counts, unless another bears out what it does not.
            better = decide.stands(other) and not decide.stands(proved)
            proved = other if better or not marked else proved
        return replace(self._mended(self._pruned(proved)), paragraph=draft.paragraph)

    def reviewed(
        self,
        statements: Sequence[Statement],
        reader: ModelVerifier,
        method: Method,
        *,
        ledger: Ledger,
        stop: threading.Event | None,
    ) -> tuple[Statement, ...]:
        """Return statements with the verdicts that a chat model's reading leaves them."""
        claims = [
            Checked(
                text=s.text,
                premises=self.premises(s.citations),
                labels=[_label(c.source) for c in s.citations],
                verdict=s.verdict,
            )
            for s in statements
        ]
        with step("verify"):
            verdicts = reader.review(
                claims, method, question=self._query.text, ledger=ledger, stop=stop
            )
        return tuple(replace(s, verdict=v) for s, v in zip(statements, verdicts, strict=True))

    def _doubted(self, statement: Statement) -> bool:
        """Return True when the model is to look at its answer once more, which it does once."""
        machine = self._machine
        if (
            machine.judge is None
            or self._worded.extractive
            or self._looked
            or self._worded.numbered
        ):
            return False
        wanted = machine.settings.answer.second_look and not machine.settings.chat.elsewhere
        return wanted and machine.judge.doubts(statement.verdict)

    def quote(self) -> Statement | None:
        """Return the sentence that is likeliest to answer; None without a judge or evidence."""
        judge = self._machine.judge
        if judge is None or not self.evidence:
            return None
        found = best(self._query.text, self.evidence, judge.reranker)[:CLOSEST]
        quotes = [self._quoted(judge, citation) for citation in found]
        return max(quotes, key=lambda quote: quote.verdict.score)

    def _quoted(self, judge: Judge, citation: Citation) -> Statement:
        verdict = judge.check(self._claim(citation.quote, (citation,)), (), quoted=True)
        text = " ".join(citation.quote.split())
        return Statement(text=text, citations=(citation,), verdict=verdict)

    def _best(self, text: str, found: Sequence[tuple[Citation, ...]]) -> Statement:
        """Prove a statement by each of the sets of citations that may carry it, until one does."""
        strongest = self._proved(text, found[0] if found else ())
        for citations in found[1:]:
            if strongest.verdict.support == "supported":
                break
            strongest = max(strongest, self._proved(text, citations), key=decide.strength)
        return strongest

    def _pruned(self, statement: Statement) -> Statement:
        """Leave out the citations that a statement does not need to be borne out as it is."""
        if not decide.stands(statement):
            return statement
        for citation in reversed(statement.citations):
            rest = tuple(c for c in statement.citations if c is not citation)
            if rest:
                proof = self._proved(statement.text, rest)
                if decide.carries(proof, statement):
                    statement = proof
        return statement

    def _proved(self, text: str, citations: tuple[Citation, ...]) -> Statement:
        """Return a statement with its verdict, by the article that carries it best.

        A subject from one report and a value from another make a sentence that nobody wrote, so
        each article must bear all of it out, unless it gives a name or number of its own to it.
        """
        of: dict[str, tuple[Citation, ...]] = {}
        for one in citations:
            of[one.source.article_id] = (*of.get(one.source.article_id, ()), one)
        whole = len(of) < 2 or self._query.tongue or len(self._query.parts) > 1
        with step("verify"):
            if whole or self._each_adds(text, tuple(of.values())):
                return self._checked(text, citations)
            return max((self._checked(text, alone) for alone in of.values()), key=decide.strength)

    def _each_adds(self, text: str, articles: Sequence[Sequence[Citation]]) -> bool:
        """Say whether each article gives a name or number to a statement that no other gives.

        "At 165 kilometres, and from this spring at 300" is a sentence of two reports.
        """
        new = facts(text) - facts(self._query.text)
        held = [new & facts(" ".join(c.quote for c in cited)) for cited in articles]
        return all(
            one - set().union(*(h for other, h in enumerate(held) if other != n))
            for n, one in enumerate(held)
        )

    def _checked(self, text: str, citations: tuple[Citation, ...]) -> Statement:
        premises = self.premises(citations)
        judge = self._machine.judge
        if judge is None:
            verdict = self._machine.verifier.check(text, premises, question=self._query.text)
            if self._query.tongue is None:
                verdict = decide.weighed(self._query, text, citations, verdict)
        else:
            claim, quoted = self._claim(text, citations), self._worded.extractive
            verdict = judge.check(claim, premises, quoted=quoted)
            verdict = decide.repeating(self._query, text, verdict)
        return Statement(text=text, citations=citations, verdict=verdict)

    def _claim(self, text: str, citations: tuple[Citation, ...]) -> Claim:
        return Claim(
            question=self._query.text,
            text=text,
            citations=citations,
            evidence=self.evidence,
            weights=self._weights,
            articles={i: self._text_of(i) for i in {c.source.article_id for c in citations}},
            certainty=self._worded.certainty,
            weakest=self._worded.weakest,
            look=self._look,
        )

    def premises(self, citations: Sequence[Citation]) -> list[Premise]:
        """Return cited sentences as what a statement is held against."""
        pieces = {e.number: e for e in self.evidence}
        return [
            Premise(
                text=c.quote,
                published=c.source.published,
                context=f"{c.source.title or ''}\n{pieces[c.number].text}",
                article=self._text_of(c.source.article_id),
            )
            for c in citations
        ]

    def _text_of(self, article: str) -> str:
        return self._machine.archive.article(article).text

    def _mended(self, statement: Statement) -> Statement:
        """Give a statement back the speaker that it lost, if then it is borne out."""
        if self._machine.settings.answer.style == "short" or self._query.tongue is not None:
            return statement
        if statement.verdict.support == "supported":
            return statement if self._worded.extractive else self._voiced(statement)
        if statement.verdict.support != "partly":
            return statement
        text = mend.attributed(statement.text, statement.citations)
        if text is None:
            return statement
        return self._told_by(statement, self._proved(text, statement.citations))

    def _told_by(self, statement: Statement, mended: Statement) -> Statement:
        """Choose between a statement and the same with its speaker.

        The words added are the source's own, so they cannot make it less true.
        """
        if mended.verdict.support == "supported":
            return mended
        if self._machine.judge is not None:
            stands = decide.stands(mended)
            return replace(mended, verdict=statement.verdict) if stands else statement
        only_speaker = len(statement.verdict.reasons) == 1 and statement.verdict.score >= ENOUGH
        if not only_speaker or mended.verdict.support != "partly":
            return statement
        verdict = Verdict(support="supported", score=statement.verdict.score)
        return replace(mended, verdict=verdict)

    def _voiced(self, statement: Statement) -> Statement:
        """Name who says so, where all that bears a statement out is somebody's words."""
        citations = statement.citations
        articles = [self._machine.archive.article(c.source.article_id) for c in citations]
        said = [voice(a, c.span) for a, c in zip(articles, citations, strict=True)]
        text = mend.voiced(self._query.text, statement.text, citations, said)
        return replace(statement, text=text)
