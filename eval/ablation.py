"""What each part of the engine is worth: the suite without it, case by case against the whole.

    dateline eval ablate sample
    dateline eval ablate realtimeqa:FOLDER --only retrieval --without "search by meaning"

Every check and every answer told by code is a part by its own name (`--without deed`): the settings
leave it out. The other parts are taken out by replacing one function or setting by one that does
nothing. The model is asked once for each prompt (`eval.remember`), so what changes no prompt costs
no time of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from eval.compare import Change, compare
from eval.corpus import Report
from eval.measure import Plan, Ticking, opened
from eval.remember import Remembering
from eval.rows import Run, RunFault
from eval.system import dateline
from rag.answer import cite, compose
from rag.answer.rules import RULES
from rag.answer.told.told import STRATEGIES
from rag.question.query import Query
from rag.search import candidates, retrieve, select
from rag.types import Verdict
from rag.verify import mend
from rag.verify.verifier import CHECKS, RuleVerifier

if TYPE_CHECKING:
    from rag.answer.pipeline import NewsQA

WHOLE = "dateline"
"""The system that nothing is taken out of."""
SHOWN = (
    "hits@4",
    "mrr@10",
    "evidence",
    "match",
    "match_when_answered",
    "citation_precision",
    "citation_recall",
    "declined_right",
    "declined_wrong",
    "truthful",
)
"""The metrics of the table."""

Taken = Callable[["NewsQA"], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part that can be taken out."""

    name: str
    retrieval: bool
    """Whether what is found and chosen depends on it; if not, only answers do."""
    taken: Taken


def _attribute(name: str, owner: object, attribute: str, value: object, *, retrieval: bool) -> Part:
    """Return the part that is an attribute of a module or class."""

    @contextmanager
    def taken(_: NewsQA) -> Iterator[None]:
        with _replaced(owner, attribute, value):
            yield

    return Part(name=name, retrieval=retrieval, taken=taken)


@contextmanager
def _replaced(owner: object, attribute: str, value: object) -> Iterator[None]:
    kept = vars(owner)[attribute]
    setattr(owner, attribute, value)
    try:
        yield
    finally:
        setattr(owner, attribute, kept)


def _retriever(name: str, place: int) -> Part:
    """Return one of the two searches as a part: with it the other stands alone."""

    @contextmanager
    def taken(qa: NewsQA) -> Iterator[None]:
        alone = {"parts": qa.retriever.parts[1 - place : 2 - place]}
        with _replaced(qa, "retriever", qa.retriever.model_copy(update=alone)):
            yield

    return Part(name=name, retrieval=True, taken=taken)


def _weight(name: str, place: int) -> Part:
    """Return one of the measures that sentences are chosen by as a part."""
    weights = tuple(0.0 if i == place else w for i, w in enumerate(candidates.WEIGHTS))
    return _attribute(name, candidates, "WEIGHTS", weights, retrieval=True)


def _left_out(title: str, *names: str) -> Part:
    """Return checks and strategies as a part: the settings say that they are left out."""

    @contextmanager
    def taken(qa: NewsQA) -> Iterator[None]:
        answer = qa.settings.answer
        without = (*answer.without, *names)
        settings = qa.settings.model_copy(
            update={"answer": answer.model_copy(update={"without": without})}
        )
        with (
            _replaced(qa, "settings", settings),
            _replaced(qa, "verifier", RuleVerifier(qa.encoder.encode, without)),
        ):
            yield

    return Part(name=title, retrieval=False, taken=taken)


class _Believing:
    """A verifier that believes everything."""

    def check(self, *_: Any, **__: Any) -> Verdict:  # noqa: ANN401 - takes what any verifier does
        return Verdict(support="supported", score=0.75)


@contextmanager
def _unverified(qa: NewsQA) -> Iterator[None]:
    with _replaced(qa, "verifier", _Believing()):
        yield


@contextmanager
def _undeclining(qa: NewsQA) -> Iterator[None]:
    answer = qa.settings.answer.model_copy(update={"decline_below": 0.0})
    with _replaced(qa, "settings", qa.settings.model_copy(update={"answer": answer})):
        yield


