"""Which outlets a question names: those that the archive holds, and those that it lacks.

"Do the article from The Verge and the report by Bloomberg agree?" names two. An archive without
Bloomberg cannot answer it, however much The Verge says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from rag.language.names import Known, Name, names
from rag.language.words import fold
from rag.question.phrases import Part

_SECTION = re.compile(r"\s(?:[-–—|·])\s.*$")
"""What follows a dash or bar is a section or a motto: "BBC News - Entertainment & Arts"."""
_PIECE = r"(?:articles?|reports?|stor(?:y|ies)|pieces?|coverage|columns?|reviews?|interviews?)"
_AFTER = re.compile(
    rf"^(?:['’]s|['’\"”])?(?: (?:news|magazine|website))? {_PIECE}\b", re.IGNORECASE
)
_BEFORE = re.compile(
    rf"\b(?:{_PIECE} (?:from|by|in|published (?:by|in|on))|(?:reported|published|covered) (?:by|in)"
    r"|as per|discussed by) (?:the )?['‘\"“]?$",
    re.IGNORECASE,
)


def short(publisher: str) -> str:
    """Return an outlet's name as people say it: without "The", section and motto."""
    return _SECTION.sub("", publisher).removeprefix("The ").strip()


def called(outlet: str) -> frozenset[str]:
    """Return the names by which people call an outlet, folded; "cnn.com" is CNN."""
    names = {fold(outlet), fold(short(outlet)), fold(outlet.removeprefix("The "))}
    names |= {fold(outlet).removeprefix("www."), re.sub(r"^www\.|\.\w+$", "", fold(outlet))}
    return frozenset(names)


def named(question: str, publishers: Iterable[str]) -> tuple[str, ...]:
    """Return the archive's outlets that a question names, in its order."""
    places = {p: re.search(rf"\b{re.escape(short(p))}\b", question) for p in publishers if p}
    found = [(match.start(), p) for p, match in places.items() if match and len(short(p)) > 1]
    return tuple(p for _, p in sorted(found))


def lacking(question: str, publishers: Iterable[str]) -> tuple[Name, ...]:
    """Return the names that a question uses as outlets and that are none of the archive's.

    "The Meridian report" and "an article by Meridian" use a name so.
    """
    held = [fold(form) for p in publishers if p for form in (p, short(p))]
    found: dict[str, Name] = {}
    for name in names(question):
        after, before = question[name.span.end :], question[: name.span.start]
        if not (_AFTER.match(after) or _BEFORE.search(before)):
            continue
        said = fold(name.text)
        if not any(said in h or h in said for h in held):
            found.setdefault(name.text, name)
    return tuple(found.values())


def missing(
    question: str, publishers: Sequence[str], sentences: Callable[[], Iterable[str]]
) -> str:
    """Return why reports that a question sets beside each other are not there, or nothing.

    A question that names one outlet alone can be answered by another, which then says so; and an
    archive without any outlet's name cannot tell. A body that the articles mention, such as a
    court that reports, is no missing outlet.

    Args:
        question: As read.
        publishers: The outlets of the archive.
        sentences: Gives those of the articles that were found. It is called only when the question
            names two outlets and the archive lacks one: to read them all takes longer than to
            search.
    """
    if not any(publishers):
        return ""
    foreign, own = lacking(question, publishers), len(named(question, publishers))
    if not foreign or len(foreign) + own < 2:
        return ""
    known = Known(sentences())
    gone = [name.text for name in foreign if known.licence(name) != "same"]
    if not gone or len(gone) + own < 2:
        return ""
    return f"The archive has no article by {' or '.join(gone)} on this."


def folded(outlets: tuple[str, ...], authors: tuple[str, ...]) -> dict[str, tuple[Part, str]]:
    """Return outlets and authors by the ways in which they are called."""
    names: dict[str, tuple[Part, str]] = {}
    surnames: dict[str, set[str]] = {}
    for author in authors:
        names[fold(author)] = ("author", author)
        surnames.setdefault(fold(author).rpartition(" ")[2], set()).add(author)
    for outlet in outlets:
        names |= dict.fromkeys(called(outlet), ("outlet", outlet))
    for last, some in surnames.items():
        if len(some) == 1 and len(last) > 2:
            names.setdefault(f"by {last}", ("author", next(iter(some))))
    return names
