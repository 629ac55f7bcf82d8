"""`dateline users`, `dateline grants`: who may use a server, and what each may read."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from rag.rights import ROLES
from ui.commands import common

if TYPE_CHECKING:
    from rag.archive.people import People, Person
    from rag.rights import Role
    from rag.settings import Settings

app = typer.Typer(
    help="People with rights of their own: add, list, change, remove.", no_args_is_help=True
)
grants = typer.Typer(
    help="What people may read: add or revoke a collection, or everything.", no_args_is_help=True
)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="As the person signs in.")]
RoleOption = Annotated[
    str | None,
    typer.Option(
        "--role",
        metavar="|".join(ROLES),
        help="readers ask and read; editors also add, correct and delete what they may read; "
        "admins may do and read all.",
        show_default=False,
    ),
]
PasswordOption = Annotated[
    bool,
    typer.Option(
        "--password", help="Ask for a password, or read it as one line from standard input."
    ),
]
CollectionArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[COLLECTION]...", show_default=False)
]
AllOption = Annotated[
    bool, typer.Option("--everything", help="All articles, in collections or not.")
]


@app.command()
def add(
    name: NameArgument,
    *,
    role: RoleOption = None,
    password: PasswordOption = False,
    archive: common.ArchiveOption = None,
) -> None:
    """Add a person. Who has no password comes through a proxy, or with a key."""
    settings = common.configure(archive=archive)
    secret = _asked() if password else None
    with _people(archive) as people:
        if not people.any():
            _unfold(settings)
        people.add(name, role=_role(role) or "reader", password=secret)
    common.write(f"{name} is {'an' if role in ('editor', 'admin') else 'a'} {role or 'reader'}.")
    if (role or "reader") != "admin":
        common.write(f"What may be read is granted by: dateline grants add {name} COLLECTION")


@app.command("list")
def list_users(*, archive: common.ArchiveOption = None, json: common.JsonOption = False) -> None:
    """List the people, with their role and what they may read."""
    with _people(archive) as people:
        found = people.listed()
    if json:
        common.emit({"users": [_shown(person) for person in found]})
        return
    for person in found:
        may = "everything" if person.everything else ", ".join(person.collections) or "nothing"
        state = "locked" if person.locked else "" if person.password else "no password"
        common.write(f"{person.name}  {person.role}  reads {may}{f'  ({state})' if state else ''}")
    if not found:
        common.write("There are no people yet; add one with: dateline users add NAME --password")


@app.command()
def change(
    name: NameArgument,
    *,
    role: RoleOption = None,
    password: PasswordOption = False,
    lock: Annotated[
        bool | None, typer.Option("--lock/--unlock", help="Whether nobody gets in by that name.")
    ] = None,
    archive: common.ArchiveOption = None,
) -> None:
    """Change role or password, lock or unlock; wherever they are signed in, they are no more."""
    secret = _asked() if password else None
    if role is None and secret is None and lock is None:
        raise typer.BadParameter("say what to change: --role, --password, --lock or --unlock")
    with _people(archive) as people:
        people.change(name, role=_role(role), password=secret, locked=lock)
    common.write(f"{name} is changed.")


@app.command()
def remove(name: NameArgument, *, archive: common.ArchiveOption = None) -> None:
    """Remove a person, with their keys, their history and their watches."""
    with _people(archive) as people:
        people.remove(name)
    common.write(f"{name} is removed.")


@grants.command("add")
def grant(
    name: NameArgument,
    collections: CollectionArgument = None,
    *,
    everything: AllOption = False,
    archive: common.ArchiveOption = None,
) -> None:
    """Let a person read collections, from the next request on."""
    _grant(name, collections, True, everything=everything, archive=archive)


@grants.command("revoke")
def revoke(
    name: NameArgument,
    collections: CollectionArgument = None,
    *,
    everything: AllOption = False,
    archive: common.ArchiveOption = None,
) -> None:
    """Let a person read collections no more, from the next request on."""
    _grant(name, collections, False, everything=everything, archive=archive)


@grants.command("list")
def list_grants(
    name: NameArgument, *, archive: common.ArchiveOption = None, json: common.JsonOption = False
) -> None:
    """List what a person may read."""
    with _people(archive) as people:
        person = people.person(name)
    if json:
        common.emit({"everything": person.everything, "collections": list(person.collections)})
    elif person.everything:
        common.write("everything")
    else:
        common.write("\n".join(person.collections) or f"{name} may read nothing yet")


def _grant(
    name: str,
    collections: list[str] | None,
    may: bool,
    *,
    everything: bool,
    archive: common.ArchiveOption,
) -> None:
    if not collections and not everything:
        raise typer.BadParameter("name collections, or say --everything")
    with _people(archive) as people:
        for collection in collections or ():
            (people.grant if may else people.revoke)(name, collection)
        if everything:
            people.change(name, everything=may)
        person = people.person(name)
    reads = "everything" if person.everything else ", ".join(person.collections) or "nothing"
    common.write(f"{person.name} reads {reads}.")


def _people(archive: common.ArchiveOption) -> People:
    from rag.archive.people import People

    return common.opened(People, common.configure(archive=archive).archive)


def _role(given: str | None) -> Role | None:
    for role in ROLES:
        if given == role:
            return role
    if given is None:
        return None
    raise typer.BadParameter(f"there is no role {given!r}; there are {', '.join(ROLES)}")


def _asked() -> str:
    """Return a password that nobody sees, or the first line of what comes in."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _unfold(settings: Settings) -> None:
    """Let copies stand for themselves, and be found by meaning."""
    from rag.archive.archive import Archive
    from rag.archive.indexes import tend
    from rag.ingest.run import embed_pending
    from rag.models.embed import load

    with Archive.create(settings.archive) as store:
        count = store.unfold()
        if count:
            common.write(f"exact copies that have passages of their own from now on: {count:,}")
            embed_pending(store, load(settings.embed), settings.embed.batch)
            tend(store)


def _shown(person: Person) -> dict[str, object]:
    return {k: v for k, v in asdict(person).items() if k != "id"}
