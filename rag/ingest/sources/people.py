"""Bylines -> the names of people: no "By", no outlet, no account of a program, one name each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rag.ingest.sources.words import words

MOST = 20
"""Most names of a byline that are kept."""
LONGEST = 100
PART = 4
"""Letters from which on a part of an outlet's name stands for it."""

_BY = re.compile(
    r"(?:(?:written|reported|reviewed|words|story|text) )?by(?:[: ] ?|$)"
    r"|(?:from|par|por|door|przez|texto|texte|autor(?:in|en)?|authors?|auteur)(?:[: ] ?|$)"
    r"|(?:von|di|da|de|av|af|od) (?=(?-i:[A-Z])\S* \S)",
    re.IGNORECASE,
)
"""The words of the last line begin names too: Da Silva, von der Leyen."""
_MAIL = re.compile(r"\S+@\S+ ?\(([^()]+)\)|<?\S+@\S+>?")
_COMMA = re.compile(r"[,、，،]")
_AND = re.compile(
    r"\s*(?:[;|]|,? and |,? & |,? und |,? og |,? och |,? et |,? en |,? oraz |,? ve )\s*"
)
_SHORT_AND = re.compile(r"\s(?:y|e|i|и|és)\s|\s?/\s?")
"""What stands in names too (Ortega y Gasset, mag/dpa): it parts full names only."""
_GENERATION = re.compile(r"(?:jr|sr|jnr|snr)\.?|[iv]{2,3}", re.IGNORECASE)
_DEGREE = re.compile(
    r"m\.?d\.?|ph\.?d\.?|d\.?phil\.?|m\.?b\.?a\.?|r\.?n\.?|d\.?d\.?s\.?|d\.?o\.?|j\.?d\.?|esq\.?|cfa"
    r"|m\.?p\.?h\.?|m\.?p\.?|k\.?c\.?|q\.?c\.?|m\.?s\.?c?\.?|m\.?a\.?|b\.?a\.?|obe|mbe|cbe|r\.?d\.?n?\.?|pe"
    r"|cpa|dvm|pharmd",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:reporter|correspondent|editor|columnist|journalist|writer|producer|photographer|staff"
    r"|contributor|bureau chief|analyst|professor|redakteur(?:in)?|korrespondent(?:in)?"
    r"|periodista|corresponsal|journaliste|giornalista|muhabir)\b",
    re.IGNORECASE,
)
_PROGRAMS = {
    "admin", "administrator", "webmaster", "root", "user", "username", "superuser", "wordpress",
    "anonymous", "unknown", "guest", "python-docx", "microsoft office user", "office user",
    "windows user", "owner", "default", "author", "none", "null", "n/a", "undefined", "test",
    "apache poi", "openpyxl", "libreoffice", "latex", "pandoc", "microsoft word", "webadmin",
    "site admin", "system", "import", "editor", "publisher", "wp-admin", "adminuser",
}  # fmt: skip
"""What programs write where they know no author; compared in small letters."""
_AGENCIES = {
    "reuters", "bloomberg", "xinhua", "tass", "efe", "ansa", "ritzau", "lusa", "anadolu",
    "interfax", "kyodo", "yonhap", "bernama", "antara", "belga", "agerpres", "keystone", "staff",
}  # fmt: skip
_BESIDE = re.compile(r"\([^()]*\)|(?<=[가-힣]) 기자\b|記者\b")
"""What stands beside a name: (Photo), "reporter" in Korean and Japanese."""
_SITE = re.compile(r"\((?:www\.|https?:)", re.IGNORECASE)
"""A name with its address is that of an outlet: Delta Post (www.delta.example)."""
_FROM = re.compile(
    r"(?<=\w\w) (?:in|aus|from|for|für|pour|para|with|avec|mit|con) "
    r"(?=(?:the )?(?-i:[A-ZÀ-Þ])|agenc|agent).*$",
    re.IGNORECASE,
)
"""Where somebody writes from, for whom, and with which agency: "Ana Reis in Kelm"."""
_MARKUP = re.compile(r"[\[\]<>{}]+")


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
    for part in _flat(parts):
        line = _line(part)
        found = list(_names(line))
        if found and folded(found[0]) in known and "/" not in line:
            continue  # "Delta Post, Luro, Elbonia": what follows an outlet's name is its address.
        for name in (each for line in found for each in _beside(line, known)):
            if is_name(name) and not _is_outlet(folded(name), known):
                names.setdefault(folded(name), name)
    return tuple(names.values())[:MOST]


