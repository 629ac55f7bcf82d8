"""`dateline serve`: the page and the HTTP API, on this machine unless told otherwise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ui.commands import common

HostOption = Annotated[str, typer.Option("--host", help="Address to listen on.")]
PortOption = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes a free one.")
]
AuthOption = Annotated[
    str | None,
    typer.Option(
        "--auth",
        envvar="DATELINE_AUTH",
        metavar="USER:PASSWORD",
        help="Ask for this login; required on other addresses than this machine's own. Better "
        "set in the environment, where no process list shows it.",
        show_default=False,
    ),
]
ReadOnlyOption = Annotated[
    bool,
    typer.Option("--read-only", help="Let nobody add or delete articles on the page."),
]
FolderOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--allow-folder",
        metavar="DIR",
        help="Let people index this folder of this computer, and those below it, by naming it on "
        "the page; repeatable. None may be named otherwise.",
        show_default=False,
    ),
]
UrlOption = Annotated[
    bool,
    typer.Option(
        "--allow-urls",
        help="Let people name an address on the page, which this computer then fetches; addresses "
        "inside its own network are refused.",
    ),
]
OfferOption = Annotated[
    list[str] | None,
    typer.Option(
        "--offer",
        metavar="MODEL",
        help="A model that people may choose on the page besides --llm, written like it; "
        "repeatable. It is loaded when somebody first asks with it.",
        show_default=False,
    ),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        max=64,
        envvar="DATELINE_SERVE__WORKERS",
        help="Processes that answer, behind one address.",
        show_default="1",
    ),
]


def serve(  # noqa: PLR0913 - a parameter for each option, as typer has it
    *,
    archive: common.ArchiveOption = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = 7860,
    auth: AuthOption = None,
    read_only: ReadOnlyOption = False,
    allow_folder: FolderOption = None,
    allow_urls: UrlOption = False,
    offer: OfferOption = None,
    style: common.StyleOption = None,
    llm: common.LlmOption = None,
    base_url: common.BaseUrlOption = None,
    workers: WorkersOption = None,
) -> None:
    """Open the page, and the HTTP API beside it, until Ctrl-C."""
    settings = common.configure(archive=archive, llm=llm, base_url=base_url, style=style)
    if workers is not None:
        serving = settings.serve.model_copy(update={"workers": workers})
        settings = settings.model_copy(update={"serve": serving})
    login = parse_login(auth)
    from ui.commands.judged import runs_in
    from ui.server import Offer
    from ui.server import serve as run_server

    offered = Offer(
        read_only=read_only,
        folders=tuple(folder.absolute() for folder in allow_folder or ()),
        addresses=allow_urls,
        sample=sample_articles(),
        llms=tuple(offer or ()),
        runs=runs_in(),
    )
    if settings.serve.workers > 1:
        from ui.fleet.serving import serve as run_fleet

        run_fleet(settings, (host, port), login, replace(offered, runs=None), runs_in)
        return
    run_server(settings, host, port, login, offered)


def sample_articles() -> Path | None:
    """Return the folder of the sample articles, where they are installed."""
    folder = Path(__file__).parents[2] / "eval" / "sample"
    return folder if folder.is_dir() else None


def parse_login(raw: str | None) -> tuple[str, str] | None:
    """Split USER:PASSWORD; both must be there."""
    if raw is None:
        return None
    user, _, password = raw.partition(":")
    if not (user and password):
        raise typer.BadParameter("--auth must look like USER:PASSWORD")
    return user, password
