"""How well a draft is checked: two sets of sentences, half of each read while building.

`drafts.jsonl` has sixty over the sample archive. `drafts-hard.jsonl` has 88 that are false, where
they are, in one thing that no name or number shows: the verb, a plan told as done, the subject, or
who stood in which role; over the sample archive and over `drafts-made.jsonl`, articles of our own.

Labels: `true`, `false`, `changed` (true once, not by the latest report), `absent` (the archive does
not speak of it).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from rag.answer.draft import Checked, Finding, check
from rag.answer.pipeline import NewsQA, open_qa
from rag.settings import Settings

CASES = Path(__file__).parent / "cases"
SETS = {"sixty": "drafts.jsonl", "hard": "drafts-hard.jsonl"}
MADE = CASES / "drafts-made.jsonl"
LABELS = ("true", "false", "changed", "absent")
FINDINGS: tuple[Finding, ...] = (
    "supported", "one_source", "changed_since", "contradicted", "not_in_archive", "no_claim",
)  # fmt: skip
BORNE = ("supported", "one_source")
"""Findings that tell a reader that a sentence may stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence that was written for this, and what is right to say of it."""

    id: str
    sentence: str
    label: Literal["true", "false", "changed", "absent"]
    half: Literal["read", "unread"]
    change: str = ""
    """What makes it false: value, name, negation, speaker, verb, plan, subject or role."""
    archive: Literal["sample", "made"] = "sample"


Measured = Sequence[tuple[Sentence, Checked]]
"""What was found of each sentence."""


def load(name: str = "sixty") -> list[Sentence]:
    """Return the sentences of a set."""
    lines = (CASES / SETS[name]).read_text(encoding="utf-8").splitlines()
    return [Sentence(**json.loads(line)) for line in lines]


def measure(settings: Settings, name: str = "sixty") -> Measured:
    """Check each sentence of a set by itself."""
    given = load(name)
    with open_qa(settings) as qa:
        found = list(_found(qa, [one for one in given if one.archive == "sample"]))
    if made := [one for one in given if one.archive == "made"]:
        with TemporaryDirectory() as folder, NewsQA.open(folder, settings=settings) as qa:
            qa.add(MADE)
            found += _found(qa, made)
    return found


def _found(qa: NewsQA, given: Sequence[Sentence]) -> Iterator[tuple[Sentence, Checked]]:
    for one in given:
        yield one, next(check(one.sentence, qa))


def table(measured: Measured) -> str:
    """Return the counts as a Markdown table, one line for each label, change and half."""
    heads = " | ".join(FINDINGS)
    lines = [f"| label | half | {heads} |", f"|---|---|{'---|' * len(FINDINGS)}"]
    for kind in sorted({_kind(s) for s, _ in measured}, key=_order):
        for half in ("read", "unread"):
            counts = Counter(c.finding for s, c in measured if (_kind(s), s.half) == (kind, half))
            cells = " | ".join(str(counts.get(f, 0)) for f in FINDINGS)
            lines.append(f"| {kind} | {half} | {cells} |")
    lines.append(f"\n{len(measured)} sentences; {_goals(measured)}.")
    return "\n".join(lines)


def _kind(one: Sentence) -> str:
    """Return the line of the table: in the harder set also what was changed."""
    split = one.label == "false" and one.id.startswith("hard")
    return f"{one.label}: {one.change}" if split else one.label


def _order(kind: str) -> tuple[int, str]:
    return LABELS.index(kind.partition(":")[0]), kind


def _goals(measured: Measured) -> str:
    """Say of either half how many true and how many false sentences are called supported."""
    said = []
    for half in ("unread", "read"):
        for label in ("true", "false"):
            found = [c.finding for s, c in measured if (s.label, s.half) == (label, half)]
            good = sum(f in BORNE for f in found)
            said.append(f"{good} of {len(found)} {label} ones called supported ({half} half)")
    return ", ".join(said)


def wrong(measured: Measured) -> str:
    """Return the sentences of the read half that were taken wrongly, each with why."""
    lines = []
    for one, found in measured:
        borne = found.finding in BORNE
        if one.half == "read" and one.label in ("true", "false") and borne != (one.label == "true"):
            shown = [c.quote for c in (found.support or found.against)[:1]]
            lines.append(
                f"{one.id} {one.change} {found.finding} ({found.score:.2f}): {one.sentence}\n"
                f"    {shown} {list(found.reasons)}"
            )
    return "\n".join(lines)
