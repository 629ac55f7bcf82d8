"""Time, change and dispute: is the line that opens an answer right, and a dispute shown as one?

    python -m eval.verdicts                  # our questions, without a model
    python -m eval.verdicts wire             # more of them, over 24 stories of several outlets
    python -m eval.verdicts desk             # the same over 15 others
    python -m eval.verdicts order            # order, intervals, disputes over 10 others
    python -m eval.verdicts press            # all kinds over 16 others
    python -m eval.verdicts --unrelated 300  # beside as many articles on something else
    python -m eval.verdicts --without value  # less a rule
    python -m eval.verdicts desk --llm local  # with the chat model, whose replies are kept

Questions of `time` whose id begins with "new" and all of `wire`, `desk`, `order` and `press` were
written before the code that they are asked of was looked at. Half of those are *sealed*: what
came out wrong of them was not read while it was mended. The digest of their id tells which, of
all but `time` that of their story.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from eval import suites
from eval.answers import any_of, is_match
from eval.cases import Case
from eval.metamorphic import add, unrelated
from eval.remember import Remembering, replies
from eval.trial import Trial
from rag.answer.pipeline import NewsQA, open_qa
from rag.settings import AnswerSettings, ChatSettings, Settings
from rag.types import Answer

SEVERAL = frozenset({"disagree", "timeline", "two_articles"})
"""Kinds whose answer is more than one value, so that all of its sentences are read for it."""
ONE = frozenset({"same", "namesakes"})
"""Kinds in which nothing is disputed or changed: other words for one value, two events."""


def half(case: Case) -> str:
    """Name the part of the questions that one is of: old, open or sealed."""
    if not case.id.startswith(("new", "wire", "desk", "order", "press")):
        return "old"
    return "sealed" if int(hashlib.sha256(case.group.encode()).hexdigest(), 16) % 2 else "open"


def right(case: Case, answer: Answer) -> bool:
    """Say whether an answer has the right value, in its verdict, and shows a dispute if any is.

    Where several things are asked for, they may stand in the sentences below the verdict.
    """
    if case.unanswerable:
        return answer.outcome == "declined" or (
            answer.verdict is not None and answer.verdict.kind == "no_checked_answer"
        )
    verdict = answer.verdict
    if verdict is None or answer.outcome == "declined":
        return False
    if case.kind in SEVERAL:
        found = bool(is_match(Trial(case=case, answer=answer)))
    else:
        groups = [*([case.answers] if case.answers else []), *case.answers_all]
        found = all(any_of(verdict.text, g) or any_of(verdict.value or "", g) for g in groups)
    settled = case.kind not in ONE or not answer.conflicts
    return found and settled and (case.kind == "disagree") == (verdict.kind == "disputed")


def asked(qa: NewsQA, cases: Sequence[Case]) -> dict[str, Answer]:
    """Ask all; the answers by the id of their question."""
    return {c.id: qa.ask(c.question, as_of=c.as_of) for c in cases}


def table(cases: Sequence[Case], answers: dict[str, Answer]) -> list[str]:
    """Return how many are right, by kind and by half, as a Markdown table."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for case in cases:
        for row in (case.kind, "all"):
            counted[row][half(case)] += 1
            counted[row][f"{half(case)} right"] += right(case, answers[case.id])
    halves = tuple(h for h in ("old", "open", "sealed") if counted["all"][h])
    lines = [f"| kind | {' | '.join(halves)} |", "|---|" + "---:|" * len(halves)]
    for row in sorted(counted, key=lambda k: (k == "all", k)):
        n = counted[row]
        cells = " | ".join(f"{n[f'{h} right']} of {n[h]}" for h in halves)
        lines.append(f"| {row} | {cells} |")
    return lines


def main() -> int:
    """Ask our questions of a new archive and print what came out right, and what did not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "suite", nargs="?", choices=("time", "wire", "desk", "order", "press"), default="time"
    )
    parser.add_argument("--unrelated", type=int, default=0)
    parser.add_argument("--without", action="append", default=[])
    parser.add_argument("--show", choices=("none", "wrong", "sealed"), default="none")
    parser.add_argument("--archive", type=Path, help="keep the archive here, and use it again")
    parser.add_argument("--llm", default="none", help="who words the answers; none: the sources")
    parser.add_argument("--only", choices=("old", "open", "sealed"), help="ask one part alone")
    given = parser.parse_args()
    from rag.archive.archive import Archive
    from rag.ingest.run import ingest
    from rag.models.embed import load

    suite = suites.find(given.suite)
    cases = [case for case in suite.cases if given.only in (None, half(case))]
    with tempfile.TemporaryDirectory() as place:
        folder = given.archive or Path(place) / "archive"
        settings = Settings(
            archive=folder,
            chat=ChatSettings(llm=given.llm),
            answer=AnswerSettings(without=tuple(given.without)),
        )
        if not folder.exists():
            with Archive.create(folder) as archive:
                list(ingest(archive, load(settings.embed), list(suite.sources), settings))
            add(folder, unrelated(given.unrelated))
        with open_qa(settings) as qa:
            if qa.chat is not None:
                qa.chat = Remembering(qa.chat, replies(f"verdicts-{given.suite}"))
            answers = asked(qa, cases)
    for case in cases:
        wrong = not right(case, answers[case.id])
        if wrong and (half(case) != "sealed" or given.show == "sealed") and given.show != "none":
            verdict = answers[case.id].verdict
            said = f"{verdict.kind}: {verdict.text}" if verdict else ""
            print(f"{case.id} {case.question}\n    {said}")  # noqa: T201 - a program's result
    print("\n".join(table(cases, answers)))  # noqa: T201 - a program's result
    return 0


if __name__ == "__main__":
    sys.exit(main())
