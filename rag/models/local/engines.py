"""The module that each engine of a local model is run by, as a child process.

`ik` (ik_llama.cpp) reads a prompt in half of the time, where it is installed and the processor has
AVX2; `llama.cpp` runs everywhere. Both answer as the same kind of endpoint.
"""

from __future__ import annotations

from rag.settings import Engine

MODULES: dict[Engine, str] = {"ik": "rag.models.local.quick", "llama.cpp": "rag.models.local.llama"}
