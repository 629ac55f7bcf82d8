"""`dateline models`: which local models there are, where they lie, and fetching them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands import common

if TYPE_CHECKING:
    from rag.models.catalogue import LocalModel
    from rag.models.chat import Chat
    from rag.settings import ChatSettings

app = typer.Typer(help="The local models: list, fetch, find.", no_args_is_help=True)

NameArgument = Annotated[
    str | None,
    typer.Argument(help="As `dateline models list` names it.", show_default="those needed"),
]


@app.command("list")
def list_models(*, json: common.JsonOption = False) -> None:
    """List the local models and which of them are here."""
    from rag.models.catalogue import DEFAULT, MODELS, NEEDED, RERANKER, locate

    for model in (*MODELS.values(), RERANKER):
        path = locate(model)
        if json:
            common.emit(_record(model, path) | {"default": model is DEFAULT})
        else:
            where = str(path) if path else "not here; fetch it with: dateline models pull"
            common.write(f"{model.name}  {model.size / 1e9:.2f} GB  {model.licence}  {model.about}")
            common.write(f"    {where if model in NEEDED or path else where + ' ' + model.name}")


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
    """Fetch a model, unless it is here; an interrupted fetch goes on where it stopped."""
    from rag.models.catalogue import NEEDED, by_name, locate

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
