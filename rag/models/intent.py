"""What a question asks of the archive, where none of the phrases of `rag.question` say it.

Learned from examples of ours (`eval/cases/asking.toml`) by `python -m eval.asking`: three logistic
regressions over what the embedding model, which is loaded anyway, makes of each token. One says
which words are the topic, one whether the rest asks for articles or about the world, one what is
asked for. Outlets, authors and days are found by rule, and stand-ins put in their place. Where a
phrase of `rag.question` says what is asked for, such as "most recent", that is what it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import as_file, files
from typing import Literal, cast, get_args

import numpy as np

from rag.language.numerals import NUMERALS
from rag.language.words import fold
from rag.models.embed import Embedder
from rag.models.encoder import Matrix
from rag.question.cut import Cutter, Known
from rag.question.filled import ENDS
from rag.question.holding import Holding, Wanted
from rag.question.periods import Days, period_at
from rag.question.publishers import folded
from rag.question.slots import Slots
from rag.types import Span

SURE = 1.7
"""Log odds from which a question is taken for one about the archive: 2 of 4,741 about the world
that nothing was fitted on reach it."""
_STANDS = {"outlet": "Reuters", "author": "John Smith", "period": "in 2019"}
"""What outlets, authors and days are read as."""
_SWITCH = 0.5
"""What it costs that a topic begins or ends, in log odds."""
_DATED = re.compile(
    r"\d|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|today|yesterday|week|month|year"
    r"|spring|summer|autumn|fall)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[\w'-]+")
_EDGES = re.compile(r"^[\"“'(]+|(?:'s|[?.!,:;\"”')])+$")
_SEVERAL = re.compile(
    r"(?:first|last|latest|newest|recent|earliest|oldest|longest|shortest)"
    rf"(?: (?P<many>\d{{1,3}}|{'|'.join(n for n in NUMERALS if n not in ('zero', 'one'))}))?"
    r" (?:articles|stories|pieces|reports|items|texts|documents)\b",
    re.IGNORECASE,
)
"""Several of the first or latest: "the last five articles"."""
_MOST = 10
"""How many of the first or latest are shown where the question says no number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """A question with stand-ins for what is known by rule."""

    text: str
    stands: tuple[Span, ...] = ()
    """Where in the text they stand."""
    outlets: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    days: tuple[Days, ...] = ()


