"""How far can what is shown be believed? The report of the judge, per set and pooled.

AUC of the confidence and of the label, risk and coverage, reliability, and how often each label is
right; with `rules` rows beside, the same replies as they were judged before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files

from eval import svg
from eval.abstention import Judged, calibration_error, reliability, risk_coverage
from eval.collect import Row
from eval.fitting import auc, spread

ORDER = {"declined": 0.0, "partial": 1.0, "answered": 2.0}
"""What a label is worth, to be compared."""
POOLED = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was measured of one set, or of all together; None where nothing can be said."""

    name: str
    n: int
    """Questions with a key: what the model wrote is right or wrong."""
    right: int
    confidence: float | None
    """AUC of the confidence that is shown."""
    interval: tuple[float, float] | None
    label: float | None
    """AUC of the label alone: answered, partial, declined."""
    supported: tuple[int, int]
    """How many are called answered, and how many of these are right."""
    likely: tuple[int, int]
    shown: float | None
    """Share of right words that were shown."""
    unflagged: float | None
    """Share of these that bear no flag."""
    declined_right: float | None
    """Share of unanswerable questions that were declined."""
    declined_wrong: float | None
    """Share of answerable questions that were declined."""
    error: float | None
    """Expected calibration error of the confidence."""


def figures(name: str, rows: Sequence[Row]) -> Figures:
    """Measure some rows."""
    known = [row for row in rows if row.right is not None]
    right = [bool(row.right) for row in known]
    sure = [row.confidence for row in known]
    groups = [row.group for row in known]
    good = [row for row in known if row.right]
    shown = [row for row in good if row.outcome != "declined"]
    bins = reliability([Judged(confidence=c, right=r) for c, r in zip(sure, right, strict=True)])
    return Figures(
        name=name,
        n=len(known),
        right=len(good),
        confidence=auc(sure, right) if known else None,
        interval=spread(sure, right, groups) if known else None,
        label=auc([ORDER[row.outcome] for row in known], right) if known else None,
        supported=_label(known, "answered"),
        likely=_label(known, "partial"),
        shown=_share([row.outcome != "declined" for row in good]),
        unflagged=_share([row.outcome == "answered" for row in shown]),
        declined_right=_share([r.outcome == "declined" for r in rows if r.unanswerable]),
        declined_wrong=_share([r.outcome == "declined" for r in rows if not r.unanswerable]),
        error=calibration_error(bins),
    )


def _label(rows: Sequence[Row], outcome: str) -> tuple[int, int]:
    of = [row for row in rows if row.outcome == outcome]
    return len(of), sum(bool(row.right) for row in of)


def _share(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None


def by_set(rows: Sequence[Row]) -> list[Figures]:
    """Measure each set, then all of them together."""
    names = list(dict.fromkeys(row.suite for row in rows))
    found = [figures(name, [row for row in rows if row.suite == name]) for name in names]
    return [*found, figures(POOLED, rows)] if len(names) > 1 else found


HEADS = (
    "set",
    "n",
    "right",
    "AUC of confidence",
    "AUC of label",
    "answered, right",
    "partial, right",
    "right words shown",
    "of these unflagged",
    "unanswerable declined",
    "answerable declined",
    "calibration error",
)


def cells(one: Figures) -> tuple[str, ...]:
    """Return the figures as text, in the order of `HEADS`."""
    ends = f" [{one.interval[0]:.2f}, {one.interval[1]:.2f}]" if one.interval else ""
    return (
        one.name,
        str(one.n),
        _number(one.right / one.n if one.n else None),
        _number(one.confidence) + ends,
        _number(one.label),
        _of(one.supported),
        _of(one.likely),
        _number(one.shown),
        _number(one.unflagged),
        _number(one.declined_right),
        _number(one.declined_wrong),
        _number(one.error),
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}".lstrip("0") if value < 1 else f"{value:.2f}"


def _of(label: tuple[int, int]) -> str:
    n, right = label
    return f"{_number(right / n if n else None)} of {n}"


def table(parts: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    """Yield a Markdown table for each part: the judge's rows, and the rules' on the same replies.

    Args:
        parts: A title to the rows under it.
    """
    for title, rows in parts.items():
        yield f"**{title}**"
        yield ""
        yield f"| {' | '.join(HEADS)} |"
        yield f"|{'---|' * len(HEADS)}"
        for one in by_set(rows):
            yield f"| {' | '.join(cells(one))} |"
        yield ""


def vetoes(rows: Sequence[Row]) -> Iterator[str]:
    """Yield a Markdown table of the checks: how often each objected, and to what was wrong.

    A check that calls a statement contradicted removes it; it should be wrong nine times in ten.
    """
    counts: dict[str, list[bool]] = {}
    for row in rows:
        for one in row.statements:
            for check in one.objections if one.right is not None else ():
                counts.setdefault(check, []).append(not one.right)
    yield "| check | objected | of these wrong |"
    yield "|---|---|---|"
    for check, wrong in sorted(counts.items(), key=lambda item: -len(item[1])):
        yield f"| {check} | {len(wrong)} | {_number(sum(wrong) / len(wrong))} |"


def page(parts: Mapping[str, Sequence[Row]]) -> str:
    """Return the report as one self-contained page: tables, curves and diagrams."""
    style = files("eval").joinpath("report.css").read_text(encoding="utf-8")
    body = "".join(_section(title, rows) for title, rows in parts.items())
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>The judge</title><style>{style}</style></head><body><main><header>"
        "<p class=eyebrow>Dateline evaluation</p><h1>The judge</h1><p>How far what is shown can be "
        f"believed: what the model wrote, right or wrong by a key.</p></header>{body}"
        "</main></body></html>\n"
    )


def _section(title: str, rows: Sequence[Row]) -> str:
    heads = "".join(f"<th>{escape(head)}</th>" for head in HEADS)
    lines = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells(one))}</tr>"
        for one in by_set(rows)
    )
    known = [
        Judged(confidence=row.confidence, right=bool(row.right))
        for row in rows
        if row.right is not None
    ]
    curve = svg.risk_coverage(risk_coverage(known, len(known)))
    return (
        f"<section><h2>{escape(title)}</h2><div class=wide><table><thead><tr>{heads}</tr></thead>"
        f"<tbody>{lines}</tbody></table></div>{curve}{svg.reliability(reliability(known))}</section>"
    )
