"""`dateline mcp`: the archive as tools for a language model, on standard input and output."""

from __future__ import annotations

from ui.commands import common


def mcp(
    *,
    archive: common.ArchiveOption = None,
    style: common.StyleOption = None,
    llm: common.LlmOption = None,
    base_url: common.BaseUrlOption = None,
) -> None:
    """Serve the archive to a client of the Model Context Protocol that started this process."""
    settings = common.configure(archive=archive, llm=llm, base_url=base_url, style=style)
    from ui.api.stdio import serve

    serve(settings)
