"""A run as one self-contained page: no script, no outside file, everything escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files

from eval import svg
from eval.compare import repeated, right
from eval.detail import case_block
from eval.metrics import METRICS
from eval.rows import Header, Run
from eval.summary import Figure, Summary, summarise
from eval.terminal import HEADLINE, lacking, number

BY_KIND = ("match", "truthful", "hits@4", "citation_recall", "declined_wrong", "conflict_shown")
"""What the table of kinds shows."""


def to_html(run: Run, baselines: Sequence[Run] = (), twin: Run | None = None) -> str:
    """Return the page of a run with its baselines beside it.

    `twin` is another run of the same configuration, to say how far the answers repeat themselves.
    """
    found = summarise(run)
    others = [(other.header.system, summarise(other)) for other in baselines if other is not run]
    style = files("eval").joinpath("report.css").read_text(encoding="utf-8")
    title = f"{run.header.suite}: {found.scored} of {found.cases} scored"
    body = "".join(
        (
            _head(run, found, repeated(run, twin)),
            _tiles(found),
            _figures(found, others),
            _kinds(found),
            _plots(found),
            _costs(found),
            _failures(run),
            _cases(run),
            _definitions(found),
            _configuration(run.header),
        )
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{style}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


def _head(run: Run, found: Summary, again: str) -> str:
    head = run.header
    facts = [
        f"{found.scored} scored of {found.cases}",
        f"{found.failed} failed" if found.failed else "",
        f"{head.articles} articles" if head.articles else "articles given with each question",
        f"model {head.model}",
        f"{head.unlocated} gold quotes not found in the articles" if head.unlocated else "",
        head.started[:10],
    ]
    words = " · ".join(escape(fact) for fact in facts if fact)
    source = f"{head.citation}; licence: {head.licence}." if head.citation else ""
    return (
        f"<header><p class=eyebrow>Dateline evaluation</p><h1>{escape(head.suite)}</h1>"
        f"<p>{words}</p><p class=faint>{escape(' '.join(filter(None, (source, again))))}</p>"
        "</header>"
    )


def _tiles(found: Summary) -> str:
    shown = {figure.metric.name: figure for figure in found.figures}
    names = ("hits@4", "match", "citation_valid", "declined_right", "declined_wrong", "truthful")
    return f"<section class=tiles>{''.join(_tile(shown[n]) for n in names if n in shown)}</section>"


def _tile(figure: Figure) -> str:
    v = figure.value
    return (
        f"<div><b>{number(v.mean)}</b><span>{escape(figure.metric.title)}</span>"
        f"<small>{number(v.low)} to {number(v.high)}, n&nbsp;=&nbsp;{v.n}</small></div>"
    )


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<div class=scroll>{table}</div>"


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def _figures(found: Summary, others: Sequence[tuple[str, Summary]]) -> str:
    rows = []
    for figure in found.figures:
        if figure.metric.name in HEADLINE:
            v = figure.value
            beside = [other.get(figure.metric.name) for _, other in others]
            rows.append(
                [
                    figure.metric.title + ("" if figure.metric.higher else " ↓"),
                    number(v.mean),
                    f"{number(v.low)} – {number(v.high)}",
                    str(v.n),
                    *(number(one.mean) if one else "–" for one in beside),
                ]
            )
    heads = ["Metric", "Score", "95 % interval", "n", *(name for name, _ in others)]
    words = ["↓ less is better.", "Intervals: bootstrap over clusters of cases."]
    words += filter(None, [lacking([name for name, _ in others], found)])
    text = escape(" ".join(words)).replace("--baseline all", "<code>--baseline all</code>")
    note = f"<p class=faint>{text}</p>"
    return _section("Scores, with baselines", _table(heads, rows), note)


def _kinds(found: Summary) -> str:
    names = [n for n in BY_KIND if any(f.metric.name == n for f in found.figures)]
    titles = {metric.name: metric.title for metric in METRICS}
    rows = []
    for kind, n, figures in found.kinds:
        shown = {figure.metric.name: figure.value for figure in figures}
        cells = (number(shown[name].mean) if name in shown else "–" for name in names)
        rows.append([kind, str(n), *cells])
    drawn = "match" if "match" in names else "hits@4"
    chart = svg.bars(
        [(kind, f) for kind, _, figures in found.kinds for f in figures if f.metric.name == drawn]
    )
    caption = f"<figcaption>{escape(titles.get(drawn, ''))}, with 95 % intervals</figcaption>"
    figure = f"<figure>{chart}{caption}</figure>" if chart else ""
    return _section(
        "By kind of question", _table(["Kind", "n", *(titles[n] for n in names)], rows), figure
    )


def _plots(found: Summary) -> str:
    if not found.curve:
        return ""
    area = f"{found.aurc:.3f}" if found.aurc is not None else "–"
    ece = f"{found.ece:.3f}" if found.ece is not None else "–"
    return _section(
        "Can the confidence be believed?",
        "<div class=plots>",
        f"<figure>{svg.risk_coverage(found.curve)}<figcaption>Risk and coverage. Area under the "
        f"curve {area}: 0 is perfect.</figcaption></figure>",
        f"<figure>{svg.reliability(found.bins)}<figcaption>Reliability of the confidence. Expected "
        f"calibration error {ece}.</figcaption></figure>",
        "</div>",
    )


def _costs(found: Summary) -> str:
    if not found.costs:
        return ""
    rows = (
        [c.title, f"{c.median:.2f}", f"{c.p95:.2f}", f"{c.highest:.2f}", str(c.n)]
        for c in found.costs
    )
    note = "<p class=faint>Dateline keeps no answers, so each was made anew for this run.</p>"
    heads = ["", "Median", "95 % below", "Highest", "n"]
    return _section("What it costs", _table(heads, rows), note)


def _failures(run: Run) -> str:
    if not run.failures:
        return ""
    rows = ([row.case.id, row.case.question, row.error] for row in run.failures)
    table = _table(["Case", "Question", "Error"], rows)
    return _section("Failed, not scored", f"<div class=words>{table}</div>")


def _cases(run: Run) -> str:
    ordered = sorted(run.scored, key=right)
    wrong = sum(not right(row) for row in ordered)
    note = f"<p class=faint>{wrong} that did not come out right first. Open one to see why.</p>"
    return _section("Question by question", note, *(case_block(row) for row in ordered))


def _definitions(found: Summary) -> str:
    shown = (
        f"<dt>{escape(f.metric.title)}</dt><dd>{escape(f.metric.definition)}</dd>"
        for f in found.figures
    )
    return _section("What the metrics mean", f"<dl>{''.join(shown)}</dl>")


def _configuration(head: Header) -> str:
    rows = [["suite digest", head.suite_digest], ["settings digest", head.settings_digest]]
    rows += [["source digest", head.code]]
    rows += [["archive generation", str(head.generation)], ["started", head.started]]
    for group, values in head.settings.items():
        if isinstance(values, dict):
            rows += [[f"{group}.{name}", str(value)] for name, value in values.items()]
    table = _table(["Setting", "Value"], rows)
    return _section("Configuration", f"<details><summary>Show</summary>{table}</details>")
