"""Follow-ups in a conversation, made into questions that stand alone.

Rules say whether a question leans on the ones before it; the model, where there is one, words the
full question, and the result is shown to the person. Without a model the earlier question's words
are added, which is enough to search by.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.answer import prompts
from rag.answer.cite import stripped
from rag.errors import ModelError
from rag.language.entities import read
from rag.language.names import names
from rag.language.sentences import split
from rag.language.terms import asked_terms

if TYPE_CHECKING:
    from rag.models.chat import Chat
    from rag.models.ledger import Ledger

_OPENS = re.compile(
    r"^(?:and|but|so|then|also|what about|how about|why not|why|when|where|who|how|which one"
    r"|really|is that|was that|did that)\b",
    re.IGNORECASE,
)
_REFERS = re.compile(
    r"\b(?:he|she|it|they|him|them|his|her|hers|its|their|theirs|that|this|these|those|there"
    r"|then|the same|the (?:former|latter|first|second|other))\b",
    re.IGNORECASE,
)


def leans(question: str) -> bool:
    """Say whether a question needs the ones before it to be understood."""
    terms = asked_terms(question)
    if re.match(r"^(?:and|but|what about|how about)\b", question.strip(), re.IGNORECASE):
        return True
    if any(name.sure for name in names(question)):
        return False
    return bool(_REFERS.search(question)) or (len(terms) <= 2 and bool(_OPENS.match(question)))


def standalone(
    question: str,
    earlier: Sequence[tuple[str, str]],
    chat: Chat | None,
    stop: threading.Event | None = None,
    *,
    always: bool = False,
    ledger: Ledger | None = None,
) -> str:
    """Return the question as it can be understood without the conversation.

    Args:
        question: As asked.
        earlier: Questions and answers before it, oldest first.
        chat: The model that words it; None adds the earlier question's words instead.
        stop: Set it from another thread to stop the model.
        always: Let the model word each follow-up, and say itself whether it leans on the talk.
        ledger: Where its tokens are counted.
    """
    needed = bool(earlier) and leans(question)
    if not needed and not (always and earlier and chat is not None):
        return question
    joined = question
    if needed:
        joined = in_place(question, *earlier[-1]) or f"{question} ({earlier[-1][0]})"
    if chat is None:
        return joined
    counted = {} if ledger is None else {"ledger": ledger}
    asked = prompts.rewrite(question, earlier[-4:] if always else earlier[-2:])
    try:
        written = chat.complete(asked, max_tokens=60, stop=stop, **counted)
    except ModelError:
        return joined
    line = " ".join(stripped(written).split())
    if not 8 <= len(line) <= 300 or prompts.echoes(line):
        return joined
    return (in_place(line, *earlier[-1]) or line) if leans(line) else line


_OWNERS = frozenset({"his", "hers", "its", "their"})
_PEOPLE = frozenset({"he", "she", "him", "her", "his", "hers"})
_PRONOUN = re.compile(r"\b(?:he|she|him|her|his|hers|its?|they|them|their)\b", re.IGNORECASE)
_LINK = re.compile(r"^(?:and|but|so|then|also)\b[, ]*", re.IGNORECASE)


def in_place(question: str, before: str, answer: str) -> str | None:
    """Return a follow-up with names in place of its pronouns; None where none stands for one.

    "he" and "she" are people, those whom the answer names first; "it" and "its" are what the
    question before was about. Of each kind the first is replaced.
    """
    bare = told = _LINK.sub("", question.strip())
    for found in reversed(list(_PRONOUN.finditer(bare))):
        low, rest = found[0].lower(), bare[found.end() :]
        people = low in _PEOPLE
        name = _referent(before, answer, people=people, things=low in {"it", "its"})
        ahead = _PRONOUN.finditer(bare, 0, found.start())
        earlier = any((m[0].lower() in _PEOPLE) == people for m in ahead)
        if name is None or earlier:
            continue
        owner = low in _OWNERS or (low == "her" and bool(re.match(r" \w", rest)))
        told = f"{told[: found.start()]}{name}{'’s' if owner else ''}{told[found.end() :]}"
    return told[0].upper() + told[1:] if told != bare else None


def _referent(before: str, answer: str, *, people: bool, things: bool) -> str | None:
    """Return what a pronoun stands for: a person of the answer, or what was asked about."""
    asked, said = (read(text, split(text)) for text in (before, answer))
    if people:
        found = [e.name for e in (*asked, *said) if e.kind == "person"]
        return found[0] if found else None
    named = [n.text for n in names(before) if n.sure]
    persons = {e.name for e in asked if e.kind == "person"}
    kept = [name for name in named if not (things and name in persons)]
    return kept[0] if kept else None
