"""Blocks of a report as a Word document."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from ui.markup import words
from ui.report import Block, Run


def document(title: str, blocks: Iterable[Block]) -> bytes:
    """Return a Word document of its own, with no template but python-docx's."""
    from docx import Document  # takes a while to import

    made = Document()
    made.core_properties.title = _plain(title)[:255]
    made.core_properties.author = "Dateline"
    made.add_heading(_plain(title), 0)
    for block in blocks:
        _add(made, block)
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def _add(made: Any, block: Block) -> None:  # noqa: ANN401 - python-docx's document
    if block.kind in ("question", "head"):
        made.add_heading(
            "".join(_plain(r.text) for r in block.runs), 1 if block.kind == "question" else 2
        )
        return
    styles = {"item": "List Bullet", "quote": "Intense Quote"}
    line = made.add_paragraph(style=styles.get(block.kind))
    if block.number:
        line.add_run(f"{block.number}. ").bold = True
    for run in block.runs:
        _run(line, run)


def _run(line: Any, run: Run) -> None:  # noqa: ANN401 - python-docx's paragraph
    text = f"[{run.text}]" if run.style == "note" else run.text
    added = line.add_run(_plain(text))
    if run.link:
        _linked(line, added, run.link)
    added.bold = run.style == "strong" or None
    added.italic = run.style == "soft" or None
    added.font.superscript = run.style == "note" or None


def _linked(line: Any, added: Any, address: str) -> None:  # noqa: ANN401 - python-docx's
    """Put a run into a link, which python-docx has no way to make."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    place = line.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), place)
    paragraph = added.element.getparent()
    link.append(added.element)
    paragraph.append(link)
    added.font.underline = True


def _plain(text: str) -> str:
    """Return text that XML can hold."""
    return "".join(c for c in words(text) if c >= " " or c in "\t\n")
