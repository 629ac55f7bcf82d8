"""What people may not read, they do not see: not by an answer, a count, or how rare a word is."""

import threading

import pytest

from rag.archive.archive import Archive
from rag.archive.beside import Beside
from rag.archive.collections import Collections
from rag.archive.conversations import Conversations
from rag.archive.filing import Filing
from rag.archive.migrations import MIGRATIONS
from rag.archive.people import People
from rag.archive.rows import digest_of
from rag.archive.scoped import TABLES
from rag.errors import ArchiveError, NotFound
from rag.ingest.chunk import chunk
from rag.ingest.identity import bands, cluster_of
from rag.language.sentences import split
from rag.models.embed import load
from rag.rights import NOBODY, SYSTEM, Reader, acting, carried, reader, required
from rag.settings import ChunkSettings, Settings
from rag.types import Answer, Article, Evidence, Filter, Source, Span
from tests.rag import noninterference

WIRE = (
    "The mayor of Port Alder resigned on Monday after the audit of the harbour fund was published. "
    "She had led the town for nine years and said that she would not run again in the autumn."
)


@pytest.fixture(scope="module")
def encoder():
    return noninterference.Kept(load(Settings().embed))


@pytest.fixture(autouse=True)
def _alone():
    yield
    required(False)


def test_answers_are_those_of_an_archive_cut_to_the_persons_rights(
    sample_archive, encoder, place, tmp_path
):
    with Archive.open(sample_archive) as archive:
        articles = noninterference.listed(archive)
    users = 3 if place == tmp_path / "archive" else 1
    world = noninterference.made(place, articles, users, encoder)
    asked = noninterference.questions(12)
    found = noninterference.differences(world, encoder, asked, lambda user: tmp_path / user)
    assert list(found) == []


def put(archive, name, text, **more):
    article = Article(id=name, digest=digest_of(text), text=text, title=f"Report {name}", **more)
    found = bands(text)
    cluster = cluster_of(article, archive.near(found))
    how = Filing(bands=found, cluster=cluster, key=name)
    pieces = chunk(article, ChunkSettings(), cluster=cluster)
    return archive.put(article, pieces, split(text), how)


@pytest.fixture
def town(place):
    """Three papers print one story; nobody may read the first, which the others are copies of."""
    with Archive.create(place) as archive:
        assert put(archive, "secret", WIRE, publisher="Ledger") == "added"
        assert put(archive, "copy", WIRE, publisher="Post") == "duplicate"
        assert put(archive, "near", WIRE + " More to follow.", publisher="Echo") == "added"
        put(archive, "other", "The ferry sank off the coast of Kvitholm.", publisher="Echo")
        archive.unfold()
    with Collections.open(place) as kept, People.open(place) as people:
        kept.add("Open", ["copy", "near"])
        kept.add("Closed", ["secret"])
        people.add("ada", role="editor")
        people.grant("ada", "Open")
    return place


def ada(place) -> Reader:
    with People.open(place) as people:
        return people.named("Ada")


def test_a_copy_is_found_by_who_may_not_read_what_it_copies(town):
    with Archive.open(town) as archive, acting(ada(town)):
        found = archive.search(["mayor"], 9, Filter())
        assert {name.split(":")[0] for name, _ in found} == {"copy", "near"}
        (first, second) = archive.passages([name for name, _ in found])
        assert first.metadata["cluster"] == second.metadata["cluster"] == "copy"
        assert [s.article_id for s in archive.copies("near")] == ["copy"]
        assert archive.publishers() == ("Echo", "Post")
        assert archive.frequencies(["mayor", "ferry"]) == {"mayor": 2, "ferry": 0}
        assert archive.coverage().articles == 2
        assert archive.collections() == ("Open",)


def test_what_may_not_be_read_is_as_what_is_not_there(town):
    with Archive.open(town) as archive, acting(ada(town)):
        for look in (archive.article, archive.sentences):
            said = {}
            for name in ("secret", "nobody", "other"):
                with pytest.raises(NotFound) as refused:
                    look(name)
                said[name] = str(refused.value).replace(name, "X")
            assert len(set(said.values())) == 1
        for look in (archive.revisions, archive.copies, archive.has):
            assert look("secret") == look("nobody")
        assert archive.known("url", "https://x.example") == []
        assert archive.known("key", "secret") == []


