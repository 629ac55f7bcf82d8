"""From a question on a page to an answer that is kept: the desk, the conversations, who watches.

Whatever fails while keeping is logged and told; it never costs the reader the answer.
"""

from __future__ import annotations

import logging
import secrets
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.answer.prepare import Asked
from rag.archive.clips import Articles
from rag.archive.conversations import Conversations
from rag.archive.exchanges import Exchange, Opinion
from rag.errors import DatelineError
from rag.language.sentences import split
from rag.language.terms import asked_terms, held_stems
from rag.rights import reader
from rag.search.select import source_of
from rag.types import Answer, Article, Citation, Listing, Span
from ui.ahead import Ahead
from ui.desk import Busy, Desk, Failed
from ui.feedback import case_of, opinion_of
from ui.live import Live, Watch
from ui.talk import Talk
from ui.view import View
from ui.wanted import Wanted
from ui.watching import nothing_watched

if TYPE_CHECKING:
    from rag.answer.examples import Example
    from rag.archive.archive import Archive


# What the articles of a listing say: of the first few, the sentence nearest to its topic.
MOST = 3
"""Articles that are quoted below a listing."""


def led(answer: Answer, articles: Articles) -> Answer:
    """Return an answer that lists articles with words of the first of them."""
    if answer.listing is None or answer.closest:
        return answer
    return replace(answer, closest=tuple(_leads(answer.listing, articles)))


def _leads(listing: Listing, articles: Articles) -> Iterator[Citation]:
    topic = held_stems(" ".join(asked_terms(listing.title)))
    ids = dict.fromkeys(name for row in listing.rows for name in row.articles)
    for number, name in enumerate(list(ids)[:MOST], 1):
        try:
            article = articles.article(name)
        except DatelineError:  # deleted meanwhile
            continue
        if (found := _nearest(article, topic, number)) is not None:
            yield found


def _nearest(article: Article, topic: frozenset[str], number: int) -> Citation | None:
    """Return the sentence that has most of what is told of the article, the first of several.

    Where its title has the topic, that is what the title says; else it is the topic: what is listed
    for a name in passing is quoted with that name.
    """
    spans = [span for span in split(article.text) if span.of(article.text).strip()]
    if not spans:
        return None
    title = held_stems(article.title or "")
    passing = (topic - title) & held_stems(article.text)  # a count is no word of an article

    def told(span: Span) -> int:
        return len(held_stems(span.of(article.text)) & (passing or title))

    best = max(spans, key=told)
    return Citation(
        number=number, source=source_of(article), span=best, quote=best.of(article.text)
    )


log = logging.getLogger(__name__)

CASES = "cases.jsonl"
"""The file in the archive's folder where answers become test cases."""

FEW, REMEMBERED = 3, 40
"""Answers after which it is said how long they usually take, and most that are looked at."""
LOOKED_AT = 12
"""Conversations of before that are looked at for that."""


