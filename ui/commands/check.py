"""`dateline check`: a reporter's own text against the archive, sentence by sentence."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.errors import SettingsError
from ui.commands import common
from ui.commands.ask import chosen_filter, opened

if TYPE_CHECKING:
    from rag.answer.draft import Checked
    from rag.answer.pipeline import NewsQA
    from rag.types import Filter

REPORTS = (".html", ".docx")
BAD = ("contradicted", "changed_since")
"""Findings after which the exit code tells a script to look."""


def check(  # noqa: PLR0913 - a parameter for each option, as typer has it
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A draft: .md, .txt, .docx or .html.")
    ],
    *,
    archive: common.ArchiveOption = None,
    json: common.JsonOption = False,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="FILE", help="Write all quotes into this file: .html or .docx."
        ),
    ] = None,
    since: common.SinceOption = None,
    until: common.UntilOption = None,
    publisher: common.PublisherOption = None,
    collection: common.CollectionOption = None,
) -> int:
    """Say of each sentence of a draft whether the archive supports it; no model is asked.

    The exit code is 5 when a sentence is contradicted or has changed since.
    """
    if report is not None and report.suffix.lower() not in REPORTS:
        raise typer.BadParameter(f"{report}: a report is {' or '.join(REPORTS)}")
    settings = common.configure(archive=archive, llm="none")
    text = drafted(file)
    within = chosen_filter(since, until, publisher, collection)
    with opened(settings, watch=not json) as qa:
        from ui.api.citing import Citer
        from ui.api.drafts import draft_json

        checked = _watched(text, qa, within)
        record = draft_json(checked, Citer(qa.archive, settings.serve.public_url or ""))
    if json:
        common.emit(record)
    else:
        _show(record)
    if report is not None:
        _write(report, record, file.name)
    return common.SOME_FAILED if any(record["counts"][name] for name in BAD) else 0


def _write(report: Path, record: dict[str, Any], name: str) -> None:
    from ui.api.drafts import draft_page, draft_word

    try:
        if report.suffix.lower() == ".docx":
            report.write_bytes(draft_word(record, name))
        else:
            report.write_text(draft_page(record, name), encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"the report cannot be written to {report}: {error.strerror}") from None


def drafted(file: Path) -> str:
    """Return the words of a draft, read in a process of its own as articles are.

    Raises:
        SourceError: It cannot be read, or holds no text.
    """
    from rag.errors import SourceError
    from rag.ingest.clean import clean
    from rag.ingest.sources.draft import Draft
    from rag.ingest.sources.reading import from_path
    from rag.ingest.sources.worker import Limits, Reader

    given = from_path(file)
    if isinstance(given, SourceError):
        raise given
    with Reader(Limits()) as reader:
        for found in reader.read(given):
            if isinstance(found, SourceError):
                raise found
            if isinstance(found, Draft) and found.text.strip():
                return clean(found.text)
    raise SourceError(f"{file} holds no text that could be checked")


def _watched(text: str, qa: NewsQA, within: Filter | None) -> list[Checked]:
    """Check a draft; on a terminal with a bar that says how far it is."""
    from rich.progress import Progress

    from rag.answer.draft import check as checked
    from ui.terminal import console

    with Progress(console=console(sys.stderr), transient=True) as bar:
        task = bar.add_task("checking", total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        return list(checked(text, qa, filters=within, progress=tell))


def _show(record: dict[str, Any]) -> None:
    from ui.api.drafts import SAID
    from ui.api.wording import named
    from ui.terminal import safe

    for one in record["sentences"]:
        reasons = f" ({'; '.join(one['reasons'])})" if one["reasons"] else ""
        common.write(f"{SAID[one['finding']]:>18}  {safe(one['text'] + reasons)}")
        for cited in (*one["support"], *one["against"]):
            mark = "+" if cited["verdict"] == "supported" else "-"
            quote = " ".join(cited["quote"].split())
            common.write(f"{'':>18}  {mark} {safe(named(cited))}: {safe(quote)}")
    counts = ", ".join(f"{n} {SAID[name]}" for name, n in record["counts"].items() if n)
    common.write(counts or "nothing to check")
