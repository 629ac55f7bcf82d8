"""Suites by name: `sample`, a file of cases, or a public set as `NAME:PATH`."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final

from eval import cases
from eval.loaders import Suite, SuiteMissing

_HERE = Path(__file__).parent

SETS: Final[dict[str, str]] = {
    "realtimeqa": "realtimeqa:load",
    "multihop": "multihop:load",
    "multihop-given": "multihop:load_given",
    "ramdocs": "ramdocs:load",
    "rgb": "rgb:load",
    "eloq": "eloq:load",
    "squad2": "squad:load",
    "timeqa": "timeqa:load",
    "apnews": "apnews:load",
}
"""Public sets: name to the module of `eval.loaders` and the function in it."""


def _ours(name: str, *folders: str) -> Suite:
    """Return a suite that was written for this project."""
    return Suite(
        name=name,
        cases=cases.load(_HERE / "cases" / f"{name}.jsonl"),
        licence="Apache-2.0",
        citation="written for this project",
        sources=tuple(_HERE / folder for folder in folders),
    )


def sample() -> Suite:
    """Return the bundled suite: our own articles and questions."""
    return _ours("sample", "sample")


def time() -> Suite:
    """Return our questions on order, change, dispute and courses of events, over more articles."""
    return _ours("time", "sample", "time")


def wire() -> Suite:
    """Return our questions on time and dispute over 24 made-up stories as agencies tell them."""
    return _ours("wire", "wire")


def desk() -> Suite:
    """Return our questions over 15 more such stories, written when `wire` had been read."""
    return _ours("desk", "desk")


def order() -> Suite:
    """Return our questions over 10 more such stories, most of them on order and intervals."""
    return _ours("order", "order")


def press() -> Suite:
    """Return our questions over 16 more such stories, by somebody who had not seen the code."""
    return _ours("press", "press")


def find(text: str) -> Suite:
    """Return the suite that is meant: one of `OURS`, `NAME:FOLDER` or a file of cases.

    A file of cases is asked over the archive of the settings.

    Raises:
        SuiteMissing: there is no such suite, or its files are missing.
        CaseFaults: its files have faults.
    """
    if text in OURS:
        return OURS[text]()
    name, _, place = text.partition(":")
    if name in SETS and place:
        return _loader(name)(Path(place).expanduser())
    path = Path(text).expanduser()
    if path.suffix == ".jsonl":
        return Suite(name=path.stem, cases=cases.load(path), sources=())
    known = ", ".join(f"{one}:FOLDER" for one in SETS)
    raise SuiteMissing(
        f"no suite {text!r}; there are: sample, time, wire, desk, order, press, FILE.jsonl, {known}"
    )


OURS: Final[dict[str, Callable[[], Suite]]] = {
    "sample": sample,
    "time": time,
    "wire": wire,
    "desk": desk,
    "order": order,
    "press": press,
}
"""The suites that come with Dateline."""


def _loader(name: str) -> Callable[[Path], Suite]:
    module, _, function = SETS[name].partition(":")
    found: Callable[[Path], Suite] = getattr(import_module(f"eval.loaders.{module}"), function)
    return found