class Keeper:
    """What all pages of one server share: who asks, what is kept, who follows which answer."""

    def __init__(
        self,
        desk: Desk,
        archive: Archive | None,
        kept: Conversations,
        suggestions: Callable[[], Sequence[Example]],
        wished: Callable[[str], Mapping[str, Any]] | None = None,
        ahead: Ahead | None = None,
    ) -> None:
        self.desk = desk
        self.kept = kept
        self.watch = Watch()
        self.suggestions = suggestions
        self._wished = wished or (lambda _: {})
        self._ahead = ahead
        self._archive = archive
        self.watching: Callable[[View], str] = nothing_watched
        """Begins to watch an answer, and says what came of it."""
        self._took: deque[tuple[str, float]] = deque(maxlen=REMEMBERED)
        """Of the last answers: what worded them, and how many seconds they took."""
        self._recalled = False

    @property
    def prepares(self) -> bool:
        """Whether questions are made ready while they are typed."""
        return self._ahead is not None

    def begin(self, talk: Talk, asked: Wanted, page: str) -> tuple[Talk, Live | None]:
        """Put a question in the line and keep it; without a place in the line it has failed."""
        history = () if asked.alone else talk.history
        exchange = self._keep(talk, asked)
        view = replace(View.kept(exchange), phase="searching", usual=self._usual())
        talk = replace(talk, id=exchange.conversation).asking(view)
        wished = self._wished(page)
        claim = self._ahead.claim(page) if self._ahead else None
        try:
            ticket = self.desk.ask(
                asked.question,
                who=page,
                filters=asked.filters,
                as_of=asked.as_of,
                history=history,
                **wished,
                **({"claim": claim} if claim else {}),
                **({"verbatim": True} if asked.verbatim else {}),
            )
        except Busy as error:
            if claim is not None:
                claim.stop.set()
            return talk.now(self._ended(view.after(Failed(str(error))))), None
        if claim is not None:
            ticket.then(claim.stop.set)  # it may end in the line, where nobody else stops it
        live = Live(view, ticket, self._ended)
        self.watch.follow(page, live)
        live.start()
        return talk, live

    def prepare(self, talk: Talk, asked: Wanted | None, page: str) -> None:
        """Make ready what a person has typed so far, in place of what was typed before."""
        if self._ahead is None:
            return
        if asked is None or self.desk.waiting:
            self._ahead.drop(page)
            return
        question = Asked(
            question=asked.question,
            filters=asked.filters,
            as_of=asked.as_of,
            history=talk.history,
        )
        self._ahead.prepare(page, question, **self._wished(page))

    def leave(self, page: str) -> None:
        """Forget a page that was closed."""
        self.watch.close(page)
        if self._ahead is not None:
            self._ahead.drop(page)

    def _usual(self) -> str:
        """Say how long most answers took here, once there were a few."""
        self._recall()
        model = self._took[-1][0] if self._took else ""
        took = sorted(seconds for by, seconds in self._took if by == model)
        if len(took) < FEW:
            return ""
        low, high = took[len(took) // 4], took[len(took) * 3 // 4]
        if high < 2:
            return "usually a second or two here"
        return (
            f"usually {low:.0f} to {high:.0f} s here"
            if high - low >= 1
            else (f"usually {high:.0f} s here")
        )

    def _recall(self) -> None:
        """Learn once how long the answers took that are kept from before the server started."""
        if self._recalled:
            return
        self._recalled = True
        try:
            kept = [e for c in self.kept.listed(limit=LOOKED_AT) for e in self.kept.exchanges(c.id)]
        except DatelineError:
            return
        kept.sort(key=lambda e: e.asked)
        told = [(e.answer.model, e.answer.timings.total) for e in kept if e.answer]
        self._took.extendleft(reversed(told[-REMEMBERED:]))

    def _keep(self, talk: Talk, asked: Wanted) -> Exchange:
        given: dict[str, Any] = {
            "filters": asked.filters,
            "as_of": asked.as_of,
            "again": asked.again,
        }
        try:
            return self.kept.begin(asked.question, conversation=talk.id or None, **given)
        except DatelineError:
            log.exception("a question is not kept")
            now = datetime.now(UTC)
            return Exchange(
                id=secrets.token_hex(8),
                conversation="",
                asked=now,
                question=asked.question,
                **given,
            )

    def _ended(self, view: View) -> View:
        try:
            if view.answer is not None and self._archive is not None:
                view = replace(view, answer=led(view.answer, self._archive))
            if view.answer is not None:
                self._took.append((view.answer.model, view.answer.timings.total))
                declined = view.answer.outcome == "declined"
                digests = self._digests(view)
                self.kept.finish(view.id, view.answer, digests)
                meant = self._meant(view.question) if declined else ""
                view = replace(view, digests=digests, meant=meant)
            elif view.phase in ("stopped", "failed"):
                self.kept.end(view.id, view.phase, view.error)
        except DatelineError:
            log.exception("an answer is not kept")
        self.watch.over(view.id)
        return view

    def _meant(self, question: str) -> str:
        """Return a declined question with the names that the archive has; empty without any."""
        from rag.search.spelling import respelt

        return (respelt(self._archive, question) if self._archive else None) or ""

    def _digests(self, view: View) -> dict[str, str]:
        if self._archive is None:
            return {}
        found = {}
        for article_id in view.shown:
            try:
                found[article_id] = self._archive.article(article_id).digest
            except DatelineError:  # deleted while it was asked about
                continue
        return found

    def named(self, conversation: str, exchange: str) -> Talk:
        """Return a conversation by its name, or by that of one of its exchanges.

        An answer that is being made is shown as far as it is known.

        Raises:
            NotFound: there is no such conversation.
        """
        if exchange:
            conversation = self.kept.exchange(exchange).conversation
        if not conversation:
            return Talk()
        starred = self.kept.conversation(conversation).starred
        talk = Talk.kept(self.kept.exchanges(conversation), starred=starred)
        live = self.watch.making(talk.current.id)
        return talk if live is None else talk.now(live.view)

    def star(self, talk: Talk) -> Talk:
        """Mark a conversation as one to come back to, or take the mark away."""
        try:
            self.kept.star(talk.id, starred=not talk.starred)
        except DatelineError:
            log.exception("a star is not kept")
            return talk
        return replace(talk, starred=not talk.starred)

    def judge(self, view: View, data: Mapping[str, Any]) -> tuple[View, str]:
        """Keep what was clicked or typed about an answer; returns also what to say of it."""
        opinion = opinion_of(view, data)
        if opinion is None or view.answer is None or not view.id:
            return view, ""
        told = "Kept. Thank you." if data.get("form") else ""
        try:
            if data.get("do") == "case":
                opinion, told = self._case(view, opinion)
            self.kept.judge(view.id, opinion)
        except DatelineError as error:
            return view, str(error)
        return replace(view, opinion=opinion), told

    def _case(self, view: View, opinion: Opinion) -> tuple[Opinion, str]:
        from eval.cases import append

        case = case_of(view, opinion)
        if isinstance(case, str):
            return opinion, case
        if self._archive is None:
            return opinion, "There is no archive to keep a test case in."
        who = reader()
        if who is not None and not who.manages:
            return opinion, "Only admins add test cases."
        append(Path(self._archive.folder) / CASES, case)
        return replace(opinion, case=case.id), f"Added to {CASES} in the archive's folder."
