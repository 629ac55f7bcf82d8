"""`dateline timeline`: a course of events, oldest first, each in the words of one source."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ui.commands import common
from ui.commands.ask import chosen_filter, exit_code, opened


def timeline(  # noqa: PLR0913 - a parameter for each option, as typer has it
    topic: Annotated[str, typer.Argument(help="A topic or a question, in quotes.")],
    *,
    archive: common.ArchiveOption = None,
    json: common.JsonOption = False,
    as_of: common.AsOfOption = None,
    since: common.SinceOption = None,
    until: common.UntilOption = None,
    publisher: common.PublisherOption = None,
    collection: common.CollectionOption = None,
) -> int:
    """Tell what happened in order, one cited sentence for each event; no model is asked."""
    settings = common.configure(archive=archive, llm="none")
    within = chosen_filter(since, until, publisher, collection)
    with opened(settings, watch=not json) as qa:
        answer = qa.timeline(topic, filters=within, as_of=as_of)
    if json:
        from rag.record import to_json

        common.emit(to_json(answer))
    else:
        from ui.terminal import console, show

        show(console(sys.stdout), answer)
    return exit_code(answer)
