"""Bylines -> the names of people: no "By", no outlet, no account of a program, one name each.

The words around names, in the languages that news is written in, are data: `bylines.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from rag.ingest.sources.words import data, words
from rag.language.dates import before_label
from rag.language.words import lexicon

MOST = 20
"""Most names of a byline that are kept."""
READ = 200
"""Most parts of a list of authors that are looked at."""
LONGEST = 100
PART = 4
"""Letters from which on a part of an outlet's name stands for it."""

WORDS = data("bylines")


def _any(kind: str, between: str = "") -> str:
    """Return a pattern for any of the words of a kind, the longest first."""
    escaped = (re.escape(w).replace(r"\ ", " ") for w in WORDS[kind])
    return "|".join(sorted((between + w for w in escaped), key=len, reverse=True))


_BY = re.compile(
    rf"(?:{_any('by')})(?:\s*[:：/／]\s*|\s|$)|(?:{_any('particle')}) (?=(?-i:[A-Z])\S* \S)"
    r"|von (?=unser)|[^\W\d_]\w{1,15}(?: \w{1,15})?\s?[:：]\s?(?=\S)|記者(?=\w)",
    re.IGNORECASE,
)
"""A word for "by", or any label before a colon: what it is called differs by language."""
_OTHERS = re.compile(
    rf"(?:^|(?<=[\s|,;/(]))(?:{_any('others')})(?:\s*[:：]|\s+(?:by|por|par|von|av|af|on)\b|\s|$).*",
    re.IGNORECASE,
)
_MAIL = re.compile(r"\S+@\S+ ?\(([^()]+)\)|<?\S+@\S+>?|(?<!\S)@\w+")
_COMMA = re.compile(r"[,、，،]")
_AND = re.compile(
    rf"\s*(?:[;|／]| [•·–—-] |(?<=[^\W\d_]{{5}})\. |,? (?:{_any('and')}) )\s*", re.IGNORECASE
)
_SHORT_AND = re.compile(rf"\s(?:{_any('short_and')})\s|\s?/\s?")
"""What stands in names too (Ortega y Gasset, mag/dpa): it parts full names only."""
_GENERATION = re.compile(r"(?:jr|sr|jnr|snr)\.?|[iv]{2,3}", re.IGNORECASE)
_DEGREES, _PROGRAMS, _BEATS = (frozenset(WORDS[k]) for k in ("degree", "program", "beat"))
_ROLE = re.compile(rf"\b(?:{_any('role')})s?\b|報導|报道", re.IGNORECASE)
_CREW = re.compile(rf"(?P<of>\S.*?)(?:['’]s)?[\s-](?:news |web )?(?:{_any('crew')})", re.IGNORECASE)
_BESIDE = re.compile(r"\([^()]*\)|(?<=[가-힣]) 기자\b|\b記者\b|\w+=\w+(?=\])|\s=(?:\s|$)")
"""What stands beside a name: (Photo), "reporter" in Korean and Japanese, a bureau."""
_SITE = re.compile(r"\((?:www\.|https?:)", re.IGNORECASE)
"""A name with its address is that of an outlet: Delta Post (www.delta.example)."""
_FROM = re.compile(
    rf"(?<=\w\w) (?:{_any('from')}) (?=(?:the )?(?-i:[A-ZÀ-Þ])|agenc|agent).*$", re.IGNORECASE
)
"""Where somebody writes from, for whom, and with which agency: "Ana Reis in Kelm"."""
_MARKUP = re.compile(r"\[\[[^\]|]*\||[\[\]<>{}]+")
"""Brackets; of a link in a note, [[people/ana|Ana Reis]], what it leads to."""
_ENDS = " ,:–—-·•"
_SMALL = lexicon(
    "van von der den de del da di la le ter ten af av du des do dos das el al bin ibn bint ben zu "
    "zum zur vom of the und dem in ap della dalla degli lo los las san st y e i"
)
"""Words in small letters that stand in names."""
_SURNAME = re.compile(r"(?:(?:van|von|der|den|de|del|da|di|la|le|ter|ten|af|av) ){0,3}\S+")


