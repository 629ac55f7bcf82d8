"""The golden answers: what the sample questions come out as, word for word, with a scripted model.

    dateline eval golden            # which answers differ from those that are kept
    dateline eval golden --write    # keep the answers of this version

The gate says whether the figures fell; this says which answers changed, so that a change to the
structure of the code can show that it changed none, and a change of answers can list them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from eval.rows import Run, RunFault
from rag.types import Answer

OWN = Path(__file__).with_name("baselines") / "sample-golden.jsonl"
"""The answers that come with this version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """One answer, in what a person sees of it first."""

    case: str
    outcome: str
    verdict: str
    """Its line; empty where there is none."""
    text: str
    cited: tuple[str, ...]
    """`article:start-end` of every citation, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """An answer that is not as it was: `before` or `after` is None where only one has it."""

    case: str
    before: Golden | None
    after: Golden | None


def of(run: Run) -> dict[str, Golden]:
    """Return the answers of a run, by case."""
    return {
        row.case.id: _golden(row.case.id, row.answer)
        for row in run.scored
        if row.answer is not None
    }


def _golden(case: str, answer: Answer) -> Golden:
    return Golden(
        case=case,
        outcome=answer.outcome,
        verdict="" if answer.verdict is None else answer.verdict.text,
        text=answer.text,
        cited=tuple(
            f"{one.source.article_id}:{one.span.start}-{one.span.end}" for one in answer.citations
        ),
    )


def write(run: Run, path: Path = OWN) -> int:
    """Keep the answers of a run; return how many."""
    found = of(run)
    lines = [json.dumps(asdict(found[case]), ensure_ascii=False) for case in sorted(found)]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return len(found)


def read(path: Path = OWN) -> dict[str, Golden]:
    """Return the answers that are kept, by case.

    Raises:
        RunFault: there is no such file, or it is damaged.
    """
    try:
        records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        found = [Golden(**one | {"cited": tuple(one["cited"])}) for one in records]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise RunFault(f"{path} cannot be read as golden answers: {error}") from error
    return {one.case: one for one in found}


def changes(kept: Mapping[str, Golden], run: Run) -> list[Changed]:
    """Return the answers of a run that are not those that are kept, by case."""
    found = of(run)
    return [
        Changed(case=case, before=kept.get(case), after=found.get(case))
        for case in sorted({*kept, *found})
        if kept.get(case) != found.get(case)
    ]


def lines(found: list[Changed]) -> Iterator[str]:
    """Yield what changed, for people: each answer as it was and as it is."""
    for one in found:
        yield one.case
        for mark, golden in (("-", one.before), ("+", one.after)):
            if golden is None:
                yield f"  {mark} no such case"
            else:
                where = " ".join(golden.cited)
                yield f"  {mark} {golden.outcome} | {golden.verdict} | {golden.text} | {where}"
    yield f"{len(found)} answers changed"
