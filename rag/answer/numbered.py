"""The prompt whose sentences are numbered, and the reading of an answer that cites the numbers.

    [3.2] is the second sentence of the third piece of evidence

What the model cites becomes an exact span by looking it up; a number that points nowhere is counted
and dropped. Which model is asked like this, its profile says (`rag.models.profile`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from rag.answer import cite
from rag.answer.days import written
from rag.answer.prompts import RULES, Style, one_line, runs
from rag.settings import Length
from rag.types import Citation, Evidence, Profile

NONE = "NOT IN THE EXCERPTS"
"""What a large model is to write where the excerpts do not answer."""
MOST = 6
"""Most sentences that are cited for one statement."""
_SENTENCE = 100_000
"""From here on, a number in a draft's hints names a sentence, not a piece of evidence."""
_NOWHERE = 999_999

_MARKERS = (
    " Each sentence of the excerpts has a number in square brackets. End every sentence that you"
    " write with the numbers of those it rests on, like [3.2] or [1.4][2.1]. Write nothing that"
    " the excerpts do not say; where they differ, say who says what, and when."
)
_LENGTHS: dict[Length | Style, str] = {
    "short": " Reply with the answer only: a few words and the numbers, no explanation.",
    "sentence": " Answer in one short sentence.",
    "sentences": " Answer in one to three sentences, the answer first.",
    "paragraphs": (
        " Begin with one sentence that answers the question. Then write two to five short"
        " paragraphs, with an empty line between them, each on one side, cause or period. No"
        " headings and no lists."
    ),
}
_WAY_OUT = f" If the excerpts do not answer the question, reply with {NONE} and nothing else."

_LENGTHY = re.compile(
    r"\b(?:explain|compare|summari[sz]e|summary|describe|outline|overview|discuss|analy[sz]e"
    r"|background|contrast|in detail|difference[s]? between|what led (?:up )?to|how did .{3,80}"
    r" (?:unfold|develop|evolve|come about)|tell me about)\b",
    re.IGNORECASE,
)
_MARK = re.compile(r"[\[【]\s*(\d{1,4}\.\d{1,4}(?:\s*[,;–-]\s*\d{1,4}(?:\.\d{1,4})?)*)\s*[\]】]")
_HEADING = re.compile(
    r"^\s*(?:#{1,6} .*|\*\*[^*\n]{1,80}\*\*:?|[^.!?\[\n]{1,60}:)\s*$", re.MULTILINE
)


def lengthy(question: str) -> bool:
    """Return True for a question that asks for more than a fact: to explain, compare, sum up."""
    return bool(_LENGTHY.search(question))


def length_of(question: str, style: Style, profile: Profile) -> Length | Style:
    """Return how long an answer is to be: as the style has it, the profile, and the question."""
    if style != "normal":
        return "short" if style == "short" else "paragraphs"
    if profile.length == "paragraphs" and not lengthy(question):
        return "sentences"
    return profile.length


def system(length: Length | Style, profile: Profile) -> str:
    """Return the system text."""
    way_out = _WAY_OUT if profile.name == "large" else ""
    return f"{RULES}{_MARKERS}{_LENGTHS[length]}{way_out}"


def digest(question: str, style: Style, profile: Profile) -> str:
    """Name the system text of a question in 12 hex digits."""
    text = system(length_of(question, style, profile), profile)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def ask(
    question: str,
    evidence: Sequence[Evidence],
    style: Style,
    profile: Profile,
    *,
    parts: int = 1,
    asked_on: date | None = None,
    language: str = "",
) -> list[BaseMessage]:
    """Return the messages that ask for an answer; see `rag.answer.prompts.ask`."""
    when = f" ({written(asked_on)})" if asked_on else ""
    each = f" Answer all {parts} parts." if parts > 1 else ""
    tongue = f" Answer in {language}." if language else ""
    asked = f"{excerpts(evidence)}\n\nQuestion{when}: {question}{each}{tongue}"
    text = system(length_of(question, style, profile), profile)
    return [SystemMessage(content=text), HumanMessage(content=asked)]