def people(value: object, outlets: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names in a byline, in a list of names or in a list of objects with names.

    Args:
        value: What a source states.
        outlets: Names of the outlet, which are no person's.

    Examples:
        >>> people("By Ann Lee, Bo Ng and Carla Diaz")
        ('Ann Lee', 'Bo Ng', 'Carla Diaz')
        >>> people(["Joe Schmo, Jr.", "Doe, Tara", "Por Ana Reis y Luis Soto"])
        ('Joe Schmo, Jr.', 'Tara Doe', 'Ana Reis', 'Luis Soto')
    """
    parts = value if isinstance(value, list | tuple) else [value]
    known = {folded(name) for name in outlets if name}
    names: dict[str, str] = {}
    # Lists in lists, of which each stands many times in the next, would never end.
    for part in islice(_flat(parts), READ):
        line = _line(part)
        found = list(_names(line))
        if found and folded(found[0]) in known and "/" not in line and "|" not in line:
            continue  # "Delta Post, Luro, Elbonia": what follows an outlet's name is its address.
        for name in (each for line in found for each in _beside(line, known)):
            of_outlet = _is_outlet(folded(name), known) or _is_crew(name, known)
            if is_name(name) and not of_outlet:
                names.setdefault(folded(name), name)
    return tuple(names.values())[:MOST]


def _flat(parts: Iterable[object]) -> Iterator[object]:
    for part in parts:
        names = part
        if isinstance(part, Mapping):
            names = next((v for n in ("name", "@list", "@set") if (v := part.get(n))), None)
        yield from _flat(names) if isinstance(names, list) else [part]


def is_name(text: str) -> bool:
    """Return True when a text can be a person's name: no address, number or program's account."""
    if not text or len(text) > LONGEST or "@" in text or "://" in text or "www." in text.lower():
        return False
    if text.lower() in _PROGRAMS or text.lower().startswith(("http", "user_", "user-")):
        return False
    rest = _ROLE.sub("", text)
    if rest != text and not any(c.isalpha() and not c.islower() for c in rest):
        return False  # "Staff Reporter", "Redacción y agencias": what somebody is, and no name
    letters = sum(map(str.isalpha, text))
    return letters >= 2 and sum(map(str.isdigit, text)) < letters / 2


def _beside(name: str, outlets: Iterable[str]) -> list[str]:
    """Part what a slash sets beside the outlet or an agency: "Delta Post / Ana Reis"."""
    halves = [half.strip() for half in name.split("/")]
    apart = (_is_outlet(folded(h), outlets) or (h.isupper() and h.isalpha()) for h in halves)
    return halves if len(halves) > 1 and any(apart) else [name]


def _is_outlet(name: str, outlets: Iterable[str]) -> bool:
    """Return True for an outlet, or a good part of its name: VnExpress in Báo VnExpress."""
    return any(name == outlet or (len(name) > PART and name in outlet) for outlet in outlets)


def _is_crew(name: str, outlets: Iterable[str]) -> bool:
    """Return True for the people of an outlet; somebody may be called Leon Staff."""
    found = _CREW.fullmatch(name)
    return found is not None and any(folded(found["of"]) in outlet for outlet in outlets)


def is_role(text: str) -> bool:
    """Return True when a text says what somebody is: "Tidings Staff Writer"."""
    return _ROLE.search(text) is not None


def begins_byline(line: str) -> bool:
    """Return True when a line begins with "By" or its like."""
    return bool(_BY.match(line))


def folded(name: str) -> str:
    """Return a name as names are compared: letters and digits, in small letters."""
    return "".join(filter(str.isalnum, name.casefold()))


_AGENCIES = frozenset(map(folded, WORDS["agency"]))


def _line(part: Any) -> str:  # noqa: ANN401 - what a source states
    if isinstance(part, Mapping) and words(part) is None:
        part = " ".join(str(part.get(n) or "") for n in ("givenName", "familyName"))
    line = words(part) or ""
    if _SITE.search(line):
        return ""
    if "@" in line:
        line = _MAIL.sub(lambda found: found[1] or " ", line)
    line = " ".join(_MARKUP.sub(" ", _BESIDE.sub(" ", line)).split())
    while (found := _BY.match(line)) and "://" not in line:
        line = line[found.end() :]
    if found := _OTHERS.search(line):
        line = _without_beat(line[: found.start()])
    return before_label(line).strip(_ENDS)


def _names(line: str) -> Iterator[str]:
    """Yield the names of a line; single words and roles beside a full name are none."""
    pieces = [piece.strip(_ENDS) for piece in _AND.split(line)]
    full = " " in pieces[0] or not pieces[0].isascii()
    for number, piece in enumerate(pieces):
        # "Ana Reis and agencies": beside a full name a common word is none.
        none = "," not in piece and (_ROLE.search(piece) or (piece.isalpha() and piece.islower()))
        if not (number and full and none):
            bare = _BY.sub("", piece, count=1) if _BY.match(piece) and "://" not in piece else piece
            yield from _listed([part.strip(_ENDS) for part in _COMMA.split(bare)])


def _listed(pieces: list[str]) -> Iterator[str]:
    """Yield the names of a list without "and": what belongs to a name is put back to it."""
    names: list[str] = []
    for piece in filter(None, pieces):
        if names and _GENERATION.fullmatch(piece):
            names[-1] = f"{names[-1]}, {piece}"
        elif names and (piece.replace(".", "").lower() in _DEGREES or _ROLE.search(piece)):
            continue
        else:
            names.append(piece)
    if len(names) == 2 and _is_turned(*names):
        names = [f"{names[1]} {names[0]}"]
    for name in map(_bare, names):
        halves = _SHORT_AND.split(name)
        full = all(len(half.split()) >= 2 for half in halves)
        yield from map(_until_sentence, halves if full else [name])


def _bare(name: str) -> str:
    """Return a name without what somebody is, or writes from, behind it."""
    name = _FROM.sub("", name) if len(name.split()) > 3 else name
    role = _ROLE.search(name)
    if role is None:
        return name
    before, after = name[: role.start()].strip(), name[role.end() :].strip()
    before = _without_beat(before)
    if before[:1].islower() and " " in after:
        return after  # "our correspondent Ana Reis"
    return before if " " in before else name


def _until_sentence(name: str) -> str:
    """Return a name without what is said of somebody: "Ana Reis ist Direktorin"."""
    words = name.split()
    if len(words) < 4 or not name[0].isupper():
        return name
    ends = (n for n, word in enumerate(words) if n > 1 and word.islower() and word.isalpha())
    return " ".join(words[: next((n for n in ends if words[n] not in _SMALL), None)])


def _without_beat(name: str) -> str:
    """Return a name without what its editor is one of: "Ana Reis Health policy"."""
    words = name.split()
    while len(words) > 2 and words[-1].lower() in _BEATS:
        words.pop()
    return " ".join(words)


def _is_turned(first: str, second: str) -> bool:
    """Return True for "Reis", "Ana": a surname and the first names after the comma."""
    if not _SURNAME.fullmatch(first) or len(second.split()) > 2 or "." in first:
        return False
    if folded(first) in _AGENCIES or folded(second) in _AGENCIES:
        return False
    words = [first.rsplit(maxsplit=1)[-1], *second.split()]
    return all(word[:1].isupper() and not (word.isupper() and len(word) > 2) for word in words)
