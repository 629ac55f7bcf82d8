"""`dateline models`: which local models there are, where they lie, and fetching them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands import common

if TYPE_CHECKING:
    from eval.run import Tick
    from rag.models.catalogue import LocalModel
    from rag.models.chat import Chat
    from rag.models.choices import Machine, Speed
    from rag.settings import ChatSettings, Settings

app = typer.Typer(help="The local models: list, fetch, find.", no_args_is_help=True)

NameArgument = Annotated[
    str | None,
    typer.Argument(help="As `dateline models list` names it.", show_default="those needed"),
]


@app.command("list")
def list_models(*, json: common.JsonOption = False) -> None:
    """List the local models, which of them are here, and which others this machine can run."""
    from rag.models.catalogue import DEFAULT, MODELS, NEEDED, RERANKER, locate, pulled
    from rag.models.choices import this_machine

    for model in (*MODELS.values(), RERANKER):
        path = locate(model)
        if json:
            common.emit(_record(model, path) | {"default": model is DEFAULT})
        else:
            where = str(path) if path else "not here; fetch it with: dateline models pull"
            common.write(f"{model.name}  {model.size / 1e9:.2f} GB  {model.licence}  {model.about}")
            common.write(f"    {where if model in NEEDED or path else where + ' ' + model.name}")
    if json:
        return
    for file in pulled():
        common.write(
            f"{file.stem.lower()}  {file.stat().st_size / 1e9:.2f} GB  fetched from the hub"
        )
        common.write(f"    {file}")
    _fits(this_machine())


def _fits(machine: Machine) -> None:
    """Say which models of the hub fit, and how quick they may be."""
    from rag.models.choices import expected, fitting, measured

    held = f"{machine.memory / 1e9:.0f} GB of memory and {common.counted(machine.cores, 'core')}"
    choices = list(fitting(machine))
    if not choices:
        common.write(f"\nThis machine has {held}: the default is the largest that fits.")
        return
    common.write(f"\nThis machine has {held}. These fit too; fetch one with `models pull ADDRESS`:")
    speeds = measured()
    for choice in choices:
        common.write(
            f"{choice.name}  {choice.size / 1e9:.1f} GB  {choice.licence}  {choice.profile}"
        )
        quick = expected(choice, speeds)
        told = "not measured here: `dateline models bench`" if quick is None else _pace(*quick)
        common.write(f"    {told}\n    {choice.address}")


def _pace(speed: Speed, known: bool) -> str:
    how = "measured here" if known else "expected, from what the default does here"
    return f"reads {speed.read:.0f} and writes {speed.write:.1f} tokens a second ({how})"


@app.command()
def bench(
    *,
    llm: common.LlmOption = None,
    base_url: common.BaseUrlOption = None,
    questions: Annotated[
        int, typer.Option(min=0, max=60, help="Questions of the sample to ask; 0: only speed.")
    ] = 30,
    json: common.JsonOption = False,
) -> None:
    """Measure how quick the chat model reads and writes here, and how often it is right."""
    from rag.errors import SettingsError
    from rag.models.chat import connect
    from rag.models.choices import clocked, remember

    settings = common.configure(llm=llm, base_url=base_url)
    chat = connect(settings.chat)
    if chat is None:
        raise SettingsError("there is no chat model to measure (llm is none)")
    with chat:
        chat.wait_ready()
        speed = clocked(chat)
        kind, _, name = chat.name.partition(":")
        if kind == "local":
            remember(name, speed)
    found = _accuracy(settings, questions) if questions else {}
    record = {"model": chat.name, "read": speed.read, "write": speed.write, **found}
    if json:
        common.emit(record)
        return
    common.write(f"{chat.name}: {_pace(speed, known=True)}")
    if found:
        common.write(
            f"of {found['questions']} sample questions, {found['right']} right, "
            f"{found['wrong']} wrong, {found['failed']} failed, the others withheld; "
            f"half of them took less than {found['seconds']:.1f} s"
        )


def _accuracy(settings: Settings, questions: int) -> dict[str, float]:
    """Return how many sample questions a model answers right, and how long one takes."""
    from statistics import median
    from tempfile import TemporaryDirectory

    from eval.measure import Plan, measure
    from eval.suites import sample

    def told(_: str, tick: Tick) -> None:
        sys.stderr.write(f"\r{tick.done} of {tick.total} questions")
        sys.stderr.flush()

    with TemporaryDirectory() as folder:
        plan = Plan(
            suite=sample(),
            settings=settings,
            limit=questions,
            parts=("answers",),
            baselines=(),
            runs=Path(folder),
        )
        run, *_ = measure(plan, tick=told if sys.stderr.isatty() else None)
    marks = [row.scores["truthful"] for row in run.scored]
    took = [row.answer.timings.total for row in run.rows if row.answer is not None]
    return {
        "questions": len(run.rows),
        "right": sum(mark > 0 for mark in marks),
        "wrong": sum(mark < 0 for mark in marks),
        "failed": len(run.failures),
        "seconds": median(took) if took else 0.0,
    }


@app.command()
def profile(
    *,
    llm: common.LlmOption = None,
    base_url: common.BaseUrlOption = None,
    json: common.JsonOption = False,
) -> None:
    """Show how the chat model is asked: what it reads, how long it answers, who checks."""
    from dataclasses import asdict

    from rag.models.profile import profile as profile_of

    settings = common.configure(llm=llm, base_url=base_url)
    chat = _asked(settings.chat)
    if chat is None:
        common.write("no chat model: the sources' own sentences")
        return
    made = profile_of(chat, settings)
    if json:
        common.emit({"model": chat.name, **asdict(made)})
        return
    common.write(f"{chat.name}: {made.name} ({made.why})")
    for name, value in asdict(made).items():
        if name not in ("name", "why"):
            common.write(f"    {name:<11} {value}")


@dataclass(frozen=True, slots=True)
class _Named:
    """A local model that need not be loaded to know its size."""

    name: str


def _asked(settings: ChatSettings) -> Chat | _Named | None:
    """Return the chat model that the settings name; a local one is not started."""
    from rag.models.catalogue import DEFAULT
    from rag.models.chat import connect

    kind, _, name = settings.llm.partition(":")
    return _Named(f"local:{name or DEFAULT.name}") if kind == "local" else connect(settings)


@app.command()
def path(name: NameArgument = None) -> None:
    """Print where the model's file is; fails when it is not here."""
    from rag.models.catalogue import resolve

    common.write(str(resolve(name or "")[1]))


