"""`dateline eval`: run suites, report, compare, gate, and make cases of corrections."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from eval import console
from eval.options import (
    ArchiveOption,
    ArticlesOption,
    BaseUrlOption,
    KindOption,
    LimitOption,
    LlmOption,
    OnlyOption,
    PoolOption,
    ResumeOption,
    RunsOption,
    SuiteArgument,
)

app = typer.Typer(
    help="Measure how good the answers are, with what certainty, and what changed.",
    no_args_is_help=False,
    add_completion=False,
)

FAILED_GATE = 1
"""Exit code of a gate that failed; faults in what was asked for have codes of their own."""


@app.callback(invoke_without_command=True)
def summary(context: typer.Context) -> None:
    """Run the bundled sample suite and print its figures, unless a command says otherwise."""
    if context.invoked_subcommand is None:
        from eval.measure import Plan
        from eval.suites import sample

        console.measure(Plan(suite=sample(), settings=console.settings()))


@app.command()
def run(  # noqa: PLR0913 - a parameter for each option, as typer has it
    suite: SuiteArgument,
    *,
    limit: LimitOption = None,
    kind: KindOption = None,
    resume: ResumeOption = False,
    only: OnlyOption = None,
    baseline: Annotated[
        list[str] | None,
        typer.Option(help="Run this too: closed-book, dense, oracle, or all; repeatable."),
    ] = None,
    llm: LlmOption = None,
    base_url: BaseUrlOption = None,
    archive: ArchiveOption = None,
    runs: RunsOption = None,
    remember: Annotated[
        bool,
        typer.Option("--remember", help="Keep the model's replies, and ask it nothing twice."),
    ] = False,
    articles: ArticlesOption = None,
    pool: PoolOption = False,
) -> None:
    """Ask every case of a suite and print the figures; rows are kept as they finish."""
    from eval.narrow import narrowed

    settings = console.settings(llm=llm, base_url=base_url, archive=archive)
    plan = console.plan(
        suite, settings, limit=limit, kinds=kind, only=only, resume=resume, runs=runs
    )
    plan = replace(plan, suite=narrowed(plan.suite, plan.kinds, limit, articles, pool=pool))
    chosen = console.baselines(baseline or [])
    console.measure(replace(plan, baselines=chosen, remember=remember))


@app.command()
def ablate(  # noqa: PLR0913 - a parameter for each option, as typer has it
    suite: SuiteArgument,
    *,
    without: Annotated[
        list[str] | None, typer.Option(help="Take out only this part; repeatable.")
    ] = None,
    limit: LimitOption = None,
    kind: KindOption = None,
    resume: ResumeOption = False,
    only: OnlyOption = None,
    llm: LlmOption = None,
    base_url: BaseUrlOption = None,
    archive: ArchiveOption = None,
    runs: RunsOption = None,
) -> None:
    """Run a suite whole and without each part of the engine: what is each of them worth?"""
    from eval.ablation import chosen

    settings = console.settings(llm=llm, base_url=base_url, archive=archive)
    plan = console.plan(
        suite, settings, limit=limit, kinds=kind, only=only, resume=resume, runs=runs
    )
    console.ablate(plan, chosen(without or (), answers="answers" in plan.parts))


@app.command()
def archive(
    *,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder with eloq_news and realtimeqa_dev: questions over those too."),
    ] = None,
    articles: Annotated[int, typer.Option(min=1, help="Real articles to ask over.")] = 477,
    own: Annotated[
        Path | None, typer.Option(help="An archive to make questions over, in place of all else.")
    ] = None,
) -> None:
    """Ask questions about the archive over the sample, and over real articles."""
    from eval import holdings

    for line in holdings.lines(console.settings(), data, articles, own):
        typer.echo(line)


@app.command()
def entities() -> None:
    """Measure how well people, organisations and places are found, on labelled articles."""
    from eval import naming

    for line in naming.lines(console.settings()):
        typer.echo(line)


@app.command()
def report(
    folder: Annotated[
        Path | None, typer.Argument(help="A run; default: the newest.", show_default=False)
    ] = None,
    *,
    html: Annotated[Path | None, typer.Option(help="Where to write the page.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Where to write it as Markdown.")] = None,
    runs: RunsOption = None,
) -> None:
    """Write a run as one self-contained page (and as Markdown)."""
    from eval.markdown import to_markdown
    from eval.measure import beside, twin
    from eval.report import to_html

    found, others = console.newest(folder, runs)
    page = html or found.folder / "report.html"
    text = markdown or page.with_suffix(".md")
    around, again = beside(found, others), twin(found, others)
    page.write_text(to_html(found, around, again), encoding="utf-8")
    text.write_text(to_markdown(found, around, again), encoding="utf-8")
    typer.echo(f"{page}\n{text}")


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(help="The run to compare with.")],
    after: Annotated[Path, typer.Argument(help="The run in question.")],
    *,
    markdown: Annotated[bool, typer.Option("--markdown", help="Write Markdown.")] = False,
) -> None:
    """Say what changed between two runs, case by case, and whether it is more than chance."""
    from eval import compare as two
    from eval.markdown import comparison
    from eval.rows import read
    from eval.terminal import changes

    found = two.compare(read(before), read(after))
    typer.echo(comparison(found) if markdown else "\n".join(changes(found)))


@app.command()
def gate(
    folder: Annotated[
        Path | None, typer.Argument(help="A run; default: the newest.", show_default=False)
    ] = None,
    *,
    baseline: Annotated[Path, typer.Option(help="A file of eval/baselines.")],
    write: Annotated[
        bool, typer.Option("--write", help="Make the run the baseline instead.")
    ] = False,
    only: Annotated[
        Literal["retrieval", "answers"] | None,
        typer.Option(help="With --write: keep the scores of this half."),
    ] = None,
    runs: RunsOption = None,
) -> None:
    """Fail when a run falls 2 points or more below a baseline, and that beyond chance."""
    from eval import gate as gates
    from eval.terminal import checks

    found, _ = console.newest(folder, runs)
    if write:
        gates.write(found, baseline, only=only)
        typer.echo(f"{baseline} holds {found.folder.name} now")
        return
    results = gates.gate(found, baseline)
    typer.echo("\n".join(checks(results)))
    if any(result.failed for result in results):
        raise typer.Exit(FAILED_GATE)


@app.command()
def golden(
    folder: Annotated[
        Path | None, typer.Argument(help="A run; default: the newest.", show_default=False)
    ] = None,
    *,
    write: Annotated[
        bool, typer.Option("--write", help="Keep the answers of the run instead.")
    ] = False,
    kept: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Default: those of this version.")
    ] = None,
    runs: RunsOption = None,
) -> None:
    """List the answers of a run that differ from the golden ones, word for word."""
    from eval import golden as goldens

    found, _ = console.newest(folder, runs)
    path = kept or goldens.OWN
    if write:
        typer.echo(f"{path} holds {goldens.write(found, path)} answers now")
        return
    changed = goldens.changes(goldens.read(path), found)
    typer.echo("\n".join(goldens.lines(changed)))
    if changed:
        raise typer.Exit(FAILED_GATE)


@app.command()
def add(  # noqa: PLR0913 - a parameter for each option, as typer has it
    question: Annotated[
        str | None, typer.Argument(help="The question, in quotes.", show_default=False)
    ] = None,
    *,
    answer: Annotated[
        list[str] | None, typer.Option(help="An accepted answer; repeat for alternatives.")
    ] = None,
    of: Annotated[
        Path | None,
        typer.Option(
            "--of",
            metavar="FILE",
            help="The answer that is corrected, as `dateline ask --json` wrote it (- is standard "
            "input): its question, its day and, unless --article is given, what it cited.",
        ),
    ] = None,
    article: Annotated[str | None, typer.Option(help="The article that supports it.")] = None,
    quote: Annotated[str, typer.Option(help="The words in it that do, exactly.")] = "",
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
    unanswerable: Annotated[
        bool, typer.Option("--unanswerable", help="The archive does not answer it.")
    ] = False,
    kind: Annotated[str, typer.Option(help="What sort of question it is.")] = "fact",
    note: Annotated[str, typer.Option(help="Why this case is kept.")] = "",
    to: Annotated[Path, typer.Option(metavar="FILE", help="The file of cases.")],
    archive: ArchiveOption = None,
) -> None:
    """Make a test of a question: what was answered wrongly once is asked in every run."""
    from eval.cases import CaseFaults, Gold, append
    from eval.correction import case_of

    if (question is None) == (of is None):
        raise typer.BadParameter("give either a question or --of FILE")
    case = case_of(
        console.answered(of) if of else console.asked(question or "", as_of),
        accepted=answer or (),
        gold=(Gold(article=article, quote=quote),) if article else (),
        unanswerable=unanswerable,
        kind=kind,
        note=note,
    )
    if case.evidence and archive and (faults := console.misplaced([case], archive)):
        raise CaseFaults(faults)
    append(to, case)
    typer.echo(f"{case.id} added to {to}")


@app.command()
def check(
    suite: SuiteArgument,
    *,
    archive: ArchiveOption = None,
) -> None:
    """Check the cases of a suite: every fault by file and line, every gold quote in its article."""
    from eval.cases import CaseFaults
    from eval.suites import find

    found = find(suite)
    if faults := console.misplaced_in(found, console.settings(archive=archive)):
        raise CaseFaults(faults)
    typer.echo(f"{found.name}: {len(found.cases)} cases, no faults")


@app.command()
def drafts(
    *,
    archive: ArchiveOption = None,
    write: Annotated[
        Path | None, typer.Option("--write", help="Put the table into this page too.")
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="List those of the read half that are taken wrongly.")
    ] = False,
) -> None:
    """Check sentences that are true, false, changed or absent, and count the findings."""
    from eval.bench.page import put
    from eval.drafts import SETS, measure, table, wrong

    settings = console.settings(llm="none", archive=archive)
    found = {name: measure(settings, name) for name in SETS}
    made = "\n\n".join(table(one) for one in found.values())
    typer.echo(made)
    if show:
        typer.echo("\n".join(wrong(one) for one in found.values()))
    if write is not None:
        put(write, "drafts", made + "\n")


@app.command()
def verifier(
    folder: Annotated[Path, typer.Argument(help="The qags_news folder.")],
    *,
    fit: Annotated[bool, typer.Option("--fit", help="Fit weights on the other half.")] = False,
) -> None:
    """Measure the check of statements against human judgements (QAGS, Wang et al. 2020)."""
    from eval.calibrate import main

    if code := main([str(folder), *(["--fit"] if fit else [])]):
        raise typer.Exit(code)


@app.command()
def judge(
    folder: Annotated[Path, typer.Argument(help="The qags_news folder.")],
    *,
    llm: LlmOption = None,
    base_url: BaseUrlOption = None,
    limit: Annotated[int, typer.Option(min=20, help="Sentences to grade.")] = 200,
) -> None:
    """Measure how far a chat model agrees with people; below kappa .6 it may not gate."""
    from eval.judge import validate, words

    chosen = console.settings(llm=llm, base_url=base_url)
    typer.echo("\n".join(words(validate(folder, chosen, limit))))


@app.command()
def grade(
    folder: Annotated[
        Path | None, typer.Argument(help="A run; default: the newest.", show_default=False)
    ] = None,
    *,
    llm: LlmOption = None,
    base_url: BaseUrlOption = None,
    least: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Fail when the share correct is surely below this."),
    ] = None,
    runs: RunsOption = None,
) -> None:
    """Let a chat model grade the answers of a run; it may gate when it agrees with people."""
    from eval.judge import graded, graded_words

    found, _ = console.newest(folder, runs)
    result = graded(found, console.settings(llm=llm, base_url=base_url), gates=least is not None)
    typer.echo("\n".join(graded_words(result)))
    if least is not None and result.share is not None and result.share.high < least:
        raise typer.Exit(FAILED_GATE)


@app.command()
def collect(  # noqa: PLR0913 - a parameter for each option, as typer has it
    suite: SuiteArgument,
    *,
    limit: LimitOption = None,
    kind: KindOption = None,
    articles: ArticlesOption = None,
    pool: PoolOption = False,
    also: Annotated[
        list[str] | None,
        typer.Option(help="Put the cases of this kind to the same articles as well; repeatable."),
    ] = None,
    rules: Annotated[
        bool, typer.Option("--rules", help="Judge by rules alone, to compare with.")
    ] = False,
    remembered: Annotated[
        bool,
        typer.Option("--remembered", help="Start no model; leave out what it was not asked yet."),
    ] = False,
    quoted: Annotated[
        bool,
        typer.Option("--quoted", help="Only measure anew the sources' own sentences; no model."),
    ] = False,
    llm: LlmOption = None,
    base_url: BaseUrlOption = None,
    archive: ArchiveOption = None,
) -> None:
    """Ask the real model and keep replies, features and labels: what the judge is fitted to."""
    from eval import collect as collecting
    from eval.narrow import joined, narrowed
    from eval.run import choose

    settings = console.settings(llm=llm, base_url=base_url, archive=archive)
    plan = console.plan(
        suite, settings, limit=None, kinds=kind, only="answers", resume=False, runs=None
    )
    found = narrowed(plan.suite, plan.kinds, limit, articles, pool=pool)
    if also:
        found = joined(found, choose(plan.suite.cases, kinds=also))
    if quoted:
        plan = replace(plan, suite=found, kinds=())
        typer.echo(str(collecting.renew_quoted(plan, console.counted)))
        return
    path = collecting.collect(
        replace(plan, suite=found, kinds=()),
        rules=rules,
        remembered=remembered,
        tick=console.counted,
    )
    typer.echo(str(path))


@app.command()
def fit(
    what: Annotated[Literal["judge"], typer.Argument(help="What to fit.")],
    *,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write; default: the package's.")
    ] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option(metavar="SUITE", help="Do not fit to the rows of this suite; repeatable."),
    ] = None,
) -> None:
    """Fit weights to all rows that were collected, the sealed third left out."""
    from eval import fitting
    from eval.collect import gathered

    path = to or fitting.OWN
    rows = [row for row in gathered("judge") if row.suite not in (leave_out or ())]
    found = fitting.write(rows, path)
    for name, model in found.items():
        typer.echo(
            f"{name}: {model['fitted']}  supported {model['supported']} likely {model['likely']}"
        )
    typer.echo(f"{what} written to {path}")


@app.command(name="judge-report")
def judge_report(
    *,
    html: Annotated[Path, typer.Option(help="Where to write the page.")] = Path("judge.html"),
    write: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A page whose place for these tables is filled."),
    ] = None,
) -> None:
    """Say how far what is shown can be believed, on the sealed rows and on the open ones."""
    from eval import judging
    from eval.bench.page import put
    from eval.collect import gathered

    parts = {
        f"{how}, {side}": [row for row in gathered(how) if row.sealed == (side == "sealed")]
        for side in ("sealed", "open")
        for how in ("judge", "rules")
    }
    parts = {title: rows for title, rows in parts.items() if rows}
    html.write_text(judging.page(parts), encoding="utf-8")
    open_rows = [row for row in gathered("judge") if not row.sealed]
    lines = "\n".join([*judging.table(parts), *judging.vetoes(open_rows)]) + "\n"
    if write is not None:
        put(write, "judge", lines)
    typer.echo(f"{lines}{html}")


@app.command()
def readme(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="RUN", help="Whole runs to publish.", show_default=False),
    ] = None,
    *,
    root: Annotated[
        Path, typer.Option(help="The checkout whose pages are written.", show_default=False)
    ] = Path(),
) -> None:
    """Publish runs: write the figures of README.md and docs/results.md from them."""
    from eval import publish
    from eval.rows import read

    kept = root / "eval" / "published"
    for folder in folders or ():
        typer.echo(publish.write(publish.of(read(folder)), kept))
    for page in publish.pages(root, publish.read(kept)):
        typer.echo(page)
