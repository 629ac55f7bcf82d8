"""Keep an answer, and ask later whether it still holds; no model is asked again.

python examples/replay.py ARCHIVE KEPT.json [QUESTION]
"""

import json
import sys
from pathlib import Path

from rag import NewsQA, from_json, replay, to_json

archive, kept, *asked = sys.argv[1:]
with NewsQA.open(archive) as qa:
    if asked:
        Path(kept).write_text(json.dumps(to_json(qa.ask(asked[0]))), encoding="utf-8")
    found = replay(from_json(json.loads(Path(kept).read_text(encoding="utf-8"))), qa)
    print("holds" if found.holds else "no longer holds")
    for change in found.changes:
        print(change.kind, change.text)
