"""`make stores REAL=ARCHIVE`: the benchmark of stores on servers that are started for it.

PostgreSQL 18 with pgvector, from the package that carries both and with as much memory as
`dateline up` gives it, and `chroma run`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from eval.bench.scale import sizes
from eval.bench.stores import run, table
from rag.settings import IndexSettings, place
from tests import servers
from tests.rag.test_engines import chroma, free_port, prepared
from ui.fleet.plan import MEMORY


def main() -> None:
    real, size = place(sys.argv[1]), sizes(sys.argv[2] if len(sys.argv) > 2 else "100k")[0]
    server = servers.server("postgres-18")
    server.memory = MEMORY
    server.stop("fast")
    server.start()
    prepared(server)
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, chroma(Path(folder), port):
        hows = [
            IndexSettings(engine="pgvector"),
            IndexSettings(engine="chroma-server", url=f"http://127.0.0.1:{port}"),
        ]
        at = place(server.address("stores,public"))
        found = run(real, at, size, hows, lambda line: sys.stderr.write(f"{line}\n") and None)
    servers.close()
    sys.stdout.write(table(found))


if __name__ == "__main__":
    main()
