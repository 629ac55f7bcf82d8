"""What each function and pattern is worth: questions asked again while it finds nothing.

    python -m eval.nulled wire desk --write FILE.jsonl

`eval.worth` leaves out whole rules by name. This leaves out what they are made of: every function
of the packages that understand language whose result has an empty form (no match, an empty list,
False), and every regular expression. A first round notes for each question who found something at
all, so that a function is left out only for the questions in which it had a say; one that has none
in any is listed at once. *Gained* are answers that are right with it and wrong without it, *lost*
the other way round, *other* those whose words change; *broken* are questions that cannot be
answered without it.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import pkgutil
import random
import re
import sys
import threading
import types
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import rag
from eval import suites
from eval.cases import Case
from eval.loaders import Suite
from eval.measure import Plan, opened
from eval.verdicts import half
from eval.worth import OURS, right
from rag.language.memory import MEMORY
from rag.models import memo, reader, reranker
from rag.settings import ChatSettings, Settings

if TYPE_CHECKING:
    from rag.answer.pipeline import NewsQA

PACKAGES = ("answer", "language", "question", "verify", "watching", "search")
ENOUGH = 3
"""So many right answers gained show that something pays; no more is asked."""
MOST = 100
"""Questions asked for one thing, chosen by chance where more would do."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A function or a pattern."""

    name: str
    lines: int
    empty: Any = None
    """A function that finds nothing, for a function."""
    code: Any = None
    """The function; None for a pattern."""
    pattern: re.Pattern[str] | None = None


def _none(*_: object, **__: object) -> None:
    return None


def _false(*_: object, **__: object) -> bool:
    return False


def _blank(*_: object, **__: object) -> str:
    return ""


def _nought(*_: object, **__: object) -> int:
    return 0


def _zero(*_: object, **__: object) -> float:
    return 0.0


def _tuple(*_: object, **__: object) -> tuple[()]:
    return ()


def _list(*_: object, **__: object) -> list[object]:
    return []


def _frozenset(*_: object, **__: object) -> frozenset[object]:
    return frozenset()


def _set(*_: object, **__: object) -> set[object]:
    return set()


def _dict(*_: object, **__: object) -> dict[object, object]:
    return {}


_EMPTY: tuple[tuple[str, Any], ...] = (
    (r".*\| None", _none),
    (r"bool", _false),
    (r"str", _blank),
    (r"int", _nought),
    (r"float", _zero),
    (r"tuple\[.*\.\.\.\]|Sequence\[.*\]|(?:Iterator|Iterable)\[.*\]", _tuple),
    (r"list\[.*\]", _list),
    (r"frozenset\[.*\]", _frozenset),
    (r"set\[.*\]", _set),
    (r"(?:dict|Mapping)\[.*\]", _dict),
)
"""What finds nothing, by the shape of what a function says to return."""


def units() -> list[Unit]:
    """Return all functions with an empty form, and all patterns."""
    found: list[Unit] = []
    for module in _modules():
        short = module.__name__.removeprefix("rag.")
        for name, value in list(vars(module).items()):
            if isinstance(value, re.Pattern) and name in _own(module):
                found.append(Unit(f"{short}.{name}", 1, pattern=value))
            for path, function in _functions(f"{short}.{name}", value, module.__name__):
                said = str(function.__annotations__.get("return", ""))
                empty = next((e for shape, e in _EMPTY if re.fullmatch(shape, said)), None)
                if empty is not None and not function.__code__.co_freevars:
                    found.append(Unit(path, _lines(function), empty, code=function))
    return found


def _own(module: types.ModuleType) -> set[str]:
    text = Path(str(module.__file__)).read_text(encoding="utf-8")
    return set(re.findall(r"^(\w+)(?:: [^=]+)? = ", text, re.MULTILINE))


def _modules() -> Iterator[types.ModuleType]:
    for package in PACKAGES:
        root = importlib.import_module(f"rag.{package}")
        for info in pkgutil.walk_packages(root.__path__, f"rag.{package}."):
            yield importlib.import_module(info.name)


def _functions(path: str, value: Any, module: str) -> Iterator[tuple[str, types.FunctionType]]:  # noqa: ANN401
    while hasattr(value, "__wrapped__"):
        value = value.__wrapped__
    if isinstance(value, types.FunctionType) and value.__module__ == module:
        yield path, value
    elif isinstance(value, type) and value.__module__ == module:
        for name, part in vars(value).items():
            inner = part.fget if isinstance(part, property) else getattr(part, "func", part)
            if isinstance(inner, types.FunctionType) and not name.startswith("__"):
                yield f"{path}.{name}", inner


def _lines(function: types.FunctionType) -> int:
    code = function.__code__
    return max((n for *_, n in code.co_lines() if n), default=0) - code.co_firstlineno + 1


def forget() -> None:
    """Forget what was read of texts, so that what is left out has no say by memory."""
    MEMORY.forget()
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith(("rag.answer", "rag.language", "rag.quest")):
            for value in vars(module).values():
                if clear := getattr(value, "cache_clear", None):
                    clear()


class _Noting:
    """A pattern that notes that it found something."""

    def __init__(self, pattern: re.Pattern[str], name: str, spoke: set[str]) -> None:
        self._pattern, self._name, self._spoke = pattern, name, spoke

    def __getattr__(self, attribute: str) -> Any:  # noqa: ANN401
        value = getattr(self._pattern, attribute)
        if not callable(value):
            return value

        def noting(*args: Any, **named: Any) -> Any:  # noqa: ANN401
            result = value(*args, **named)
            if attribute == "finditer":
                result = list(result)
            same = attribute in {"sub", "subn"} and result in (args[1], (args[1], 0))
            one = attribute == "split" and len(result) == 1
            if result and not same and not one:
                self._spoke.add(self._name)
            return iter(result) if attribute == "finditer" else result

        return noting


