"""The archive stores articles, resolves every revision, and finds passages by their words."""

import hashlib
import sqlite3
import threading
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from rag.archive.archive import Archive
from rag.archive.filing import Filing
from rag.errors import ArchiveError, ArchiveMissing, NotFound
from rag.ingest.chunk import chunk
from rag.language.sentences import split
from rag.settings import ChunkSettings
from rag.types import Article, Filter, Span

TEXT = (
    "Kharkiv was shelled on Thursday, officials said. Two depots burned.\n\n"
    "The mayor, Ihor Terekhov, told reporters that no one was hurt."
)
OTHER = "The Café de Flore reopened after repairs. Guests queued for hours to get in."


def make(text: str = TEXT, article_id: str = "a1", **fields) -> Article:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Article(id=article_id, digest=digest, text=text, **fields)


def put(archive: Archive, article: Article, **how):
    passages = chunk(article, ChunkSettings(characters=200))
    return archive.put(article, passages, split(article.text), Filing(**how))


def embed_all(archive: Archive, fingerprint: str = "model") -> int:
    waiting = archive.pending(fingerprint)
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(len(waiting), 8)).astype(np.float32)
    archive.embedded(waiting, matrix, fingerprint)
    return len(waiting)


def words_agree(archive: Archive) -> None:
    """The index holds exactly the words of the passages."""
    with archive._reading() as db:
        assert db.words.sound(db)


@pytest.fixture
def archive(place):
    with Archive.create(place) as archive:
        yield archive


def test_a_stored_article_comes_back_equal_to_what_was_put(archive):
    article = make(
        title="“Kharkiv” shelled",
        publisher="Reuters",
        authors=("A. B.", "C"),
        published=date(2024, 5, 30),
        updated=datetime(2024, 5, 31, 9, 30, tzinfo=UTC),
        ingested=datetime(2024, 6, 1, tzinfo=UTC),
        url="https://example.org/a",
        language="en",
        origin="a.md",
        date_source="front matter date",
    )
    assert put(archive, article) == "added"
    assert archive.article("a1") == article
    assert archive.sentences("a1") == split(TEXT)


def test_every_passage_is_the_text_between_its_offsets(archive):
    put(archive, make())
    ids = archive.pending("model")
    assert len(ids) == archive.passage_count > 0
    for passage in archive.passages(ids):
        start, end = passage.metadata["start"], passage.metadata["end"]
        assert TEXT[start:end] == passage.page_content


def test_passages_come_in_the_order_asked_for_and_gone_ones_are_left_out(archive):
    put(archive, make(TEXT))
    put(archive, make(OTHER, "b"))
    ids = archive.pending("model")
    asked = [ids[-1], "gone:00000000:0", ids[0]]
    assert [p.id for p in archive.passages(asked)] == [ids[-1], ids[0]]
    assert archive.passages([]) == []


def test_an_unchanged_article_changes_nothing(archive):
    put(archive, make(title="T"))
    generation = archive.generation
    assert put(archive, make(title="T")) == "unchanged"
    assert archive.holds(make(title="T"), Filing())
    assert archive.generation == generation


def test_a_changed_text_is_a_revision_and_the_old_one_still_resolves(archive):
    old, new = make(), make(TEXT.replace("no one was hurt", "three people were hurt"))
    put(archive, old)
    embed_all(archive)
    assert put(archive, new) == "revised"
    assert archive.article("a1").text == new.text
    assert archive.article("a1", old.digest).text == old.text
    assert {i.split(":")[1] for i in archive.pending("model")} == {new.digest[:8]}
    assert archive.vectors()[0] == []
    assert archive.search(["hurt"], 9, Filter())
    words_agree(archive)


def test_a_text_that_returns_to_an_earlier_revision_is_current_again(archive):
    first, second = make(), make(OTHER)
    for article in (first, second, first):
        put(archive, article)
    assert archive.article("a1").digest == first.digest
    assert archive.search(["Flore"], 9, Filter()) == []
    words_agree(archive)


def test_changed_metadata_is_taken_over_and_vectors_are_kept(archive):
    put(archive, make(title="One headline", published=date(2024, 5, 30)))
    count = embed_all(archive)
    assert put(archive, make(title="One headline", publisher="AP")) == "revised"
    assert len(archive.vectors()[0]) == count
    words_agree(archive)


