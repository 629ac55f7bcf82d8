"""Watched questions written by hand, each with what is known and what comes after.

A file of cases is JSON lines: `question`, `title` and `text` of what is known when it is watched,
and in `after` the articles that come one by one, each with its `kind` (`change`, `repeat` or
`none`), `title`, `text` and the `value` that a notice must tell where it is a change. All cases
share one archive, and what comes n-th for each comes in one commit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import zip_longest
from pathlib import Path

from eval.bench.watched import FIRST, Kind, Report, World

_KINDS: dict[str, Kind] = {"change": "change", "repeat": "repeat", "none": "beside"}


def world(paths: Iterable[Path]) -> World:
    """Return the world of files of cases."""
    cases = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]
    rows = zip_longest(*(case["after"] for case in cases))
    return World(
        questions=tuple(case["question"] for case in cases),
        kinds=tuple(case["question"] for case in cases),
        base=tuple(_report(case, "base", n, 0) for n, case in enumerate(cases)),
        commits=tuple(tuple(_commit(row, day)) for day, row in enumerate(rows, start=1)),
    )


def _commit(row: Iterable[dict[str, str] | None], day: int) -> Iterator[Report]:
    for subject, one in enumerate(row):
        if one is not None:
            yield _report(one, _KINDS[one["kind"]], subject, day)


def _report(one: dict[str, str], kind: Kind, subject: int, day: int) -> Report:
    return Report(
        key=f"c{day}-{subject}",
        kind=kind,
        subject=subject,
        title=one["title"],
        text=one["text"],
        outlet=f"Outlet {(day + subject) % 7}",
        day=FIRST + timedelta(days=2 * day),
        value=one.get("value", ""),
    )
