"""What a statement is checked against: the source sentences, read once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rag.language.datewords import masked
from rag.language.idioms import plain
from rag.language.memory import MEMORY
from rag.language.names import Known
from rag.language.numbers import Quantity, numbers
from rag.language.places import ALIAS, PHRASES
from rag.language.thesaurus import same
from rag.language.when import When, dates
from rag.language.words import Word, lexicon, words
from rag.types import Moment, Support


@dataclass(frozen=True, slots=True, kw_only=True)
class Premise:
    """One or more source sentences, with what is known around them.

    `context` is the title and the neighbouring sentences of the same article: it may tell who
    "he" is, but never supplies a number. `article` is its whole text: it may license a name.
    """

    text: str
    published: Moment | None = None
    context: str = ""
    article: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One failed check: which, how bad, and why in words for the reader."""

    check: str
    support: Support
    reason: str
    about: tuple[str, ...] = ()
    """The parts of the name that it is about, for a name."""


@MEMORY.of_texts(bytes_a_character=2)
def bare(text: str) -> str:
    """Return the text with dates and quantities blanked, every other character in its place."""
    kept = list(masked(text))
    for quantity in numbers(text):
        start, end = quantity.span.start, quantity.span.end
        kept[start:end] = " " * (end - start)
    return "".join(kept)


_LIGHT = lexicon(
    "becom get go come make take give put yes well also includ use way know reason remark stand "
    "follow cast long tall wide deep heavi worth hold due owe extra addit further aboard board "
    "caus posit locat purpos total amount name age last weigh measur person time earli"
)
"""Stems of words too light to be missed, "long" of "1,340 kilometers long" among them."""


@MEMORY.of_texts(bytes_a_character=14)
def line(text: str) -> tuple[str, ...]:
    """Return the content words of a text in order, each as the stem that stands for it.

    Dates and numbers are left out: they have checks of their own, which know "Dec." for December.
    """
    run = words(plain(bare(text)))
    found: list[str] = []
    skip = False
    for k, word in enumerate(run):
        pair = (word.low, run[k + 1].low) if k + 1 < len(run) else None
        if pair in PHRASES and not skip:
            found.append(PHRASES[pair])
            skip = True
        elif skip:
            skip = False
        elif word.content and word.stem not in _LIGHT:
            found.append(meaning(word))
    return tuple(found)


def meaning(word: Word) -> str:
    """Return the stem that stands for a word: its country's, its synonyms' or its own."""
    return ALIAS.get(word.low) or same(word.stem)


def sense(text: str) -> frozenset[str]:
    """Return the content words of a text, each as the stem that stands for it."""
    return frozenset(line(text))


TOLD_BEFORE = re.compile(r"(?:^|[;:.]\s+)(?:before|prior to|until)\s([^;]+)", re.IGNORECASE)
"""How a statement opens that tells of the state before something; the group is what."""


class Ground:
    """The premises of one check, with their facts read lazily and once."""

    def __init__(self, premises: Sequence[Premise]) -> None:
        self.premises = premises
        self.texts = [p.text for p in premises]
        self.contexts = [p.context for p in premises if p.context]

    @cached_property
    def senses(self) -> list[frozenset[str]]:
        """The content stems of each premise."""
        return [sense(t) for t in self.texts]

    @cached_property
    def union(self) -> frozenset[str]:
        """The content stems of all premises."""
        return frozenset().union(*self.senses)

    @cached_property
    def around(self) -> frozenset[str]:
        """The content stems of the contexts."""
        return frozenset().union(*(sense(c) for c in self.contexts))

    @cached_property
    def known(self) -> Known:
        """The names of premises, contexts and articles."""
        articles = {p.article: None for p in self.premises if p.article}
        return Known([*self.texts, *self.contexts, *articles])

    @cached_property
    def numbers(self) -> list[tuple[Quantity, frozenset[str]]]:
        """The quantities of the premises, each with the stems of its sentence."""
        return [(q, s) for t, s in zip(self.texts, self.senses, strict=True) for q in numbers(t)]

    @cached_property
    def digits(self) -> frozenset[str]:
        """The tokens of digits in the premises, as written."""
        return frozenset(w.low for t in self.texts for w in words(t) if w.low[0].isdigit())

    @cached_property
    def dates(self) -> list[When]:
        """The dates of the premises, each resolved against its own article's date."""
        return [d for p in self.premises for d in dates(p.text, p.published)]

    def close(self, mine: frozenset[str], least: float = 0.3) -> list[str]:
        """Return the premises that share enough words with a statement to be about it."""
        share = [len(mine & s) / max(len(mine), 1) for s in self.senses]
        return [t for t, x in zip(self.texts, share, strict=True) if x >= least]
