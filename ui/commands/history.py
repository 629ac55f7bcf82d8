"""`dateline history`: what was asked before, and whether its answers still quote what stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands import common

if TYPE_CHECKING:
    from rag.archive.exchanges import Exchange


def history(
    words: Annotated[str, typer.Argument(help="Only conversations with all of these words.")] = "",
    *,
    archive: common.ArchiveOption = None,
    json: common.JsonOption = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200)] = 20,
    changed: Annotated[
        bool, typer.Option("--changed", help="Only answers whose quotes no longer stand.")
    ] = False,
) -> int:
    """List stored answers, the latest conversation first: stands, changed or withdrawn.

    An answer is marked when an article that it quotes was corrected, withdrawn or deleted; the new
    words are shown.
    """
    settings = common.configure(archive=archive)
    from rag.archive.archive import Archive
    from rag.archive.conversations import Conversations
    from rag.archive.standings import Standings
    from rag.watching.ripple import ripple
    from ui.exports import standing_json

    with (
        Archive.open(settings.archive) as store,
        Conversations.open(settings.archive) as kept,
        Standings.open(settings.archive) as standings,
    ):
        list(ripple(store, kept, standings))
        shown = 0
        for conversation in kept.listed(words, limit=limit):
            for exchange in kept.exchanges(conversation.id):
                if not changed or standing_json(exchange)["state"] != "stands":
                    _show(exchange, json=json)
                    shown += 1
    if not shown and not json:
        common.write("no such answers" if words or changed else "no stored answers")
    return 0


def _show(exchange: Exchange, *, json: bool) -> None:
    from ui.exports import standing_json
    from ui.terminal import safe

    standing = standing_json(exchange)
    if json:
        about = {"id": exchange.id, "conversation": exchange.conversation, "state": exchange.state}
        common.emit(
            about
            | {"asked": exchange.asked.isoformat(), "question": exchange.question}
            | {"text": exchange.answer.text if exchange.answer else None, "standing": standing}
        )
        return
    state = standing["state"] if exchange.state == "answered" else exchange.state
    common.write(
        safe(f"{state:10} {exchange.asked:%Y-%m-%d}  {exchange.question}  ({exchange.id})")
    )
    for quote in standing["quotes"]:
        common.write(safe(f"    was: {' '.join(quote['quote'].split())}"))
        common.write(safe(f"    now: {' '.join((quote['now'] or quote['why']).split())}"))
