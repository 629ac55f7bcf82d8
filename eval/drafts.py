"""How well a draft is checked: sixty sentences over the sample archive, half read while building.

Labels: `true`, `false` (one value, name, negation or speaker is wrong), `changed` (true once, not
by the latest report), `absent` (the archive does not speak of it).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.answer.draft import Finding, check
from rag.answer.pipeline import open_qa
from rag.settings import Settings

FILE = Path(__file__).parent / "cases" / "drafts.jsonl"
LABELS = ("true", "false", "changed", "absent")
FINDINGS: tuple[Finding, ...] = (
    "supported", "one_source", "changed_since", "contradicted", "not_in_archive", "no_claim",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence that was written for this, and what is right to say of it."""

    id: str
    sentence: str
    label: Literal["true", "false", "changed", "absent"]
    half: Literal["read", "unread"]
    change: str = ""
    """What was changed to make it false: value, name, negation, speaker."""


Measured = Sequence[tuple[Sentence, Finding]]
"""What was found of each sentence."""


def load() -> list[Sentence]:
    """Return the sentences."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [Sentence(**json.loads(line)) for line in lines]


def measure(settings: Settings) -> Measured:
    """Check each sentence by itself."""
    with open_qa(settings) as qa:
        return [(one, next(check(one.sentence, qa)).finding) for one in load()]


def table(measured: Measured) -> str:
    """Return the counts as a Markdown table, one line for each label and half."""
    heads = " | ".join(FINDINGS)
    lines = [f"| label | half | {heads} |", f"|---|---|{'---|' * len(FINDINGS)}"]
    for label in LABELS:
        for half in ("read", "unread"):
            counts = Counter(f for s, f in measured if (s.label, s.half) == (label, half))
            cells = " | ".join(str(counts.get(f, 0)) for f in FINDINGS)
            lines.append(f"| {label} | {half} | {cells} |")
    lines.append(f"\n{len(measured)} sentences; {_goals(measured)}.")
    return "\n".join(lines)


def _goals(measured: Measured) -> str:
    """Say of either half how many true and how many false sentences are called supported."""
    said = []
    for half in ("unread", "read"):
        for label in ("true", "false"):
            found = [f for s, f in measured if (s.label, s.half) == (label, half)]
            good = sum(f in ("supported", "one_source") for f in found)
            said.append(f"{good} of {len(found)} {label} ones called supported ({half} half)")
    return ", ".join(said)
