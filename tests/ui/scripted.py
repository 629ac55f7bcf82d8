"""A scripted asker over four invented articles: no model, no index, every kind of answer."""

from __future__ import annotations

import hashlib
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rag.answer.pipeline import EvidenceFound, StatementChecked, TextDelta, Understood
from rag.archive.catalogue import Card, Chosen, Leaf, Tally
from rag.archive.entities import Named
from rag.errors import NotFound, QuestionError
from rag.types import (
    Answer,
    Article,
    Citation,
    Conflict,
    Coverage,
    Event,
    Evidence,
    Filter,
    Reading,
    Source,
    Span,
    Statement,
    Timings,
    Tokens,
    Verdict,
    day,
)
from ui.markup import plain_when


def article(key: str, text: str, **known: Any) -> Article:
    return Article(
        id=key,
        digest=hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(),
        text=text,
        **known,
    )


BRIDGE_MARCH = article(
    "bridge-march",
    "The county board voted on Tuesday to close the Millford bridge to lorries.\n\n"
    "Engineers had found cracks in two of the eleven girders during a routine inspection in "
    "February. The repair will cost $4.2 million and take eighteen months, the county's chief "
    "engineer, Ruth Adeyemi, said.\n\n"
    "Cars and buses may still cross at 30 kilometres an hour. Haulage firms said that the detour "
    "through Easton adds forty minutes to a trip.\n\n"
    + "\n\n".join(
        f"Resident number {n} told the hearing that the bridge had been part of the town for "
        "longer than anybody could remember, and that the county should have looked sooner."
        for n in range(1, 9)
    )
    + "\n\nThe board will meet again in June, when a design for the new girders is due.",
    title="Millford bridge closed to lorries after cracks are found",
    publisher="Valley Courier",
    authors=("Dana Whitlock",),
    published=date(2024, 3, 12),
    url="https://courier.example/2024/03/millford-bridge?from=front-page",
)
BRIDGE_JULY = article(
    "bridge-july",
    "Repairs to the Millford bridge will cost $6.8 million, more than was thought in March, the "
    "county said on Thursday.\n\nDivers found that two piers have to be renewed as well. "
    "Work begins on 2 September and the bridge stays closed to lorries until the spring of 2026.",
    title="Bill for Millford bridge grows to $6.8 million as divers find worn piers below the "
    "waterline and the county warns of a second winter of detours for hauliers and school buses",
    publisher="State Wire",
    published=datetime(2024, 7, 18, 14, 5, tzinfo=UTC),
    url="https://wire.example/millford",
)
UNDATED = article(
    "school-notice",
    "The school bus to Easton leaves ten minutes earlier while the bridge is being repaired.",
    title="School bus times",
)
ARABIC = article(
    "arabic",
    "أعلنت المقاطعة إغلاق الجسر أمام الشاحنات يوم الثلاثاء.\n\nوسيستغرق الإصلاح ثمانية عشر شهرا.",
    title="إغلاق جسر ميلفورد أمام الشاحنات بعد العثور على تشققات",
    publisher="صحيفة الوادي",
    published=date(2024, 3, 13),
)
ARTICLES = (BRIDGE_JULY, ARABIC, BRIDGE_MARCH, UNDATED)


