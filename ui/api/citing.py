"""The citations of an answer as every door writes them: one flat record each, with its address."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from rag.errors import DatelineError
from rag.record import iso, to_json
from rag.types import Answer, Citation, Statement
from ui.api.messages import public

if TYPE_CHECKING:
    from rag.archive.archive import Archive

Json = dict[str, Any]

SHOWN = 12
"""Hex digits of a digest that stand in an address."""


class Citer:
    """Writes the citations of answers over one archive.

    Args:
        archive: Where the revision of each quote is looked up; None where there is none.
        public_url: What every address begins with, without a slash at its end.
    """

    def __init__(self, archive: Archive | None, public_url: str = "") -> None:
        self._archive = archive
        self.public_url = public_url.rstrip("/")

    def at(self, base: str) -> Citer:
        """Return the same, whose addresses begin with `base` where nothing was set."""
        return Citer(self._archive, self.public_url or base)

    def answer(self, answer: Answer) -> Json:
        """Return an answer as `docs/answer-schema.md` has it, with its citations in one list."""
        return {
            **to_json(answer),
            "reason": public(answer.reason),
            "citations": [c for _, cited in self.told(answer) for c in cited],
        }

    def told(self, answer: Answer) -> list[tuple[Statement, list[Json]]]:
        """Return the statements of an answer, each with the records of its citations.

        `number` counts the distinct places that are cited, from 1, in the order of the answer: it
        is the `[n]` of every door.
        """
        digests = lru_cache(self.digest)
        numbers: dict[str, int] = {}
        found = []
        for statement in answer.statements:
            cited = []
            for citation in statement.citations:
                record = self.record(
                    citation,
                    digests(citation),
                    statement=statement.text,
                    verdict=statement.verdict.support,
                    score=statement.verdict.score,
                )
                record["number"] = numbers.setdefault(record["address"], len(numbers) + 1)
                cited.append(record)
            found.append((statement, cited))
        return found

    def digest(self, citation: Citation) -> str:
        """Return the newest revision in which a quote stands where it is said to; "" if none does.

        It may be an earlier one: the article was revised while the question was answered.
        """
        for digest, text in self._revisions(citation.source.article_id):
            if citation.span.of(text) == citation.quote:
                return digest
        return ""

    def _revisions(self, article_id: str) -> Iterator[tuple[str, str]]:
        if self._archive is None:
            return
        try:
            now = self._archive.article(article_id)
            yield now.digest, now.text
            for digest in reversed(self._archive.revisions(article_id)):
                if digest != now.digest:
                    yield digest, self._archive.article(article_id, digest).text
        except DatelineError:  # deleted, or damaged: nothing can be quoted from it
            return

    def record(
        self, citation: Citation, digest: str, *, statement: str, verdict: str, score: float
    ) -> Json:
        """Return the record of one citation: the same at every door."""
        source, span = citation.source, citation.span
        return {
            "number": citation.number,
            "statement": statement,
            "article_id": source.article_id,
            "digest": digest,
            "start": span.start,
            "end": span.end,
            "quote": citation.quote,
            "title": source.title,
            "publisher": source.publisher,
            "published": iso(source.published),
            "source_url": source.url,
            "verdict": verdict,
            "score": float(score),
            "address": self.address(source.article_id, digest, span.start, span.end),
        }

    def shows(self, article_id: str) -> str:
        """Return the address that shows an article as it is now; empty where it is gone."""
        try:
            article = self._archive.article(article_id) if self._archive else None
        except DatelineError:
            return ""
        return self.address(article_id, article.digest, 0, len(article.text)) if article else ""

    def address(self, article_id: str, digest: str, start: int, end: int) -> str:
        """Return the address of some words of one revision, which stays valid for ever."""
        shown = digest[:SHOWN] or "unknown"
        return f"{self.public_url}/c/{quote(article_id, safe='')}/{shown}/{start}-{end}"
