"""What a judge is trained and tested on: replies of the real model with features and a label.

    dateline eval collect realtimeqa:FOLDER --limit 300 --articles 700
    dateline eval collect squad2:FOLDER --pool --limit 500

Each question is asked as a person would ask it; the model's replies are kept (`eval.remember`), so
that judging anew takes no model. A row holds numbers and digests only, no word of a public set: it
may be kept beside the weights that were fitted to it.

A third of every set is sealed: its rows are collected and reported, but nothing is fitted to them
and nobody reads them. Which third follows from the name of the article or quiz that a question is
about, so it needs no list, and a question cannot move from one side to the other.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.answers import any_of
from eval.cases import Case
from eval.corpus import cache
from eval.loaders import Suite
from eval.measure import Plan, opened
from eval.remember import NotRemembered, Remembering, Silent, replies
from eval.verdicts import half
from rag.events import EvidenceFound, Progress
from rag.search.candidates import asked_weights
from rag.types import Answer, Citation, Evidence, Statement
from rag.verify.features import Claim, Features, best, measure
from rag.verify.judge import Judge, lacking, objections

if TYPE_CHECKING:
    from rag.answer.pipeline import NewsQA
    from rag.archive.archive import Archive
    from rag.types import Verdict
    from rag.verify.ground import Premise

SEALED = 3
"""One in so many groups of cases is sealed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One statement that the model wrote, with what became of it."""

    right: bool | None
    """Whether it holds the answer; None where a right answer is spread over several."""
    support: str
    score: float
    features: Mapping[str, float] = field(default_factory=dict)
    objections: tuple[str, ...] = ()
    """What the deterministic checks said: the name of each, and how bad it found it."""
    quoted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One question, asked: digests in place of names, numbers in place of words."""

    suite: str
    case: str
    group: str
    sealed: bool
    unanswerable: bool
    right: bool | None
    """Whether what was shown holds the answer, or what was written, where nothing was; None without
    a key."""
    outcome: str
    confidence: float
    extractive: bool
    shown: bool | None
    """Whether what was shown holds the answer."""
    statements: tuple[Judged, ...] = ()
    seconds: float = 0.0
    """Of the judge."""


def sealed(case: Case) -> bool:
    """Return True when a case is one that nobody reads."""
    if (part := half(case)) != "old":
        return part == "sealed"
    return int(_digest(f"sealed {case.group}"), 16) % SEALED == 0


def _chance(case: Case) -> str:
    return _digest(f"order {case.id}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class Watching(Judge):
    """The judge, which keeps the features of every claim that it was asked about."""

    def __init__(self, judge: Judge) -> None:
        super().__init__(judge.reranker, reader=judge.reader)
        self.seen: dict[tuple[str, tuple[Citation, ...]], tuple[Features, tuple[str, ...]]] = {}

    def doubts(self, verdict: Verdict) -> bool:
        """Return True: what a second look says is wanted of every statement."""
        return True

    def check(self, claim: Claim, premises: Sequence[Premise], *, quoted: bool = False) -> Verdict:
        """Return the verdict of the judge."""
        if claim.citations and not quoted:
            found = objections(claim, premises)
            features = measure(claim, self.reranker, lacking(found), self.reader)
            said = sorted({f"{f.check} {f.support}" for f in found})
            self.seen[claim.text, claim.citations] = (features, tuple(said))
        return super().check(claim, premises, quoted=quoted)


def collect(
    plan: Plan,
    *,
    rules: bool = False,
    remembered: bool = False,
    tick: Callable[[int, int], None] | None = None,
) -> Path:
    """Ask the cases of a plan and write a row for each; return the file.

    Args:
        plan: What is asked, of what, with which model.
        rules: Judge by rules alone, to have their figures beside the judge's.
        remembered: Start no model, and leave out the questions that it was not asked before.
        tick: Told how many are done, of how many.
    """
    spoken = plan.settings.chat
    if remembered:
        silent = plan.settings.model_copy(
            update={"chat": spoken.model_copy(update={"llm": "none"})}
        )
        plan = replace(plan, settings=silent)
    with opened(plan) as bench:
        qa = bench.qa
        chat = Silent(spoken) if remembered else qa.chat
        if chat is not None:
            qa.chat = Remembering(chat, replies(bench.suite.name))
        watching = None if rules or qa.judge is None else Watching(qa.judge)
        qa.judge = watching
        path = rows_file(bench.suite.name, "rules" if watching is None else "judge")
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            # In an order of chance, so that what was collected when it is stopped is a fair part.
            for number, case in enumerate(sorted(bench.suite.cases, key=_chance), 1):
                with suppress(NotRemembered):
                    row = _row(
                        bench.suite, case, *_ask(qa, bench.suite, case), qa.archive, watching
                    )
                    file.write(json.dumps(asdict(row)) + "\n")
                if tick is not None:
                    tick(number, len(bench.suite.cases))
        fresh.replace(path)
    return path


def renew_quoted(plan: Plan, tick: Callable[[int, int], None] | None = None) -> Path:
    """Write the rows of a set anew, with new features of the sources' own sentences; return it.

    That takes no model: what a model wrote stays in them as it was. Cases without a row are left
    out.

    Args:
        plan: What is asked, of what.
        tick: Told how many are done, of how many.
    """
    silent = {"chat": plan.settings.chat.model_copy(update={"llm": "none"})}
    plan = replace(plan, settings=plan.settings.model_copy(update=silent))
    with opened(plan) as bench:
        qa = bench.qa
        known = {row.case: row for row in gathered("judge") if row.suite == bench.suite.name}
        watching = None if qa.judge is None else Watching(qa.judge)
        made: list[Row] = []
        for number, case in enumerate(bench.suite.cases, 1):
            if (row := known.get(_digest(case.id))) is not None:
                _, evidence = _ask(qa, bench.suite, case)
                worded = (s for s in row.statements if not s.quoted)
                quoted = _quoted(case, evidence, qa.archive, watching)
                made.append(replace(row, statements=(*worded, *quoted)))
            if tick is not None:
                tick(number, len(bench.suite.cases))
        path = rows_file(bench.suite.name, "judge")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(asdict(row))}\n" for row in made), encoding="utf-8")
    return path