@app.command()
def pull(name: NameArgument = None) -> None:
    """Fetch a model, unless it is here; an interrupted fetch goes on where it stopped.

    A name of the list, or hf:OWNER/REPOSITORY/FILE.gguf for any file of the hub.
    """
    from rag.models.catalogue import NEEDED, by_name, locate
    from rag.models.hub import is_address, model_at

    if name and is_address(name):
        model = model_at(name)
        common.write(str(locate(model) or _fetch(model)))
        common.write(f"use it with: --llm local:{model.name}   (SHA-256 {model.sha256})")
        return
    for model in (by_name(name),) if name else NEEDED:
        common.write(str(locate(model) or _fetch(model)))


def _fetch(model: LocalModel) -> Path:
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    from rag.models.fetch import pull as fetch
    from ui.terminal import console

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    to = console(sys.stderr)
    if not to.is_terminal:
        sys.stderr.write(f"fetching {model.name} ({model.size / 1e9:.2f} GB)\n")
    with Progress(*columns, console=to, transient=True, disable=not to.is_terminal) as bar:
        task = bar.add_task(model.name, total=model.size)
        return fetch(model, progress=lambda fetched: bar.update(task, completed=fetched.done))


def _record(model: LocalModel, path: Path | None) -> dict[str, object]:
    return {
        "name": model.name,
        "bytes": model.size,
        "sha256": model.sha256,
        "licence": model.licence,
        "about": model.about,
        "path": str(path) if path else None,
    }
