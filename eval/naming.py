"""Are people, organisations and places found? Precision and recall on articles labelled by hand.

Forty of our own articles are labelled with every person, organisation and place that they name, in
full and once. Half of them were read while the rules were written, the others were not.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from eval import corpus, suites
from rag.archive.archive import Archive
from rag.language.entities import key_of, read
from rag.language.kinds import Kind
from rag.settings import Settings

CASES = Path(__file__).parent / "cases" / "entities.jsonl"
KINDS: tuple[Kind, ...] = ("person", "organisation", "place")
Half = Literal["read", "unread"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found of one kind in one half."""

    right: int
    found: int
    labelled: int

    @property
    def precision(self) -> float:
        """The part of what was found that is right."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The part of what is labelled that was found."""
        return self.right / self.labelled if self.labelled else 1.0


def labelled() -> list[Mapping[str, list[str] | str]]:
    """Return the labels, one record an article."""
    lines = CASES.read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def measure(settings: Settings) -> tuple[dict[tuple[str, Kind], Found], list[str]]:
    """Return what was found by half and kind, and in words what is wrong in the read half."""
    place = corpus.prepare(suites.time(), settings).archive
    right: Counter[tuple[str, Kind]] = Counter()
    found: Counter[tuple[str, Kind]] = Counter()
    wanted: Counter[tuple[str, Kind]] = Counter()
    wrong: list[str] = []
    with Archive.open(place) as archive:
        ids = {_name(a.origin): a.id for a in archive.articles() if a.origin}
        for label in labelled():
            article_id = ids[str(label["file"])]
            text = archive.article(article_id).text
            entities = read(text, archive.sentences(article_id))
            for kind in KINDS:
                half = str(label["half"]), kind
                named = {key_of(name, kind) for name in label[kind]}
                keys = {e.key for e in entities if e.kind == kind}
                right[half] += len(named & keys)
                found[half] += len(keys)
                wanted[half] += len(named)
                if label["half"] == "read" and named != keys:
                    missed, extra = sorted(named - keys), sorted(keys - named)
                    wrong.append(f"{label['file']}, {kind}: missed {missed}, wrong {extra}")
    scores = {
        key: Found(right=right[key], found=found[key], labelled=wanted[key]) for key in wanted
    }
    return scores, wrong


def _name(origin: str) -> str:
    """Name an article by its file, as the labels do."""
    return Path(origin).name


def lines(settings: Settings) -> Iterator[str]:
    """Measure, and yield what came of it in lines for people."""
    scores, wrong = measure(settings)
    for (half, kind), one in sorted(scores.items()):
        yield _line(f"{half}, {kind}", one)
    for half in ("read", "unread"):
        some = [one for (which, _), one in scores.items() if which == half]
        whole = Found(
            right=sum(s.right for s in some),
            found=sum(s.found for s in some),
            labelled=sum(s.labelled for s in some),
        )
        yield _line(f"{half}, all", whole)
    yield from (f"  {said}" for said in wrong)


def _line(name: str, one: Found) -> str:
    return (
        f"{name}: precision {one.precision:.3f} ({one.right} of {one.found}), "
        f"recall {one.recall:.3f} ({one.right} of {one.labelled})"
    )
