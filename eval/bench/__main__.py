"""`python -m eval.bench NAME [options]`: run one benchmark."""

from __future__ import annotations

import sys
from importlib import import_module

NAMES = (
    "ahead", "drafts", "encoders", "engines", "fleet", "observed", "peers", "scale", "soak",
    "start", "steps", "stores", "watches",
)  # fmt: skip


def main() -> int:
    """Hand the rest of the command line to the benchmark that it names."""
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        sys.stderr.write(f"usage: python -m eval.bench {{{','.join(NAMES)}}} [--help]\n")
        return 2
    name = sys.argv.pop(1)
    sys.argv[0] = f"python -m eval.bench {name}"
    return int(import_module(f"eval.bench.{name}").main() or 0)


if __name__ == "__main__":
    sys.exit(main())
