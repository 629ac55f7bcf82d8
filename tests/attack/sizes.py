"""How much of each attack a run takes: what CI bears, the small size, or the large one.

DATELINE_SOAK=small and DATELINE_SOAK=large choose; DATELINE_TIMES sets the number of times for the
rows that count them, and with it one row at a time can be run at any size.
"""

import os

SOAK = {"": 0, "small": 1}.get(os.environ.get("DATELINE_SOAK", ""), 2)
"""Which of the three sizes this run takes."""
SEED = int(os.environ.get("DATELINE_SEED", "20261123"))


def size(*sizes: int) -> int:
    """Return one of three sizes."""
    return sizes[SOAK]


def times(*sizes: int) -> int:
    """Return how often, of three sizes, unless DATELINE_TIMES says it."""
    return int(os.environ.get("DATELINE_TIMES", str(size(*sizes))))


def figure(row: str, **figures: object) -> None:
    """Print a line for the tables of docs/reliability.md and docs/untrusted.md."""
    line = ", ".join(f"{name} {value}" for name, value in figures.items())
    print(f"\nFIGURE {row}: {line}")  # noqa: T201 - shown by pytest -s