def test_a_grant_that_is_taken_back_counts_at_once(town):
    with Archive.open(town) as archive, People.open(town) as people:
        people.revoke("ada", "Open")
        with acting(ada(town)):
            assert archive.coverage().articles == 0
            assert archive.search(["mayor"], 9, Filter()) == []
        people.change("ada", everything=True)
        with acting(ada(town)):
            assert archive.coverage().articles == 4
        people.change("ada", locked=True)
        assert people.named("ada") is None


def test_who_was_not_named_reads_nothing_where_there_are_people(town):
    somebody = ada(town)
    with Archive.open(town) as archive:
        assert archive.coverage().articles == 4
        required(True)
        assert archive.coverage().articles == 0
        assert reader() is NOBODY
        with acting(SYSTEM):
            assert archive.coverage().articles == 4
        seen = []
        with acting(somebody):
            works = [carried(lambda: archive.coverage().articles), archive.coverage]
        for work in works:
            thread = threading.Thread(target=lambda work=work: seen.append(work()))
            thread.start()
            thread.join()
        assert seen[0] == 2
        assert seen[1].articles == 0


def test_a_reading_connection_cannot_write(town):
    with Archive.open(town) as archive, acting(ada(town)):
        for query in (
            "DELETE FROM article",
            "  update article set url = ''",
            "VACUUM",
            "INSERT INTO collected SELECT id, 'secret' FROM collection",
        ):
            with pytest.raises(ArchiveError, match="cannot be written"):
                archive._all(query)


def test_each_table_says_what_people_see_of_it():
    """A table that a later step adds must be thought of in `rag.archive.scoped`."""
    from rag.archive.schema import in_memory

    query = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')"
    names = {row[0] for row in in_memory().execute(query)}
    known = TABLES | {n for n in names if n.startswith(("fulltext", "sqlite_"))}
    assert names <= known, MIGRATIONS[-1]


def answer(*names: str) -> Answer:
    sources = [
        Source(article_id=n, title=n, publisher=None, published=None, url=None) for n in names
    ]
    evidence = tuple(
        Evidence(number=i, source=s, span=Span(start=0, end=3), text="The", sentences=(), score=1.0)
        for i, s in enumerate(sources, 1)
    )
    return Answer(question="Who resigned?", outcome="answered", reason="", evidence=evidence)


def test_history_is_ones_own_and_forgets_what_may_not_be_read_any_more(town):
    with People.open(town) as people, Conversations.open(town) as kept:
        people.add("bob")
        people.grant("bob", "Open")
        with acting(people.named("ada")):
            mine = kept.begin("Who resigned?")
            kept.finish(mine.id, answer("copy"), {"copy": digest_of(WIRE)})
            kept.star(mine.conversation, starred=True)
            assert [c.id for c in kept.listed()] == [mine.conversation]
            assert kept.exchange(mine.id).answer is not None
        with acting(people.named("bob")):
            assert kept.listed() == ()
            with pytest.raises(NotFound) as refused:
                kept.exchange(mine.id)
            with pytest.raises(NotFound) as absent:
                kept.exchange("nothing")
            assert str(refused.value).replace(mine.id, "") == str(absent.value).replace(
                "nothing", ""
            )
            kept.rename(mine.conversation, "Mine now")
            kept.star(mine.conversation, starred=False)
            kept.delete(mine.conversation)
            kept.end(mine.id, "failed", "no")
            theirs = kept.begin("And then?", conversation=mine.conversation)
            assert theirs.conversation != mine.conversation
        with acting(people.named("ada")):
            (conversation,) = kept.listed("resigned")
            assert conversation.title == "Who resigned?"
            assert conversation.starred
            assert conversation.questions == 1
        people.revoke("ada", "Open")
        with acting(people.named("ada")):
            lost = kept.exchange(mine.id)
            assert (lost.state, lost.answer) == ("erased", None)
            assert kept.listed("resigned")
        people.remove("ada")
    with Beside.open(town) as tables:
        assert [row["question"] for row in tables._all("SELECT question FROM exchange")] == [
            "And then?"
        ]
