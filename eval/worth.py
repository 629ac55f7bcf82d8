"""What each rule and strategy is worth: right answers gained and lost, on the half not read.

    python -m eval.worth time
    python -m eval.worth multihop:FOLDER --limit 200 --half sealed

A question counts as gained by a rule when it is right with it and wrong without it, as lost the
other way round. What was found for a question is kept, so that a rule costs no search of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from eval import suites
from eval.answers import is_match
from eval.cases import Case
from eval.measure import Plan, opened
from eval.trial import Trial
from eval.verdicts import right as right_verdict
from rag.answer.machine import Machine
from rag.answer.rules import RULES
from rag.answer.told.told import STRATEGIES
from rag.settings import AnswerSettings, ChatSettings, Settings
from rag.types import Answer

if TYPE_CHECKING:
    from rag.answer.pipeline import NewsQA


def sealed(case: Case) -> bool:
    """Say whether a case is of the half that is not read: by the digest of its id."""
    return bool(int(hashlib.sha256(case.id.encode()).hexdigest(), 16) % 2)


def right(case: Case, answer: Answer, *, verdicts: bool) -> bool:
    """Say whether an answer is right; an unanswerable question wants none."""
    if verdicts:
        return right_verdict(case, answer)
    if case.unanswerable:
        return answer.outcome == "declined"
    return bool(is_match(Trial(case=case, answer=answer)))


@contextmanager
def kept() -> Iterator[None]:
    """Keep what is found for a question while a process lasts."""
    found: dict[Any, Any] = {}
    search = Machine.find

    def find(self: Machine, query: Any, text: str, outlets: Sequence[str] = ()) -> Any:  # noqa: ANN401 - as the method has it
        key = (query.filters, query.as_of, query.asked_on, query.recent, text, tuple(outlets))
        if key not in found:
            found[key] = search(self, query, text, outlets)
        return list(found[key])

    with patch.object(Machine, "find", find):
        yield


def without(qa: NewsQA, *names: str) -> None:
    """Leave rules and strategies out from now on."""
    answer = AnswerSettings(without=names)
    qa.settings = qa.settings.model_copy(update={"answer": answer})


def main() -> int:
    """Print the table of a suite."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--half", choices=("all", "open", "sealed"), default="sealed")
    parser.add_argument("--only", action="append", default=[])
    given = parser.parse_args()
    suite = suites.find(given.suite)
    settings = Settings(chat=ChatSettings(llm="none"))
    with opened(Plan(suite=suite, settings=settings, limit=given.limit)) as bench, kept():
        cases = [
            c
            for c in bench.suite.cases
            if given.half == "all" or sealed(c) == (given.half != "open")
        ]
        names = given.only or [*STRATEGIES, *RULES]
        judged = {name: _asked(bench.qa, cases, name, suite.name) for name in ("", *names)}
    whole = judged[""]
    print(f"{suite.name}, {given.half}: {sum(whole)} of {len(cases)} right")  # noqa: T201
    print("| without | gained by it | lost by it |\n|---|---:|---:|")  # noqa: T201
    for name in names:
        pairs = list(zip(whole, judged[name], strict=True))
        gained, lost = pairs.count((True, False)), pairs.count((False, True))
        print(f"| {name} | {gained} | {lost} |")  # noqa: T201
    return 0


def _asked(qa: NewsQA, cases: Sequence[Case], name: str, suite: str) -> list[bool]:
    without(qa, *filter(None, [name]))
    return [right(c, qa.ask(c.question, as_of=c.as_of), verdicts=suite == "time") for c in cases]


if __name__ == "__main__":
    sys.exit(main())
