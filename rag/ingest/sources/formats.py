"""Which reader takes a file, by the ending of its name."""

from __future__ import annotations

from pathlib import PurePath

FORMATS = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".jsonl": "lines",
    ".jsonl.gz": "lines",
    ".ndjson": "lines",
    ".ndjson.gz": "lines",
    ".json": "list",
    ".ninjs": "list",
    ".csv": "table",
    ".tsv": "table",
    ".pdf": "pdf",
    ".docx": "docx",
    ".odt": "odt",
    ".rtf": "rtf",
    ".epub": "epub",
    ".xml": "xml",
    ".nitf": "xml",
    ".rss": "xml",
    ".atom": "xml",
    ".rdf": "xml",
    ".eml": "mail",
    ".mbox": "mbox",
    ".mhtml": "mhtml",
    ".mht": "mhtml",
    ".warc": "warc",
    ".warc.gz": "warc",
    ".wacz": "wacz",
    ".zip": "zip",
}
"""File name endings and the reader of each."""


def format_of(path: PurePath) -> str | None:
    """Return which reader takes the file, by its name; None when none does."""
    name = path.name.lower()
    kind = next((kind for ending, kind in FORMATS.items() if name.endswith(ending)), None)
    if kind is None and name.endswith(".gz"):
        return "gz" if format_of(PurePath(name.removesuffix(".gz"))) else None
    return kind
