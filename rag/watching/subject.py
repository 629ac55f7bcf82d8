"""Whom and what a question names, and a search that reads only articles which name it too.

Many stories are told in the same words of other places and people. Whoever asks at the moment sees
which is meant; a watch must know, or the flood of one town changes the answer on that of another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from langchain_core.documents import Document

from rag.answer.pipeline import NewsQA
from rag.archive.archive import Archive
from rag.errors import DatelineError
from rag.language.names import names
from rag.language.places import COUNTRIES
from rag.language.terms import held_stems
from rag.question.query import Query
from rag.search.retrieve import FusedRetriever
from rag.settings import Settings

WIDER = 4
"""So many times more passages are found than are read, since most may be passed over."""
NEW = 500
"""New passages that are looked at besides those that the search finds."""


def subject(question: str, terms: Mapping[str, float]) -> frozenset[str]:
    """Return a stem of each name in a question, that which is rarest in the archive.

    Countries are left out: they go by many names.
    """
    found = set()
    for name in names(question):
        stems = [s for s in held_stems(name.text) if s in terms]
        if stems and name.last not in COUNTRIES:
            found.add(max(stems, key=lambda stem: (terms[stem], stem)))
    return frozenset(found)


def only(qa: NewsQA, wanted: frozenset[str], after: int = 0) -> NewsQA:
    """Return the same machine, without a chat model, that reads only what concerns a watch.

    Args:
        qa: The machine.
        wanted: Stems that an article must hold.
        after: The number of a passage: only those that were stored after it are read.
    """
    known = {name: getattr(qa.retriever, name) for name in ("archive", "settings", "parts")}
    narrow = _Narrow(**known, wanted=wanted, after=after)
    settings = _taking_for_granted(qa.settings) if after else qa.settings
    reading = narrow if wanted or after else qa.retriever
    return replace(qa, chat=None, retriever=reading, settings=settings)


def _taking_for_granted(settings: Settings) -> Settings:
    """Return settings without the rule that wants a word for what the question says is done.

    What came before has it; what is new may say that "the trial was moved".
    """
    without = tuple(dict.fromkeys((*settings.answer.without, "premise")))
    return settings.model_copy(
        update={"answer": settings.answer.model_copy(update={"without": without})}
    )


class _Narrow(FusedRetriever):
    """The search of an archive, which passes over what does not name the subject, or is old."""

    wanted: frozenset[str]
    after: int = 0

    def search(self, query: Query) -> list[Document]:
        """Return the passages worth reading for a question, best first."""
        wide = self.settings.model_copy(update={"passages": WIDER * self.settings.passages})
        found = FusedRetriever(archive=self.archive, settings=wide, parts=self.parts).search(query)
        if self.after:
            found += self._new({str(p.id) for p in found})
        held: dict[str, bool] = {}
        for passage in found:
            name = passage.metadata["article_id"]
            if name not in held:
                held[name] = self._reads(name)
        return [p for p in found if held[p.metadata["article_id"]]][: self.settings.passages]

    def _reads(self, article_id: str) -> bool:
        new = not self.after or self.archive.newest_passage([article_id]) > self.after
        return new and names_it(self.archive, article_id, self.wanted)

    def _new(self, found: set[str]) -> list[Document]:
        """Return new passages that the search of the whole archive ranks too low."""
        new = self.archive.passages_after(self.after, NEW)
        return [passage for _, passage in new if str(passage.id) not in found]


def names_it(archive: Archive, article_id: str, wanted: frozenset[str]) -> bool:
    """Return True when an article, or its headline, holds all of these stems."""
    try:
        article = archive.article(article_id)
    except DatelineError:
        return False
    return wanted <= held_stems(f"{article.title or ''}\n{article.text}")
