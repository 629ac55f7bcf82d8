"""How long a dossier takes in a folder and on a PostgreSQL server, over the same articles.

    python -m tests.rag.dossiers ARCHIVE [TOPIC ...]

The archive is moved to a server that is started for it. Each topic is asked of both by turns, in an
order that changes, so that whatever else the machine does meets both alike. No model is asked.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from rag.answer.dossier import dossier
from rag.answer.pipeline import open_qa
from rag.maintenance.move import move
from rag.models.embed import load
from rag.settings import Place, Settings, place
from tests import servers

TOPICS = ("Ukraine", "Elon Musk", "Twitter", "World Cup", "the Supreme Court", "inflation")


def main() -> None:
    os.environ.setdefault("DATELINE_RERANK__MODEL", "none")
    source, topics = place(sys.argv[1]), sys.argv[2:] or list(TOPICS)
    try:
        compared(source, place(servers.server("postgres-15").address("dossiers")), topics)
    finally:
        servers.close()


def compared(source: Place, target: Place, topics: Sequence[str]) -> None:
    move(source, target)
    encoder = load(Settings().embed)
    with ExitStack() as open_ones:
        both = [open_ones.enter_context(_opened(at, encoder)) for at in (source, target)]
        for qa in both:
            dossier(topics[0], qa)
        spent, same = [0.0, 0.0], 0
        for turn, topic in enumerate(topics):
            told = ["", ""]
            for which in (0, 1) if turn % 2 else (1, 0):
                begun = time.perf_counter()
                sheet = dossier(topic, both[which])
                spent[which] += time.perf_counter() - begun
                told[which] = re.sub(r"generation=\d+", "", repr(sheet))
            same += told[0] == told[1]
        held = both[0].archive.coverage().articles
    sys.stdout.write(
        f"{held} articles, {len(topics)} topics: {spent[0] / len(topics):.2f} s each in a folder, "
        f"{spent[1] / len(topics):.2f} s on the server, ratio {spent[1] / spent[0]:.2f}; "
        f"the same sheet {same} times\n"
    )


def _opened(at: Place, encoder: Any) -> Any:
    settings = Settings(archive=at)
    quiet = settings.chat.model_copy(update={"llm": "none"})
    return open_qa(settings.model_copy(update={"chat": quiet}), encoder=encoder)


if __name__ == "__main__":
    main()
