"""`dateline models`: which local models there are, where they lie, and fetching them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands import common

if TYPE_CHECKING:
    from rag.models.catalogue import LocalModel

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
