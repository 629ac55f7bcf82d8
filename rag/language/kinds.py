"""Whether a name is a person's, an organisation's or a place's: by lists, and by its surroundings.

The lists (`gazetteer/`) hold first names of many countries, and places. No cue decides alone: each
mention of a name adds to the weight of a kind, and the heaviest wins if it weighs enough.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal

from rag.language.names import TITLES
from rag.language.places import ALIAS, COUNTRIES
from rag.language.words import fold, lexicon, lists

Kind = Literal["person", "organisation", "place"]

LEAST = 1.5
"""The weight that a kind must have, or the name is left out: a product, a law, a prize."""

ROLES = TITLES | lexicon(
    "chair premier commissioner superintendent founder cofounder owner manager author analyst "
    "economist candidate nominee leader actor actress singer rapper star quarterback forward "
    "striker goalkeeper pitcher driver journalist reporter democrat republican lawmaker activist "
    "billionaire businessman comedian musician artist writer scientist researcher prosecutor "
    "admiral rear major brigadier lieutenant sergeant marshal commander administrator "
    "lawyer surgeon archbishop cardinal bishop sultan emir sheikh"
)
"""Words before a person's name that are no part of it."""
_OFFICES = ROLES - {"st", "of", "general", "justice", "attorney", "star", "chief", "guard"}

_LISTS = lists("kinds")
BODIES = _LISTS["bodies"]
"""Words in the name of an organisation, most often the last."""
_GEOGRAPHY = _LISTS["geography"]
"""Words in the name of a place, last or first: "Lake Erie"."""
_LED = _LISTS["led"]
"""Words that only begin the name of a place."""
_THINGS = _LISTS["things"]
"""Words in a name that is of none of the kinds."""

_SAYS = (
    "said|says|told|added|wrote|tweeted|argued|warned|insisted|announced|testified|asked|denied"
    "|claimed|acknowledged|explained|replied|recalled|admitted"
)
_FIRMS = "company|firm|agency|group|party|team|maker|bank|charity|union|club|network"
_KIN = "wife|husband|son|daughter|brother|sister|mother|father|widow|uncle|aunt"
_GOODS = "missiles?|rockets?|launchers?|systems?|tanks?|jets?|planes?|vaccines?|virus|strikes?"
_AFTER: tuple[tuple[Kind, float, re.Pattern[str]], ...] = (
    ("person", 2.0, re.compile(rf"^(?:,? who\b| (?:{_SAYS})\b|, \d\d,| (?:himself|herself)\b)")),
    ("organisation", 0.8, re.compile(rf"^ (?:{_SAYS})\b|^(?:'s|’s) (?:chief|board|spokes|shares)")),
    ("organisation", 1.0, re.compile(r"^ (?:officials?|executives?|spokes\w+|employees)\b")),
    ("organisation", -3.0, re.compile(rf"^ (?:{_GOODS})\b")),
    ("person", 0.8, re.compile(r"^, (?:the|an?|his|her|whose|whom)\b")),
    ("organisation", 2.0, re.compile(rf"^,? (?:the|an?) (?:\w+ )?(?:{_FIRMS})\b")),
    ("place", 1.0, re.compile(r"^(?:, (?:[A-Z][a-z]+\b|[A-Z]\.[A-Z])|[-–](?:based|area|born)\b)")),
    ("place", 0.8, re.compile(r"^(?:'s|’s) (?:capital|mayor|government|president|coast|border)")),
    ("place", 0.8, re.compile(r"^ (?:residents|region|suburb|area|officials)\b")),
    ("place", 1.6, re.compile(rf"^ (?:{'|'.join(sorted(_GEOGRAPHY))})\b")),
)
_ROLE_WORDS = "|".join(sorted(_OFFICES, key=len, reverse=True))
_BEFORE: tuple[tuple[Kind, float, re.Pattern[str]], ...] = (
    ("person", 1.2, re.compile(rf"\b(?:{_ROLE_WORDS}|chief|spokes\w+|wife|husband|son|daughter|"
                               r"brother|sister|mother|father), $", re.IGNORECASE)),
    ("person", 2.5, re.compile(rf"\b(?:{_ROLE_WORDS}|{_KIN}|man|woman) $")),
    ("place", 1.6, re.compile(r"\b(?:in|near|across|throughout|outside|north of|south of|east of"
                              r"|west of|off|en|dans|à|aus) (?:the )?$", re.IGNORECASE)),
    ("place", 1.6, re.compile(rf"\b(?:{'|'.join(sorted(_GEOGRAPHY))}) (?:of|de) $")),
    ("place", 0.7, re.compile(r"\b(?:from|to|at|toward|towards|around|into|city of|of) $",
                              re.IGNORECASE)),
    ("organisation", 0.6, re.compile(r"\b(?:the|of the|joined|at|firm|company|group) $",
                                     re.IGNORECASE)),
    ("person", -1.5, re.compile(r"\b(?:the|in) $", re.IGNORECASE)),
)  # fmt: skip


