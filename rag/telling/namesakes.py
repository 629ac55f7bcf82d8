"""Several things of one name, told apart: what the source of each says.

A reference work puts what tells namesakes apart in brackets behind the name ("Six Feet Under
(band)", "Sunshine Records (Australia)"). Asked about such a name, a small model tells of one of
them and is silent on the others; code sees the brackets and lets each speak for itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.candidates import Candidate, score
from rag.form import AnswerForm
from rag.prompts import Style
from rag.select import alone, whole
from rag.text.terms import held_stems
from rag.text.words import fold
from rag.types import Article, Evidence, Statement, Verdict

MOST = 5
"""Most things of a name that are told."""
_BRACKETS = re.compile(r"\s*(?P<heading>(?P<name>[^()\n]{2,80}?) \([^()\n]{2,60}\))")
_PLAIN = re.compile(
    r"\s*(?P<heading>(?P<name>[^()\n.!?:]{2,80}?)(?:, [A-Z][\w.' ]{2,40}?| \d{4}))"
    r"\s+(?:The )?(?P=name)\b"
)
_DATELINE = re.compile(r"\s*[-–—]")
_AGAIN = 90
"""Characters within which a text that begins with its heading names its thing again."""


def tell(
    question: str, ranked: Sequence[Candidate], style: Style
) -> tuple[tuple[Evidence, ...], tuple[Statement, ...]] | None:
    """Tell what each thing of the asked name is said to be.

    None when there is but one, or when the question says which of them it means.

    Args:
        question: As read.
        ranked: The sentences that may answer, best first.
        style: The short style leaves the wording to the model.
    """
    if style == "short":
        return None
    asked, form = fold(question), AnswerForm(question)
    best: dict[str, Candidate] = {}
    for candidate in sorted(ranked, key=lambda c: (-float(c.form), -score(c))):
        heading = _heading(candidate.article, asked)
        if heading and (candidate.form or not form.tells):
            best.setdefault(heading, candidate)
    if len(best) <= 1 or any(held_stems(heading) <= held_stems(question) for heading in best):
        return None
    evidence = tuple(alone(n, c) for n, c in enumerate(list(best.values())[:MOST], 1))
    return evidence, tuple(_statement(h, e) for h, e in zip(best, evidence, strict=False))


def _heading(article: Article, asked: str) -> str:
    """Return how an article's subject is told from its namesakes, if the question names it."""
    found = _found(article.title or "", article.text)
    if found is None or not re.search(rf"\b{re.escape(fold(found['name']))}\b", asked):
        return ""
    return str(found["heading"])


def _found(title: str, text: str) -> re.Match[str] | None:
    if found := _BRACKETS.fullmatch(title):
        return found
    if found := _BRACKETS.match(text):
        behind = text[found.end() :][:_AGAIN]
        again = fold(found["name"]).split()[-1] in fold(behind)
        return found if again and not _DATELINE.match(behind) else None
    return _PLAIN.match(text)


def _statement(heading: str, evidence: Evidence) -> Statement:
    text = " ".join(evidence.text.split())
    return Statement(
        text=text if heading in text else f"{heading}: {text}",
        citations=(whole(evidence),),
        verdict=Verdict(support="supported", score=1.0),
    )
