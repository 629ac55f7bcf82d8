"""What a question asks of the archive, where none of the phrases of `rag.question` say it.

Learned from examples of ours (`eval/cases/asking.toml`) by `python -m eval.asking`: three logistic
regressions over what the embedding model, which is loaded anyway, makes of each token. One says
which words are the topic, one whether the rest asks for articles or about the world, one what is
asked for. Outlets, authors and days are found by rule, and stand-ins put in their place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import as_file, files
from typing import Literal, cast, get_args

import numpy as np

from rag.language.words import fold
from rag.models.embed import Embedder
from rag.models.encoder import Matrix
from rag.question.cut import Known
from rag.question.filled import ENDS
from rag.question.holding import Holding, Wanted
from rag.question.periods import Days, period_at
from rag.question.publishers import folded
from rag.types import Span

SURE = 1.7
"""Log odds from which a question is taken for one about the archive: of those about the world that
nothing was fitted on fewer than one in a thousand reach it."""
_STANDS = {"outlet": "Reuters", "author": "John Smith", "period": "in 2019"}
"""What outlets, authors and days are read as."""
_WORD = re.compile(r"[\w'-]+")
_EDGES = re.compile(r"^[\"“'(]+|(?:'s|[?.!,:;\"”')])+$")


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
    words = list(_WORD.finditer(text))
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
        if not end and (period := period_at(text, word.start(), known.today)):
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
        kind = weights.kinds[int(scored(row, weights.kind).argmax())]
        return _holding(kind, of, topics(of, tokens, odds))

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
    """Return the runs of words that are topics, the likeliest first."""
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
    """Return where the runs of words begin and end that are of a topic rather than not."""
    edges = np.flatnonzero(np.diff([0, *(int(one > 0) for one in odds), 0]))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


_Missing = Literal["", "date", "author", "outlet", "title"]


def _holding(kind: str, of: Masked, found: Sequence[str]) -> Holding | None:
    said, _, more = kind.partition("+")
    if more == "besides" and len(found) < 2:
        return None
    found = sorted(found[:2], key=of.text.find) if more == "besides" else found
    missing = cast("_Missing", more if more in get_args(_Missing) and said == "list" else "")
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
        most=int(said in ENDS or more == "one"),
        ranked=cast("Literal['', 'most', 'least']", more if more in ("most", "least") else ""),
    )
