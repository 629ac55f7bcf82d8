"""The model's text in, statements with citations out.

A small model forgets its markers, or sets wrong ones, in a quarter of its answers. So a marker is
a hint: each statement is aligned with the source sentences that carry it, whatever it points to,
and a marker that points to no evidence is dropped and counted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag.answer.prompts import echoes
from rag.language.characters import one_line
from rag.language.sentences import split
from rag.language.terms import held_stems
from rag.language.words import STOP, words
from rag.models.encoder import Encoder
from rag.telemetry.steps import step
from rag.types import Citation, Evidence, Span

MOST = 3
"""Most sentences cited for one statement; who needs more has proved too little."""

BRINGS = 0.15
"""Least share of a statement that a further sentence must bring to be cited too."""

ADDED = 2.0
"""How much more a word counts that the question does not have: it is the answer. A statement that
repeats a long question is else tied to what resembles the question, not to what answers it."""

_SQUARE = re.compile(r"\s*[\[【](?:excerpts? |sources? )?([\d,;–\s-]{1,40})[\]】]", re.IGNORECASE)
_LINK = re.compile(
    r"!?\[([^\]\n]{0,300})\]\([^)\n]{0,2000}\)"
    r"|<?\b(?:[a-z][a-z\d+.-]{0,30}://|www\.|(?:mailto|javascript|vbscript|data|file|tel):(?=\S))"
    r"[^\s<>]*>?",
    re.IGNORECASE,
)
_TAG = re.compile(r"\*\*|__|`|!(?=\[)|(?<=\])\(|<[/!?a-z][^<>]{0,2000}>?", re.IGNORECASE)
_ITEM = re.compile(r"^#{1,6} |^\s*(?:[-*•]|\d{1,2}\.)\s+", re.MULTILINE)
_INITIALS = re.compile(r"(?<=\b[A-Z])\. (?=[A-Z]\.)")
"""A small model may write "U. S.", which would be read as a person's initial."""
_LABEL = re.compile(r"^\s*(?:the )?(?:short )?answer(?: is)?\s*:\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One sentence as the model wrote it, without markers, and what its markers point to."""

    text: str
    hints: tuple[int, ...]
    paragraph: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The model's text, taken apart."""

    drafts: tuple[Draft, ...]
    unknown_markers: int


def parse(text: str, evidence: Sequence[Evidence], also: Collection[int] = ()) -> Parsed:
    """Take the model's text apart into sentences and markers.

    Links and markup are stripped; a sentence that repeats our instructions is left out. `also` are
    numbers that a marker may have besides those of the evidence.
    """
    plain = _LABEL.sub("", _ITEM.sub("", stripped(text)))
    known = {e.number for e in evidence}.union(also)
    drafts: list[Draft] = []
    unknown = 0
    for piece in _pieces(plain):
        numbers = [n for m in _SQUARE.finditer(piece) for n in _numbers(m[1])]
        unknown += sum(n not in known for n in numbers)
        words = " ".join(_SQUARE.sub("", piece).split())
        words = _INITIALS.sub(".", re.sub(r"\s+([.,;:!?])", r"\1", words))
        hints = tuple(dict.fromkeys(n for n in numbers if n in known))
        if echoes(words):
            continue
        if any(c.isalnum() for c in words):
            drafts.append(Draft(text=words, hints=hints))
        elif drafts:
            drafts[-1] = Draft(text=drafts[-1].text, hints=drafts[-1].hints + hints)
    return Parsed(drafts=tuple(drafts), unknown_markers=unknown)


def stripped(text: str) -> str:
    """Return a model's text without links, images, tags, emphasis and invisible characters.

    What is taken out may leave a new link behind ("ht**tp://"), so it is done until nothing is
    left to take out; every round makes the text shorter.
    """
    text = "\n".join(one_line(line) for line in text.splitlines())
    while (found := _TAG.sub("", _LINK.sub(lambda m: m[1] or "", text))) != text:
        text = found
    return text


def _pieces(text: str) -> list[str]:
    """Cut a text into sentences, keeping markers after a full stop with what they follow."""
    moved = re.sub(r"([.!?][\"”’')]*)((?:\s*[\[【][\d,;–\s-]{1,40}[\]】])+)", r"\2\1", text)
    pieces: list[str] = []
    for span in split(moved):
        piece = span.of(moved)
        if pieces and _open(pieces[-1]) and (_open(piece) or "”" in piece):
            pieces[-1] += f" {piece}"  # a title that holds a question: "Where now? The Remixes"
        else:
            pieces.append(piece)
    return pieces


def _open(text: str) -> bool:
    """Say whether a quotation that begins in a text goes on behind it; an inch is no mark."""
    straight = len(re.findall(r'(?<!\d)"', text))
    return bool(straight % 2) or text.count("“") > text.count("”")


def _numbers(inside: str) -> list[int]:
    """Read "1", "1, 2" and "1-3"; a range of more than ten is no range."""
    found: list[int] = []
    for part in re.split(r"[,;]", inside):
        ends = [int(d) for d in re.findall(r"\d{1,6}", part)]
        if len(ends) == 2 and ends[0] < ends[1] <= ends[0] + 10:
            found.extend(range(ends[0], ends[1] + 1))
        else:
            found.extend(ends)
    return found


@dataclass(frozen=True, slots=True)
class _Sentence:
    evidence: Evidence
    span: Span
    quote: str
    stems: frozenset[str]
    alike: float = 0.0
    """How near it is to statement and question as a whole."""


def attributions(
    draft: Draft, evidence: Sequence[Evidence], encoder: Encoder, *, question: str = ""
) -> tuple[tuple[Citation, ...], ...]:
    """Return the sets of source sentences that may carry a statement, the likeliest first.

    The first takes from all of the evidence what shares most with the statement; then each article
    gets to carry it alone. Which of them does is for verification to say: the sentence that looks
    most alike may be last year's, or say it of somebody else.
    """
    with step("cite"):
        return _attributions(draft, evidence, encoder, question)


def _attributions(
    draft: Draft, evidence: Sequence[Evidence], encoder: Encoder, question: str
) -> tuple[tuple[Citation, ...], ...]:
    sentences = _sentences(evidence)
    if not sentences:
        return ()
    wanted, asked = _wanted(draft.text, question)
    vectors = encoder.encode([f"{question} {draft.text}", *(s.quote for s in sentences)])
    cosines = np.clip(vectors[1:] @ vectors[0], 0.0, 1.0)
    total = sum(wanted.values()) or 1.0
    scored = [
        replace(
            s,
            alike=0.5 * float(c)
            + 0.1 * (s.evidence.number in draft.hints)
            + _held(asked, s) / total,
        )
        for s, c in zip(sentences, cosines, strict=True)
    ]
    articles = dict.fromkeys(s.evidence.source.article_id for s in scored)
    pools = [scored, *([s for s in scored if s.evidence.source.article_id == a] for a in articles)]
    return tuple(dict.fromkeys(_cited(_carrying(wanted, pool)) for pool in pools))


def _wanted(statement: str, question: str) -> tuple[dict[str, float], dict[str, float]]:
    """Weigh what a statement needs from its sources, and what the question alone has.

    The question's words count a little, so that a bare "Kharkiv" lands where it was asked about.
    """
    in_question = held_stems(question)
    weights = _weights(statement)
    wanted = {s: w if s in in_question else ADDED * w for s, w in weights.items()}
    return wanted, {s: 0.25 for s in in_question if s not in wanted}


def _carrying(wanted: Mapping[str, float], sentences: Sequence[_Sentence]) -> list[_Sentence]:
    """Return the fewest sentences that carry what is wanted, best first.

    Others join the best one while each brings words that no earlier one holds.
    """
    total = sum(wanted.values()) or 1.0
    chosen: list[_Sentence] = []
    left = dict(wanted)
    while len(chosen) < MOST:
        gains = [_held(left, s) / total for s in sentences]
        values = [
            gain + (0.02 if chosen else 1.0) * s.alike
            for gain, s in zip(gains, sentences, strict=True)
        ]
        best = int(np.argmax(values))
        if chosen and gains[best] < BRINGS:
            break
        chosen.append(sentences[best])
        left = {t: w for t, w in left.items() if t not in sentences[best].stems}
        if not left:
            break
    return chosen


def _cited(sentences: Sequence[_Sentence]) -> tuple[Citation, ...]:
    return tuple(
        Citation(number=s.evidence.number, source=s.evidence.source, span=s.span, quote=s.quote)
        for s in sentences
    )


def _sentences(evidence: Sequence[Evidence]) -> list[_Sentence]:
    return [
        _Sentence(e, span, e.quote(span), held_stems(e.quote(span)))
        for e in evidence
        for span in e.sentences
    ]


def _weights(text: str) -> dict[str, float]:
    """Weigh the stems of a statement: names count double, numbers four times."""
    weights: dict[str, float] = {}
    for word in words(text):
        if word.low in STOP or not word.low[0].isalnum():
            continue
        weight = 4.0 if word.low[0].isdigit() else 2.0 if word.capital else 1.0
        weights[word.stem] = max(weights.get(word.stem, 0.0), weight)
    return weights


def _held(weights: Mapping[str, float], sentence: _Sentence) -> float:
    return sum(w for t, w in weights.items() if t in sentence.stems)
