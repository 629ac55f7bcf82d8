"""Ingestion: every record gets a report, nothing is stored twice, unchanged files cost nothing."""

import hashlib
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.archive.archive import Archive
from rag.archive.index import Index
from rag.errors import ArchiveFull, SourceError
from rag.ingest.run import embed_pending, ingest
from rag.settings import Settings
from rag.types import Filter

STORY = (
    "The council voted on Monday to close the old harbour bridge to lorries. Members said that "
    "its steel had rusted through in eleven places.\n\n"
    "Drivers will have to go round by the northern road until 2027, the transport chief, Ana "
    "Silva, told reporters. Shopkeepers on the quay called the decision a disaster."
)
OTHER = (
    "A blue whale was seen in the bay for the first time since 1911. Biologists from the "
    "university followed it for two hours and heard it sing."
)


class Counting:
    """An embedder that makes a vector of a text's hash, and counts."""

    fingerprint = "counting"

    def __init__(self):
        self.texts = []

    def encode(self, texts):
        self.texts += texts
        seeds = [int(hashlib.sha256(t.encode()).hexdigest()[:8], 16) for t in texts]
        rows = np.stack([np.random.default_rng(seed).normal(size=16) for seed in seeds])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def embedder():
    return Counting()


@pytest.fixture
def archive(tmp_path: Path):
    with Archive.create(tmp_path / "archive") as archive:
        yield archive


@pytest.fixture
def news(tmp_path: Path):
    folder = tmp_path / "news"
    folder.mkdir()
    return folder


def run(archive, embedder, *paths, **more):
    return list(ingest(archive, embedder, paths, Settings(), **more))


def outcomes(reports) -> Counter:
    return Counter(report.outcome for report in reports)


def lines(path: Path, *records) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_a_folder_is_stored_embedded_and_indexed(archive, embedder, news):
    (news / "bridge.txt").write_text(STORY)
    (news / "whale.txt").write_text(OTHER)
    reports = run(archive, embedder, news)
    assert outcomes(reports) == {"added": 2}
    assert [Path(r.origin).name for r in reports] == ["bridge.txt", "whale.txt"]
    assert len(embedder.texts) == archive.passage_count == len(archive.vectors()[0])
    assert Index.open(archive).state == "chroma"
    found = archive.search(["rusting"], 5, Filter())
    assert found[0][0].startswith(reports[0].article_id)


def test_unchanged_files_change_nothing(archive, embedder, news):
    (news / "bridge.txt").write_text(STORY)
    lines(news / "more.jsonl", {"id": "w-1", "text": OTHER}, {"text": OTHER + " More soon."})
    run(archive, embedder, news)
    generation, embedded = archive.generation, len(embedder.texts)
    current = (archive.folder / "chroma" / "CURRENT").read_bytes()
    assert outcomes(run(archive, embedder, news)) == {"unchanged": 3}
    assert archive.generation == generation
    assert len(embedder.texts) == embedded
    assert (archive.folder / "chroma" / "CURRENT").read_bytes() == current


def test_a_small_archive_that_did_not_change_is_not_checked_by_chroma(
    archive, embedder, news, monkeypatch
):
    (news / "bridge.txt").write_text(STORY)
    run(archive, embedder, news)

    def refuse(folder):
        raise AssertionError("Chroma was opened")

    monkeypatch.setattr("rag.archive.index.Collection", refuse)
    assert outcomes(run(archive, embedder, news)) == {"unchanged": 1}
    (news / "whale.txt").write_text(OTHER)
    with pytest.raises(AssertionError, match="Chroma was opened"):
        run(archive, embedder, news)


def test_an_article_can_be_found_by_words_before_it_is_embedded(archive, embedder, news):
    (news / "bridge.txt").write_text(STORY)
    for report in ingest(archive, embedder, [news], Settings()):
        assert report.outcome == "added"
        with Archive.open(archive.folder) as reader:
            assert reader.search(["harbour"], 5, Filter())
        assert embedder.texts == []


def test_a_changed_file_is_a_revision_of_the_same_article(archive, embedder, news):
    path = news / "bridge.txt"
    path.write_text(STORY)
    [first] = run(archive, embedder, path)
    old = archive.article(first.article_id)
    path.write_text(STORY.replace("eleven", "twelve"))
    [second] = run(archive, embedder, path)
    assert (second.outcome, second.article_id) == ("revised", first.article_id)
    assert "twelve" in archive.article(first.article_id).text
    assert archive.article(old.id, old.digest).text == old.text
    path.write_text(STORY)
    [third] = run(archive, embedder, path)
    assert third.outcome == "revised"
    assert archive.article(first.article_id).digest == old.digest


