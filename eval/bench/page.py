"""Puts what a benchmark measured into a page, between two markers that name the benchmark."""

from __future__ import annotations

from pathlib import Path


def put(page: Path, name: str, body: str) -> None:
    """Replace what stands between `<!-- NAME -->` and `<!-- /NAME -->`.

    Raises:
        ValueError: the page has no such place.
    """
    text = page.read_text(encoding="utf-8")
    opening, closing = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, found, rest = text.partition(opening)
    _, ended, after = rest.partition(closing)
    if not found or not ended:
        raise ValueError(f"{page} has no place marked {opening.strip()} ... {closing}")
    page.write_text(f"{before}{opening}{body}{closing}{after}", encoding="utf-8")
