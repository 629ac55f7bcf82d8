"""The summary of a run for a terminal, as plain text that also reads well in a log."""

from __future__ import annotations

from collections.abc import Sequence

from eval.baselines import NAMES
from eval.compare import Comparison
from eval.gate import Check
from eval.rows import Run
from eval.stats import Interval
from eval.summary import Cost, Figure, Summary, summarise

HEADLINE = (
    "hits@4",
    "hits@5",
    "hits@10",
    "mrr@10",
    "ndcg@10",
    "all_facts@4",
    "evidence",
    "evidence_when_found",
    "match",
    "match_when_answered",
    "citation_precision",
    "citation_recall",
    "citation_valid",
    "uncited",
    "declined_right",
    "declined_wrong",
    "truthful",
    "misled",
    "conflict_shown",
    "length",
    "shared_word",
)
"""What the short summary shows, in this order."""


def number(value: float) -> str:
    """Write a score with three digits after the point, and a larger number with one."""
    return f"{value:.1f}" if abs(value) > 10 else f"{value:.3f}"


def lines(run: Run, baselines: Sequence[Run] = ()) -> list[str]:
    """Return the summary of a run, baselines beside it, one string a line."""
    found = summarise(run)
    others = [(other.header.system, summarise(other)) for other in baselines]
    text = [_title(run, found), ""]
    text += _table(found, others)
    text += filter(None, [lacking([name for name, _ in others], found)])
    text += ["", *(_cost(cost) for cost in found.costs)]
    if found.aurc is not None and found.ece is not None:
        text.append(
            f"  area under the risk-coverage curve {found.aurc:.3f}, "
            f"calibration error {found.ece:.3f}"
        )
    text += [f"  FAILED {row.case.id}: {row.error}" for row in run.failures]
    return text


def lacking(shown: Sequence[str], found: Summary) -> str:
    """Name the baselines that answers should be read beside and are not; empty when all are."""
    missing = [name for name in NAMES if name not in shown]
    if not missing or found.get("truthful") is None:
        return ""
    return f"Not run beside it: {', '.join(missing)} (eval run --baseline all)."


def _title(run: Run, found: Summary) -> str:
    head = run.header
    parts = [
        f"{head.suite}: {found.scored} scored of {found.cases}",
        f"{head.articles} articles",
        f"model {head.model}",
    ]
    if found.failed:
        parts.append(f"{found.failed} failed")
    if head.unlocated:
        parts.append(f"{head.unlocated} gold quotes not in the articles")
    return ", ".join(parts)


def _table(found: Summary, others: Sequence[tuple[str, Summary]]) -> list[str]:
    heads = "".join(f"  {name:>11}" for name, _ in others)
    rows = [f"  {'':36} {'score':>6}  {'95 % interval':>15}  {'n':>5}{heads}"]
    shown = {figure.metric.name: figure for figure in found.figures}
    rows += [
        _row(shown[name], [other.get(name) for _, other in others])
        for name in HEADLINE
        if name in shown
    ]
    return rows


def _row(figure: Figure, others: Sequence[Interval | None]) -> str:
    value = figure.value
    beside = "".join(f"  {number(other.mean) if other else '-':>11}" for other in others)
    span = f"{number(value.low)} to {number(value.high)}"
    return f"  {figure.metric.title:36} {number(value.mean):>6}  {span:>15}  {value.n:>5}{beside}"


def _cost(cost: Cost) -> str:
    return (
        f"  {cost.title}: median {cost.median:.2f}, 95 % below {cost.p95:.2f}, "
        f"most {cost.highest:.2f} (n = {cost.n})"
    )


def changes(found: Comparison) -> list[str]:
    """Return a comparison, one string a line."""
    text = [
        f"{found.before.folder.name}",
        f"{found.after.folder.name}",
        f"{found.shared} shared cases, {len(found.differing)} answers differ",
        "",
        f"  {'':36} {'before':>6}  {'after':>6}  {'difference, 95 %':>25}  {'p (Holm)':>8}",
    ]
    for change in found.changes:
        d = change.difference
        mark = ("better" if change.better else "WORSE") if change.significant else ""
        span = f"{d.mean:+.3f} ({d.low:+.3f} to {d.high:+.3f})"
        text.append(
            f"  {change.metric.title:36} {number(change.before):>6}  {number(change.after):>6}  "
            f"{span:>25}  {change.adjusted:>8.3f}  {mark}"
        )
    for title, pairs in (("fixed", found.fixed), ("broken", found.broken)):
        text += ["", f"{title}: {len(pairs)}"]
        text += [f"  {new.case.id}: {new.case.question}" for _, new in pairs]
    return text


def checks(results: Sequence[Check]) -> list[str]:
    """Return the verdict of the gate, one string a line."""
    text = []
    for one in results:
        verdict = "FAILED" if one.failed else "ok"
        text.append(
            f"  {verdict:6} {one.metric.title:36} {number(one.before)} -> {number(one.after)}, "
            f"change {one.change.mean:+.3f} ({one.change.low:+.3f} to {one.change.high:+.3f}), "
            f"n = {one.change.n}"
        )
    failed = sum(one.failed for one in results)
    return [*text, f"gate: {f'{failed} of {len(results)} metrics fell' if failed else 'passed'}"]
