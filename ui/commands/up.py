"""`dateline up`: a newsroom's server, as files for Compose and Helm, or as processes here."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from ui.commands import common

FolderArgument = Annotated[
    Path, typer.Argument(metavar="DIR", help="Where the files, or the data of --local, are.")
]
LocalOption = Annotated[
    bool,
    typer.Option(
        "--local",
        help="Start PostgreSQL, Chroma and the workers as processes of this machine, on loopback, "
        "until Ctrl-C, in place of writing files.",
    ),
]
WorkersOption = Annotated[
    int, typer.Option("--workers", min=1, max=64, help="Processes that answer.")
]
PortOption = Annotated[
    int, typer.Option("--port", min=1, max=65535, help="Port of the page, with --local.")
]
DomainOption = Annotated[str, typer.Option("--domain", help="The name that people reach it by.")]
ModelOption = Annotated[
    str,
    typer.Option("--model", help="What vLLM serves, by its name on the hub; none: no vLLM."),
]
EngineOption = Annotated[
    Literal["chroma-server", "pgvector"],
    typer.Option("--index", help="Where the index of vectors is, in the files."),
]


def up(  # noqa: PLR0913 - a parameter for each option, as typer has it
    folder: FolderArgument = Path("dateline-server"),
    *,
    local: LocalOption = False,
    workers: WorkersOption = 2,
    port: PortOption = 7860,
    domain: DomainOption = "dateline.example",
    model: ModelOption = "Qwen/Qwen3-8B",
    index: EngineOption = "chroma-server",
    llm: common.LlmOption = None,
    base_url: common.BaseUrlOption = None,
) -> None:
    """Write what runs a newsroom's server (Compose, Helm), or run it here with --local."""
    if local:
        _run(folder, port, workers, _model(llm, base_url))
        return
    from ui.fleet.plan import Plan, write

    plan = Plan(
        workers=workers,
        domain=domain,
        model=None if model == "none" else model,
        engine=index,
        source=_source(),
    )
    for name, fresh in write(plan, folder):
        common.write(f"{folder / name}{'' if fresh else ': is there already, and stays as it is'}")
    common.write(f"Next: read them, then: cd {folder} && docker compose up -d --build")


def _model(llm: str | None, base_url: str | None) -> list[str]:
    named = ["--llm", llm] if llm else []
    return [*named, "--base-url", base_url] if base_url else named


def _run(folder: Path, port: int, workers: int, more: list[str]) -> None:
    from ui.fleet.local import ENV, Together, alone, parts, until_stopped

    def tell(line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    with alone(folder):
        together = Together(parts(folder, port=port, workers=workers, more=more), folder)
        tell(f"Starting; the page will be at http://127.0.0.1:{port}/, logs are in {folder}")
        tell(f"Once all is well, in another shell: . {shlex.quote(str((folder / ENV).absolute()))}")
        tell("Then dateline index, users, backup and the others mean this archive.")
        until_stopped(together, tell)


def _source() -> str:
    """Return the folder of the source; a dot where Dateline is installed without it."""
    at = Path(__file__).parents[2]
    return str(at) if (at / "pyproject.toml").is_file() else "."
