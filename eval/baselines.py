"""Baselines: what a figure must be held against before it says anything.

`constant` says the same to everything and `decline` always declines: they cost nothing and show
what a metric gives for nothing. `closed-book` is the same model without the archive, `dense` the
same model over the four nearest passages as they are, `oracle` Dateline itself over the gold
evidence: what is left for retrieval to win.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eval.answers import normalise
from eval.cases import Case, Gold
from eval.gold import Library, resolve
from eval.loaders import Suite
from eval.plain import closed_book, dense
from eval.rows import RunFault
from eval.run import System
from rag.types import Answer, Article, Statement, Timings, Verdict

if TYPE_CHECKING:
    from rag.answer.pipeline import NewsQA

FREE: Final = ("constant", "decline")
"""Baselines that need no model; they are run beside every run."""
NAMES: Final = (*FREE, "closed-book", "dense", "oracle")


def say(question: str, text: str, *, model: str, seconds: float = 0.0) -> Answer:
    """Return a text without citations as an answer; an empty one declines."""
    verdict = Verdict(support="unsupported", score=0.0, reasons=("a baseline is not checked",))
    statements = (Statement(text=text, citations=(), verdict=verdict),) if text else ()
    return Answer(
        question=question,
        outcome="answered" if text else "declined",
        reason="" if text else "It declined.",
        statements=statements,
        model=model,
        timings=Timings(total=seconds),
    )


def commonest(cases: Sequence[Case]) -> str:
    """Return the accepted answer that the most cases share, the first of several."""
    counts: Counter[str] = Counter()
    written: dict[str, str] = {}
    for case in cases:
        texts = {" ".join(normalise(text)): text for text in case.answers}
        counts.update(texts.keys())
        for key, text in texts.items():
            written.setdefault(key, text)
    return written[counts.most_common(1)[0][0]] if counts else "yes"


def system(name: str, suite: Suite, qa: NewsQA | None) -> tuple[System, Suite]:
    """Return a baseline with the suite that it is asked: `oracle` changes the evidence given.

    Raises:
        RunFault: there is no such baseline, or it needs the chat model and there is none.
    """
    library = Library(None if qa is None or suite.given else qa.archive)
    if name == "constant":
        text = commonest(suite.cases)
        return _of(name, library, lambda case: say(case.question, text, model="constant")), suite
    if name == "decline":
        return _of(name, library, lambda case: say(case.question, "", model="none")), suite
    if name not in NAMES:
        raise RunFault(f"no baseline {name!r}; there are: {', '.join(NAMES)}")
    if qa is None:
        raise RunFault(f"the baseline {name!r} needs an archive and a model")
    if name == "oracle":
        given = oracle(suite, library)
        answer = _timed(lambda case: qa.ask_over(case.question, case.articles))
        return _of(name, Library(None), answer), given
    if qa.chat is None:
        raise RunFault(f"the baseline {name!r} needs a chat model; `chat.llm` is none")
    chat = qa.chat
    if name == "closed-book":
        return _of(name, library, _timed(lambda case: closed_book(chat, case))), suite
    return _of(name, library, _timed(dense(qa, chat))), suite


def _of(name: str, library: Library, answer: Callable[[Case], Answer]) -> System:
    return System(name=name, answer=answer, library=library)


def _timed(answer: Callable[[Case], Answer]) -> Callable[[Case], Answer]:
    def timed(case: Case) -> Answer:
        began = time.perf_counter()
        found = answer(case)
        total = time.perf_counter() - began
        return replace(found, timings=replace(found.timings, total=total))

    return timed


def oracle(suite: Suite, library: Library) -> Suite:
    """Return the suite with each case asked over its gold evidence alone.

    The quotes of an article stand in the order of the text, one a paragraph; gold without a quote
    gives the whole article. A case without gold evidence is asked over none.
    """
    cases = tuple(_over_gold(case, library) for case in suite.cases)
    return replace(suite, cases=cases, sources=(), corpus=None)


def _over_gold(case: Case, library: Library) -> Case:
    own = {article.id: article for article in case.articles}
    pieces: dict[str, list[tuple[int, str]]] = {}
    for target in resolve(case, library):
        if target.fault:
            continue
        quotes = pieces.setdefault(target.article, [])
        if target.span is not None:
            quotes.append((target.span.start, target.quote))
    articles = []
    for name, quotes in pieces.items():
        whole = own.get(name) or library.article(name)
        if whole is not None:
            articles.append(_piece(whole, quotes))
    evidence = tuple(
        Gold(article=target.article, quote=target.quote, part=target.part)
        for target in resolve(case, library)
        if not target.fault
    )
    return replace(case, articles=tuple(articles), evidence=evidence)


def _piece(article: Article, quotes: Sequence[tuple[int, str]]) -> Article:
    if not quotes:
        return article
    text = "\n\n".join(dict.fromkeys(quote for _, quote in sorted(quotes)))
    return replace(article, text=text, digest=f"{article.digest[:16]}-gold")
