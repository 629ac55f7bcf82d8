"""One question that asks several things: the questions in it, each of them readable alone.

Each is searched for by itself, since what answers one of them seldom holds the words of all.
"""

from __future__ import annotations

import re
from itertools import pairwise

from rag.language.datewords import MONTHS
from rag.language.names import names
from rag.language.sentences import split
from rag.language.terms import asked_terms

MOST = 3
"""Most questions in a question; what seems to ask more is asked as a whole."""

_ASK = r"(?:what|when|who|whom|whose|where|why|which|how)\b"
_JOINT = re.compile(
    rf"[,;]? and (?=(?:on |in |at |by |for |to |from )?{_ASK})|(?<=[a-z])\? (?=[A-Z])"
)
_AROUND = re.compile(r"\b(before) and (after)\b", re.IGNORECASE)
_PLACED = re.compile(
    r"\b(?P<at>in|on|of|for) (?P<a>[^,;:?]{2,40}?),? and (?P=at) (?P<b>[^,;:?]{2,40})"
)
_ELLIPTIC = re.compile(
    r"(?:what|who|whom|how (?:many|much|long|far|large|big)|which|where|when)"
    r" (?P<at>in|on|at|when|before|after|by|for|of|during)\b(?P<rest>.*)$",
    re.IGNORECASE,
)
_OTHER = {"before": "after", "after": "before"}
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")


def asking(question: str) -> str:
    """Return the sentences of a question that ask, without those that only set the scene.

    "Nancy Pelosi is stepping down. When did she become speaker?" asks for the second only. Where
    no sentence is surely the one that asks, the whole is returned.
    """
    sentences = [span.of(question) for span in split(question)]
    ask = [one for one in sentences if one[-1] in "?:" or re.match(_ASK, one, re.IGNORECASE)]
    return " ".join(ask) if 0 < len(ask) < len(sentences) else question


def divided(question: str) -> tuple[str, ...]:
    """Return the questions in a question; the question itself when it asks one thing.

    Divided are questions that follow each other ("..., and who built it?", "... ago? What did
    ..."), those of the time before and after something, and those of two days, or of two names,
    in the same place of the sentence: "the packages of June 2022 and of July 2023".
    """
    return (
        _around(question)
        or _joint(question)
        or _graded(question)
        or _paired(question)
        or _placed(question)
        or _following(question)
    )


_TWO = re.compile(
    r"^(?P<head>(?:what|how) (?:did|do|does|have|has)"
    r"|(?:did|do|does|have|has|were|was|are|is) both)"
    r" (?P<a>[^,?]{2,60}?) and (?P<b>(?!(?:of|for|in|on|at) )[^,?]{2,60}?)"
    r" (?P<verb>say|said|think|make|made|react|respond"
    r"|differ|describe|justify|view|want|offer|promise|report|call|argue|answer|agree|have|deny)\b"
    r"(?P<rest>.*)$",
    re.IGNORECASE,
)
"""Two who are asked about together: "What did the mayor and the union say of the plan?"."""


def _joint(question: str) -> tuple[str, ...]:
    """Divide a question about two into one about each."""
    found = _TWO.match(question)
    if found is None or not any(_somebody(found[side]) for side in ("a", "b")):
        return ()
    head = re.sub(r" both$", "", found["head"], flags=re.IGNORECASE)
    if found["verb"].lower() in {"differ", "agree"}:
        return tuple(f"What did {found[side]} say{found['rest']}" for side in ("a", "b"))
    return tuple(f"{head} {found[side]} {found['verb']}{found['rest']}" for side in ("a", "b"))


_DO = re.compile(r"\b(?:did|do|does|have|has|will|both) (?:both )?$", re.IGNORECASE)
_COMPARE = re.compile(r",? (?:compare|differ)\b", re.IGNORECASE)


def _paired(question: str) -> tuple[str, ...]:
    """Divide "By how much did Seacat and Bluewave raise fares?", by the names of the two.

    Two names are two who are asked about where they do something or are compared; what "between"
    or "in" them is one thing.
    """
    called = [n.span for n in names(question) if n.sure]
    compare = _COMPARE.search(question)
    for one, other in pairwise(called):
        ahead = question[: one.start]
        if question[one.end : other.start] != " and " or ahead.endswith("between "):
            continue
        if compare or _DO.search(ahead):
            rest = _COMPARE.sub("", question[other.end :])
            return tuple(ahead + side.of(question) + rest for side in (one, other))
    return ()