class Shelf:
    """Stands in for `rag.archive.archive.Archive` where only reading matters."""

    def __init__(
        self, articles: tuple[Article, ...] = ARTICLES, folder: Path = Path(__file__).parent
    ) -> None:
        self.folder = folder
        self._articles = {a.id: a for a in articles}

    def article(self, article_id: str, digest: str | None = None) -> Article:
        if article_id not in self._articles:
            raise NotFound(f"there is no article {article_id!r}")
        return self._articles[article_id]

    def articles(self, *, limit: int | None = None, offset: int = 0) -> list[Article]:
        found = [replace(a, text="") for a in self._articles.values()]
        return found[offset : None if limit is None else offset + limit]

    def publishers(self) -> tuple[str, ...]:
        return tuple(sorted({a.publisher for a in self._articles.values() if a.publisher}))

    def authors(self) -> tuple[str, ...]:
        return tuple(sorted({name for a in self._articles.values() for name in a.authors}))

    def leaf(self, chosen: Chosen, *, limit: int, offset: int = 0) -> Leaf:
        words = chosen.text.casefold().split()
        outlets = chosen.within.publishers
        found = [
            a
            for a in self._articles.values()
            if all(w in _described(a) for w in words)
            and (not outlets or a.publisher in outlets)
            and not (chosen.lacking and a.publisher and a.published)
        ]
        return Leaf(sources=tuple(map(source, found[offset : offset + limit])), total=len(found))

    def cards(self, *_: Filter) -> list[Card]:
        return [
            Card(
                n=n,
                id=a.id,
                title=a.title or "",
                outlet=a.publisher or "",
                authors=a.authors,
                day=d.isoformat() if (d := day(a.published)) else "",
                language=a.language or "",
            )
            for n, a in enumerate(self._articles.values())
        ]

    def frequencies(self, terms: list[str]) -> dict[str, int]:
        text = " ".join(a.text for a in self._articles.values()).casefold()
        return {term: text.count(term.casefold()) for term in terms}

    restricted = False

    def collections(self) -> tuple[str, ...]:
        return ("Town hall",)

    generation = 1

    def unnamed(self) -> int:
        return len(self.articles())

    def entities(self, **_: object) -> tuple[list[Named], int]:
        return [], 0

    def incomplete(self) -> int:
        return sum(not (a.publisher and a.published) for a in self._articles.values())

    def months(self) -> list[tuple[date, int]]:
        days = [d for a in self._articles.values() if (d := day(a.published))]
        return sorted(Counter(date(d.year, d.month, 1) for d in days).items())

    def tally(self) -> Tally:
        count = len(self._articles)
        return Tally(articles=count, copies=0, revisions=2, passages=count, embedded=count)

    def coverage(self) -> Coverage:
        days = [d for a in self._articles.values() if (d := day(a.published))]
        return Coverage(
            articles=len(self._articles),
            earliest=min(days, default=None),
            latest=max(days, default=None),
            undated=len(self._articles) - len(days),
        )


def _described(of: Article) -> str:
    parts = (of.title, of.publisher, plain_when(of.published), *of.authors)
    return " ".join(p for p in parts if p).casefold()


def source(of: Article) -> Source:
    return Source(
        article_id=of.id,
        title=of.title,
        publisher=of.publisher,
        published=of.published,
        url=of.url,
    )


def find(of: Article, quote: str) -> Span:
    start = of.text.index(quote)
    return Span(start=start, end=start + len(quote))


def evidence(number: int, of: Article, quote: str) -> Evidence:
    span = find(of, quote)
    return Evidence(number=number, source=source(of), span=span, text=quote, sentences=(span,))


def cited(of: Evidence, quote: str | None = None) -> Citation:
    inside = of.text.index(quote) if quote else 0
    start = of.span.start + inside
    text = quote or of.text
    span = Span(start=start, end=start + len(text))
    return Citation(number=of.number, source=of.source, span=span, quote=text)


def said(text: str, *citations: Citation, support: Any = "supported", why: str = "") -> Statement:
    verdict = Verdict(support=support, score=0.9, reasons=(why,) if why else ())
    return Statement(text=text, citations=citations, verdict=verdict)


def bridge() -> tuple[Evidence, ...]:
    return (
        evidence(
            1,
            BRIDGE_MARCH,
            "The repair will cost $4.2 million and take eighteen months, the county's chief "
            "engineer, Ruth Adeyemi, said.",
        ),
        evidence(
            2,
            BRIDGE_JULY,
            "Repairs to the Millford bridge will cost $6.8 million, more than was thought in "
            "March, the county said on Thursday.",
        ),
        evidence(
            3,
            BRIDGE_MARCH,
            "The board will meet again in June, when a design for the new girders is due.",
        ),
        evidence(4, UNDATED, UNDATED.text),
    )


