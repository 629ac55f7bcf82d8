"""The options that several commands of `dateline eval` have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

SuiteArgument = Annotated[str, typer.Argument(help="sample, FILE.jsonl, or NAME:FOLDER.")]
LimitOption = Annotated[int | None, typer.Option(min=1, help="At most so many cases.")]
KindOption = Annotated[list[str] | None, typer.Option(help="Only this kind; repeatable.")]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on with an unfinished run.")]
Half = Literal["retrieval", "answers"]
OnlyOption = Annotated[Half | None, typer.Option(help="Only this half.")]
RunsOption = Annotated[
    Path | None,
    typer.Option("--runs", metavar="DIR", help="Where runs are kept; default: the cache folder."),
]
LlmOption = Annotated[
    str | None,
    typer.Option(
        "--llm",
        metavar="MODEL",
        help="As in `dateline ask`, or scripted: a script in place of a model, to test the code.",
    ),
]
BaseUrlOption = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        metavar="URL",
        help="Endpoint of openai:MODEL or ollama:MODEL; its key is read from "
        "DATELINE_CHAT__API_KEY.",
    ),
]
ArchiveOption = Annotated[
    Path | None,
    typer.Option("--archive", metavar="DIR", help="For a file of cases: the archive to ask."),
]
ArticlesOption = Annotated[
    int | None,
    typer.Option(min=1, help="Ask over so many articles only, those that are named among them."),
]
PoolOption = Annotated[
    bool, typer.Option("--pool", help="Ask over the articles of all cases together.")
]
