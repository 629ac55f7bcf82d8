"""The child process that runs a local model in llama.cpp: its own HTTP server, on loopback only.

python -m rag.models.local.llama --model FILE [--alias NAME] [--context N] [--threads N]
    [--states DIR]
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Sequence

from rag.models.local.child import UNLOADABLE, Parent, options

BATCH = 128
"""Prompt tokens read at a time. Only between two batches does the server look whether its client
has gone: with llama.cpp's default, 2,048, a question that was given up blocks the next for as long
as reading its whole prompt takes."""


def main(argv: Sequence[str] | None = None) -> int:
    """Serve one model until the parent goes away."""
    given = options("rag.models.local.llama", argv)
    parent = Parent()
    import xllamacpp

    key = secrets.token_urlsafe(24)
    try:
        server = xllamacpp.Server(_parameters(given, key))
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        return UNLOADABLE
    parent.tell(server.listening_address + "/v1", key, xllamacpp.__version__)
    parent.outlast()
    return 0


def _parameters(given: argparse.Namespace, key: str) -> object:
    """Translate our few options into llama.cpp's many."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(given.model)
    params.model_alias = {given.alias}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.ui = False
    params.n_ctx = given.context
    # One slot: with more, idle slots' states move through a RAM cache that has restored another
    # conversation's state; the cache is off as well, in case the number of slots ever grows.
    params.n_parallel = 1
    params.cache_idle_slots = False
    params.cache_ram_mib = 0
    params.cache_prompt = True
    params.n_batch = BATCH
    params.n_ubatch = BATCH
    params.warmup = False
    params.n_gpu_layers = 0
    params.fit_params = False
    params.cpuparams.n_threads = given.threads
    params.cpuparams_batch.n_threads = given.threads
    if given.states is not None:
        params.slot_save_path = f"{given.states}{os.sep}"
    return params


if __name__ == "__main__":
    sys.exit(main())
