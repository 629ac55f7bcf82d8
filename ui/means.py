"""What the page may do besides asking and reading; a page without any of it is complete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.archive.clips import Clips
from rag.settings import Settings
from rag.types import Answer
from ui.ahead import Ahead
from ui.evaluation import Runs
from ui.intake import Intake
from ui.machine import Machine
from ui.upload import Uploads


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What this server offers to the people who open its page."""

    intake: Intake | None = None
    """Takes articles in; None: the archive can only be read."""
    uploads: Uploads | None = None
    """Files that people send, until they are indexed."""
    sample: Path | None = None
    """Articles to try with, for an archive that is empty."""
    folders: tuple[Path, ...] = ()
    """Folders of this computer that may be named on the page, with all below them."""
    addresses: bool = False
    """Whether addresses on the web may be named on the page, to be fetched by this computer."""
    settings: Settings | None = None
    """How answers are made; None: nobody may wish for something else."""
    llms: tuple[str, ...] = ()
    """Models that may be chosen besides the one of the settings."""
    runs: Runs | None = None
    """Runs of the eval suite; None: there is no such tab."""
    ahead: Ahead | None = None
    """Makes questions ready while they are typed; None: nothing is done before they are asked."""
    index: Callable[[], str] = lambda: ""
    """Says what searches by meaning: `rag.archive.index.State`, or "" while nothing does."""
    clips: Clips | None = None
    """Where quotes are kept; None keeps them as long as the page's server runs."""
    related: Callable[[Answer], Sequence[str]] | None = None
    """Finds questions that the archive answers beside an answer; it waits while anybody asks."""
    where: str = ""
    """With what the names of runs begin, where several workers answer."""
    page: bool = True
    """Whether there is a page at all; a worker beside the first has doors only."""
    machine: Machine | None = None
    """Runs searches and timelines for the doors; None: nothing can be looked for."""
