"""A part of a suite: fewer cases, fewer articles, or the articles of all cases put together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from eval.cases import Case
from eval.loaders import Record, Suite
from eval.run import choose


def narrowed(
    suite: Suite, kinds: Sequence[str], limit: int | None, articles: int | None, *, pool: bool
) -> Suite:
    """Return the part of a suite that the options of a command name.

    Args:
        suite: The whole.
        kinds: Kinds of cases; all when empty.
        limit: Most cases.
        articles: Most articles, but that all stay which the cases name.
        pool: Ask over the articles of all cases of the whole suite together.
    """
    found = pooled(suite) if pool else suite
    if kinds or limit is not None:
        found = replace(found, cases=choose(found.cases, kinds=kinds, limit=limit))
    return found if articles is None else thinned(found, articles)


def pooled(suite: Suite) -> Suite:
    """Return a suite whose cases bring articles as one that is asked over all of them together."""
    held = {a.id: a for case in suite.cases for a in case.articles}

    def records() -> Iterator[Record]:
        for one in held.values():
            published = one.published.isoformat() if one.published else None
            kept = {"id": one.id, "title": one.title, "publisher": one.publisher}
            yield kept | {"published": published, "text": one.text}

    return replace(suite, name=f"{suite.name}-pool", corpus=records)


def thinned(suite: Suite, articles: int) -> Suite:
    """Return a suite over fewer articles: those that its cases name, and others up to a number.

    The others are those whose ids hash lowest, the same every time.
    """
    if suite.corpus is None:
        return suite
    found = list(suite.corpus())
    named = {gold.article for case in suite.cases for gold in case.evidence}
    others = sorted((r["id"] for r in found if r["id"] not in named), key=_whole)
    kept = named | set(others[: max(0, articles - len(named))])
    left = [record for record in found if record["id"] in kept]
    return replace(suite, name=f"{suite.name}-{len(left)}", corpus=lambda: iter(left))


def joined(suite: Suite, others: Sequence[Case]) -> Suite:
    """Return a suite with other cases, put to the same articles, that it does not have yet."""
    known = {case.id for case in suite.cases}
    return replace(suite, cases=(*suite.cases, *(c for c in others if c.id not in known)))


def _whole(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