def _first(*given: Any, **named: Any) -> tuple[Any, ...]:  # noqa: ANN401 - as `attributions`
    return _ATTRIBUTIONS(*given, **named)[:1]


_ATTRIBUTIONS = cite.attributions
PARTS: tuple[Part, ...] = (
    _retriever("search by words", 0),
    _retriever("search by meaning", 1),
    _attribute("news of the asking days", retrieve, "_as_news", lambda _: iter(()), retrieval=True),
    _attribute("less for the setting", candidates, "SETTING", 1.0, retrieval=True),
    _weight("meaning of a sentence", 4),
    _weight("form of the answer", 3),
    _weight("day of the article", 6),
    _attribute(
        "sentence after the best",
        select,
        "_with_next",
        lambda ranking, _: list(ranking),
        retrieval=True,
    ),
    _attribute(
        "each question searched alone",
        Query,
        "parts",
        property(lambda query: (query.text,)),
        retrieval=True,
    ),
    _left_out("answers told by code", *STRATEGIES),
    _left_out("things of one name told apart", "namesakes"),
    _attribute("each article may carry it", cite, "attributions", _first, retrieval=False),
    _attribute("speaker given back", mend, "attributed", lambda *_: None, retrieval=False),
    _attribute(
        "readings that differ", compose, "settle", lambda answer, *_: answer, retrieval=False
    ),
    Part(name="verification", retrieval=False, taken=_unverified),
    Part(name="declining by confidence", retrieval=False, taken=_undeclining),
)
SINGLE: tuple[Part, ...] = tuple(_left_out(name, name) for name in (*CHECKS, *STRATEGIES, *RULES))
"""Every check, strategy and rule alone; a run is made without each only where it is named."""


def chosen(names: Sequence[str], *, answers: bool) -> tuple[Part, ...]:
    """Return the parts named; without names all, or all that retrieval depends on.

    Raises:
        RunFault: there is no such part.
    """
    known = {part.name: part for part in (*PARTS, *SINGLE)}
    if unknown := [name for name in names if name not in known]:
        raise RunFault(f"no part {unknown[0]!r}; there are: {', '.join(known)}")
    if names:
        return tuple(known[name] for name in names)
    return tuple(part for part in PARTS if answers or part.retrieval)


def ablate(
    plan: Plan,
    parts: Sequence[Part],
    *,
    tick: Ticking | None = None,
    report: Report | None = None,
) -> list[Run]:
    """Run a plan whole, then without each of the parts; the run of the whole comes first."""
    with opened(plan, report) as bench:
        qa, suite = bench.qa, bench.suite
        if qa.chat is not None:
            qa.chat = Remembering(qa.chat)
        steps: list[tuple[str, AbstractContextManager[None]]] = [(WHOLE, nullcontext())]
        steps += [(without(part), part.taken(qa)) for part in parts]
        done: list[Run] = []
        for name, taken in steps:
            with taken:
                system = replace(dateline(qa, suite, plan.parts), name=name)
                done.append(bench.run(system, suite, tick, resume=plan.resume))
        return done


def without(part: Part) -> str:
    """Name the system that lacks a part."""
    return f"without {part.name}"


def table(whole: Run, others: Sequence[Run]) -> list[str]:
    """Return the runs as a Markdown table: each part's worth is what is lost without it.

    A difference is written in points, with a star where it is beyond chance (`eval.compare`).
    """
    compared = [(other.header.system, compare(whole, other).changes) for other in others]
    names = [n for n in SHOWN if any(c.metric.name == n for _, found in compared for c in found)]
    lines = [
        f"| {' | '.join(['', *names])} |",
        f"|{'|'.join(['---', *['---:'] * len(names)])}|",
    ]
    if compared:
        first = {c.metric.name: f"{c.before:.3f}" for c in compared[0][1]}
        lines.append(_row(WHOLE, first, names))
    for system, found in compared:
        lines.append(_row(system, {c.metric.name: _points(c) for c in found}, names))
    return lines


def _row(head: str, cells: dict[str, str], names: Sequence[str]) -> str:
    return f"| {' | '.join([head, *(cells.get(name, '') for name in names)])} |"


def _points(change: Change) -> str:
    return f"{100 * change.difference.mean:+.1f}{'*' if change.significant else ''}"
