"""An encoder that remembers: one question compares the same sentences several times."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from rag.models.encoder import Encoder, Matrix

KEPT = 4096
"""Most vectors remembered: 6 MB at 384 dimensions."""


class Memo:
    """Encodes each text once, as long as it is among the last `KEPT` that were asked for."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._vectors: OrderedDict[str, Matrix] = OrderedDict()
        self._turn = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """Name the model that encodes."""
        return self._encoder.fingerprint

    @property
    def together(self) -> int | None:
        """How many texts are encoded apart from all others, as `Embedder.together` has it."""
        return getattr(self._encoder, "together", None)

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Return float32 rows of length 1, shape (len(texts), dimensions)."""
        with self._turn:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
        missing = list(dict.fromkeys(text for text in texts if text not in known))
        if missing:
            known |= dict(zip(missing, self._encoder.encode(missing), strict=True))
        with self._turn:
            for text in texts:
                self._vectors[text] = known[text]
                self._vectors.move_to_end(text)
            while len(self._vectors) > KEPT:
                self._vectors.popitem(last=False)
        return np.stack([known[text] for text in texts])

    def forget(self) -> None:
        """Forget every text, so that a question can be timed twice."""
        with self._turn:
            self._vectors.clear()
