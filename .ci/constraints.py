# ruff: noqa: INP001 - a script, not part of a package
"""Print the installed version of every package that Dateline depends on, as pip constraints.

Local version labels (torch 2.13.0+cpu) are cut, so that each machine takes the build it is offered.
"""

import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from itertools import chain
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
NOT_PINNED = {"dateline-qa", "pip", "setuptools"}


def declared(*, dev: bool) -> list[str]:
    """Return the requirements that pyproject.toml states."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values() if dev else ()
    return [*project["dependencies"], *chain.from_iterable(extras)]


def reachable(requirements: Iterable[str]) -> dict[str, str]:
    """Return name -> installed version of everything that the requirements pull in."""
    found: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [_wanted(Requirement(line)) for line in requirements]
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue  # for another platform, or an extra that nobody installed
        found[name] = package.version.partition("+")[0]
        needed = map(Requirement, package.requires or ())
        waiting += [_wanted(r) for r in needed if applies(r, extras)]
    return found


def _wanted(requirement: Requirement) -> tuple[str, frozenset[str]]:
    return canonicalize_name(requirement.name), frozenset(requirement.extras)


def applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    """Say whether a package that is installed with `extras` needs the requirement here."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in (*extras, ""))


def main() -> None:
    """Write the constraints to standard output."""
    pins = reachable(declared(dev=True))
    for name in sorted(pins.keys() - NOT_PINNED):
        sys.stdout.write(f"{name}=={pins[name]}\n")


if __name__ == "__main__":
    main()
