"""An answer as running text with markers: what clients of chat protocols show.

`[n]` stands behind each sentence; a sentence's range covers it with its markers and counts Unicode
code points. A list of sources at the end is for clients that show nothing but text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rag.types import Answer, Statement
from ui.api.citing import Citer, Json
from ui.api.messages import public
from ui.listing import markdown
from ui.markup import label, outlet, plain_when, title

_DOUBT = {
    "partly": " (likely)",
    "contradicted": " (contradicted by the articles)",
    "unsupported": " (not supported)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence with its markers, and where it stands in the whole text."""

    lead: str
    """What stands between it and the sentence before."""
    text: str
    start: int
    cited: Sequence[Json]

    @property
    def end(self) -> int:
        """The place behind its last marker."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """A whole answer as text."""

    sentences: Sequence[Sentence]
    tail: str
    """What follows the last sentence: the reason of a partial answer, the list of sources."""
    sources: Sequence[Json]
    """The distinct citations, by number."""

    @property
    def content(self) -> str:
        """The whole text."""
        return "".join(s.lead + s.text for s in self.sentences) + self.tail


def worded(answer: Answer, citer: Citer, *, footer: bool) -> Worded:
    """Return an answer as text with markers.

    Args:
        answer: A checked answer; of one that is declined the reason is the text.
        citer: Writes the citations.
        footer: Whether a list of sources closes the text.
    """
    sentences: list[Sentence] = []
    sources: dict[int, Json] = {}
    at = 0
    for statement, cited in citer.told(answer):
        lead = " " if sentences else ""
        sentence = Sentence(
            lead=lead, text=_marked(statement, cited), start=at + len(lead), cited=cited
        )
        sentences.append(sentence)
        sources.update((record["number"], record) for record in cited)
        at = sentence.end
    listed = [sources[n] for n in sorted(sources)]
    listed_as = markdown(answer.listing, citer.shows) if answer.listing else ""
    parts = [listed_as, public(answer.reason), _list(listed) if footer else ""]
    tail = "\n\n".join(part for part in parts if part)
    between = "\n\n" if sentences and tail else ""
    return Worded(sentences=sentences, tail=between + tail, sources=listed)


def _marked(statement: Statement, cited: Sequence[Json]) -> str:
    marks = "".join(f"[{n}]" for n in dict.fromkeys(record["number"] for record in cited))
    doubt = _DOUBT.get(statement.verdict.support, "")
    return f"{statement.text}{' ' if marks else ''}{marks}{doubt}"


def named(record: Json) -> str:
    """Name the source of a citation on one line: outlet, title, day."""
    from rag.record import source_from_json

    source = source_from_json(record)
    return f"{outlet(source)}, {title(source)}, {plain_when(source.published)}"


def _list(sources: Sequence[Json]) -> str:
    if not sources:
        return ""
    lines = [f"[{r['number']}] {named(r)}: “{label(r['quote'])}” {r['address']}" for r in sources]
    return "Sources:\n" + "\n".join(lines)


def searched(sources: Sequence[Json]) -> list[dict[str, Any]]:
    """Return the sources in the form that clients of search services read."""
    return [
        {
            "title": r["title"],
            "url": r["address"],
            "date": r["published"],
            "snippet": r["quote"],
        }
        for r in sources
    ]


def shown_source(record: Json) -> dict[str, Any]:
    """Return a citation as Open WebUI shows it, with the exact quote."""
    name = named(record)
    return {
        "source": {"name": name, "url": record["address"]},
        "document": [record["quote"]],
        "metadata": [{"source": record["address"], "name": name, "external": True}],
    }