def test_a_correction_of_one_url_is_a_revision_and_stays_the_current_one(archive, embedder, news):
    url = "https://news.example/2024/bridge"
    lines(news / "a.jsonl", {"url": url, "text": STORY})
    lines(news / "b.jsonl", {"url": url, "text": STORY.replace("eleven", "twelve")})
    assert outcomes(run(archive, embedder, news)) == {"added": 1, "revised": 1}
    embedded = len(embedder.texts)
    assert outcomes(run(archive, embedder, news)) == {"unchanged": 2}
    assert "twelve" in archive.article(archive.articles()[0].id).text
    assert len(embedder.texts) == embedded


def test_a_front_page_address_does_not_join_different_articles(archive, embedder, news):
    home = "https://news.example/"
    lines(news / "a.jsonl", {"url": home, "text": STORY}, {"url": home, "text": OTHER})
    assert outcomes(run(archive, embedder, news)) == {"added": 2}


def test_a_record_that_says_its_id_keeps_it(archive, embedder, news):
    lines(news / "a.jsonl", {"id": "reuters:2024-1", "text": STORY}, {"id": "né 1", "text": OTHER})
    one, two = run(archive, embedder, news)
    assert one.article_id == "reuters:2024-1"
    assert two.article_id.startswith("a")
    assert len(two.article_id) == 13
    assert outcomes(run(archive, embedder, news)) == {"unchanged": 2}


def test_a_line_put_in_front_moves_the_records_without_changing_them(archive, embedder, news):
    path = lines(news / "a.jsonl", {"text": STORY}, {"text": OTHER})
    run(archive, embedder, path)
    embedded = len(embedder.texts)
    new = "Snow fell on the islands in June. Children built a man of it on the beach."
    lines(path, {"text": new}, {"text": STORY}, {"text": OTHER})
    assert outcomes(run(archive, embedder, path)) == {"added": 1, "unchanged": 2}
    assert len(embedder.texts) == embedded + 1
    lines(path, {"text": STORY}, {"text": OTHER.replace("two hours", "three hours")})
    assert [r.outcome for r in run(archive, embedder, path)] == ["unchanged", "added"]


def test_a_corrected_line_is_a_revision(archive, embedder, news):
    path = lines(news / "a.jsonl", {"text": STORY}, {"text": OTHER})
    run(archive, embedder, path)
    lines(path, {"text": STORY}, {"text": OTHER.replace("1911", "1912")})
    assert [r.outcome for r in run(archive, embedder, path)] == ["unchanged", "revised"]


def test_the_same_text_twice_is_a_duplicate_and_stays_one(archive, embedder, news):
    (news / "a.txt").write_text(STORY)
    (news / "b.txt").write_text(STORY)
    lines(news / "c.jsonl", {"text": OTHER}, {"text": OTHER})
    reports = run(archive, embedder, news)
    assert [r.outcome for r in reports] == ["added", "duplicate", "added", "duplicate"]
    assert reports[1].reason == f"same story as {reports[0].article_id}"
    assert len(archive.vectors()[0]) == archive.passage_count
    assert outcomes(run(archive, embedder, news)) == {"unchanged": 4}


def test_a_wire_copy_shares_the_cluster_and_another_report_does_not(archive, embedder, news):
    (news / "a.txt").write_text(STORY)
    (news / "b.txt").write_text(f"By Joe Day, Quay Herald\n\n{STORY}\n\nThe Herald will follow up.")
    (news / "c.txt").write_text(
        "Lorries may not use the harbour bridge from Monday, it was decided."
    )
    a, b, c = run(archive, embedder, news)
    assert b.outcome == "added"
    assert b.reason == f"same story as {a.article_id}"
    clusters = {p.metadata["cluster"] for p in archive.passages(archive.vectors()[0])}
    assert clusters == {a.article_id, c.article_id}
    assert [s.article_id for s in archive.copies(a.article_id)] == [b.article_id]


def test_a_broken_record_is_reported_and_the_others_are_stored(archive, embedder, news):
    (news / "a.txt").write_text(STORY)
    (news / "b.txt").write_text("")
    (news / "c.txt").write_bytes(b"\x00\x01\x02\xff" * 500)
    (news / "d.jsonl").write_text(json.dumps({"text": OTHER}) + "\n{broken\n")
    (news / "e.txt").write_text("CLICK HERE TO READ MORE FROM THE HERALD\n")
    reports = run(archive, embedder, news)
    assert outcomes(reports) == {"added": 2, "failed": 4}
    failed = [r for r in reports if r.outcome == "failed"]
    assert all(r.reason and r.article_id is None for r in failed)
    assert [(Path(r.origin).name, r.reason.split(":")[0]) for r in failed] == [
        ("b.txt", "there is no text in it"),
        ("c.txt", "looks like a binary file"),
        ("d.jsonl:2", "is not valid JSON"),
        ("e.txt", "no text left after cleaning"),
    ]
    assert len(archive.vectors()[0]) == archive.passage_count