def excerpts(evidence: Sequence[Evidence]) -> str:
    """Write the evidence with its sentences numbered: a heading for each article."""
    lines: list[str] = []
    for _, pieces in groupby(evidence, key=lambda e: e.source.article_id):
        group = list(pieces)
        source = group[0].source
        heading = [source.publisher, written(source.published), source.title]
        lines.append(f"({', '.join(_plain(h) for h in heading if h)})")
        lines.extend(
            f"[{piece.number}.{n}] {_plain(piece.quote(span))}"
            for piece in group
            for n, span in enumerate(piece.sentences, 1)
        )
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Return a text of an article on one line, with nothing that reads as a number of ours."""
    return _MARK.sub(lambda found: f"({found[1]})", one_line(text))


def refused(text: str) -> bool:
    """Return True when a model says that the excerpts do not answer, and says nothing else."""
    return text.strip().strip("[].*\"'").upper() == NONE


def parse(text: str, evidence: Sequence[Evidence]) -> cite.Parsed:
    """Take an answer apart into sentences, each with the numbers that it cites."""
    places = _places(evidence)
    known = range(_SENTENCE, _SENTENCE + len(places))
    ids = {place: _SENTENCE + n for n, place in enumerate(places)}
    drafts: list[cite.Draft] = []
    unknown = 0
    for number, paragraph in enumerate(re.split(r"\n\s*\n", _HEADING.sub("", text))):
        marked = _MARK.sub(lambda found: _flat(found[1], ids), paragraph)
        parsed = cite.parse(marked, evidence, known)
        unknown += parsed.unknown_markers
        drafts += [replace(d, paragraph=number) for d in parsed.drafts if not _echoes(d.text)]
    return cite.Parsed(drafts=tuple(drafts), unknown_markers=unknown)


def citations(draft: cite.Draft, evidence: Sequence[Evidence]) -> tuple[Citation, ...]:
    """Return the sentences whose numbers a draft has, exactly as they stand in their articles."""
    pieces = {e.number: e for e in evidence}
    places = _places(evidence)
    cited = [places[hint - _SENTENCE] for hint in draft.hints if hint >= _SENTENCE]
    return tuple(
        Citation(
            number=number,
            source=(piece := pieces[number]).source,
            span=(span := piece.sentences[n - 1]),
            quote=piece.quote(span),
        )
        for number, n in cited[:MOST]
    )


def _places(evidence: Sequence[Evidence]) -> list[tuple[int, int]]:
    """Return piece and place of each sentence, both from 1."""
    return [(e.number, n) for e in evidence for n in range(1, len(e.sentences) + 1)]


def _flat(inside: str, ids: dict[tuple[int, int], int]) -> str:
    """Return "3.2, 4.1-4.3" as the numbers by which `cite.parse` knows these sentences."""
    found: list[int] = []
    for part in re.split(r"[,;]", inside):
        ends = [tuple(map(int, e.split("."))) for e in re.findall(r"\d+\.\d+|\d+", part)]
        first = ends[0]
        if len(first) == 1:  # "[3.2, 4]": the four is of the same piece, or of none
            first = (0, first[0])
        last = ends[-1] if len(ends) > 1 else first
        upto = last[-1] if last[0] == first[0] or len(last) == 1 else first[1]
        span = range(first[1], min(upto, first[1] + MOST) + 1)
        found += [ids.get((first[0], n), _NOWHERE) for n in span]
    return "".join(f"[{number}]" for number in found)


def _echoes(text: str) -> bool:
    """Return True for a sentence that repeats our instructions."""
    ours = "".join((RULES, _MARKERS, *_LENGTHS.values(), _WAY_OUT))
    return not runs(text, 7).isdisjoint(runs(ours, 7))
