"""An optional judge: a chat model that grades free-form answers. Off unless asked for.

A judge is only as good as its agreement with people. It may gate only after its kappa on human
labels (QAGS, Wang et al. 2020) was measured with the same model and is at least `TRUSTED`. What it
writes is parsed strictly: anything but the one word asked for is unscored, never wrong.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from eval.cases import Case
from eval.corpus import cache
from eval.loaders import SuiteMissing, records
from eval.rows import Run, RunFault
from eval.stats import Interval, interval, kappa
from rag.types import Answer

if TYPE_CHECKING:
    from rag.models.chat import Chat
    from rag.settings import Settings

TRUSTED = 0.6
"""The least kappa with which a judge may gate: "substantial" (Landis and Koch 1977)."""

_GRADE = (
    "You grade answers to questions about news. The reference is right. Reply with one word: "
    "correct if the answer says what the reference says, incorrect if it does not."
)
_SUPPORT = (
    "You check sentences against articles. Reply with one word: yes if the article says what the "
    "sentence says, no if any part of it is missing or different."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """How far a judge agrees with people."""

    model: str
    kappa: float
    agreed: float
    n: int
    unscored: int
    prompt: str
    """Digest of the prompts: another wording is another judge."""

    @property
    def trusted(self) -> bool:
        """Whether this judge may gate."""
        return self.kappa >= TRUSTED


def word(reply: str, yes: str, no: str) -> bool | None:
    """Parse a reply that must be one of two words; None for anything else."""
    found = re.fullmatch(r"\W*(\w+)\W*", reply.strip().lower())
    return {yes: True, no: False}.get(found.group(1)) if found else None


def grade(chat: Chat, case: Case, answer: Answer) -> bool | None:
    """Grade an answer against what is accepted; None when the grade could not be read."""
    accepted = [*case.answers, *(" or ".join(group) for group in case.answers_all)]
    reference = "; ".join(accepted) or case.note
    asked = f"Question: {case.question}\nReference: {reference}\nAnswer: {answer.text}"
    return word(_ask(chat, _GRADE, asked), "correct", "incorrect")


def supports(chat: Chat, article: str, sentence: str) -> bool | None:
    """Judge whether an article supports a sentence; None when the reply could not be read."""
    return word(_ask(chat, _SUPPORT, f"Article: {article}\nSentence: {sentence}"), "yes", "no")


def _ask(chat: Chat, system: str, user: str) -> str:
    messages: list[BaseMessage] = [SystemMessage(system), HumanMessage(user)]
    return chat.complete(messages, max_tokens=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """What a judge makes of the answers of a run."""

    model: str
    share: Interval | None
    """Of the grades that could be read, those that say correct; None without any."""
    unscored: int
    gates: bool
    """Whether this judge may stop a change."""


def judged(run: Run, chat: Chat) -> tuple[Interval | None, int]:
    """Grade the answered cases of a run: the share correct, and how many were unscored."""
    grades = [
        (row, grade(chat, row.case, row.answer))
        for row in run.scored
        if row.answer is not None and row.answer.outcome != "declined" and not row.case.unanswerable
    ]
    values = [float(value) for _, value in grades if value is not None]
    groups = [row.case.group for row, value in grades if value is not None]
    return (interval(values, groups) if values else None), len(grades) - len(values)


def graded(run: Run, settings: Settings, *, gates: bool) -> Graded:
    """Let the chat model of the settings grade a run.

    Raises:
        RunFault: no chat model is set, or it is to gate and may not.
    """
    with _judge(settings) as chat:
        if gates:
            trusted(chat.name)
        share, unscored = judged(run, chat)
        return Graded(model=chat.name, share=share, unscored=unscored, gates=gates)


def graded_words(found: Graded) -> list[str]:
    """Describe the grades of a run for a terminal."""
    tail = "" if found.gates else "; shown only, it gates with --least"
    if found.share is None:
        return [f"judge {found.model}: no grade could be read, {found.unscored} unscored"]
    one = found.share
    share = f"{one.mean:.3f} correct ({one.low:.3f} to {one.high:.3f})"
    return [f"judge {found.model}: {share}, n = {one.n}, {found.unscored} unscored{tail}"]


def _judge(settings: Settings) -> Chat:
    from rag.models.chat import connect

    connected = connect(settings.chat)
    if connected is None:
        raise RunFault(f"a judge is a chat model; there is none for {settings.chat.llm!r}")
    return connected


def validate(folder: Path, settings: Settings, limit: int) -> Validation:
    """Measure a judge on QAGS and keep the result for the gate.

    Raises:
        RunFault: no chat model is set.
        SuiteMissing: the set is not in that folder.
    """
    items = [record for file in sorted(folder.glob("*.jsonl")) for record in records(file)]
    if not items:
        raise SuiteMissing(f"{folder} holds no *.jsonl of QAGS")
    items = sorted(items, key=lambda item: hashlib.sha256(item["id"].encode()).hexdigest())[:limit]
    with _judge(settings) as chat:
        pairs = [
            (supports(chat, item["article"], item["sentence"]), item["supported"]) for item in items
        ]
        name = chat.name
    found = agreement(name, pairs)
    path = _stored(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(found)) + "\n", encoding="utf-8")
    return found


def agreement(model: str, pairs: Sequence[tuple[bool | None, bool]]) -> Validation:
    """Compare a judge's replies with people's; unreadable replies are left out and counted."""
    read = [(ours, theirs) for ours, theirs in pairs if ours is not None]
    ours, theirs = [a for a, _ in read], [b for _, b in read]
    return Validation(
        model=model,
        kappa=kappa(ours, theirs) if read else 0.0,
        agreed=sum(a == b for a, b in read) / len(read) if read else 0.0,
        n=len(read),
        unscored=len(pairs) - len(read),
        prompt=_prompt(),
    )


def trusted(model: str) -> Validation:
    """Return the stored validation of a judge that may gate.

    Raises:
        RunFault: it was not measured, with these prompts, or agrees too little.
    """
    path = _stored(model)
    if not path.exists():
        raise RunFault(f"the judge {model!r} was never measured; run `dateline eval judge FOLDER`")
    found = Validation(**json.loads(path.read_text(encoding="utf-8")))
    if found.prompt != _prompt():
        raise RunFault(f"the judge {model!r} was measured with other prompts; measure it again")
    if not found.trusted:
        raise RunFault(
            f"the judge {model!r} has kappa {found.kappa:.2f} with people, below {TRUSTED}; "
            "its grades are shown and do not gate"
        )
    return found


def _prompt() -> str:
    return hashlib.sha256((_GRADE + _SUPPORT).encode()).hexdigest()[:12]


def _stored(model: str) -> Path:
    return cache() / "judges" / f"{hashlib.sha256(model.encode()).hexdigest()[:12]}.json"


def words(found: Validation) -> list[str]:
    """Describe a validation for a terminal."""
    verdict = "may gate" if found.trusted else f"may not gate (kappa below {TRUSTED})"
    return [
        f"judge {found.model}: kappa {found.kappa:.3f} with people, agreement {found.agreed:.3f}",
        f"{found.n} graded, {found.unscored} unscored: it {verdict}",
    ]
