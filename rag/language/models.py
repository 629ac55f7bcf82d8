"""Numbers that are part of a name: F-16, G7, COVID-19, the 2 of "14 Leopard 2 tanks"."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rag.language.kinds import BODIES, place
from rag.language.numerals import NUMERALS, SCALES
from rag.language.places import ALIAS
from rag.language.words import STOP, Word, lexicon


def in_name(text: str, run: Sequence[Word], i: int) -> bool:
    """Return True for a number in a name (F-16, G7, Leopard 2 tanks) and the pronoun "one"."""
    word = run[i]
    if word.low == "one":
        follows = run[i + 1].low if i + 1 < len(run) else "of"
        return follows in STOP or follows in {"another", "day", "thing"}
    if not word.low[0].isdigit() or i == 0:
        return False
    before, left = text[run[i - 1].end : word.start], run[i - 1]
    joined = before == "" or (before == "-" and left.low not in NUMERALS)
    return left.text[0].isalpha() and (joined or _of_a_model(text, run, i))


_COUNTED = lexicon(
    "a an the its their his her our this that these those each every another many more some few "
    "several no"
)
"""What stands ahead of the name of a thing, not of a place or a person."""
_GIVES = lexicon("give send sell offer promis lend hand pay owe grant award tell show")
"""Stems of verbs with two objects: "gave the Kremlin 2 days"."""


def _of_a_model(text: str, run: Sequence[Word], i: int) -> bool:
    """Return True where a number tells one make from another: "14 Leopard 2 tanks"."""
    if i < 2 or i + 1 >= len(run) or not run[i].low.isdigit() or len(run[i].low) > 3:
        return False
    ahead, thing, noun = run[i - 2], run[i - 1], run[i + 1]
    gaps = {text[a.end : b.start] for a, b in pairwise((ahead, thing, run[i], noun))}
    named = thing.capital and thing.low not in STOP and not thing.text.isupper()
    if gaps != {" "} or not named or noun.low in SCALES or not (noun.content or noun.capital):
        return False
    if place(thing.low) or thing.low in ALIAS or thing.low in BODIES:
        return False
    given = i > 2 and run[i - 3].stem in _GIVES and ahead.low == "the"
    return not given and (ahead.low in _COUNTED or ahead.low in NUMERALS or ahead.low[0].isdigit())
