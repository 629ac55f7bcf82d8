"""`dateline keys`: secrets by which programs use the HTTP doors of a server with a password."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.commands import common

if TYPE_CHECKING:
    from rag.archive.keys import Key

app = typer.Typer(
    help="Keys for programs: add, list, revoke. They open a server that asks for a password.",
    no_args_is_help=True,
)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Who or what uses it.")]


@app.command()
def add(
    name: NameArgument,
    *,
    write: Annotated[
        bool, typer.Option("--write", help="It may also add, change and delete.")
    ] = False,
    days: Annotated[
        float | None, typer.Option("--days", metavar="N", help="Good for so long; else for ever.")
    ] = None,
    user: Annotated[
        str | None,
        typer.Option(
            "--user",
            metavar="PERSON",
            help="Whose rights it has; a server with people knows no other keys.",
            show_default=False,
        ),
    ] = None,
    archive: common.ArchiveOption = None,
    json: common.JsonOption = False,
) -> None:
    """Make a key and show its secret, this once."""
    from rag.archive.keys import Keys

    with common.opened(Keys, common.configure(archive=archive).archive) as keys:
        key, secret = keys.add(
            name, scope="write" if write else "read", days=days, owner=user or ""
        )
    if json:
        common.emit(_shown(key) | {"secret": secret})
        return
    common.write(secret)
    common.write(f"This is the key {name!r} ({key.scope}); it is not shown again. Send it as")
    common.write("Authorization: Bearer " + key.begins + "...")


@app.command("list")
def list_keys(*, archive: common.ArchiveOption = None, json: common.JsonOption = False) -> None:
    """List the keys, without their secrets."""
    from rag.archive.keys import Keys

    with common.opened(Keys, common.configure(archive=archive).archive) as keys:
        found = keys.listed()
    if json:
        common.emit({"keys": [_shown(key) for key in found]})
        return
    for key in found:
        used = f"used {key.used:%Y-%m-%d %H:%M}" if key.used else "never used"
        whose = f" ({key.owner})" if key.owner else ""
        until = f"until {key.expires:%Y-%m-%d}" if key.expires else "for ever"
        common.write(f"{key.begins}...  {key.scope:5}  {until}, {used}  {key.name}{whose}")
    if not found:
        common.write("There are no keys; make one with: dateline keys add NAME")


@app.command()
def revoke(
    name: NameArgument, *, archive: common.ArchiveOption = None, json: common.JsonOption = False
) -> None:
    """Let a key open nothing from now on."""
    from rag.archive.keys import Keys

    with common.opened(Keys, common.configure(archive=archive).archive) as keys:
        keys.revoke(name)
    if json:
        common.emit({"revoked": name})
    else:
        common.write(f"The key {name!r} opens nothing any more.")


def _shown(key: Key) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(key).items()
    }
