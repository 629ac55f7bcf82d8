"""The figures that README.md and docs/results.md show: written from stored runs, never typed.

`dateline eval readme RUN...` keeps a summary of each run in `eval/published`, one small JSON file,
and writes the tables between `<!-- figures -->` and `<!-- /figures -->` of both pages from all that
is there. A test holds the pages to the files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from eval.bench.page import put
from eval.markdown import table
from eval.metrics import METRICS
from eval.rows import Run, RunFault
from eval.stats import Interval
from eval.summary import summarise
from eval.terminal import HEADLINE, number

PUBLISHED: Final = Path(__file__).with_name("published")
MARK: Final = "figures"
DIGITS: Final = 4
RETRIEVAL: Final = "-retrieval"
"""What the name of a run ends with in which nothing was answered."""

SHORT: Final = {
    "citation_valid": "citations that are exact spans of the stored text",
    "hits@5": "an article that answers is among the first five retrieved",
    "evidence": "the sentences that the model reads hold the answer",
    "declined_right": "questions without an answer that are declined",
    "declined_wrong": "questions with an answer that are declined too",
    "match": "answers that hold the right fact, of all questions with one",
    "match_when_answered": "answers that hold the right fact, when it answers",
}
"""The measures of README.md, in its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What is kept of a run: what it was, and its figures by metric."""

    suite: str
    suite_digest: str
    model: str
    settings_digest: str
    code: str
    started: str
    command: str
    cases: int
    articles: int
    figures: Mapping[str, Interval]

    @property
    def name(self) -> str:
        """Name the file: the suite, and whether nothing but retrieval was run."""
        answered = any(name in self.figures for name in ("match", "declined_right", "truthful"))
        return _slug(self.suite) + ("" if answered else RETRIEVAL)

    @property
    def about(self) -> str:
        """Say in a line what was run, on what, when and with which code."""
        model = f", model {self.model}" if not self.name.endswith(RETRIEVAL) else ""
        return (
            f"`{self.command}`, {self.started[:10]}: {self.cases} questions over {self.articles} "
            f"articles{model}; settings {self.settings_digest}, code {self.code}, "
            f"suite {self.suite_digest}"
        )


def of(run: Run) -> Published:
    """Return what is kept of a run.

    Raises:
        RunFault: it is unfinished or has failures: its figures would not be those of its suite.
    """
    head = run.header
    if not run.complete or run.failures:
        raise RunFault(
            f"{run.folder} has {len(run.scored)} of {head.cases} cases scored; only a whole run "
            "is published: `dateline eval run SUITE --resume` goes on with it"
        )
    return Published(
        suite=head.suite,
        suite_digest=head.suite_digest,
        model=head.model,
        settings_digest=head.settings_digest,
        code=head.code,
        started=head.started,
        command=_without_paths(head.command),
        cases=head.cases,
        articles=head.articles,
        figures={f.metric.name: _rounded(f.value) for f in summarise(run).figures},
    )


def write(one: Published, folder: Path = PUBLISHED) -> Path:
    """Keep a run; one with answers takes the place of that suite's run without."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{one.name}.json"
    path.write_text(json.dumps(asdict(one), indent=1) + "\n", encoding="utf-8")
    if not one.name.endswith(RETRIEVAL):
        (folder / f"{one.name}{RETRIEVAL}.json").unlink(missing_ok=True)
    return path


def read(folder: Path = PUBLISHED) -> list[Published]:
    """Return what is published, our own sample first, then by name.

    Raises:
        RunFault: a file cannot be read.
    """
    found = []
    for path in folder.glob("*.json"):
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            figures = {name: Interval(**value) for name, value in stored.pop("figures").items()}
            found.append(Published(**stored, figures=figures))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunFault(f"{path} is no published run: {error!r}") from error
    return sorted(found, key=lambda one: (not one.suite.startswith("sample"), one.name))


def pages(root: Path, published: Sequence[Published]) -> list[Path]:
    """Write the tables into the pages of a checkout, and return these.

    Raises:
        RunFault: a page, or the place for its table, is missing.
    """
    bodies = {root / "README.md": short(published), root / "docs" / "results.md": full(published)}
    for page, lines in bodies.items():
        try:
            put(page, MARK, "\n".join(lines) + "\n")
        except (OSError, ValueError) as error:
            raise RunFault(str(error)) from error
    return list(bodies)


def short(published: Sequence[Published]) -> list[str]:
    """Return the table of README.md: the few measures of `SHORT`, a column for each run."""
    if not published:
        return ["No run is published: `dateline eval readme RUN` does that."]
    known = [name for name in SHORT if any(name in one.figures for one in published)]
    rows = [[SHORT[name], *(_share(one.figures.get(name)) for one in published)] for name in known]
    return [
        *table(["", *(one.suite for one in published)], rows),
        "",
        "In brackets the 95 % interval.",
        "",
        *_abouts(published),
    ]


def full(published: Sequence[Published]) -> list[str]:
    """Return the tables of docs/results.md: for each run all headline figures."""
    lines = []
    titles = {metric.name: metric.title for metric in METRICS}
    for one in published:
        rows = [
            [title, number(v.mean), f"{number(v.low)} to {number(v.high)}", str(v.n)]
            for name, title in titles.items()
            if name in HEADLINE and (v := one.figures.get(name))
        ]
        heads = ["measure", "value", "95 % interval", "n"]
        lines += [f"### {one.suite}", "", f"{one.about}.", "", *table(heads, rows), ""]
    return lines[:-1] or ["No run is published: `dateline eval readme RUN` does that."]


def _abouts(published: Iterable[Published]) -> list[str]:
    return [f"- {one.suite}: {one.about}." for one in published]


def _share(value: Interval | None) -> str:
    if value is None:
        return "–"
    return f"{value.mean:.0%} ({100 * value.low:.0f} to {100 * value.high:.0f})".replace("%", " %")


def _rounded(value: Interval) -> Interval:
    mean, low, high = (round(x, DIGITS) for x in (value.mean, value.low, value.high))
    return Interval(mean=mean, low=low, high=high, n=value.n)


def _without_paths(command: str) -> str:
    """Return a command with every path as FOLDER: what a page says holds on any machine."""
    command = re.sub(r" --(?:resume|runs[ =]\S+)", "", command)
    return re.sub(r"(?<=[\s:=])[^\s:=]*/[^\s]*", "FOLDER", command)


def _slug(text: str) -> str:
    return re.sub(r"[^\w.-]+", "-", text).strip("-").lower()
