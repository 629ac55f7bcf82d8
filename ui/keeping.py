"""From a question on a page to an answer that is kept: the desk, the conversations, who watches.

Whatever fails while keeping is logged and told; it never costs the reader the answer.
"""

from __future__ import annotations

import logging
import secrets
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.answer.prepare import Asked
from rag.archive.conversations import Conversations
from rag.archive.exchanges import Exchange, Opinion
from rag.errors import DatelineError
from rag.rights import reader
from ui.ahead import Ahead
from ui.desk import Busy, Desk, Failed
from ui.feedback import case_of, opinion_of
from ui.live import Live, Watch
from ui.talk import Talk
from ui.view import View
from ui.wanted import Wanted
from ui.watching import nothing_watched

if TYPE_CHECKING:
    from rag.archive.archive import Archive

log = logging.getLogger(__name__)

CASES = "cases.jsonl"
"""The file in the archive's folder where answers become test cases."""

FEW, REMEMBERED = 3, 40
"""Answers after which it is said how long they usually take, and most that are looked at."""


class Keeper:
    """What all pages of one server share: who asks, what is kept, who follows which answer."""

    def __init__(
        self,
        desk: Desk,
        archive: Archive | None,
        kept: Conversations,
        suggestions: Callable[[], Sequence[str]],
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
        self._took: deque[float] = deque(maxlen=REMEMBERED)
        """Seconds of the last answers."""

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
        took = sorted(self._took)
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
            if view.answer is not None:
                self._took.append(view.answer.timings.total)
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
        talk = Talk.kept(self.kept.exchanges(conversation))
        live = self.watch.making(talk.current.id)
        return talk if live is None else talk.now(live.view)

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