def answered(question: str) -> Answer:
    found = bridge()
    return Answer(
        question=question,
        outcome="answered",
        reason="",
        statements=(
            said(
                "In March the repair was put at $4.2 million and eighteen months.", cited(found[0])
            ),
            said("By July the county spoke of $6.8 million.", cited(found[1])),
            said(
                "A design for the girders was due in June, the board said.",
                cited(found[2]),
                support="partly",
                why="the source does not say who announced it",
            ),
        ),
        evidence=found,
        dropped=(
            said(
                "The bridge will be torn down in 2027.",
                support="unsupported",
                why="the year 2027 is in no source",
            ),
        ),
        conflicts=(
            Conflict(
                kind="changed over time",
                readings=(
                    Reading(value="$4.2 million", citations=(cited(found[0]),)),
                    Reading(value="$6.8 million", citations=(cited(found[1]),)),
                ),
            ),
        ),
        timeline=(
            Event(
                when=date(2024, 3, 12),
                text="The bridge closes to lorries.",
                citation=cited(found[0]),
            ),
            Event(when=date(2024, 7, 18), text="The bill grows.", citation=cited(found[1])),
        ),
        filters=Filter(since=date(2024, 3, 1), publishers=("Valley Courier", "State Wire")),
        inferred=True,
        confidence=0.86,
        model="scripted-model",
        timings=Timings(first_evidence=0.12, first_token=0.7, total=4.31),
        tokens=Tokens(prompt=306, generated=58),
    )


def declined(question: str) -> Answer:
    return Answer(
        question=question,
        outcome="declined",
        reason="No article in this archive mentions the Super Bowl.",
        nearest=(source(BRIDGE_JULY), source(UNDATED)),
        coverage=Shelf().coverage(),
        model="scripted-model",
        timings=Timings(first_evidence=0.1, total=0.2),
    )


RELATED = "What did divers find under the Millford bridge?"

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</textarea></p></mark><iframe src=javascript:alert(1)>",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//http://a.example",
    "data:text/html,<script>alert(1)</script>",
    'http://a.example/" onclick="alert(1)',
    "https://a.example/<script>",
    "${alert(1)} {{alert(1)}} {{{value}}} `",
    "\u202egpj.exe\u2066 \u200bhidden\ufeff",
    "＜script＞alert(1)＜/script＞",
    "<a href='//evil.example'>x</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
    "\ud800<b>\udfff",
    "<style>*{display:none}</style><link rel=stylesheet href=//evil.example>",
    "<math><mtext></p><mglyph><style><img src=x onerror=alert(1)>",
)


def poisoned(payload: str) -> tuple[Article, Answer]:
    """An article and an answer that carry a payload in every field."""
    text = f"{payload} one.\n\n{payload} two."
    bad = article(
        payload,
        text,
        title=payload,
        publisher=payload,
        authors=(payload, payload),
        published=date(2024, 1, 2),
        url=payload,
        language=payload,
        origin=payload,
        notes=(payload,),
    )
    label = source(bad)
    span = Span(start=0, end=len(payload))
    evidence = Evidence(number=1, source=label, span=span, text=payload, sentences=(span,))
    citation = Citation(number=1, source=label, span=span, quote=payload)
    verdict = Verdict(support="partly", score=0.5, reasons=(payload,))
    said = Statement(text=payload, citations=(citation, citation), verdict=verdict)
    usual = answered("q")
    conflict = replace(
        usual.conflicts[0],
        readings=(replace(usual.conflicts[0].readings[0], value=payload, citations=(citation,)),),
    )
    event = replace(usual.timeline[0], text=payload, citation=citation)
    return bad, replace(
        usual,
        question=payload,
        asked_as=payload + "?",
        reason=payload,
        outcome="partial",
        statements=(said,),
        dropped=(said,),
        evidence=(evidence,),
        nearest=(label,),
        conflicts=(conflict,),
        timeline=(event,),
        filters=replace(usual.filters, publishers=(payload,)),
        model=payload,
    )


def within(answer: Answer, filters: Filter | None, as_of: date | None) -> Answer:
    """An answer without what was published later than it was allowed to read."""
    if filters is None and as_of is None:
        return answer
    given = replace(filters or Filter(), until=as_of or (filters.until if filters else None))
    answer = replace(answer, filters=given, as_of=as_of, inferred=False)
    if given.until is None or given.until >= date(2024, 7, 18):
        return answer
    early = [s for s in answer.statements if s.citations[0].source.article_id != BRIDGE_JULY.id]
    return replace(answer, statements=tuple(early), conflicts=(), timeline=())


MOST_HELD = 300
"""Seconds after which a held answer goes on by itself: the test that held it is gone."""


