"""The child process that runs the local model: llama.cpp's HTTP server, on loopback only.

    python -m rag.llm.llama --model FILE [--alias NAME] [--context N] [--threads N] [--states DIR]

It prints one JSON line with its address and the random key that requests must carry, and ends when
its standard input is closed, so it cannot outlive the process that started it, however that died.
In a process of its own, a crash or an out-of-memory kill of the native code takes an answer with
it, never the archive.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

UNLOADABLE = 3
"""The exit code for a model that cannot be loaded, so that nobody tries again."""
BATCH = 128
"""Prompt tokens read at a time. Only between two batches does the server look whether its client
has gone: with llama.cpp's default, 2,048, a question that was given up blocks the next for as long
as reading its whole prompt takes."""


def main(argv: Sequence[str] | None = None) -> int:
    """Serve one model until the parent goes away."""
    options = _options(argv)
    out = _private_stdout()
    parent = os.getppid()
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    import xllamacpp

    key = secrets.token_urlsafe(24)
    try:
        server = xllamacpp.Server(_parameters(options, key))
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        return UNLOADABLE
    hello = {"url": server.listening_address + "/v1", "key": key, "version": xllamacpp.__version__}
    os.write(out, (json.dumps(hello) + "\n").encode())
    while os.getppid() == parent:  # a second guard, for when a fork still holds our stdin open
        time.sleep(1.0)
    os._exit(0)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rag.llm.llama", description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--alias", default="local")
    parser.add_argument("--context", type=int, default=4096)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--states", type=Path, default=None)
    return parser.parse_args(argv)


def _parameters(options: argparse.Namespace, key: str) -> object:
    """Translate our few options into llama.cpp's many."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(options.model)
    params.model_alias = {options.alias}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.ui = False
    params.n_ctx = options.context
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
    threads = options.threads or _cores()
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    if options.states is not None:
        params.slot_save_path = f"{options.states}{os.sep}"
    return params


def _cores() -> int:
    """Return how many cores this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)  # where it exists, it knows of limits
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def _private_stdout() -> int:
    """Keep standard output for our one line; whatever else writes there goes to the log."""
    out = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return out


def _end_with_stdin() -> None:
    """Wait until the parent closes our input or dies, then end at once."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
