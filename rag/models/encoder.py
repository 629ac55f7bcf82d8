"""What turns texts into vectors, as the steps after ingestion need it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

Matrix = np.ndarray[Any, np.dtype[np.float32]]


@runtime_checkable
class Encoder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def fingerprint(self) -> str:
        """Name the model: vectors of two models must never be compared."""
        ...

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Return float32 rows of length 1, shape (len(texts), dimensions)."""
        ...
