"""Several things of one name, told apart: what the source of each says.

A reference work puts what tells namesakes apart in brackets behind the name ("Six Feet Under
(band)", "Sunshine Records (Australia)"). Asked about such a name, a small model tells of one of
them and is silent on the others; code sees the brackets and lets each speak for itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answer.prompts import Style
from rag.language.terms import held_stems
from rag.language.words import fold
from rag.question.form import AnswerForm
from rag.search.candidates import Candidate, score
from rag.search.select import alone, whole
from rag.types import Article, Evidence, Statement, Verdict

MOST = 5
"""Most things of a name that are told."""
_BRACKETS = re.compile(r"\s*(?P<heading>(?P<name>\S[^()\n]{1,79}?) \([^()\n]{2,60}\))")
_PLAIN = re.compile(
    r"\s*(?P<heading>(?P<name>\S[^()\n.!?:]{1,79}?)(?:, [A-Z][\w.' ]{2,40}?| \d{4}))"
    r"\s+(?:The )?(?P=name)\b"
)
_DEFINED = 160
"""Characters within which a page says what its subject is, or was."""
_IS = re.compile(r"\b(?:is|was|are|were) (?:an?|the|one|located|born)\b")


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
    named: dict[str, dict[str, Candidate]] = {}
    for candidate in sorted(ranked, key=lambda c: (-float(c.form), -score(c))):
        name, heading = _subject(candidate.article)
        if _names(asked, name) and (candidate.form or not form.tells):
            named.setdefault(name, {}).setdefault(heading, candidate)
    best = max(named.values(), key=len, default={})
    if len(best) <= 1 or any(held_stems(heading) <= held_stems(question) for heading in best):
        return None
    evidence = tuple(alone(n, c) for n, c in enumerate(list(best.values())[:MOST], 1))
    return evidence, tuple(_statement(h, e) for h, e in zip(best, evidence, strict=False))


def _subject(article: Article) -> tuple[str, str]:
    """Return the name of what a page is on, folded, and its whole heading; empty for a report.

    A page says what its subject is; of 2,871 reports here one begins so, a list of films.
    """
    title = _BRACKETS.fullmatch(article.title or "")
    found = title or _BRACKETS.match(article.text) or _PLAIN.match(article.text)
    if found is None:
        return "", ""
    name = fold(found["name"])
    begun = fold(article.text[0 if title else found.end("heading") :][:_DEFINED])
    defined = name.split()[-1] in begun and _IS.search(begun)
    return (name, found["heading"]) if defined else ("", "")


def _names(question: str, name: str) -> bool:
    """Say whether a folded question has a name, of two words at least: "March" is too much else."""
    return " " in name and re.search(rf"\b{re.escape(name)}\b", question) is not None


def _statement(heading: str, evidence: Evidence) -> Statement:
    text = " ".join(evidence.text.split())
    return Statement(
        text=text if heading in text else f"{heading}: {text}",
        citations=(whole(evidence),),
        verdict=Verdict(support="supported", score=1.0),
    )