def test_a_changed_title_is_found_and_asks_for_new_vectors(archive):
    put(archive, make(title="Old headline", published=date(2024, 5, 30)))
    count = embed_all(archive)
    new = make(title="Fresh headline", publisher="AP", published=date(2024, 6, 2))
    assert put(archive, new) == "revised"
    assert len(archive.pending("model")) == count
    assert archive.search(["old"], 9, Filter()) == []
    assert archive.search(["fresh"], 9, Filter())
    assert archive.search(["Kharkiv"], 9, Filter(since=date(2024, 6, 1), publishers=("ap",)))
    [passage] = archive.passages([archive.search(["Kharkiv"], 1, Filter())[0][0]])
    assert passage.metadata["published"] == "2024-06-02"
    words_agree(archive)


def test_authors_are_listed_and_a_filter_of_one_lets_only_hers_through(archive):
    put(archive, make(authors=("Ana Ruiz", "Bo Li")))
    assert archive.authors() == ("Ana Ruiz", "Bo Li")
    assert archive.allowed(Filter(authors=("Bo Li", "Nobody"))) == {make().id}
    assert archive.allowed(Filter(authors=("Bo",))) == set()
    assert archive.search(["Kharkiv"], 9, Filter(authors=("Ana Ruiz",)))
    assert archive.search(["Kharkiv"], 9, Filter(authors=("Ana",))) == []


def test_a_new_cut_replaces_the_old_passages(archive):
    article = make()
    put(archive, article, splitter="200")
    one = chunk(article, ChunkSettings())
    assert archive.put(article, one, split(TEXT), Filing(splitter="900")) == "revised"
    assert archive.passage_count == len(one)
    words_agree(archive)


def test_the_same_text_under_another_identity_is_a_copy_without_passages(archive):
    put(archive, make(publisher="AP"))
    count = archive.passage_count
    assert put(archive, make(article_id="b", publisher="Gazette")) == "duplicate"
    assert put(archive, make(article_id="b", publisher="Gazette")) == "unchanged"
    assert archive.passage_count == count
    assert [s.publisher for s in archive.copies("a1")] == ["Gazette"]
    assert [s.publisher for s in archive.copies("b")] == ["AP"]
    assert archive.sentences("b") == split(TEXT)


def test_a_copy_inherits_passages_and_vectors_when_the_original_is_revised(archive):
    put(archive, make(title="Copied"))
    put(archive, make(article_id="b", title="Copied"))
    put(archive, make(article_id="c"))
    count = embed_all(archive)
    assert put(archive, make(OTHER)) == "revised"
    found = archive.search(["Kharkiv"], 9, Filter())
    assert {i.split(":")[0] for i, _ in found} == {"b"}
    assert archive.search(["copied"], 9, Filter())
    assert len(archive.vectors()[0]) == count
    assert [s.article_id for s in archive.copies("b")] == ["c"]
    assert archive.copies("a1") == ()
    words_agree(archive)


def test_a_copy_whose_text_changes_becomes_an_article_of_its_own(archive):
    put(archive, make())
    put(archive, make(article_id="b"))
    assert put(archive, make(OTHER, "b")) == "revised"
    assert archive.search(["guest"], 9, Filter())[0][0].startswith("b:")
    assert archive.copies("a1") == ()


def test_words_are_found_by_stem_without_accents_and_in_title_and_date(archive):
    put(archive, make(published=date(2024, 5, 30), publisher="Kyiv Post", title="Strikes"))
    put(archive, make(OTHER, "b"))
    for term in ("shell", "SHELLING", "strike", "2024-05-30", "May", "thursday", "kyiv"):
        assert archive.search([term], 9, Filter())[0][0].startswith("a1:"), term
    assert archive.search(["cafe"], 9, Filter())[0][0].startswith("b:")
    assert archive.search(["repairing", "nowhere"], 9, Filter())[0][0].startswith("b:")


@pytest.mark.parametrize(
    "term",
    [
        '"',
        '" OR title:x',
        "NEAR(a b)",
        "*",
        "-",
        "a AND NOT b",
        "body:x",
        "\0",
        "",
        "(",
        "^x",
        "🦊",
    ],
)
def test_no_term_is_taken_as_query_syntax(archive, term):
    put(archive, make())
    archive.search([term], 9, Filter())
    assert archive.search([term, "Kharkiv"], 9, Filter())
    assert archive.frequencies([term, "Kharkiv"])["Kharkiv"] == 1


def test_a_narrow_filter_still_fills_the_limit(archive):
    for number in range(60):
        text = f"Report {number}: the shelling went on and the shelling was heavy."
        put(archive, make(text, f"x{number}", published=date(2023, 1, 1)))
    for number in range(5):
        text = f"Long note {number} in which, among very many other things, shelling is named once."
        put(archive, make(text, f"y{number}", published=date(2024, 1, number + 1)))
    put(archive, make("Undated shelling of a town.", "z"))
    within = Filter(since=date(2024, 1, 1), until=date(2024, 1, 31))
    found = archive.search(["shelling"], 5, within)
    assert {i.split(":")[0] for i, _ in found} == {f"y{n}" for n in range(5)}
    assert archive.allowed(within) == {f"y{n}" for n in range(5)}
    assert archive.allowed(Filter()) is None


