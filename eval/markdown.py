"""Runs and comparisons as Markdown, for issues, pull requests and docs/results.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eval.compare import Comparison, repeated, right
from eval.rows import Row, Run
from eval.summary import Summary, summarise
from eval.terminal import HEADLINE, lacking, number


def to_markdown(run: Run, baselines: Sequence[Run] = (), twin: Run | None = None) -> str:
    """Return the figures of a run, its failures and the cases that did not come out right."""
    found = summarise(run)
    others = [(other.header.system, summarise(other)) for other in baselines if other is not run]
    head = run.header
    text = [
        f"# {head.suite}: {found.scored} scored of {found.cases}",
        "",
        " ".join(filter(None, (_about(run, found), repeated(run, twin)))),
        "",
        *_scores(found, others),
        "",
        lacking([name for name, _ in others], found),
        "",
        *_kinds(found),
        "",
        *_costs(found),
    ]
    if found.aurc is not None and found.ece is not None:
        text += ["", f"Area under the risk-coverage curve {found.aurc:.3f}."]
        text += [f"Expected calibration error {found.ece:.3f}."]
    if run.failures:
        text += ["", "## Failed, not scored", ""]
        text += [f"- `{row.case.id}` {plain(row.error)}" for row in run.failures]
    wrong = [row for row in run.scored if not right(row)]
    if wrong:
        text += ["", f"## Not right: {len(wrong)}", "", *(_case(row) for row in wrong)]
    return "\n".join(text) + "\n"


def _about(run: Run, found: Summary) -> str:
    head = run.header
    return (
        f"{head.articles} articles, model {head.model}, {found.failed} failed, "
        f"{head.unlocated} gold quotes not in the articles; settings {head.settings_digest}, "
        f"suite {head.suite_digest}."
    )


def plain(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line."""
    line = " ".join(text.split())
    for sign in "\\`*_[]<>|#":
        line = line.replace(sign, f"\\{sign}")
    return line


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a Markdown table, numbers to the right."""
    rule = ["---", *("---:" for _ in heads[1:])]
    return [f"| {' | '.join(cells)} |" for cells in (heads, rule, *rows)]


def _scores(found: Summary, others: Sequence[tuple[str, Summary]]) -> list[str]:
    rows = []
    for figure in found.figures:
        if figure.metric.name in HEADLINE:
            v = figure.value
            beside = (other.get(figure.metric.name) for _, other in others)
            rows.append(
                [
                    figure.metric.title,
                    number(v.mean),
                    f"{number(v.low)} to {number(v.high)}",
                    str(v.n),
                    *(number(one.mean) if one else "–" for one in beside),
                ]
            )
    return table(["metric", "score", "95 % interval", "n", *(name for name, _ in others)], rows)


def _kinds(found: Summary) -> list[str]:
    rows = []
    for kind, n, figures in found.kinds:
        shown = {figure.metric.name: number(figure.value.mean) for figure in figures}
        cells = (shown.get(name, "–") for name in ("hits@4", "match", "truthful"))
        rows.append([plain(kind), str(n), *cells])
    return table(["kind", "n", "Hits@4", "holds the gold", "truthfulness"], rows)


def _costs(found: Summary) -> list[str]:
    rows = (
        [cost.title, f"{cost.median:.2f}", f"{cost.p95:.2f}", f"{cost.highest:.2f}", str(cost.n)]
        for cost in found.costs
    )
    return table(["cost", "median", "95 % below", "highest", "n"], list(rows))


def _case(row: Row) -> str:
    said = row.answer.text or "(declined)" if row.answer else "(gold article not found)"
    wanted = [*row.case.answers, *(" / ".join(group) for group in row.case.answers_all)]
    expected = "; ".join(wanted) if wanted else ("to decline" if row.case.unanswerable else "")
    return (
        f"- `{row.case.id}` {plain(row.case.question)} Said: {plain(said)} "
        f"Expected: {plain(expected)}"
    )


def comparison(found: Comparison) -> str:
    """Return a comparison of two runs."""
    rows = []
    for change in found.changes:
        d = change.difference
        verdict = ("better" if change.better else "**worse**") if change.significant else ""
        rows.append(
            [
                change.metric.title,
                number(change.before),
                number(change.after),
                f"{d.mean:+.3f} ({d.low:+.3f} to {d.high:+.3f})",
                f"{change.adjusted:.3f}",
                verdict,
            ]
        )
    text = [
        f"# {found.before.folder.name} against {found.after.folder.name}",
        "",
        f"{found.shared} shared cases, {len(found.differing)} answers differ.",
        "",
        *table(["metric", "before", "after", "difference, 95 %", "p (Holm)", ""], rows),
    ]
    for title, pairs in (("Fixed", found.fixed), ("Broken", found.broken)):
        text += ["", f"## {title}: {len(pairs)}", ""]
        text += [f"- `{new.case.id}` {plain(new.case.question)}" for _, new in pairs]
    return "\n".join(text) + "\n"