def masked(question: str, known: Known) -> Masked:
    """Put stand-ins for the outlets and authors of the archive, and for days of publication."""
    text = " ".join(question.replace("’", "'").split())
    names = folded(tuple(known.outlets), tuple(known.authors))
    longest = max((len(name.split()) for name in names), default=1)
    words, dated = list(_WORD.finditer(text)), bool(_DATED.search(text))
    said, place = "", 0
    stands: list[Span] = []
    found: dict[str, list[str]] = {"outlet": [], "author": []}
    days: list[Days] = []
    for n, word in enumerate(words):
        if word.start() < place:
            continue
        end, part = 0, "period"
        for many in range(min(longest, len(words) - n), 0, -1):
            name = text[word.start() : words[n + many - 1].end()]
            bare = name.removesuffix("'s")
            if held := names.get(fold(bare)):
                part, end = held[0], word.start() + len(bare)
                found[part].append(held[1])
                break
        # A name comes before a day: "Jan Moser" is not a month.
        if not end and dated and (period := period_at(text, word.start(), known.today)):
            end = period.end
            days.append(period.days)
        if end:
            said += text[place : word.start()]
            stands.append(Span(start=len(said), end=len(said) + len(_STANDS[part])))
            said, place = said + _STANDS[part], end
    return Masked(
        text=said + text[place:],
        stands=tuple(stands),
        outlets=tuple(dict.fromkeys(found["outlet"])),
        authors=tuple(dict.fromkeys(found["author"])),
        days=tuple(days),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What was fitted."""

    kinds: tuple[str, ...]
    """What may be asked for, in the order of the rows of `kind`: "list", "outlets+most"."""
    topic: Matrix
    """For a token, whether it is of the topic; the last number of each row is added."""
    asks: Matrix
    """For a question, whether it is about the archive."""
    kind: Matrix


def pooled(states: Matrix, odds: Matrix) -> Matrix:
    """Return what a question is read by: the mean of what is no topic, and the mean of all."""
    ask = 1 / (1 + np.exp(odds))
    rest = (states * ask[:, None]).sum(axis=0) / (ask.sum() + 0.3)
    return np.concatenate([rest, states.mean(axis=0)]).astype(np.float32)


def scored(x: Matrix, weights: Matrix) -> Matrix:
    """Return the log odds that weights give to rows, or to one row."""
    return np.asarray(x @ weights[..., :-1].T + weights[..., -1], dtype=np.float32)


class Intent:
    """Reads questions; what it needs is loaded with the first."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def read(self, question: str, known: Known) -> Holding | None:
        """Return what a question asks of the archive; None where it may be about the world."""
        weights = self._weights
        of = masked(question, known)
        if weights is None or not of.text:
            return None
        tokens, states = self._embedder.states(of.text)
        odds = scored(states, weights.topic)
        row = pooled(states, odds)
        if float(scored(row, weights.asks)) < SURE:
            return None
        found = topics(of, tokens, odds)
        said = slots(of.text, found)
        if _first_of_the_world(said):
            return None
        kind = weights.kinds[int(scored(row, weights.kind).argmax())]
        return _holding(plainly(kind, said), of, found)

    @cached_property
    def _weights(self) -> Weights | None:
        """The weights; None where they were fitted on another model's states."""
        from safetensors.numpy import load_file

        with as_file(files("rag.models") / "intent.safetensors") as path:
            held = load_file(path)
        if bytes(held.pop("model")).decode() != self._embedder.fingerprint:
            return None
        kinds = tuple(bytes(held.pop("kinds")).decode().split())
        arrays = {name: np.asarray(w, dtype=np.float32) for name, w in held.items()}
        return Weights(kinds=kinds, **arrays)


def topics(of: Masked, tokens: Sequence[Span], odds: Matrix) -> list[str]:
    """Return the runs of words that are topics, the likeliest first.

    Of all ways to mark words the one with the highest odds is taken (Viterbi).
    """
    words = [Span(start=m.start(), end=m.end()) for m in re.finditer(r"\S+", of.text)]
    each = []
    for word in words:
        inside = [
            odds[n] for n, t in enumerate(tokens) if t.start < word.end and t.end > word.start
        ]
        stand = any(s.start < word.end and s.end > word.start for s in of.stands)
        each.append(-9.0 if stand or not inside else float(np.mean(inside)))
    runs = _runs(each)
    ranked = sorted(runs, key=lambda run: -sum(each[run[0] : run[1]]))
    said = (of.text[words[a].start : words[b - 1].end] for a, b in ranked)
    return [one for run in said if (one := _EDGES.sub("", run))]


def _runs(odds: Sequence[float]) -> list[tuple[int, int]]:
    """Return where the words of topics begin and end, by the odds of each word."""
    best = [0.0, -_SWITCH]
    back: list[list[int]] = []
    for n, one in enumerate(odds):
        came = [0, 1]
        for state in (0, 1):
            other = best[1 - state] - _SWITCH
            came[state] = 1 - state if n and other > best[state] else state
        gain = (-one / 2, one / 2)
        best = [(best[s] if came[s] == s else best[1 - s] - _SWITCH) + gain[s] for s in (0, 1)]
        back.append(came)
    state = int(best[1] > best[0])
    marks: list[int] = []
    for came in reversed(back):
        marks.append(state)
        state = came[state]
    marks.reverse()
    edges = np.flatnonzero(np.diff([0, *marks, 0]))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


_STOOD = Known(outlets=(_STANDS["outlet"],), authors=(_STANDS["author"],))
_NARROWER = ("date", "author", "outlet", "title", "lacking", "titled", "besides")
"""What a list may be of, for which no phrase below has a word of its own."""


def slots(text: str, found: Sequence[str]) -> Slots:
    """Return what the phrases of a question fill, without those that stand in a topic."""
    within = [
        Span(start=m.start(), end=m.end())
        for topic in found
        for m in re.finditer(re.escape(topic), text)
    ]
    pieces = Cutter(text=text, known=_STOOD).pieces()
    return Slots(
        text,
        [p for p in pieces if not any(w.start <= p.start and p.end <= w.end for w in within)],
    )


def _first_of_the_world(s: Slots) -> bool:
    """Say whether the first of something is asked for that need not be an article: a report."""
    ours = s.ours or s.named or s.textual or s.shown
    return s.has("when") and bool(s.end) and not ours and not s.has("noun", "outlets", "wrote")


def plainly(kind: str, s: Slots) -> str:
    """Return the kind that the phrases of a question say, where they say one; else that learned."""
    learned, _, more = kind.partition("+")
    if more in _NARROWER or s.has("missing", "span", "far", "gap", "reach"):
        return kind
    if s.end and not s.ranked:
        # "Which outlet was first?" may mean either.
        return kind if s.group else s.end
    if s.group and not s.has("who") and learned not in ENDS:  # an outlet that was ahead is an end
        ranked = "least" if s.has("least") else "most"
        said = f"{s.group}+{ranked}" if s.ranked else s.group
        return kind if learned == s.group else said
    counted = s.has("count") and not s.group
    return "count" if counted and learned in ENDS else kind


_Missing = Literal["", "date", "author", "outlet", "title"]


def _holding(kind: str, of: Masked, found: Sequence[str]) -> Holding | None:
    said, _, more = kind.partition("+")
    if more == "besides" and len(found) < 2:
        return None
    found = sorted(found[:2], key=of.text.find) if more == "besides" else found
    missing = cast("_Missing", more if more in get_args(_Missing) and said == "list" else "")
    ends = said in ENDS
    several = _SEVERAL.search(of.text)
    number = (several["many"] or "").lower() if several else ""
    many = int(number) if number.isdigit() else NUMERALS.get(number, _MOST if several else 1)
    return Holding(
        wanted=cast("Wanted", said),
        topic=found[0] if found and not missing else "",
        besides=found[1] if more == "besides" else "",
        lacking=more == "lacking",
        titled=more == "titled",
        missing=missing,
        outlets=of.outlets,
        authors=of.authors,
        since=max((first for first, _ in of.days if first), default=None),
        until=min((last for _, last in of.days if last), default=None),
        learned=True,
        most=many if ends else int(more == "one"),
        ranked=cast("Literal['', 'most', 'least']", more if more in ("most", "least") else ""),
    )
