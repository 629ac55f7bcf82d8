"""The archive against a dictionary: whatever is done to both, they stay equal."""

import hashlib
import shutil
import tempfile
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from rag.archive.archive import Archive
from rag.archive.erase import erase
from rag.archive.filing import Filing
from rag.archive.index import Index
from rag.ingest.chunk import chunk
from rag.language.sentences import split
from rag.maintenance.backup import backup, restore
from rag.types import Article, Filter
from tests.attack.sizes import figure, times
from tests.rag.making import CHUNKS, Numbers, embed

EXAMPLES = times(200, 200, 2000)
WORDS = ("ferry", "harbour", "mayor", "strike", "winter")
"""Each text holds one of them, which is how it is found."""

names = st.sampled_from(["a", "b", "c", "d"])
words = st.sampled_from(WORDS)
days = st.sampled_from([None, date(2024, 1, 1), date(2024, 6, 1)])
outlets = st.sampled_from([None, "AP", "BBC"])
titles = st.sampled_from([None, "One", "Two"])


def text_of(word: str) -> str:
    return f"A report about the {word} was read out. " * 8


class Same(RuleBasedStateMachine):
    """`held` is id -> article as it was last put; `past` is every text that an article has had."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(prefix="dateline-model-"))
        self.archive = Archive.create(self.place / "archive")
        self.held: dict[str, Article] = {}
        self.past: dict[str, dict[str, str]] = {}
        self.kept: tuple[dict[str, Article], dict[str, dict[str, str]]] | None = None

    def teardown(self) -> None:
        self.archive.close()
        shutil.rmtree(self.place)

    @rule(name=names, word=words, day=days, outlet=outlets, title=titles)
    def put(self, name, word, day, outlet, title):
        text = text_of(word)
        article = Article(
            id=name,
            digest=hashlib.sha256(text.encode()).hexdigest(),
            text=text,
            title=title,
            publisher=outlet,
            published=day,
        )
        old = self.held.get(name)
        said = self.archive.put(article, chunk(article, CHUNKS), split(text), Filing())
        same = {a.id for a in self.held.values() if a.text == text and a.id != name}
        if old is not None and old.text == text:
            assert said == ("unchanged" if old == article else "revised")
        elif same:
            assert said == "duplicate"
        else:
            assert said == ("added" if old is None else "revised")
        self.held[name] = article
        self.past.setdefault(name, {})[article.digest] = text

    @rule(chosen=st.sets(names, min_size=1, max_size=2))
    def delete(self, chosen):
        assert erase(self.archive, chosen) == len(chosen & self.held.keys())
        for name in chosen & self.held.keys():
            del self.held[name], self.past[name]

    @rule()
    def embed(self):
        embed(self.archive)
        assert self.archive.pending(Numbers.fingerprint) == []

    @rule()
    def sync(self):
        index = Index.open(self.archive)
        ids, matrix = self.archive.vectors()
        assert index.state == "chroma" or not ids
        for name, vector in zip(ids, matrix, strict=True):
            best, score = index.search(vector, 1, Filter())[0]
            assert best == name or score > 0.999
        index.close()

    @rule()
    def reopen(self):
        self.archive.close()
        self.archive = Archive.create(self.place / "archive")

    @rule()
    def keep(self):
        (self.place / "kept.db").unlink(missing_ok=True)
        assert backup(self.archive, self.place / "kept.db").articles == len(self.held)
        self.kept = dict(self.held), {name: dict(texts) for name, texts in self.past.items()}

    @precondition(lambda self: self.kept is not None)
    @rule()
    def bring_back(self):
        self.archive.close()
        restore(self.place / "kept.db", self.place / "archive", overwrite=True)
        self.archive = Archive.create(self.place / "archive")
        held, past = self.kept
        self.held, self.past = dict(held), {name: dict(texts) for name, texts in past.items()}

    @invariant()
    def every_article_is_as_it_was_put(self):
        assert {a.id for a in self.archive.articles()} == self.held.keys()
        for name, article in self.held.items():
            stored = self.archive.article(name)
            for field in ("text", "digest", "title", "publisher", "published"):
                assert getattr(stored, field) == getattr(article, field)
            for digest, text in self.past[name].items():
                assert self.archive.article(name, digest).text == text

    @invariant()
    def words_find_the_current_texts_and_nothing_else(self):
        for word in WORDS:
            found = self.archive.passages([i for i, _ in self.archive.search([word], 99, Filter())])
            texts = {a.text for a in self.held.values() if word in a.text}
            assert bool(found) == bool(texts)
            for passage in found:
                meta = passage.metadata
                article = self.held[meta["article_id"]]
                assert article.text[meta["start"] : meta["end"]] == passage.page_content
                assert word in article.text

    @invariant()
    def filters_let_through_what_they_say(self):
        since = Filter(since=date(2024, 3, 1))
        late = {a.id for a in self.held.values() if a.published and a.published > date(2024, 3, 1)}
        assert self.archive.allowed(since) == late
        ap = {a.id for a in self.held.values() if a.publisher == "AP"}
        assert self.archive.allowed(Filter(publishers=("ap",))) == ap
        assert self.archive.coverage().articles == len(self.held)

    @invariant()
    def copies_are_those_with_the_same_text(self):
        for name, article in self.held.items():
            same = {a.id for a in self.held.values() if a.text == article.text and a.id != name}
            assert {s.article_id for s in self.archive.copies(name)} >= same


def test_the_archive_and_a_dictionary_stay_equal_whatever_is_done():
    run_state_machine_as_test(
        Same,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    figure("state machine", examples=EXAMPLES, steps_each=12, equal=EXAMPLES)