OUTLETS = ("Reuters", "AP", "Le Monde  ", "ÉCHO 24", None)
FILTERS = (
    Filter(since=date(2023, 12, 30), until=date(2024, 2, 3)),
    Filter(since=date(2024, 5, 1)),
    Filter(since=date(2022, 1, 1)),
    Filter(until=date(2023, 7, 1)),
    Filter(since=date(2022, 1, 1), until=date(2024, 12, 31)),
    Filter(since=date(2024, 3, 2), until=date(2024, 3, 1)),
    Filter(since=date(2031, 3, 2)),
    Filter(publishers=("reuters", "Écho 24")),
    Filter(publishers=("le monde",), since=date(2024, 1, 1), until=date(2024, 2, 29)),
    Filter(publishers=("Nobody",)),
    Filter(publishers=(" ",)),
    Filter(authors=("Bo Li",), since=date(2024, 1, 1)),
)


@pytest.mark.parametrize("within", FILTERS, ids=str)
def test_a_filtered_search_finds_all_that_the_filter_lets_through_and_nothing_else(
    archive, within, monkeypatch
):
    for number in range(120):
        published = None if number % 11 == 0 else date(2023, 1, 1) + timedelta(days=7 * number)
        outlet = OUTLETS[number % 5]
        author = ("Bo Li",) if number % 2 else ()
        text = f"Report {number} of the shelling, in \ue000m202402 and m202402."
        article = make(text, f"x{number}", published=published, publisher=outlet, authors=author)
        put(archive, article)
    for most in (10_000, 5):
        monkeypatch.setattr("rag.archive.fulltext.MOST_MATCHES", most)
        found = archive.search(["shelling", "report", "m202402"], 200, within)
        assert {i.split(":")[0] for i, _ in found} == archive.allowed(within)
        assert [s for _, s in found] == sorted((s for _, s in found), reverse=True)
    assert archive.search(["o72657574657273", "m202401"], 9, within) == []
    assert archive.search(["\ue000m202401"], 99, within) == []
    words_agree(archive)


def test_an_article_whose_day_and_outlet_change_is_found_by_the_new_ones(archive):
    put(archive, make(published=date(2023, 5, 1), publisher="AP"))
    put(archive, make(published=date(2024, 5, 1), publisher="Reuters"))
    words_agree(archive)
    may = Filter(since=date(2024, 5, 1), until=date(2024, 5, 31), publishers=("Reuters",))
    assert archive.search(["Kharkiv"], 9, may)
    assert not archive.search(["Kharkiv"], 9, Filter(publishers=("AP",)))
    archive.delete(["a1"])
    words_agree(archive)


def test_frequencies_count_the_passages_that_hold_a_form_of_the_word(archive):
    put(archive, make("Ships sailed. " * 20))
    put(archive, make(OTHER, "b"))
    counts = archive.frequencies(["ship", "ships", "guest", "zebra"])
    assert counts["ship"] == counts["ships"] == archive.passage_count - 1
    assert counts["guest"] == 1
    assert counts["zebra"] == 0


def test_vectors_come_back_as_stored_and_states_follow(archive):
    put(archive, make())
    [first, *_] = archive.pending("model")
    vector = np.arange(8, dtype=np.float32)[None]
    archive.embedded([first, "gone:00000000:0"], np.vstack([vector, vector]), "model")
    ids, matrix = archive.vectors()
    assert ids == [first]
    assert matrix.dtype == np.float32
    assert np.array_equal(matrix, vector)
    assert len(archive.pending("model")) == archive.passage_count - 1
    assert len(archive.pending("another model")) == archive.passage_count


def test_vectors_that_are_not_numbers_are_refused(archive):
    put(archive, make())
    ids = archive.pending("model")
    with pytest.raises(ArchiveError, match="not finite"):
        archive.embedded(ids, np.full((len(ids), 8), np.nan, dtype=np.float32), "model")


def test_an_article_fails_as_a_whole(archive):
    article = make()
    [passage, *_] = chunk(article, ChunkSettings(characters=200))
    wrong = passage.model_copy(update={"page_content": "Something else."})
    with pytest.raises(ValueError, match="not the article's text"):
        archive.put(article, [wrong], split(TEXT))
    assert archive.coverage().articles == archive.generation == archive.passage_count == 0


