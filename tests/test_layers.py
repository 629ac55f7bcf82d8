"""The design as tests: the layers, what start-up may load, which names are public."""

import ast
import re
import runpy
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PACKAGES = ("rag", "ui", "eval")
HEAVY = {
    "chromadb",
    "gradio",
    "httpx",
    "langchain",
    "langchain_core",
    "langchain_chroma",
    "langchain_openai",
    "numpy",
    "openai",
    "pydantic",
    "sentence_transformers",
    "torch",
    "trafilatura",
    "transformers",
    "xllamacpp",
}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Yield every module that a file imports, also inside functions and for type checking."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield node.module or ""


def test_the_contracts_of_pyproject_about_who_may_import_whom_hold():
    # In a process of its own: it switches off the loggers of the one that it runs in.
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("package", PACKAGES)
def test_nobody_writes_import_eval_which_hides_the_builtin(package):
    bare = [
        str(path)
        for path in modules(package)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import) and any(alias.name == "eval" for alias in node.names)
    ]
    assert bare == []


CONSTRAINTS = runpy.run_path(str(ROOT / ".ci" / "constraints.py"))


DEVELOPER_TOOLS = set((ROOT / "eval" / "bench" / "systems").glob("*.py"))
"""Scripts for us, which may use what only developers install, or environments of their own."""


def test_every_import_comes_with_a_declared_dependency():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    chosen = [line for name, lines in extras.items() if name != "dev" for line in lines]
    provided = CONSTRAINTS["reachable"](CONSTRAINTS["declared"](dev=False) + chosen)
    given_by = packages_distributions()
    missing = set()
    for package in PACKAGES:
        for path in set(modules(package)) - DEVELOPER_TOOLS:
            for top in {name.partition(".")[0] for name in imported(path)}:
                known = top in sys.stdlib_module_names or top in PACKAGES
                givers = map(canonicalize_name, given_by.get(top, ()))
                if not known and not any(giver in provided for giver in givers):
                    missing.add(f"{path.relative_to(ROOT)} imports {top}")
    assert missing == set()


def test_what_an_extra_brings_is_declared_where_old_pips_cannot_read_its_name():
    """Up to pip 23.2, which Python 3.11 brings, `html_clean` does not find `html-clean`."""
    declared = CONSTRAINTS["declared"](dev=True)
    direct = {canonicalize_name(Requirement(line).name) for line in declared}
    missed = set()
    for name in CONSTRAINTS["reachable"](declared):
        for needed in map(Requirement, distribution(name).requires or ()):
            for extra in needed.extras if CONSTRAINTS["applies"](needed, frozenset()) else ():
                giver = distribution(needed.name)
                if extra not in (giver.metadata.get_all("Provides-Extra") or ()):
                    brought = map(Requirement, giver.requires or ())
                    missed |= {
                        canonicalize_name(b.name)
                        for b in brought
                        if b.marker and b.marker.evaluate({"extra": canonicalize_name(extra)})
                    }
    assert missed - direct == set()


def test_everything_that_is_installed_for_dateline_is_pinned():
    lines = (ROOT / "constraints.txt").read_text().split()
    pinned = {line.partition("==")[0] for line in lines}
    needed = CONSTRAINTS["reachable"](CONSTRAINTS["declared"](dev=True)).keys()
    assert needed - CONSTRAINTS["NOT_PINNED"] <= pinned
    assert not any("+" in line for line in lines), "no local version labels"


def loaded_by(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has loaded after running `code`."""
    script = f"import sys\n{code}\nprint(*{{m.partition('.')[0] for m in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("module", ["rag.types", "rag.errors", "rag.record", "rag.ingest.clean"])
def test_the_base_loads_nothing_heavy(module):
    assert loaded_by(f"import {module}") & HEAVY == set()


def test_cutting_articles_loads_no_model_and_no_store():
    heavy = HEAVY - {"langchain_core", "numpy", "httpx", "pydantic"}
    assert loaded_by("import rag.ingest.chunk") & heavy == set()


def test_help_loads_nothing_heavy():
    code = "from ui.cli import run\nassert run(['--help']) == 0"
    assert loaded_by(code) & HEAVY == set()


def test_the_public_nouns_are_these():
    import rag.types

    public = {
        name
        for name, value in vars(rag.types).items()
        if getattr(value, "__module__", None) == "rag.types" and not name.startswith("_")
    }
    assert public == {
        "Answer",
        "Article",
        "Citation",
        "Conflict",
        "Coverage",
        "Event",
        "Evidence",
        "Filter",
        "Listing",
        "PassageMeta",
        "Profile",
        "Reading",
        "Row",
        "Ruling",
        "Search",
        "Source",
        "Span",
        "Spent",
        "Statement",
        "Timings",
        "Tokens",
        "Verdict",
        "day",
        "join",
    }


def test_every_error_has_a_sentence_and_an_exit_code():
    import rag.errors

    tree = [e for e in vars(rag.errors).values() if isinstance(e, type)]
    assert all(issubclass(e, rag.errors.DatelineError) for e in tree)
    assert all(e.__doc__ and e.__doc__.endswith(".") for e in tree)
    assert {e.exit_code for e in tree} == {1, 2, 4, 5, 6}


def test_the_answer_callable_and_its_events_keep_their_names():
    import inspect

    from rag.answer.pipeline import (
        EvidenceFound,
        NewsQA,
        StatementChecked,
        TextDelta,
        Turn,
        Understood,
        open_qa,
    )

    asked_with = list(inspect.signature(NewsQA.ask).parameters)[1:6]
    assert asked_with == ["question", "filters", "as_of", "history", "on_event"]
    assert list(inspect.signature(open_qa).parameters)[:1] == ["settings"]
    shapes = {
        kind.__name__: list(kind.__slots__) for kind in (Understood, EvidenceFound, TextDelta, Turn)
    }
    assert shapes == {
        "Understood": ["question", "filters", "as_of", "inferred"],
        "EvidenceFound": ["evidence"],
        "TextDelta": ["text"],
        "Turn": ["question", "answer"],
    }
    assert list(StatementChecked.__slots__) == ["statement", "kept"]


@pytest.mark.parametrize(
    "document",
    [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "CONTRIBUTING.md", ROOT / "README.md"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_file_that_a_document_names_is_there(document):
    text = document.read_text(encoding="utf-8")
    named = re.findall(r"`((?:rag|ui|eval|tests|examples)/[\w/.-]+)`", text)
    linked = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    missing = [name for name in named if not (ROOT / name).exists()]
    missing += [link for link in linked if not (document.parent / link).exists()]
    assert missing == []
