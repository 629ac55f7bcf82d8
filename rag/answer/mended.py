"""A question with its typing errors mended: words that the archive has not, and the nearest it has.

Only small letters are mended, and no common word: a name that the archive does not have is another
name, which may be offered ("Did you mean ...?") and is never put in its place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.language.tongue import asked_in
from rag.language.words import STOP
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
    question = _opened(question, qa)
    found = list(dict.fromkeys(_WORD.findall(question)))
    counts = qa.archive.frequencies(found) if found else {}
    unknown = [word for word in found if not counts.get(word) and not common(word)]
    if not unknown or asked_in(question, qa.archive.languages()):
        return question
    texts = [p.page_content for p in qa.retrieve(read(question))]
    known = vocabulary(qa.archive.cards(), texts)
    meant = {word: near for word in unknown if (near := nearest(word, known, CLOSE)) is not None}
    return _WORD.sub(lambda m: meant.get(m[0], m[0]), question)


def _opened(question: str, qa: Machine) -> str:
    """Return a question that begins with a word that asks, where it nearly does: "wen will"."""
    first = _OPENS.match(question)
    if first is None or first[0] in STOP or qa.archive.frequencies([first[0]]).get(first[0]):
        return question
    asks = nearest(first[0], _ASKED, CLOSE)
    return f"{asks}{question[first.end() :]}" if asks else question
