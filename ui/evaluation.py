"""Runs of the eval suite as escaped HTML: the list, what to compare, what a comparison found.

What a run is, how it is read and compared, is the eval package's; the command line hands it in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote as percent

from markupsafe import Markup

from ui.markup import EMPTY, label, together, words

REPORTS = "/api/evaluation"
"""Where reports are served."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """One run in the list."""

    name: str
    """Its folder's name, which is what it is asked for by."""
    suite: str
    system: str
    model: str
    started: str
    """ISO 8601, or empty."""
    rows: int
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """One figure in two runs."""

    title: str
    before: str
    after: str
    difference: str
    """With its 95 % interval."""
    p: str
    verdict: str
    """"better", "worse", or empty when it may be chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What changed between two runs."""

    before: str
    after: str
    shared: int
    differing: int
    changes: tuple[ChangeLine, ...]
    fixed: tuple[str, ...]
    """Questions that are right now and were not."""
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """How runs are got at; each may raise `DatelineError` with a message for the reader."""

    recent: Callable[[], Sequence[RunLine]]
    report: Callable[[str], str]
    """From the name of a run to its self-contained page."""
    compare: Callable[[str, str], Compared]


def run_list(runs: Sequence[RunLine]) -> Markup:
    """Return the runs as a table with a button each, and what is needed to compare two."""
    if not runs:
        return Markup(
            '<div class="dl-note"><p>No evaluation has been run on this computer yet. One that '
            "asks the 176 sample questions takes about a quarter of an hour:</p>"
            "<pre><code>dateline eval run sample</code></pre></div>"
        )
    rows = together(_row(run) for run in runs)
    table = Markup(
        '<div class="dl-scroll" tabindex="0" role="region" aria-label="Runs">'
        '<table class="dl-runs"><thead><tr><th scope="col">Run</th><th scope="col">Model</th>'
        '<th scope="col">Questions</th><th scope="col">Report</th></tr></thead>'
        "<tbody>{}</tbody></table></div>"
    ).format(rows)
    return table + _chooser(runs)


def _row(run: RunLine) -> Markup:
    done = f"{run.rows:,}" if run.rows >= run.cases else f"{run.rows:,} of {run.cases:,}"
    return Markup(
        '<tr><th scope="row"><span class="dl-run">{}</span><span class="dl-from">{}</span></th>'
        '<td>{}</td><td>{}</td><td><button type="button" data-run="{}" '
        'aria-label="Open the report of {}">Open</button></td></tr>'
    ).format(_named(run), _moment(run.started), label(run.model), done, words(run.name), _full(run))


def _named(run: RunLine) -> str:
    system = "" if run.system == "dateline" else f" ({label(run.system)})"
    return f"{label(run.suite)}{system}"


def _moment(started: str) -> str:
    return label(started[:16].replace("T", ", "), "unknown day")


def _full(run: RunLine) -> str:
    return f"{_named(run)}, {_moment(run.started)}"


def _chooser(runs: Sequence[RunLine]) -> Markup:
    if len(runs) < 2:
        return EMPTY

    def chosen(name: str, text: str, place: int) -> Markup:
        options = together(
            Markup('<option value="{}"{}>{}</option>').format(
                words(run.name), Markup(" selected") if n == place else EMPTY, _full(run)
            )
            for n, run in enumerate(runs)
        )
        return Markup('<label>{} <select name="{}">{}</select></label>').format(text, name, options)

    return Markup(
        '<div class="dl-choose" role="group" aria-label="Compare two runs">{}{}'
        '<button type="button" data-compare="1">Compare</button></div>'
    ).format(chosen("before", "Before", 1), chosen("after", "After", 0))


def framed(name: str) -> Markup:
    """Return the report of a run in a frame of its own, in which nothing can run."""
    address = f".{REPORTS}/{percent(words(name), safe='')}"
    return Markup(
        '<section class="dl-report" aria-label="Report"><p><a class="dl-link" href="{0}" '
        'target="_blank" rel="noopener">Open the report in a tab of its own</a></p>'
        '<p class="dl-wait"><i></i>Making the report</p>'
        '<iframe sandbox="" src="{0}" title="Report of {1}"></iframe></section>'
    ).format(address, label(name))


def compared(found: Compared) -> Markup:
    """Return what changed between two runs."""
    rows = together(_change(change) for change in found.changes)
    return Markup(
        '<section class="dl-compared" aria-label="Comparison"><h2>{} against {}</h2>'
        '<p class="dl-count">{:,} questions in both, {:,} answers differ</p>'
        '<div class="dl-scroll" tabindex="0" role="region" aria-label="Figures"><table>'
        '<thead><tr><th scope="col">Figure</th><th scope="col">Before</th><th scope="col">After'
        '</th><th scope="col">Difference, 95 %</th><th scope="col">p (Holm)</th></tr></thead>'
        "<tbody>{}</tbody></table></div>{}{}</section>"
    ).format(
        label(found.before),
        label(found.after),
        found.shared,
        found.differing,
        rows,
        _questions("Right now, and not before", found.fixed),
        _questions("Right before, and not any more", found.broken),
    )


def _change(change: ChangeLine) -> Markup:
    mark = (
        Markup(' <span class="dl-mark-{}">{}</span>').format(
            "good" if change.verdict == "better" else "bad", label(change.verdict)
        )
        if change.verdict
        else EMPTY
    )
    figures = (change.before, change.after, change.difference, change.p)
    return Markup('<tr><th scope="row">{}{}</th>{}</tr>').format(
        label(change.title), mark, together(Markup("<td>{}</td>").format(label(f)) for f in figures)
    )


def _questions(title: str, questions: Sequence[str]) -> Markup:
    items = together(Markup('<li dir="auto">{}</li>').format(words(q)) for q in questions)
    return Markup("<details><summary>{}: {:,}</summary><ul>{}</ul></details>").format(
        title, len(questions), items
    )