def rows_file(suite: str, how: str) -> Path:
    """Return the file of the rows of a suite, judged by the `judge` or by `rules`."""
    return cache() / "judged" / f"{suite}.{how}.jsonl"


def _ask(qa: NewsQA, suite: Suite, case: Case) -> tuple[Answer, tuple[Evidence, ...]]:
    """Return the answer and what was read for it, which an answer that was declined leaves out."""
    if suite.given:
        return qa.ask_over(case.question, case.articles), ()
    read: list[Evidence] = []

    def listen(event: Progress) -> None:
        if isinstance(event, EvidenceFound):
            read.extend(event.evidence)

    return qa.ask(case.question, as_of=case.as_of, on_event=listen), tuple(read)


def _row(
    suite: Suite,
    case: Case,
    answer: Answer,
    evidence: Sequence[Evidence],
    archive: Archive,
    watching: Watching | None,
) -> Row:
    written = (*answer.statements, *answer.dropped)
    whole = _right(case, " ".join(s.text for s in written))
    shown = _right(case, answer.text) if answer.outcome != "declined" else None
    return Row(
        suite=suite.name,
        case=_digest(case.id),
        group=_digest(case.group),
        sealed=sealed(case),
        unanswerable=case.unanswerable,
        right=whole if shown is None else shown,
        outcome=answer.outcome,
        confidence=answer.confidence,
        extractive=answer.extractive,
        shown=bool(shown) if answer.outcome == "declined" else shown,
        statements=(
            *(_judged(case, s, whole, watching) for s in written),
            *_quoted(case, evidence, archive, watching),
        ),
        seconds=answer.timings.checking or 0.0,
    )


def _judged(
    case: Case, statement: Statement, whole: bool | None, watching: Watching | None
) -> Judged:
    right = _right(case, statement.text)
    if right is False and whole:
        right = None  # another sentence, or several together, hold the answer
    seen = watching.seen.get((statement.text, statement.citations)) if watching else None
    features, found = seen or ({}, ())
    return Judged(
        right=right,
        support=statement.verdict.support,
        score=statement.verdict.score,
        features=_written(features),
        objections=found,
    )


def _quoted(
    case: Case, evidence: Sequence[Evidence], archive: Archive, watching: Watching | None
) -> Iterator[Judged]:
    """Yield the best sentence that was read, as if it were the answer: for the other model."""
    if watching is None or not evidence:
        return
    chosen = best(case.question, evidence, watching.reranker)[0]
    article = chosen.source.article_id
    claim = Claim(
        question=case.question,
        text=chosen.quote,
        citations=(chosen,),
        evidence=tuple(evidence),
        weights=asked_weights(case.question, archive),
        articles={article: archive.article(article).text},
    )
    features = measure(claim, watching.reranker, reader=watching.reader)
    yield Judged(
        right=_right(case, chosen.quote),
        support="",
        score=0.0,
        features=_written(features),
        quoted=True,
    )


def _written(features: Features) -> dict[str, float]:
    """Return features as they are kept: what is not known is left out."""
    return {name: round(value, 4) for name, value in features.items() if not math.isnan(value)}


def _right(case: Case, text: str) -> bool | None:
    """Return whether a text holds an accepted answer; None where the case has no key."""
    if case.unanswerable:
        return False
    groups = [*([case.answers] if case.answers else []), *case.answers_all]
    return all(any_of(text, group) for group in groups) if groups else None


KEPT = Path(__file__).with_name("judged")
"""The rows that the weights of this version were fitted to, and those beside them."""


def gathered(how: str) -> list[Row]:
    """Return the rows of all suites that were judged by the `judge` or by `rules`.

    Those that were collected here stand in place of those of the same suite that come along.
    """
    folders = (KEPT, cache() / "judged")
    paths = {path.name: path for folder in folders for path in folder.glob(f"*.{how}.jsonl")}
    return [row for _, path in sorted(paths.items()) for row in read(path)]


def read(path: Path) -> list[Row]:
    """Read a file of rows."""
    with path.open(encoding="utf-8") as file:
        return [_read(json.loads(line)) for line in file]


def _read(record: dict[str, Any]) -> Row:
    statements = tuple(
        Judged(**one | {"objections": tuple(one["objections"])}) for one in record.pop("statements")
    )
    return Row(statements=statements, **record)
