"""Questions about the archive itself: how many articles, which, by whom, when, from where.

A question is cut into phrases (`cut`), which fill slots (`slots`). All of its words must be
understood, and enough of them must mean the archive. Whatever else it says makes it one about the
world.
"""

from __future__ import annotations

import re

from rag.language.words import fold
from rag.question.cut import Cutter, Known
from rag.question.filled import ENDS, filled
from rag.question.holding import Holding, Wanted
from rag.question.phrases import Part
from rag.question.slots import Slots
from rag.question.spelt import mended

_CLEAR = re.compile(r"outlet|publisher|newspaper")
"""Nouns for who publishes that mean nothing else: a site or an agency may be another."""
_AUX = re.compile(r"^(?:did|does|do|has|have|is|are|was|were)\b", re.IGNORECASE)
_SIGNED = re.compile(r"byline|name")
_MENTIONED = re.compile(r"mention|written about|referred to|reported on|in the news")


def about_archive(question: str, known: Known) -> Holding | None:
    """Return what a question asks of the archive; None for a question about the world."""
    text = plain(question)
    found = _understood(text, known)
    if found is not None or known.common is None:
        return found
    named = {word for name in (*known.outlets, *known.authors) for word in fold(name).split()}
    meant = (_understood(said, known) for said in mended(text, known.common, named))
    # A misspelt "about" is no part of a topic; the only word of one is not mended away.
    return min(filter(None, meant), key=lambda h: (not h.topic, len(h.topic.split())), default=None)


def _understood(text: str, known: Known) -> Holding | None:
    slots = Slots(text, Cutter(text=text, known=known).pieces())
    if not slots.understood:
        return None
    if slots.unread and not (slots.ours or slots.named or slots.has("noun", "mentions")):
        return None
    wanted = _wanted(slots)
    return filled(slots, wanted) if wanted and not _stray(slots, wanted) else None


def plain(question: str) -> str:
    """Return a question with its words one space apart, short forms spelt out, without its end."""
    text = " ".join(question.replace("’", "'").split())
    text = re.sub(r"\b(what|who|when|there|that|where)'?s\b", r"\1 is", text, flags=re.IGNORECASE)
    text = re.sub(r"\b(you|we|i)'d\b", r"\1 would", text, flags=re.IGNORECASE)
    text = re.sub(r"\b(you|we|i)'ve\b", r"\1 have", text, flags=re.IGNORECASE)
    return re.sub(r"[\s?.!]+$", "", re.sub(r"(?<=[a-z\d])[?.!]+(?= )", ",", text))


def _wanted(s: Slots) -> Wanted | None:
    """Return what is wanted, if enough of the words mean the archive."""
    if s.has("gap"):
        return "gaps" if s.end == "longest" and (s.has("noun", "mentions") or s.ours) else None
    if _covered(s):
        return "covered"
    if s.end and not s.ranked:
        return s.end if _means_end(s) else None
    if s.group and not (s.group == "authors" and s.has("often")):
        return s.group if _means_group(s) else None
    if s.has("count", "often"):
        return "count" if _means_count(s) else None
    return "list" if _means_list(s) else None


def _covered(s: Slots) -> bool:
    """Return True when the days that the archive covers, or all that it has, are asked for."""
    narrowed = s.topic or s.named or s.has("period", "count", "list", "wrote", "appear", "loose")
    if s.has("what") and s.ours and not narrowed and not s.has("noun", "thing") and not s.group:
        return not s.end
    if s.has("far"):
        return not s.end and (s.ours or s.has("noun"))
    if s.has("span"):
        return s.ours or s.has("noun") or (s.has("reach", "shown") and not narrowed)
    return s.has("reach") and s.group in ("days", "years", "months") and (s.ours or s.has("noun"))


def _means_end(s: Slots) -> bool:
    """Say whether the first or latest of something is the first or latest article."""
    if s.has("noun"):
        return True
    if s.has("outlets"):
        return bool(s.topic) or s.ours
    if s.has("loose", "mentions"):
        asked = s.has("list") or s.textual or bool(_RARE.search(_end(s)) and s.opened)
        return s.ours or s.named or (asked and bool(s.topic))
    return _means_bare_end(s)


def _end(s: Slots) -> str:
    return s.said("first", "latest", "newest", "longest", "shortest")


_RARE = re.compile(r"earliest|oldest|newest|most recent|longest|shortest")
"""The latest report may be anybody's; the newest one is an article."""


_CAME: frozenset[Part] = frozenset({"what", "appear", "latest", "newest", "glue", "filler"})


def _means_bare_end(s: Slots) -> bool:
    """Say whether it is so without a noun: "newest on X", "When did AP first report on X?"."""
    if s.said("appear").startswith(("came in", "come in", "arriv")) and s.parts <= _CAME:
        return True  # "What came in last?"
    if s.ours and (s.has("when") or (s.has("thing") and _RARE.search(_end(s)))):
        return True
    newest = s.has("newest") and s.opened and not s.has("list", "when", "shown", "wrote")
    theirs = s.named and not s.topic and not s.has("when", "who")
    if newest or theirs or (s.has("when") and s.topic and _mentioned(s)):
        return True
    if s.has("who"):
        return s.opened and s.cue is not None and s.cue.text.lower().startswith(("report", "cover"))
    return bool(s.topic) and (s.ours or (s.named and (s.opened or s.has("wrote"))))


