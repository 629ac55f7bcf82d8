"""Dateline's engine: from articles and a question to a verified, cited answer.

    from rag import NewsQA

    with NewsQA.open("~/news") as qa:
        print(qa.add("articles/"))
        print(qa.ask("How many members does NATO have?").text)

The names listed in `__all__` are public. Each is loaded when it is first used, so that importing
the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from rag.version import __version__

if TYPE_CHECKING:
    from rag.answer.pipeline import NewsQA
    from rag.answer.replay import replay
    from rag.archive.archive import Archive
    from rag.errors import (
        ArchiveBusy,
        ArchiveContended,
        ArchiveDamaged,
        ArchiveError,
        ArchiveFull,
        ArchiveMissing,
        ArchiveOutdated,
        ArchiveUnreachable,
        DatelineError,
        Erased,
        ModelDamaged,
        ModelError,
        ModelMissing,
        ModelUnreachable,
        NotAllowed,
        NotFound,
        QuestionError,
        SettingsError,
        SourceError,
        WhereUnclear,
    )
    from rag.events import Turn
    from rag.ingest.adding import IndexReport
    from rag.models.encoder import Encoder
    from rag.record import from_json, to_json
    from rag.settings import Settings
    from rag.types import (
        Answer,
        Article,
        Citation,
        Conflict,
        Coverage,
        Event,
        Evidence,
        Filter,
        Ruling,
        Source,
        Span,
        Statement,
        Verdict,
    )
    from rag.verify.verifier import Premise, Verifier

__all__ = [
    "Answer",
    "Archive",
    "ArchiveBusy",
    "ArchiveContended",
    "ArchiveDamaged",
    "ArchiveError",
    "ArchiveFull",
    "ArchiveMissing",
    "ArchiveOutdated",
    "ArchiveUnreachable",
    "Article",
    "Citation",
    "Conflict",
    "Coverage",
    "DatelineError",
    "Encoder",
    "Erased",
    "Event",
    "Evidence",
    "Filter",
    "IndexReport",
    "ModelDamaged",
    "ModelError",
    "ModelMissing",
    "ModelUnreachable",
    "NewsQA",
    "NotAllowed",
    "NotFound",
    "Premise",
    "QuestionError",
    "Ruling",
    "Settings",
    "SettingsError",
    "Source",
    "SourceError",
    "Span",
    "Statement",
    "Turn",
    "Verdict",
    "Verifier",
    "WhereUnclear",
    "__version__",
    "from_json",
    "replay",
    "to_json",
]

_ELSEWHERE = {
    "Archive": "rag.archive.archive",
    "Encoder": "rag.models.encoder",
    "IndexReport": "rag.ingest.adding",
    "NewsQA": "rag.answer.pipeline",
    "Premise": "rag.verify.verifier",
    "Settings": "rag.settings",
    "Turn": "rag.events",
    "Verifier": "rag.verify.verifier",
    "from_json": "rag.record",
    "replay": "rag.answer.replay",
    "to_json": "rag.record",
}
"""Where a name is that is neither an error nor a frozen type."""


def __getattr__(name: str) -> object:
    """Load a public name when it is first used (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    types = import_module("rag.types")
    home = "rag.types" if hasattr(types, name) else "rag.errors"
    value = getattr(import_module(_ELSEWHERE.get(name, home)), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