def _flat(parts: Iterable[object]) -> Iterator[object]:
    for part in parts:
        names = part.get("name") if isinstance(part, Mapping) else part
        yield from names if isinstance(names, list) else [part]


def is_name(text: str) -> bool:
    """Return True when a text can be a person's name: no address, number or program's account."""
    if not text or len(text) > LONGEST or "@" in text or "://" in text or "www." in text.lower():
        return False
    if text.lower() in _PROGRAMS or text.lower().startswith(("http", "user_", "user-")):
        return False
    letters = sum(map(str.isalpha, text))
    return letters >= 2 and sum(map(str.isdigit, text)) < letters / 2


def _beside(name: str, outlets: Iterable[str]) -> list[str]:
    """Part what a slash sets beside the outlet: "Delta Post / Ana Reis"."""
    halves = [half.strip() for half in name.split("/")]
    return halves if any(_is_outlet(folded(half), outlets) for half in halves) else [name]


def _is_outlet(name: str, outlets: Iterable[str]) -> bool:
    """Return True for an outlet, or a good part of its name: VnExpress in Báo VnExpress."""
    return any(name == outlet or (len(name) > PART and name in outlet) for outlet in outlets)


def begins_byline(line: str) -> bool:
    """Return True when a line begins with "By" or its like."""
    return bool(_BY.match(line))


def folded(name: str) -> str:
    """Return a name as names are compared: letters and digits, in small letters."""
    return "".join(filter(str.isalnum, name.casefold()))


def _line(part: Any) -> str:  # noqa: ANN401 - what a source states
    if isinstance(part, Mapping) and words(part) is None:
        part = " ".join(str(part.get(n) or "") for n in ("givenName", "familyName"))
    line = words(part) or ""
    if _SITE.search(line):
        return ""
    if "@" in line:
        line = _MAIL.sub(lambda found: found[1] or " ", line)
    line = " ".join(_BESIDE.sub(" ", _MARKUP.sub(" ", line)).split())
    while found := _BY.match(line):
        line = line[found.end() :]
    return " ".join(line.split())


def _names(line: str) -> Iterator[str]:
    """Yield the names of a line."""
    for part in _AND.split(line):
        yield from _listed([piece.strip(" ,:–—-·•") for piece in _COMMA.split(part)])


def _listed(pieces: list[str]) -> Iterator[str]:
    """Yield the names of a list without "and": what belongs to a name is put back to it."""
    names: list[str] = []
    for piece in filter(None, pieces):
        if names and _GENERATION.fullmatch(piece):
            names[-1] = f"{names[-1]}, {piece}"
        elif names and (_DEGREE.fullmatch(piece) or _ROLE.search(piece)):
            continue
        else:
            names.append(piece)
    if len(names) == 2 and _is_turned(*names):
        names = [f"{names[1]} {names[0]}"]
    for name in (_FROM.sub("", name) if len(name.split()) > 3 else name for name in names):
        halves = _SHORT_AND.split(name)
        full = all(len(half.split()) >= 2 for half in halves)
        yield from halves if full else [name]


def _is_turned(first: str, second: str) -> bool:
    """Return True for "Reis", "Ana": a surname and the first names after the comma."""
    if len(first.split()) != 1 or len(second.split()) > 2 or "." in first:
        return False
    if first.casefold() in _AGENCIES or second.casefold() in _AGENCIES:
        return False
    words = [first, *second.split()]
    return all(word[:1].isupper() and not (word.isupper() and len(word) > 2) for word in words)