@contextmanager
def _put(old: object, new: object) -> Iterator[None]:
    """Put another object in the place of one, wherever a module of `rag` names it."""
    places = [
        (vars(module), name)
        for module in list(sys.modules.values())
        if getattr(module, "__name__", "").startswith("rag.")
        for name, value in vars(module).items()
        if value is old
    ]
    for space, name in places:
        space[name] = new
    try:
        yield
    finally:
        for space, name in places:
            space[name] = old


@contextmanager
def noting(found: Sequence[Unit]) -> Iterator[set[str]]:
    """Note the names of all that find something while this lasts."""
    spoke: set[str] = set()
    names = {u.code.__code__: u.name for u in found if u.code is not None}

    def seen(frame: types.FrameType, event: str, result: object) -> None:
        if event == "return" and result is not None and frame.f_code in names:
            name = names[frame.f_code]
            if name not in spoke and (frame.f_code.co_flags & 0x20 or _full(result)):
                spoke.add(name)

    with ExitStack() as stack:
        for unit in found:
            if unit.pattern is not None:
                stack.enter_context(_put(unit.pattern, _Noting(unit.pattern, unit.name, spoke)))
        sys.setprofile(seen)
        threading.setprofile(seen)
        try:
            yield spoke
        finally:
            sys.setprofile(None)
            threading.setprofile(None)


def _full(result: object) -> bool:
    try:
        return bool(result)
    except ValueError:
        return True


@contextmanager
def nulled(unit: Unit) -> Iterator[None]:
    """Let a unit find nothing while this lasts."""
    if unit.pattern is not None:
        never = re.compile(r"(?!)" + "".join(f"(?P<{n}>)" for n in unit.pattern.groupindex))
        with _put(unit.pattern, never):
            yield
        return
    code = unit.code.__code__
    unit.code.__code__ = unit.empty.__code__
    try:
        yield
    finally:
        unit.code.__code__ = code


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the archive that it is asked of, and how it came out whole."""

    suite: Suite
    case: Case
    qa: NewsQA
    right: bool
    said: tuple[str, ...]
    spoke: frozenset[str]


def ask(suite: Suite, case: Case, qa: NewsQA) -> tuple[bool, tuple[str, ...]]:
    """Ask; return whether the answer is right, and its words."""
    answer = qa.ask(case.question, as_of=case.as_of)
    verdict = answer.verdict
    said = (answer.text, verdict.kind, verdict.text) if verdict else (answer.text,)
    return right(case, answer, verdicts=suite.name in OURS), said


def whole(suite: Suite, qa: NewsQA, found: Sequence[Unit]) -> list[Asked]:
    """Ask all questions of a suite with everything in place, and note who had a say."""
    asked = []
    for case in suite.cases:
        ask(suite, case, qa)  # what is found and scored is kept from here on
        forget()
        with noting(found) as spoke:
            came, said = ask(suite, case, qa)
        asked.append(Asked(suite, case, qa, came, said, frozenset(spoke)))
    return asked


def worth(unit: Unit, asked: Sequence[Asked], chance: random.Random) -> dict[str, Any]:
    """Return how questions come out without a unit."""
    concerned = [a for a in asked if unit.name in a.spoke]
    row: dict[str, Any] = {"name": unit.name, "lines": unit.lines, "spoke": len(concerned)}
    tried = chance.sample(concerned, min(MOST, len(concerned)))
    counts = dict.fromkeys(("asked", "gained", "lost", "other", "broken"), 0)
    parts: dict[str, list[int]] = {}
    with nulled(unit):
        for one in tried:
            forget()
            counts["asked"] += 1
            try:
                came, said = ask(one.suite, one.case, one.qa)
            except Exception:  # noqa: BLE001 - whatever it is, it is needed
                counts["broken"] += 1
                if counts["broken"] >= ENOUGH:
                    break
                continue
            counts["other"] += said != one.said
            counts["gained"] += one.right and not came
            counts["lost"] += came and not one.right
            if came != one.right:
                at = parts.setdefault(f"{one.suite.name} {half(one.case)}", [0, 0])
                at[came] += 1
            if counts["gained"] >= ENOUGH + counts["lost"]:
                break
    forget()
    return row | counts | {"by": parts}


def main() -> int:
    """Write a row for each unit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="+")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--only", default="", help="a regular expression for names")
    parser.add_argument("--write", type=Path, required=True)
    given = parser.parse_args()
    found = [u for u in units() if re.search(given.only, u.name)]
    print(f"{len(found)} units of {rag.__name__}", flush=True)  # noqa: T201
    asked: list[Asked] = []
    with ExitStack() as stack:
        for part in (memo, reader, reranker):  # what models make of a text is made once
            stack.enter_context(patch.object(part, "KEPT", 1_000_000))
        for text in given.suites:
            suite = suites.find(text)
            limit = None if suite.name in OURS else given.limit
            settings = Settings(chat=ChatSettings(llm="none"))
            plan = Plan(suite=suite, settings=settings, limit=limit)
            bench = stack.enter_context(opened(plan))
            asked += whole(replace(suite, cases=bench.suite.cases), bench.qa, found)
            good = sum(a.right for a in asked if a.suite.name == suite.name)
            print(f"{suite.name}: {good} of {len(bench.suite.cases)} right", flush=True)  # noqa: T201
        gc.freeze()
        by_say = sorted(found, key=lambda u: sum(u.name in a.spoke for a in asked))
        with given.write.open("w", encoding="utf-8") as file:
            for unit in by_say:
                row = worth(unit, asked, random.Random(unit.name))  # noqa: S311
                file.write(json.dumps(row) + "\n")
                file.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