def test_a_record_that_cannot_be_stored_stops_no_other_record(archive, embedder, news, monkeypatch):
    lines(news / "a.jsonl", {"id": "one", "text": STORY}, {"id": "two", "text": OTHER})
    from rag.ingest import intake as module

    def chunk(article, *args, **more):
        if article.id == "one":
            raise ZeroDivisionError("a bug of ours")
        return real(article, *args, **more)

    real = module.chunk
    monkeypatch.setattr(module, "chunk", chunk)
    first, second = run(archive, embedder, news)
    assert first.origin.endswith("a.jsonl:1")
    assert "ZeroDivisionError: a bug of ours" in first.reason
    assert (second.article_id, second.outcome) == ("two", "added")
    assert [a.id for a in archive.articles()] == ["two"]


def test_what_no_database_can_store_is_cleaned_out(archive, embedder, news):
    lines(
        news / "a.jsonl",
        {"id": "x", "title": "A\ud800 b\n c", "publisher": "\udfff", "text": OTHER},
    )
    [report] = run(archive, embedder, news)
    assert report.outcome == "added"
    article = archive.article("x")
    assert article.title == "A b c"
    assert article.publisher is None


def test_a_missing_path_is_an_error_before_anything_is_read(archive, embedder, news):
    (news / "a.txt").write_text(STORY)
    with pytest.raises(SourceError, match="nowhere"):
        run(archive, embedder, news, news / "nowhere")
    assert archive.coverage().articles == 0


def test_progress_tells_both_phases_to_the_end(archive, embedder, news):
    (news / "a.txt").write_text(STORY)
    lines(news / "b.jsonl", *({"text": f"{OTHER} Note {n}."} for n in range(9)))
    told = []
    run(archive, embedder, news, progress=told.append)
    for phase, total in (("reading", 10), ("embedding", archive.passage_count)):
        steps = [p for p in told if p.phase == phase]
        assert steps[-1].done == steps[-1].total == total
        assert steps[-1].eta == 0
        assert [p.done for p in steps] == sorted(p.done for p in steps)
        assert all(p.rate > 0 for p in steps)


def test_another_model_embeds_everything_again(archive, embedder, news):
    (news / "a.txt").write_text(STORY)
    run(archive, embedder, news)
    other = Counting()
    other.fingerprint = "another"
    assert outcomes(run(archive, other, news)) == {"unchanged": 1}
    assert len(other.texts) == archive.passage_count
    assert archive.fingerprint == "another"
    assert embed_pending(archive, other, 32) == 0


def test_other_chunk_settings_cut_again(archive, embedder, news):
    (news / "a.txt").write_text(STORY)
    run(archive, embedder, news)
    before = archive.passage_count
    finer = Settings.model_validate({"chunk": {"characters": 200}})
    [report] = ingest(archive, embedder, [news], finer)
    assert report.outcome == "revised"
    assert archive.passage_count == len(archive.vectors()[0]) > before


def test_too_little_room_refuses_new_articles_and_reading_goes_on(
    archive, embedder, news, monkeypatch
):
    (news / "a.txt").write_text(STORY)
    run(archive, embedder, news)
    (news / "b.txt").write_text(OTHER)
    monkeypatch.setattr("rag.archive.store.LOW_WATER", 10**18)
    with pytest.raises(ArchiveFull, match="MB are free"):
        run(archive, embedder, news)
    assert archive.search(["harbour"], 5, Filter())
    assert archive.coverage().articles == 1


ARTICLES = st.lists(
    st.tuples(
        st.sampled_from(["one", "two", "three", ""]),
        st.lists(st.sampled_from([*STORY.split(". "), *OTHER.split(". ")]), min_size=1, max_size=5),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(records=ARTICLES)
def test_indexing_again_is_a_no_op_whatever_was_read(records, tmp_path_factory):
    folder = tmp_path_factory.mktemp("again")
    path = folder / "news.jsonl"
    lines(path, *({"id": i or None, "text": ". ".join(parts) + "."} for i, parts in records))
    embedder = Counting()
    with Archive.create(folder / "archive") as archive:
        run(archive, embedder, path)
        generation, embedded = archive.generation, len(embedder.texts)
        assert outcomes(run(archive, embedder, path)) == {"unchanged": len(records)}
        assert archive.generation == generation
        assert len(embedder.texts) == embedded
        assert len(archive.vectors()[0]) == archive.passage_count
