"""Watches: made, looked at after each change of the archive, and told of.

    with Watches.open(folder) as watches, open_qa(settings) as qa:
        add(qa, watches, Wish(question="How many people died in the flood?"))
        ...
        for notice in look(qa, watches):
            print(notice.changes)

Nothing here asks a chat model: the answers that are compared are in the sources' own words, so that
a notice says that the sources changed, not that a model worded something otherwise.
"""

from __future__ import annotations

import base64
import logging
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rag.answer.pipeline import NewsQA
from rag.archive.archive import Archive
from rag.archive.notices import Difference, Notice, Watch, Wish
from rag.archive.people import on_behalf
from rag.archive.watches import Watches
from rag.errors import DatelineError, NotFound
from rag.models.reranker import Reranker
from rag.rights import owner
from rag.types import Answer
from rag.watching.about import about
from rag.watching.differ import About, differences, quotes, told
from rag.watching.match import floors, hits, weights
from rag.watching.renewed import renewed
from rag.watching.stood import Stood, stood
from rag.watching.subject import only, subject

log = logging.getLogger(__name__)

DAY = timedelta(hours=24)
Stop = Callable[[], bool]
Reads = Callable[[Answer, Answer, Reranker | None], bool]
"""Says of an old and a new answer, by a cross-encoder where one is, if they tell of one thing."""


def add(qa: NewsQA, watches: Watches, wish: Wish) -> Watch:
    """Ask a question and watch its answer from now on.

    Raises:
        QuestionError: the question cannot be worked on.
    """
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
    watch = Watch(
        id=secrets.token_hex(6),
        question=" ".join(wish.question.split()),
        filters=wish.filters,
        owner=wish.owner or owner(),
        every=wish.every,
        channel=wish.channel,
        target=wish.target,
        secret=secret if wish.channel == "webhook" else "",
        made=datetime.now(UTC),
    )
    watch = _asked(qa, watch)
    watches.add(watch)
    return watch


def look(
    qa: NewsQA, watches: Watches, *, stop: Stop = lambda: False, reads: Reads = about
) -> Iterator[Notice]:
    """Look at every watch that is due, and yield the notices that came of it.

    `stop` is asked between two watches; what is left is looked at next time. `reads` says whether
    an old and a new answer speak of one thing.
    """
    now = datetime.now(UTC)
    with qa.archive.snapshot():
        generation, passage = qa.archive.generation, qa.archive.newest_passage()
        due = watches.due(generation, now - DAY)
        hit = concerned(due, watches, qa.archive)
    quiet = [watch.id for watch in due if watch.id not in hit]
    watches.pass_by(quiet, generation, passage, now)
    for watch in due:
        if stop():
            return
        if watch.id in hit and (notice := again(qa, watches, watch, reads)) is not None:
            yield notice


def concerned(due: Sequence[Watch], watches: Watches, archive: Archive) -> set[str]:
    """Return the watches whose question is worth asking again: no model is asked which."""
    touched = watches.touched()
    return hits([w for w in due if w.id not in touched], archive) | touched


def again(qa: NewsQA, watches: Watches, old: Watch, reads: Reads = about) -> Notice | None:
    """Ask the question of a watch again, and keep its answer, with a notice if it changed.

    It is asked of what is new alone: a value that is told today for the first time must not have
    to outweigh all that was told before. Where a source is gone it is asked of all. Whoever looks,
    it is asked as the person whose watch it is; what this person may no longer read is gone.
    """
    with on_behalf(qa.archive.place, old.owner):
        return _again(qa, watches, old, reads)


def _again(qa: NewsQA, watches: Watches, stored: Watch, reads: Reads) -> Notice | None:
    reranker = qa.judge.reranker if qa.judge else None
    try:
        old = watches.watch(stored.id)
        with qa.archive.snapshot():
            gone = _gone(qa.archive, old)
            if gone or old.answer is None:
                new = _asked(qa, old)
            else:
                new = _asked(qa, old, after=old.passage)
                told = renewed(old.answer, _answer(new), qa.archive, reranker)
                new = replace(new, answer=told)
    except DatelineError as error:
        log.warning("a watch could not be asked: %s", error)
        watches.complain(stored.id, str(error))
        return None
    notice = _notice(old, new, gone, lambda one, other: reads(one, other, reranker))
    if notice is None and old.answer is not None:
        # What is compared next time is what was told last.
        new = replace(new, answer=old.answer, digests=old.digests, floors=old.floors)
    taken = watches.settle(stored, new, notice)
    return notice if taken else None


def _gone(archive: Archive, old: Watch) -> tuple[Stood, ...]:
    """Return what became of those words that the last answer cites and that stand no more."""
    if old.answer is None:
        return ()
    cited = stood(archive, old.answer.citations, old.digests)
    return tuple(one for one in cited if one.state != "stands")


def _notice(old: Watch, new: Watch, gone: Sequence[Stood], reads: About) -> Notice | None:
    if old.answer is None:
        changes = _after_erasure(new) if old.erased else ()
    else:
        changes = differences(old.answer, _answer(new), gone, reads)
    if not changes:
        return None
    return Notice(
        id=secrets.token_hex(8),
        generation=new.generation,
        made=datetime.now(UTC),
        question=new.question,
        changes=changes,
        watch=new.id,
        owner=new.owner,
    )


def _asked(qa: NewsQA, watch: Watch, after: int = 0) -> Watch:
    """Return a watch with the answer of today, and with what is to be compared from now on."""
    with qa.archive.snapshot():
        wanted = subject(watch.question, weights(watch.question, qa.archive))
        answer = only(qa, wanted, after).ask(watch.question, filters=watch.filters)
        return replace(
            watch,
            answer=answer,
            asked=datetime.now(UTC),
            erased=False,
            generation=qa.archive.generation,
            passage=qa.archive.newest_passage(),
            floors=floors(watch.question, answer, qa.archive, qa.encoder),
            digests=_digests(answer, qa.archive),
        )


def _digests(answer: Answer, archive: Archive) -> dict[str, str]:
    found = {}
    for citation in answer.citations:
        name = citation.source.article_id
        if name not in found:
            try:
                found[name] = archive.article(name).digest
            except NotFound:
                continue
    return found


def _answer(watch: Watch) -> Answer:
    assert watch.answer is not None  # noqa: S101 - it has just been asked
    return watch.answer


def _after_erasure(new: Watch) -> tuple[Difference, ...]:
    answer = _answer(new)
    return (
        Difference(
            kind="source",
            old="",
            new=f"An article that it cited was deleted for good. Now: {told(answer)}",
            now=quotes(answer),
        ),
    )
