"""Articles read by a Ray cluster of two nodes on this machine, of which one is killed on the way.

    python -m tests.rag.rays ADDRESS COUNT SEED

It is a process of its own, so that nothing of Ray stays behind in the tests'. It prints what came
of it as JSON.
"""

from __future__ import annotations

import json
import os
import random
import secrets
import sys
import threading
import time
from typing import Any

from rag.archive.archive import Archive
from rag.ingest.adding import add
from rag.settings import IngestSettings, Settings, place
from tests.rag import writers
from tests.rag.making import Numbers

TRIES = 3


def started() -> tuple[Any, Any]:
    """Return a cluster of two nodes, and the second of them; tried three times."""
    from ray.cluster_utils import Cluster

    for turn in range(1, TRIES + 1):
        cluster = None
        try:
            head = {"num_cpus": 1, "include_dashboard": False}
            cluster = Cluster(initialize_head=True, head_node_args=head)
            return cluster, cluster.add_node(num_cpus=1)
        except Exception as error:
            if cluster is not None:
                cluster.shutdown()
            if turn == TRIES:
                raise
            print(f"no cluster yet: {error}", file=sys.stderr)  # noqa: T201
            time.sleep(5)
    raise AssertionError


def main() -> None:
    address, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    os.environ |= {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    aim = int(count * random.Random(seed).uniform(0.3, 0.7))
    cluster, node = started()
    at = place(address)
    killed: list[int] = []
    done = threading.Event()

    def kill() -> None:
        with Archive.open(at) as archive:
            while not done.wait(0.02):
                if (held := archive.tally().articles) >= aim:
                    cluster.remove_node(node, allow_graceful=False)
                    killed.append(held)
                    return

    Archive.create(at).close()
    killer = threading.Thread(target=kill)
    killer.start()
    begun = time.monotonic()
    ingesting = IngestSettings(engine="ray", ray_address=cluster.address)
    try:
        report = add(
            at, Numbers(), [writers.record(n) for n in range(count)], Settings(ingest=ingesting)
        )
    finally:
        done.set()
        killer.join()
        cluster.shutdown()
    told = {
        "killed_at": killed,
        "seconds": round(time.monotonic() - begun, 1),
        "failed": [f.reason for f in report.failed],
        "reported": len(report.added) + len(report.copies) + len(report.unchanged),
    }
    print(json.dumps(told))  # noqa: T201


if __name__ == "__main__":
    main()
