"""Finds the gold evidence of a case in the articles: names become ids, quotes become spans."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePath

from eval.cases import Case, Gold
from rag.archive.archive import Archive
from rag.errors import NotFound
from rag.types import Article, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Gold evidence, found: `span` is None where the quote is empty or not in the text."""

    article: str
    quote: str = ""
    span: Span | None = None
    part: int = 0
    fault: str = ""
    """Why it was not found; empty when it was."""


class Library:
    """The articles that a case can be judged by: an archive, or the articles given with a case.

    Texts are read once each: a suite asks for the same few articles again and again.
    """

    def __init__(self, archive: Archive | None) -> None:
        self._archive = archive
        self._read: dict[str, Article | None] = {}
        self._names: dict[str, str] | None = None

    def article(self, name: str) -> Article | None:
        """Return the article of that id or file name, or None."""
        if name not in self._read:
            self._read[name] = self._find(name)
        return self._read[name]

    def _find(self, name: str) -> Article | None:
        if self._archive is None:
            return None
        try:
            return self._archive.article(name)
        except NotFound:
            found = self._by_name().get(name)
            return self._archive.article(found) if found else None

    def _by_name(self) -> dict[str, str]:
        if self._names is None:
            rows = self._archive.articles() if self._archive else []
            self._names = {PurePath(row.origin).name: row.id for row in rows if row.origin}
        return self._names


def resolve(case: Case, library: Library) -> tuple[Target, ...]:
    """Find each gold of a case, in its own articles when it has some, else in the library."""
    given = {article.id: article for article in case.articles}
    find: Callable[[str], Article | None] = given.get if given else library.article
    return tuple(_target(gold, find(gold.article)) for gold in case.evidence)


def _target(gold: Gold, article: Article | None) -> Target:
    if article is None:
        fault = f"no article {gold.article!r}"
        return Target(article=gold.article, quote=gold.quote, part=gold.part, fault=fault)
    span = locate(gold.quote, article.text) if gold.quote else None
    fault = "" if span or not gold.quote else f"{gold.article!r} does not hold {gold.quote!r}"
    return Target(article=article.id, quote=gold.quote, span=span, part=gold.part, fault=fault)


def parts(targets: Iterable[Target]) -> list[list[Target]]:
    """Group targets into the parts that are all needed; within a part one is enough."""
    groups: dict[tuple[int, int], list[Target]] = {}
    for place, target in enumerate(targets):
        groups.setdefault((target.part, 0 if target.part else place), []).append(target)
    return list(groups.values())


def locate(quote: str, text: str) -> Span | None:
    """Find a quote in a text: exactly, else with any run of white space for any other."""
    start = text.find(quote)
    if start >= 0:
        return Span(start=start, end=start + len(quote))
    words = quote.split()
    found = re.search(r"\s+".join(map(re.escape, words)), text) if words else None
    return Span(start=found.start(), end=found.end()) if found else None


def faults(cases: Iterable[Case], library: Library) -> list[str]:
    """List every gold that is not where its case says, as `case id: what`."""
    return [
        f"{case.id}: {target.fault}"
        for case in cases
        for target in resolve(case, library)
        if target.fault
    ]