_WHICH = re.compile(
    r"^(?:which|who|what) (?:(?P<what>[\w ]{2,40}?) )??(?P<be>is|are|was|were) (?:the )?"
    r"(?P<more>(?:more|less|fewer) \w+|\w+er)[,:]? (?P<a>[^,;:?]{3,80}?),? or"
    r" (?P<b>[^,;:?]{3,80})\W*$",
    re.IGNORECASE,
)
"""Two of which one is more of something: "Which was hotter, the record of Calder or ...?"."""
_THAT = re.compile(r"^th(?:at|ose) (?=(?:of|in|on|at|from)\b)", re.IGNORECASE)


def _graded(question: str) -> tuple[str, ...]:
    """Divide "Which was hotter, the record of Calder or that of Dunmore?"."""
    found = _WHICH.match(question)
    if found is None or found["more"].lower() in {"earlier", "later", "sooner", "former"}:
        return ()
    one = found["a"]
    thing = re.split(r" (?:of|in|on|at|from)\b", one, maxsplit=1)[0]
    other = _THAT.sub(f"{thing} ", found["b"])
    return tuple(f"How much {found['more']} {found['be']} {side}?" for side in (one, other))


def _somebody(words: str) -> bool:
    return words.lower().startswith(("the ", "a ")) or bool(names(words))


def _around(question: str) -> tuple[str, ...]:
    """Divide "What was it before and after the meeting?"."""
    if not (found := _AROUND.search(question)) or _JOINT.search(question):
        return ()
    return tuple(
        question[: found.start()] + word + question[found.end() :] for word in found.groups()
    )


def _placed(question: str) -> tuple[str, ...]:
    """Divide "How large were the packages of June 2022 and of July 2023?"."""
    found = _PLACED.search(question)
    if found is None or not re.match(rf"\W*(?:\w+ )?{_ASK}|\W*compare\b", question, re.IGNORECASE):
        return ()
    both = found["a"], _head(found["b"])
    if not (all(map(_dated, both)) or all(map(_named, both))):
        return ()
    start, rest = question[: found.start("a")], found["b"][len(both[1]) :] + question[found.end() :]
    return tuple(start + one + rest for one in both)


def _head(text: str) -> str:
    """Return the day or name at the beginning of a text, for what follows belongs to both."""
    run = re.match(r"(?:the )?(?:[A-Z\d][\w.'’-]*[ ,]*)+", text)
    return run[0].rstrip(" ,") if run else text


def _dated(text: str) -> bool:
    return bool(_YEAR.search(text)) or any(w in MONTHS for w in text.lower().split())


def _named(text: str) -> bool:
    found = names(f"in {text}")
    return bool(found) and found[0].sure and len(text.split()) <= 4


def _following(question: str) -> tuple[str, ...]:
    """Divide "When did it land, and who built it?"; who lost the subject keeps its name."""
    pieces = [p.strip(" ,;:?") for p in _JOINT.split(question)]
    first = pieces[0]
    pieces = [_filled(p, first) or p for p in pieces]
    pieces = [p for p in pieces if len(asked_terms(p)) >= 1 and " " in p]
    if not 2 <= len(pieces) <= MOST:
        return (question,)
    subject = next((n.text for n in names(pieces[0]) if n.sure), "")
    return tuple(
        p if i == 0 or any(n.sure for n in names(p)) or not subject else f"{p} ({subject})"
        for i, p in enumerate(pieces)
    )


def _filled(piece: str, first: str) -> str:
    """Return a question that only names another time or place with the words of the first.

    "How many cuts did they expect in September, and how many in December?"
    """
    found = _ELLIPTIC.match(piece)
    if found is None or piece == first:
        return ""
    head, other = found["at"].lower(), found["at"].lower()
    if not found["rest"] and other in _OTHER:
        head = _OTHER[other]
    place = first.lower().rfind(f" {head} ")
    if place < 0:
        return ""
    if not found["rest"]:
        return first[: place + 1] + other + first[place + 1 + len(head) :]
    return first[: place + 1] + found["at"] + found["rest"]
