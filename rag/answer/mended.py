"""A question in the spelling of the archive: its typing errors mended, its numerals as they stand.

Only small letters are mended, and no common word: a name that the archive does not have is another
name, which may be offered ("Did you mean ...?") and is never put in its place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.language.datewords import MONTHS
from rag.language.tongue import asked_in
from rag.language.words import STOP, fold
from rag.models.vocabulary import common
from rag.question.query import read
from rag.search.spelling import SHORTEST, nearest, vocabulary

if TYPE_CHECKING:
    from rag.answer.machine import Machine

CLOSE = 0.85
"""How alike a word must be to be taken for another without being asked, from 0 to 1."""
_OPENS = re.compile(r"[a-z]{3,5}\b")
_ASKED = {word: word for word in ("who", "whose", "what", "when", "where", "which", "why", "how")}
_WORD = re.compile(rf"(?<![\w-])[a-z]{{{SHORTEST},}}(?![\w-])")


def mended(question: str, qa: Machine) -> str:
    """Return a question with the words that its archive's articles have for it."""
    return _numbered(_spelt(_opened(question, qa), qa), qa)


def _spelt(question: str, qa: Machine) -> str:
    """Return a question whose words the archive has."""
    found = list(dict.fromkeys(_WORD.findall(question)))
    counts = qa.archive.frequencies(found) if found else {}
    unknown = [word for word in found if not counts.get(word) and not common(word)]
    if not unknown or asked_in(question, qa.archive.languages()):
        return question
    texts = [p.page_content for p in qa.retrieve(read(question))]
    known = vocabulary(qa.archive.cards(), texts)
    meant = {word: near for word in unknown if (near := nearest(word, known, CLOSE)) is not None}
    return _WORD.sub(lambda m: meant.get(m[0], m[0]), question)


_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_NUMBERED = re.compile(r"\b(?P<word>[^\W\d_]{4,}) (?P<number>10|[1-9]|I{1,3}|I?[VX]|VI{0,3})\b")


def _numbered(question: str, qa: Machine) -> str:
    """Return a question whose names have the numerals of the articles: "Artemis 2" is "Artemis II".

    Only where the articles have the name with the other numeral alone.
    """
    found = (m for m in _NUMBERED.finditer(question) if fold(m["word"]) not in MONTHS)
    if next(found, None) is None:
        return question
    texts = "\n".join(p.page_content for p in qa.retrieve(read(question)))

    def other(found: re.Match[str]) -> str:
        word, number = found["word"], found["number"]
        arabic = number.isdecimal()
        instead = _ROMAN[int(number) - 1] if arabic else str(_ROMAN.index(number) + 1)
        held = re.search(rf"\b{word} {instead}\b", texts, re.IGNORECASE)
        if held is None or re.search(rf"\b{word} {number}\b", texts, re.IGNORECASE):
            return found[0]
        return held[0]

    return _NUMBERED.sub(other, question)


def _opened(question: str, qa: Machine) -> str:
    """Return a question that begins with a word that asks, where it nearly does: "wen will"."""
    first = _OPENS.match(question)
    if first is None or first[0] in STOP or qa.archive.frequencies([first[0]]).get(first[0]):
        return question
    asks = nearest(first[0], _ASKED, CLOSE)
    return f"{asks}{question[first.end() :]}" if asks else question
