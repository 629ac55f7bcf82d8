"""A server with every view of the page, over scripted parts: `python views.py` or `... empty`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from scripted import ARTICLES, Scripted, Shelf, article, beside

from rag.settings import Settings
from ui.evaluation import ChangeLine, Compared, RunLine, Runs
from ui.intake import Job, Line

MORE = tuple(
    replace(ARTICLES[n % 4], id=f"more-{n}", title=f"Report number {n} about the Millford bridge")
    for n in range(117)
)
FOREIGN = article(
    "foreign",
    "قرر مجلس المقاطعة إغلاق جسر ميلفورد أمام الشاحنات.\n\nستبلغ كلفة الإصلاح 4.2 مليون دولار.",
    title="إغلاق جسر ميلفورد: " + "تقرير طويل جدا عن الجسر والشاحنات والمدينة " * 6 + "X" * 90,
    publisher="صحيفة الوادي",
    authors=("ليلى حداد",),
    published=date(2024, 3, 14),
    language="ar",
)
JOB = Job(
    number=1,
    what="Adding 4 files",
    phase="done",
    lines=(
        Line(name="bridge.txt", outcome="added", article_id="bridge-march"),
        Line(name="كتاب.html", outcome="duplicate", reason="same story as a1"),
        Line(name="broken.txt", outcome="failed", reason="broken.txt looks like a binary file"),
        Line(name=f"{'very-long-name-' * 9}.md", outcome="unchanged"),
    ),
    totals={"added": 1, "duplicate": 1, "failed": 1, "unchanged": 1},
)
RUNS = tuple(
    RunLine(
        name=f"run-{n}",
        suite="sample",
        system="dateline" if n else "dense",
        model="local:qwen2.5-coder-1.5b-instruct",
        started=f"2024-05-0{n + 1}T08:30:00+00:00",
        rows=176 - n,
        cases=176,
    )
    for n in range(3)
)


def compare(before: str, after: str) -> Compared:
    change = ChangeLine(
        title="answer holds the gold",
        before="0.720",
        after="0.741",
        difference="+0.021 (-0.004 to +0.046)",
        p="0.210",
        verdict="better",
    )
    return Compared(
        before=before,
        after=after,
        shared=176,
        differing=9,
        changes=(change, replace(change, verdict="worse"), replace(change, verdict="")),
        fixed=("When will Artemis II launch?",),
        broken=("What did the county say about the bridge?",),
    )


REPORT = (
    '<!doctype html><html lang="en"><title>sample</title><style>b{color:#000}</style>'
    "<main><h1>sample</h1><p><b>176 scored of 176</b></p></main></html>"
)


class Intake:
    """Shows one finished job, whatever is asked of it."""

    latest = None
    settings = Settings()

    def rebuild(self) -> int:
        return 1

    def watch(self, _: int) -> Iterator[Job]:
        yield self.job

    job = JOB


def main() -> None:
    """Serve until interrupted."""
    from ui.desk import Desk
    from ui.guard import Guard
    from ui.health import Health
    from ui.means import Means
    from ui.server import Front, application, listen, run

    shelf: Any = Shelf(() if sys.argv[1:] == ["empty"] else (*ARTICLES, FOREIGN, *MORE))
    intake: Any = Intake()
    uploads: Any = SimpleNamespace()
    runs = Runs(recent=lambda: RUNS, report=lambda _: REPORT, compare=compare)
    means = Means(
        intake=intake,
        uploads=uploads,
        sample=Path(__file__),
        folders=(Path("/srv/news"),),
        settings=Settings(),
        llms=("ollama:qwen3:8b",),
        runs=runs,
        index=lambda: "chroma",
        related=beside,
    )
    desk = Desk(Scripted())

    def build() -> Any:
        return application(
            desk, shelf, lambda: Health("ready", "Ready: scripted-model"), means=means
        )

    with listen("127.0.0.1", 0) as listener:
        sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}/\n")
        sys.stdout.flush()
        run(Guard(Front(build), host="127.0.0.1", auth=None), listener)


if __name__ == "__main__":
    main()