@cache
def listed(name: Literal["first_names", "places"]) -> frozenset[str]:
    """Return a list of the gazetteer, folded."""
    path = Path(__file__).parent / "gazetteer" / f"{name}.txt"
    lines = path.read_text("utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


_SEAS = _LISTS["seas"]


def place(low: str) -> bool:
    """Return True when a folded name is that of a known place."""
    return low in _SEAS or low in listed("places") or (low in COUNTRIES and low != "zelensky")


def people_of(low: str) -> bool:
    """Return True for a word that names people by their country: "Russian"."""
    country = low in ALIAS and ALIAS[low] not in {"zelensky", "kyiv"}
    return low in _PEOPLE or (country and not place(low) and low not in STATES)


_PEOPLE = _LISTS["people"]
STATES = frozenset({"us", "usa", "u.s", "america", "uk", "britain", "eu", "uae", "holland"})


def weigh(words: tuple[str, ...], text: str) -> dict[Kind, float]:
    """Return what the words of a name alone say; `words` are folded, `text` as it stands."""
    weights: dict[Kind, float] = {"person": 0.0, "organisation": 0.0, "place": 0.0}
    ends = {words[0], words[-1]}
    if place(" ".join(words)) or (len(words) == 1 and words[0] in STATES):
        weights["place"] += 3.5
    if ends & _GEOGRAPHY or (len(words) > 1 and words[0] in _LED):
        weights["place"] += 3.0
    if set(words) & BODIES:
        weights["organisation"] += 4.0
    acronym = len(words) == 1 and _acronym(text) and words[0] not in STATES
    if "&" in text or "and" in words[1:-1] or acronym:
        weights["organisation"] += 2.5
    weights["person"] += _personal(words)
    if words[-1] in _THINGS or words[0] in _THINGS - listed("first_names"):
        weights = dict.fromkeys(weights, -9.0)
    return weights


def _personal(words: tuple[str, ...]) -> float:
    if len(words) > 1 and words[0] in listed("first_names"):
        return 3.0
    return {1: 0.0, 2: 1.0}.get(len(words), -1.5)


def around(before: str, after: str, title: str) -> set[tuple[Kind, float]]:
    """Return what stands around one mention of a name says: kinds with their weights."""
    found: set[tuple[Kind, float]] = {("person", 3.0)} if title in _OFFICES else set()
    found |= {(kind, by) for kind, by, cue in _AFTER if cue.search(after)}
    return found | {(kind, by) for kind, by, cue in _BEFORE if cue.search(before)}


def _acronym(text: str) -> bool:
    bare = text.replace(".", "")
    return 2 <= len(bare) <= 6 and bare.isupper() and not re.fullmatch(r"[IVXL]+", bare)


def folded(text: str) -> tuple[str, ...]:
    """Return the words of a name, folded: without article and genitive, "&" as "and"."""
    bare = re.sub(r"(?:'s|’s|['’])$", "", text.replace("\0", " ").strip()).replace(" & ", " and ")
    return tuple(fold(bare).replace(".", "").removeprefix("the ").split())