def test_coverage_gives_the_days_and_counts_what_has_none(archive):
    put(archive, make(published=date(2022, 5, 1)))
    put(archive, make(OTHER, "b", published=datetime(2024, 11, 20, 23, 59, tzinfo=UTC)))
    put(archive, make("No date at all here.", "c"))
    coverage = archive.coverage()
    assert (coverage.articles, coverage.undated) == (3, 1)
    assert (coverage.earliest, coverage.latest) == (date(2022, 5, 1), date(2024, 11, 20))
    listed = archive.articles()
    assert [a.id for a in listed] == ["b", "a1", "c"]
    assert {a.text for a in listed} == {""}
    assert [a.id for a in archive.articles(limit=1, offset=1)] == ["a1"]


def test_what_is_not_there_is_an_error_that_names_it(archive, tmp_path):
    put(archive, make())
    with pytest.raises(NotFound, match="'nobody'"):
        archive.article("nobody")
    with pytest.raises(NotFound, match="revision 'ffff"):
        archive.article("a1", "ffff")
    with pytest.raises(NotFound, match="'nobody'"):
        archive.sentences("nobody")
    with pytest.raises(ArchiveMissing, match="dateline index"):
        Archive.open(tmp_path / "elsewhere")


def test_an_archive_of_a_newer_schema_is_refused_by_name(tmp_path):
    Archive.create(tmp_path).close()
    db = sqlite3.connect(tmp_path / "archive.db")
    db.execute("PRAGMA user_version = 99")
    db.close()
    for door in (Archive.open, Archive.create):
        with pytest.raises(ArchiveError, match="newer Dateline"):
            door(tmp_path)


def test_a_file_that_is_no_database_is_an_error_that_names_the_folder(tmp_path):
    (tmp_path / "archive.db").write_bytes(b"not a database, but long enough " * 40)
    for door in (Archive.open, Archive.create):
        with pytest.raises(ArchiveError, match=tmp_path.name):
            door(tmp_path)


def test_readers_see_whole_articles_while_a_writer_writes(archive):
    put(archive, make())
    with Archive.open(archive.place) as reader:
        failures, stop = [], threading.Event()

        def read():
            while not stop.is_set():
                found = reader.search(["shelling"], 50, Filter())
                if len(reader.passages([i for i, _ in found])) != len(found):
                    failures.append("a passage without its article")

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for number in range(40):
            put(archive, make(f"Shelling number {number} was heard.", f"n{number}"))
        stop.set()
        for thread in threads:
            thread.join()
        assert not failures
        assert len(reader.search(["shelling"], 100, Filter())) == 41
        with pytest.raises(ArchiveError, match="not open for writing"):
            put(reader, make(OTHER, "b"))


def test_a_closed_archive_says_so(archive):
    archive.close()
    with pytest.raises(ArchiveError, match="has been closed"):
        archive.coverage()


def test_spans_of_a_long_text_survive_storing(archive):
    article = make("One sentence stands here. " * 3000)
    put(archive, article)
    spans = archive.sentences("a1")
    assert spans == split(article.text)
    assert isinstance(spans[0], Span)


def test_what_a_server_has_noted_of_frequent_words_changes_no_answer(place, tmp_path, monkeypatch):
    monkeypatch.setattr("rag.archive.fulltext.MOST_MATCHES", 10)
    asked = (["quokkas", "council", "town"], ["council", "town"], ["third", "council", "met"])
    told = []
    for at in (place, tmp_path / "folder"):
        with Archive.create(at) as archive:
            for number in range(30):
                which = "third" if number % 3 == 0 else "Quokkas" if number % 7 == 0 else "other"
                put(archive, make(f"The {which} council met in town {number}.", f"a:{number}"))
            with archive._lent() as db:
                if db.dialect == "postgres":
                    db.execute("ANALYZE words")
            told.append([archive.search(terms, 5, Filter()) for terms in asked])
            told.append([archive.search(terms, 30, Filter()) for terms in asked])
    assert told[:2] == told[2:]


def test_in_a_large_archive_frequent_words_find_nothing_alone_unless_needed(place, monkeypatch):
    with Archive.create(place) as archive:
        for number in range(30):
            rare = "Quokkas were counted." if number % 10 == 0 else "Nothing was counted."
            put(archive, make(f"{rare} The council met in town number {number}.", f"a:{number}"))
        terms = ["quokkas", "council"]
        everything = archive.search(terms, 30, Filter())
        assert len(everything) == 30
        monkeypatch.setattr("rag.archive.fulltext.MOST_MATCHES", 10)
        best = archive.search(terms, 3, Filter())
        assert {i for i, _ in best} == {i for i, _ in everything[:3]}
        assert archive.search(terms, 30, Filter()) == everything
        assert archive.search(["council", "absent"], 5, Filter())
