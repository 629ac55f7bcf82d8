"""Making sure that what was written is on the disk."""

from __future__ import annotations

import os
from pathlib import Path


def flush(*paths: Path) -> None:
    """Wait until files are on the disk; for a folder, the names in it."""
    for path in paths:
        file = os.open(path, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
