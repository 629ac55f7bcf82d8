"""What each rule and strategy is worth: right answers gained and lost, on what was not read.

    python -m eval.worth wire time timeqa:FOLDER --limit 100 --write docs/rules.md

A question counts as gained by a rule when it is right with it and wrong without it, as lost the
other way round; *other words* counts the answers that it changes at all. What was found for a
question is kept, so that a rule costs no search of its own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from eval import suites
from eval.answers import is_match
from eval.cases import Case
from eval.loaders import Suite
from eval.measure import Plan, opened
from eval.trial import Trial
from eval.verdicts import half
from eval.verdicts import right as right_verdict
from rag.answer.machine import Machine, retriever_of
from rag.answer.rules import RULES
from rag.answer.told.told import STRATEGIES
from rag.settings import AnswerSettings, ChatSettings, Settings
from rag.types import Answer

if TYPE_CHECKING:
    from rag.answer.pipeline import NewsQA

OURS = ("time", "wire", "desk", "order", "press")
BEGIN, END = "<!-- worth -->", "<!-- /worth -->"
"""Between these the table is written into a page."""


def right(case: Case, answer: Answer, *, verdicts: bool) -> bool:
    """Say whether an answer is right; an unanswerable question wants none."""
    if verdicts:
        return right_verdict(case, answer)
    if case.unanswerable:
        return answer.outcome == "declined"
    return bool(is_match(Trial(case=case, answer=answer)))


@contextmanager
def kept() -> Iterator[None]:
    """Keep what is found, so that asking once more costs no search."""
    found: dict[Any, Any] = {}
    search = Machine.find

    def find(self: Machine, query: Any, text: str, outlets: Sequence[str] = ()) -> Any:  # noqa: ANN401 - as the method has it
        key = (
            (id(self.archive), query.filters, query.as_of),
            (query.asked_on, query.recent, text, tuple(outlets)),
        )
        if key not in found:
            found[key] = search(self, query, text, outlets)
        return list(found[key])

    with patch.object(Machine, "find", find):
        yield


def without(qa: NewsQA, *names: str) -> None:
    """Leave rules and strategies out from now on."""
    answer = AnswerSettings(without=names)
    qa.settings = qa.settings.model_copy(update={"answer": answer})


@contextmanager
def reading(qa: NewsQA, suite: Suite, case: Case) -> Iterator[NewsQA]:
    """Open what a case is asked over: the archive, or the articles that it brings."""
    from rag.answer.pipeline import _fill
    from rag.archive.archive import Archive

    if not suite.given:
        yield qa
        return
    with tempfile.TemporaryDirectory() as folder, Archive.create(Path(folder)) as archive:
        _fill(archive, case.articles, qa.encoder, qa.settings)
        yield replace(qa, archive=archive, retriever=retriever_of(archive, qa.encoder, qa.settings))


def judged(suite: Suite, names: Sequence[str], limit: int | None) -> list[dict[str, Any]]:
    """Return for each case of a suite how it comes out whole and without each of the names."""
    settings = Settings(chat=ChatSettings(llm="none"))
    rows: list[dict[str, Any]] = []
    with opened(Plan(suite=suite, settings=settings, limit=limit)) as bench:
        for case in bench.suite.cases:
            row: dict[str, Any] = {"case": case}
            with reading(bench.qa, suite, case) as qa, kept():
                whole, bare = _asked(qa, suite, case, ()), _asked(qa, suite, case, names)
                for name in names:  # where all of them together change nothing, none is asked for
                    row[name] = whole if whole == bare else _asked(qa, suite, case, (name,))
            rows.append({**row, "": whole})
    return rows


def _asked(
    qa: NewsQA, suite: Suite, case: Case, names: Sequence[str]
) -> tuple[bool, tuple[str, str]]:
    """Return whether an answer without some rules is right, and its words."""
    without(qa, *names)
    answer = qa.ask(case.question, as_of=case.as_of)
    ours = suite.name in OURS
    said = (answer.text, answer.verdict.text if answer.verdict else "")
    return right(case, answer, verdicts=ours), said


def table(suite: Suite, rows: Sequence[dict[str, Any]], names: Sequence[str]) -> list[str]:
    """Return a table of what each name gains, loses and changes, by half where there are halves."""
    halves = sorted({half(r["case"]) for r in rows}) if suite.name in OURS else [""]
    lines = []
    for part in halves:
        of_it = [r for r in rows if not part or half(r["case"]) == part]
        whole = sum(r[""][0] for r in of_it)
        lines += [f"**{suite.name}{' ' if part else ''}{part}**: {whole} of {len(of_it)} right", ""]
        lines += ["| rule | gained | lost | other words |", "|---|---:|---:|---:|"]
        for name in names:
            n = Counter((r[""][0], r[name][0]) for r in of_it)
            other = sum(r[""][1] != r[name][1] for r in of_it)
            lines.append(f"| {name} | {n[True, False]} | {n[False, True]} | {other} |")
        lines.append("")
    return lines


def main() -> int:
    """Print the tables of suites, and write them into a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="+")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--none", action="store_true", help="only the figures of the whole")
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    names = [] if given.none else given.only or [*STRATEGIES, *RULES]
    lines: list[str] = []
    for text in given.suites:
        suite = suites.find(text)
        limit = None if suite.name in OURS else given.limit
        made = table(suite, judged(suite, names, limit), names)
        print("\n".join(made), flush=True)  # noqa: T201 - a program's result
        lines += made
    if given.write:
        page = given.write.read_text(encoding="utf-8")
        head, _, rest = page.partition(BEGIN)
        tail = rest.partition(END)[2]
        body = "\n".join([head + BEGIN, "", *lines, END + tail])
        given.write.write_text(body, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