def _means_group(s: Slots) -> bool:
    """Say whether outlets, authors or days are those of articles."""
    told = s.has("loose") and s.textual
    if s.group in ("people", "places", "organisations"):
        return s.has("shown") and (s.ours or s.has("noun"))
    if s.ours or s.has("noun", "mentions") or (s.has("per") and (s.named or told)):
        return True
    if s.has("per"):  # "Name every outlet with a story on the strike"
        return s.has("list") and s.has("loose") and s.opened
    if s.group == "outlets":
        return _means_outlets(s) if s.has("outlets") else _means_compared(s)
    if s.group == "authors":
        return _means_authors(s)
    return s.ranked and (s.named or told)


def _means_compared(s: Slots) -> bool:
    return bool(s.topic) or s.has("loose", "wrote", "owns")


def _means_outlets(s: Slots) -> bool:
    clear = bool(_CLEAR.search(s.said("outlets")))
    plural = s.said("outlets").endswith(("s", "media"))
    told = bool(s.topic) and ((s.opened if clear else s.reported) or _mentioned(s))
    listed = clear and plural and s.parts <= {"list", "thing", "outlets", "glue", "filler"}
    return (told and (plural or s.ranked)) or (clear and s.has("there")) or listed


def _means_authors(s: Slots) -> bool:
    if (s.has("loose") or _SIGNED.search(s.said("who"))) and (s.topic or s.ranked):
        return s.topic[:1] in ("“", '"', "'") or s.has("authors") or s.named
    plural = s.said("authors").endswith("s")
    listed = plural and s.parts <= {"list", "thing", "authors", "glue", "filler"}
    return (s.reported and (plural or s.ranked)) or s.named or listed


def _means_count(s: Slots) -> bool:
    """Say whether what is counted is articles."""
    if s.has("noun", "mentions"):
        return True
    if s.has("loose"):
        dated = s.has("period") and _published(s)
        return s.ours or s.named or s.opened or s.shown or s.terse or dated
    if s.has("often"):
        return bool(s.topic) and (s.ours or s.named or _mentioned(s))
    if s.ours and s.named:
        return True  # "how much of the archive comes from X"
    if s.topic and (s.has("have", "there", "here") or (s.named and s.opened)):
        return True  # "how much do you have on X"
    return s.opened and _mentioned(s) and not s.has("what", "thing")


def _means_list(s: Slots) -> bool:
    """Say whether it is articles that are to be listed."""
    narrowed = bool(s.topic) or s.named or s.has("period", "language", "missing")
    if s.has("noun", "mentions"):
        return narrowed or s.ours or s.has("list", "mentions")
    if s.has("period") and s.parts <= {"thing", "loose", "period", "glue", "filler"}:
        return s.pieces[0].part in ("thing", "loose")  # "stories from before 2023"
    if s.has("loose"):
        return narrowed and _means_reports(s)
    if s.has("thing"):
        return narrowed and (s.ours or s.named or (s.has("there", "list") and s.opened))
    if s.has("what", "list"):
        return _mentioned(s) if s.said("what") == "where" else _means_all(s)
    told = s.opened and (s.textual or s.has("wrote", "owns"))
    return (s.ours and narrowed) or (s.named and told and bool(_AUX.match(s.text)))


def _means_reports(s: Slots) -> bool:
    """Say whether stories or reports are articles of the archive."""
    there = s.has("there") and s.textual and s.said("loose") != "news"
    told = s.textual or s.shown or _mentioned(s) or (s.has("period") and _published(s))
    asked = (s.has("list", "what") and told) or (s.has("list") and s.opened)
    dated = s.has("period") and s.has("there") and not s.topic
    return s.ours or s.named or asked or there or dated


def _means_all(s: Slots) -> bool:
    """Say whether "what" or a bare "show me" stands for articles: "what do you have on X"."""
    if s.ours or (s.named and s.has("owns") and s.opened):
        return bool(s.topic) or s.named or s.has("period")
    if s.topic or not (_published(s) or s.has("shown")) or (s.named and s.has("list")):
        return s.named and s.has("list") and not s.topic
    return s.has("author") or s.has("period")


def _published(s: Slots) -> bool:
    dated = re.search(r"publish|print|writ|dated|releas|post|issu", s.said("period"))
    return s.has("wrote", "appear") or bool(dated)


def _mentioned(s: Slots) -> bool:
    return s.cue is not None and bool(_MENTIONED.search(s.cue.text.lower()))


def _stray(s: Slots, wanted: Wanted) -> bool:
    """Return True when a phrase is there that what is wanted has no use for."""
    grouped = wanted not in ("count", "list", "covered", "gaps", *ENDS)
    several = len(s.values("outlet")) > 1 or len(s.values("author")) > 1
    return any(
        (
            s.has("far", "span") and wanted not in ("covered", *ENDS),
            s.has("reach") and wanted != "covered",
            s.ranked and not grouped,
            s.has("compare") and not (several and grouped),
            s.has("shown")
            and not s.topic
            and not (grouped or wanted == "covered" or s.has("period")),
            s.has("number") and wanted not in ("list", "gaps", *ENDS) and not s.ranked,
            s.pieces[-1].part == "number",
            s.has("or") and not several and wanted != "covered",
            s.has("outlets") and wanted not in ("outlets", *ENDS),
            s.has("languages") and wanted != "languages",
            bool(s.topic) and len(s.topic) < 2,
        )
    )
