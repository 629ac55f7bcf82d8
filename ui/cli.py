"""`dateline`, the command line: which commands there are, and what becomes of an error.

Only what `--help` needs is imported here; every command loads the rest when it runs.
"""

from __future__ import annotations

import io
import logging
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Annotated, NoReturn

import typer

from ui.commands import (
    articles,
    ask,
    backup,
    chat,
    check,
    collection,
    common,
    delete,
    doctor,
    dossier,
    edit,
    entities,
    follow,
    history,
    index,
    keys,
    mcp,
    models,
    move,
    replay,
    serve,
    up,
    users,
    watching,
)

EXIT_CODES = """Exit codes: 0 answered, also in part · 3 declined · 2 wrong usage, question or \
setting · 4 archive missing, busy, full or damaged · 5 some files or lines failed, the others were \
done · 6 model · 1 unexpected · 130 interrupted."""

app = typer.Typer(
    name="dateline",
    help="Answers questions about an archive of news articles, each sentence tied to the exact "
    "words that support it.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(index.index)
app.command()(index.reclean)
app.command()(follow.follow)
app.command()(ask.ask)
app.command()(dossier.timeline)
app.command()(chat.chat)
app.command()(replay.replay)
app.command()(check.check)
app.command()(serve.serve)
app.command()(up.up)
app.command()(mcp.mcp)
app.command()(articles.show)
app.command()(entities.entities)
app.command()(dossier.dossier)
app.command()(dossier.claims)
app.command("list")(articles.list_articles)
app.command()(articles.stats)
app.command()(doctor.doctor)
app.command()(doctor.repair)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(backup.export)
app.command()(move.move)
app.command()(delete.delete)
app.command()(edit.edit)
app.add_typer(collection.app, name="collection")
app.command()(history.history)
app.add_typer(watching.app, name="watch")
app.add_typer(models.app, name="models")
app.add_typer(keys.app, name="keys")
app.add_typer(users.app, name="users")
app.add_typer(users.grants, name="grants")


def _version(wanted: bool) -> None:
    if wanted:
        from rag.version import __version__

        common.write(f"dateline {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command(
    "eval",
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],
    },
)
def evaluate(context: typer.Context) -> int:
    """Measure how good the answers are (its own commands: dateline eval --help)."""
    from eval.cli import app as eval_app

    code = eval_app(args=context.args, prog_name="dateline eval", standalone_mode=False)
    return code if isinstance(code, int) else 0


def run(args: Sequence[str]) -> int:
    """Run one command line and return its exit code; every failure is one line on stderr."""
    from rag.errors import DatelineError

    try:
        code = app(args=list(args), prog_name="dateline", standalone_mode=False)
    except DatelineError as error:
        return _fail(args, error, error.exit_code)
    except typer.TyperException as error:
        return _fail(args, error, common.USAGE)
    except (KeyboardInterrupt, typer.Abort):
        return common.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the outermost border: no traceback for people
        return _fail(args, error, common.UNEXPECTED)
    return code if isinstance(code, int) else 0


def _fail(args: Sequence[str], error: Exception, exit_code: int) -> int:
    if os.environ.get("DATELINE_DEBUG"):
        import traceback

        traceback.print_exception(error)
    message = _message(error, exit_code)
    options = args[: args.index("--")] if "--" in args else args
    if "--json" in options:
        common.emit({"error": common.error_record(error, message, exit_code)})
    if message:
        from ui.terminal import safe

        sys.stderr.write(f"dateline: {safe(message)}\n")
    return exit_code


def _message(error: Exception, exit_code: int) -> str:
    if isinstance(error, typer.TyperException):
        return error.format_message()
    if exit_code == common.UNEXPECTED:
        return f"unexpected {type(error).__name__}: {error} (DATELINE_DEBUG=1 shows where)"
    return str(error)


class _OneLine(logging.Handler):
    """Writes what the engine logs as one line; tracebacks are for DATELINE_DEBUG."""

    def emit(self, record: logging.LogRecord) -> None:
        from ui.terminal import safe

        error = record.exc_info[1] if record.exc_info else None
        cause = f": {type(error).__name__}: {error}" if error else ""
        sys.stderr.write(f"dateline: {safe(record.getMessage() + cause)}\n")


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    # Leaving by an exception lets every `with` on the way stop its child process.
    raise SystemExit(128 + signal.SIGTERM)


def main() -> NoReturn:
    """Run the command line of this process."""
    signal.signal(signal.SIGTERM, _terminate)
    if not os.environ.get("DATELINE_DEBUG"):
        logging.getLogger("rag").addHandler(_OneLine(logging.WARNING))
        logging.getLogger("rag").propagate = False
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal in another encoding shows a question mark instead of ending the program.
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))