class Scripted:
    """Answers about the bridge, declines the Super Bowl; "hostile 3" makes it answer with the
    third hostile payload in every field. Asked to be patient, it says its words and then waits
    until `go` is set, so that no test depends on how fast anything is."""

    def __init__(self, pause: float = 0.0) -> None:
        self.pause = pause
        self.stopped = 0
        self.ready: list[str] = []
        """What a page had made ready, and what was asked with it."""
        self.go = threading.Event()

    def __call__(
        self,
        question: str,
        *,
        filters: Filter | None = None,
        as_of: date | None = None,
        history: Any = (),
        on_event: Callable[[Any], None] | None = None,
        stop: threading.Event | None = None,
        claim: Any = None,
        verbatim: bool = False,
    ) -> Answer:
        if claim is not None:
            claim.stop.set()
            self.ready.append(f"{claim.asked.question} -> {question}")
        tell = on_event or (lambda _: None)
        if "empty" in question:
            raise QuestionError("The question has no words to look for.")
        if "broken" in question:
            raise RuntimeError("secret detail")
        leans = history and "And" in question and not verbatim
        full = f"{question} ({history[-1].question})" if leans else question
        answer = within(self._answer(full), filters, as_of)
        answer = replace(answer, question=question, asked_as=full if full != question else None)
        held = "patient" in question
        if held:
            self.go.clear()
        tell(
            Understood(
                question=full,
                filters=answer.filters,
                as_of=answer.as_of,
                inferred=answer.inferred,
            )
        )
        tell(EvidenceFound(answer.evidence))
        self._speak(answer, tell, stop)
        if held:
            self._wait(stop)
        for statement in answer.statements:
            tell(StatementChecked(statement, True))
            time.sleep(self.pause)
        for statement in answer.dropped:
            tell(StatementChecked(statement, False))
        return answer

    def prepare(self, preparation: Any) -> None:
        """Make a question ready until nobody wants it any longer."""
        self.ready.append(preparation.asked.question)
        if preparation.stop.wait(MOST_HELD) and "changed" in preparation.asked.question:
            self.ready.append("dropped")

    def _speak(
        self, answer: Answer, tell: Callable[[Any], None], stop: threading.Event | None
    ) -> None:
        for word in (w for statement in answer.statements for w in statement.text.split()):
            time.sleep(self.pause)
            if stop is not None and stop.is_set():
                self.stopped += 1
            tell(TextDelta(word + " "))

    def _wait(self, stop: threading.Event | None) -> None:
        end = time.monotonic() + MOST_HELD
        while not self.go.wait(0.02) and time.monotonic() < end:
            if stop is not None and stop.is_set():
                return

    def _answer(self, question: str) -> Answer:
        if found := re.match(r"hostile (\d+)", question):
            return replace(poisoned(HOSTILE[int(found[1])])[1], question=question)
        if "disagree" in question:
            done = answered(question)
            return replace(
                done, conflicts=tuple(replace(c, kind="conflict") for c in done.conflicts)
            )
        return declined(question) if "Super Bowl" in question else answered(question)


def beside(answer: Answer) -> tuple[str, ...]:
    """Questions beside an answer; none beside a decline."""
    return () if answer.outcome == "declined" else (RELATED,)


def main() -> None:
    """Serve the page over the scripted asker and print where, until interrupted."""
    from fastapi.routing import APIRoute

    from ui.ahead import Ahead
    from ui.desk import Desk
    from ui.guard import Guard
    from ui.health import Health
    from ui.means import Means
    from ui.server import Front, application, listen, run

    bad = [replace(poisoned(p)[0], id=f"bad-{n}") for n, p in enumerate(HOSTILE)]
    scripted = Scripted()
    desk = Desk(scripted)
    ahead = Ahead(scripted.prepare, lambda: desk.waiting > 0)

    with TemporaryDirectory() as folder, listen("127.0.0.1", 0) as listener:
        shelf: Any = Shelf((*ARTICLES, *bad), Path(folder))

        def go() -> dict[str, bool]:
            scripted.go.set()
            return {"gone": True}

        def ready() -> list[str]:
            return scripted.ready

        def build() -> Any:
            health = Health("ready", "Ready: scripted-model")
            app = application(desk, shelf, lambda: health, means=Means(ahead=ahead, related=beside))
            app.router.routes.insert(0, APIRoute("/go", go, methods=["POST"]))  # before the page's
            app.router.routes.insert(0, APIRoute("/ready", ready))
            return app

        sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}/\n")
        sys.stdout.flush()
        run(Guard(Front(build), host="127.0.0.1", auth=None), listener)


if __name__ == "__main__":
    main()
