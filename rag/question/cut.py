"""A question about the archive, cut into its phrases; what is none of them may be the topic."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from rag.language.words import fold
from rag.question.periods import Days, period_at
from rag.question.phrases import COUNTING, LANGUAGES, NUMBER, PATTERNS, Part
from rag.question.publishers import folded

LONGEST = 14
"""Most words of a topic."""
_TOKEN = re.compile(r"[\"“][^\"”]+[\"”]|[^\s,;:()]+|[,;:()]")
_SOURCE = re.compile(
    r"(?:(?:(?:that|which) )?(?:(?:was|were|is|are|has been|have been) )?"
    r"(?:(?:published|written|carried|printed|signed|issued|put out|released|run|posted) )?"
    r"(?:by|from|in|at|for|via|between|of)"
    r"|(?:with|carry|carrying|carries|under|bearing|bear) the (?:byline|name|signature)(?: of)?"
    r"|than|with|to|versus|vs\.?)(?: both| either)?(?: the)? ",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(
    rf"(?:(?:written |published )?in )?({'|'.join(LANGUAGES)})(?:-language| language)?(?![\w-])",
    re.IGNORECASE,
)
_SOMEBODY = re.compile(
    r"(?:(?:published|written|carried|printed|signed) )?by(?: the)? "
    r"([A-Z][\w.&'-]*(?: (?:[A-Z][\w.&'-]*|of|de|van|von))*)"
)
"""An outlet or author that the archive does not have."""
_AUX = re.compile(r"did|has|have|do|does|is|are|was|were|that|which|from", re.IGNORECASE)
_ABOUT = re.compile(
    r"(?:about|on|re|as to|concerning|regarding|mentions?|references?|coverage|reporting|news of"
    r"|hits?|results?) ",
    re.IGNORECASE,
)
"""What opens a topic at the beginning; a verb there says what is to be done: "Name the ..."."""
_REPORTS = re.compile(r"reports? ", re.IGNORECASE)
_CLAUSE = re.compile(r"\b(?:did|does|do|will|would|was|were|is|are|has|have|had|should|could)\b")
_CLOSES: frozenset[Part] = frozenset(
    {"period", "outlet", "author", "language", "have", "here", "there", "per", "filler", "glue",
     "first", "latest", "most", "least", "more", "appear", "wrote", "noun", "and", "or", "break",
     "owns", "compare", "headline", "missing", "newest", "longest", "shortest"}
)  # fmt: skip
_OPENS = _CLOSES - {"and", "or", "break", "owns", "glue"}
_LAST: frozenset[Part] = frozenset(
    {"first", "latest", "newest", "longest", "shortest", "most", "least", "more"}
)
"""Adverbs that only stand at the very end: "Which outlet wrote about it first?"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the archive has, by which its outlets, authors and "last week" are understood."""

    outlets: Sequence[str] = ()
    authors: Sequence[str] = ()
    today: date | None = None
    common: Callable[[str], bool] | None = None
    """Says whether people write a word; where nothing does, no word is taken for misspelt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One phrase of a question."""

    part: Part
    start: int
    end: int
    text: str
    value: str = ""
    """An outlet or author as the archive has it, or the code of a language."""
    days: Days = (None, None)
    sourced: bool = False
    """True where a word such as "by" or "from" stands before an outlet or author."""


@dataclass(slots=True, kw_only=True)
class Cutter:
    """Cuts one question."""

    text: str
    known: Known
    names: Mapping[str, tuple[Part, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.names = folded(tuple(self.known.outlets), tuple(self.known.authors))

    def pieces(self, start: int = 0) -> list[Piece]:
        """Return the phrases from a place on, in order."""
        found: list[Piece] = []
        place = self._next(start)
        while place < len(self.text):
            piece = self._at(place, found[-1] if found else None)
            if piece.part in ("cue", "aboutness", "uncue", "titled", "mentions"):
                if topic := self._topic(piece):
                    return [*found, piece, topic, *self.pieces(topic.end)]
                piece = self._at(place, found[-1] if found else None, cues=False)
            found.append(piece)
            place = self._next(piece.end)
        return found

    def _next(self, place: int) -> int:
        while place < len(self.text) and self.text[place] in " ,()":
            place += 1
        return place

    def _at(self, start: int, before: Piece | None, *, cues: bool = True) -> Piece:
        """Return the longest phrase at a place, or the word that stands there."""
        if before is None:
            cues = cues and bool(_ABOUT.match(self.text, start))
        elif _REPORTS.match(self.text, start) and _counts(before):
            cues = False
        skipped = ("cue", "aboutness", "uncue", "titled", "mentions")
        found = [*self._special(start, before)]
        for part, pattern in PATTERNS:
            if (cues or part not in skipped) and (match := pattern.match(self.text, start)):
                found.append(self._piece(part, start, match.end()))
        if found:
            return max(found, key=lambda piece: piece.end)
        token = _TOKEN.match(self.text, start)
        return self._piece("other", start, token.end() if token else start + 1)

    def _piece(self, part: Part, start: int, end: int, value: str = "") -> Piece:
        return Piece(part=part, start=start, end=end, text=self.text[start:end], value=value)

    def _special(self, start: int, before: Piece | None) -> Iterator[Piece]:
        """Yield what is no fixed phrase: a period, an outlet, an author, a language, a number."""
        if (found := period_at(self.text, start, self.known.today)) and (
            not found.bare or re.search(r"\d{4}", self.text[start : found.end])
        ):
            said = self.text[start : found.end]
            yield Piece(part="period", start=start, end=found.end, text=said, days=found.days)
        if (source := _SOURCE.match(self.text, start)) and (
            named := self._named(source.end(), sourced=True)
        ):
            part, value, end = named
            yield Piece(
                part=part,
                start=start,
                end=end,
                text=self.text[start:end],
                value=value,
                sourced=True,
            )
        elif named := self._named(start, sourced=before is not None and before.part == "and"):
            yield self._piece(named[0], start, named[2], named[1])
        elif somebody := _SOMEBODY.match(self.text, start):
            yield self._piece("outlet", start, somebody.end(), somebody[1])
        if language := _LANGUAGE.match(self.text, start):
            yield self._piece("language", start, language.end(), LANGUAGES[language[1].lower()])
        if number := NUMBER.match(self.text, start):
            yield self._piece("number", start, number.end())

    def _named(self, start: int, *, sourced: bool) -> tuple[Part, str, int] | None:
        """Return the outlet or author that is named at a place, and where the name ends."""
        ends: list[int] = []
        place = start
        while len(ends) < 8 and (token := _TOKEN.match(self.text, place)):
            ends.append(token.end())
            place = token.end() + 1
        for end in reversed(ends):
            said = self.text[start:end].strip("\"“”'")
            bare = re.sub(r"['’]s?$", "", said)
            for name in (said, bare, re.sub(r"^the ", "", bare, flags=re.IGNORECASE)):
                found = self.names.get(fold(name))
                by = self.text[max(0, start - 3) : start].lower() == "by "
                found = found or (self.names.get(f"by {fold(name)}") if by else None)
                if found and (sourced or " " in name or name[:1].isupper() or "." in name):
                    return found[0], found[1], end
        return None

    def _topic(self, cue: Piece) -> Piece | None:
        """Return the topic behind a cue: all but what closes the question."""
        start = self._next(cue.end)
        rest = self.text[start:]
        tokens = list(_TOKEN.finditer(rest))
        end = len(rest)
        for token in tokens:
            if self._closes(start + token.start()):
                end = token.start()
                break
        said = re.sub(r"[\s,]+(?:and|or)$", "", rest[:end].rstrip()).strip(" ,:;-")
        said = re.sub(r"^(?:both|either) ", "", said, flags=re.IGNORECASE)
        said = re.sub(r" (?:distributed|spread|divided|split)$", "", said)
        quoted = bool(re.fullmatch(r"[\"'“].+[\"'”]", said))
        if not said or len(said.split()) > LONGEST or (_CLAUSE.search(said) and not quoted):
            return None
        return Piece(part="topic", start=start, end=start + end, text=said)

    def _closes(self, start: int) -> bool:
        """Return True when all from a place on is about articles again, and not of the topic."""
        return Closing(text=self.text, known=self.known).closes(start)


def _counts(before: Piece) -> bool:
    """Return True where "reports" behind a phrase is a noun: "the number of reports on ..."."""
    if before.part == "glue":
        return before.text.lower() in ("the", "of", "any", "all", "a", "an", "some", "your", "our")
    return before.part in COUNTING


class Closing(Cutter):
    """Reads what closes a question behind its topic."""

    def closes(self, start: int) -> bool:
        """Return True when every phrase from a place on can stand behind a topic."""
        pieces: list[Piece] = []
        place = start
        while place < len(self.text):
            piece = self._at(place, pieces[-1] if pieces else None, cues=False)
            if piece.part not in _CLOSES:
                return False
            pieces.append(piece)
            place = self._next(piece.end)
        return bool(pieces) and self._opens(pieces) and self._ordered(pieces)

    def _opens(self, pieces: Sequence[Piece]) -> bool:
        first = pieces[0]
        if first.part in ("outlet", "author"):
            comma = self.text[: first.start].rstrip()[-1:] in (",", ":", "-", "–", "—")
            return first.sourced or comma
        if first.part == "period":
            return not re.match(r"\d", first.text) or self.text[first.start - 2] == ","
        if first.part in ("glue", "owns"):
            return bool(_AUX.fullmatch(first.text)) and len(pieces) > 1
        return first.part in _OPENS

    def _ordered(self, pieces: Sequence[Piece]) -> bool:
        """Return True unless "first" or "most" stands elsewhere than at the end, or is a name's."""
        adverbs = [p for p in pieces if p.part in _LAST]
        low = all(p.text.islower() for p in adverbs)
        behind = {p.part for p in pieces[1:]} if adverbs and pieces[0] is adverbs[0] else set()
        return low and behind <= {"filler", "period", "here", "glue", "have", "outlet", "or", "and"}
