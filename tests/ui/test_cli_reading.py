"""What `dateline index` takes beside files, what it keeps, what `reclean` and `show` make of it."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import pytest

from rag.archive.archive import Archive
from ui.cli import run
from ui.commands.index import Watched, watch

STORY = (
    "The new ferry pier in Norwick opened on Monday after two years of work, the council said.\n\n"
    "Mayor Ada Lund said the pier cost 12 million euros."
)


def dateline(*args: object) -> SimpleNamespace:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run([str(arg) for arg in args])
    return SimpleNamespace(code=code, out=out.getvalue(), err=err.getvalue())


def records(done: SimpleNamespace) -> list[dict]:
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.fixture
def archive(tmp_path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def piped(monkeypatch):
    def pipe(data: bytes) -> None:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))

    return pipe


def test_what_is_piped_in_is_indexed_once(archive, piped):
    piped(STORY.encode())
    report, _ = records(dateline("index", "-", "--archive", archive, "--json"))
    assert (report["outcome"], report["origin"]) == ("added", "standard input:1")
    piped(STORY.encode())
    again, _ = records(dateline("index", "-", "--archive", archive, "--json"))
    assert (again["outcome"], again["article_id"]) == ("unchanged", report["article_id"])
    piped(b"A blue whale was seen in the bay for the first time since 1911.")
    other, _ = records(dateline("index", "-", "--archive", archive, "--json"))
    assert other["outcome"] == "added"


def test_an_address_of_this_machine_is_a_named_failure(archive):
    done = dateline("index", "http://127.0.0.1/story", "--archive", archive)
    assert done.code == 5
    assert "failed     http://127.0.0.1/story: '127.0.0.1' is not on the public network" in done.out
    assert "not on the public network" in done.out


def test_links_of_a_feed_are_listed_and_not_fetched(archive, tmp_path):
    feed = tmp_path / "feed.rss"
    feed.write_text(
        "<rss><channel><item><title>River</title><link>https://news.example/river</link>"
        "<description>Rain.</description></item></channel></rss>"
    )
    report, totals = records(dateline("index", feed, "--archive", archive, "--json"))
    assert (report["outcome"], totals["totals"]["listed"]) == ("listed", 1)
    assert report["reason"] == "https://news.example/river River"


def test_links_are_fetched_when_asked_for_and_known_ones_are_not(archive, tmp_path, monkeypatch):
    from rag.ingest.sources.reading import Given

    asked = []

    def fetch(_, url):
        asked.append(url)
        page = f"<html><body><article><p>{STORY}</p></article></body></html>"
        return Given(origin=url, format="html", data=page.encode(), url=url)

    monkeypatch.setattr("rag.ingest.sources.web.Web.fetch", fetch)
    entries = "".join(f"<url><loc>https://news.example/{n}</loc></url>" for n in range(3))
    (tmp_path / "map.xml").write_text(f"<urlset>{entries}</urlset>")
    args = ("index", tmp_path / "map.xml", "--links", 2, "--archive", archive, "--json")
    *first, _ = records(dateline(*args))
    assert [r["outcome"] for r in first] == ["added", "duplicate", "listed"]
    *second, _ = records(dateline(*args))
    assert [r["outcome"] for r in second] == ["unchanged", "unchanged", "duplicate"]
    assert asked == [f"https://news.example/{n}" for n in range(3)]


def test_a_mended_reader_is_applied_to_what_is_kept(archive, tmp_path):
    """The text that an older program made is put in place of ours, as it would have stored it."""
    (tmp_path / "pier.txt").write_text(STORY)
    report, _ = records(dateline("index", tmp_path / "pier.txt", "--archive", archive, "--json"))
    name = report["article_id"]
    _as_an_older_program_read_it(archive, name)
    (again, totals) = records(dateline("reclean", "--archive", archive, "--json"))
    assert (again["outcome"], again["article_id"]) == ("revised", name)
    assert totals["totals"]["revised"] == 1
    assert json.loads(dateline("show", name, "--archive", archive, "--json").out)["text"] == STORY
    (third, _) = records(dateline("reclean", "--archive", archive, "--json"))
    assert third["outcome"] == "unchanged"
    shown = dateline("show", name, "--diff", "--archive", archive)
    assert "- Click here for more about piers." in shown.out
    changes = json.loads(dateline("show", name, "--diff", "--archive", archive, "--json").out)
    assert [c["kind"] for c in changes["changes"]] == ["removed"]


def _as_an_older_program_read_it(folder: Path, name: str) -> None:
    from dataclasses import replace

    from rag.archive.filing import Filing
    from rag.ingest.chunk import chunk
    from rag.ingest.identity import digest
    from rag.language.sentences import split
    from rag.settings import ChunkSettings

    with Archive.create(folder) as archive:
        article = archive.article(name)
        original = archive.original(name, article.digest)
        text = f"{article.text}\n\nClick here for more about piers."
        old = replace(article, text=text, digest=digest(text))
        how = Filing(place=article.origin, original=original, splitter="1:900")
        archive.put(old, chunk(old, ChunkSettings()), split(text), how)


def test_reclean_needs_an_archive(archive):
    assert dateline("reclean", "--archive", archive).code == 4
    assert not archive.exists()


def test_originals_can_be_left_out(archive, tmp_path, monkeypatch):
    monkeypatch.setenv("DATELINE_READ__KEEP_ORIGINALS", "false")
    (tmp_path / "pier.txt").write_text(STORY)
    dateline("index", tmp_path / "pier.txt", "--archive", archive)
    with Archive.open(archive) as store:
        assert store.with_originals() == []


def test_names_of_outlets_are_made_one_by_a_table_of_the_archive(archive, tmp_path):
    archive.mkdir()
    (archive / "names.json").write_text('{"outlets": {"nor.example": "Norwick Courier"}}')
    rows = [{"text": STORY, "domain": "www.NOR.example"}, {"text": "Rain.", "domain": "cnn.com"}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    dateline("index", tmp_path / "a.jsonl", "--archive", archive)
    listed = records(dateline("list", "--archive", archive, "--json"))
    assert {a["publisher"] for a in listed} == {"Norwick Courier", "CNN"}
    (archive / "names.json").write_text('["no table"]')
    done = dateline("index", tmp_path / "a.jsonl", "--archive", archive)
    assert done.code == 2
    assert "names.json" in done.err


def test_a_file_is_read_once_it_no_longer_grows(tmp_path):
    watched = Watched([tmp_path])
    (tmp_path / "a.txt").write_text("The river")
    assert watched.changed() == []
    (tmp_path / "a.txt").write_text("The river rose.")
    assert watched.changed() == []
    assert watched.changed() == [tmp_path / "a.txt"]
    watched.done([tmp_path / "a.txt"])
    assert watched.changed() == []


def test_watching_goes_on_after_an_error_and_ends_with_ctrl_c(tmp_path, monkeypatch, capsys):
    passes = iter(range(6))

    def sleep(_seconds):
        if next(passes, None) is None:
            raise KeyboardInterrupt

    monkeypatch.setattr("ui.commands.index.time.sleep", sleep)
    watched = Watched([tmp_path])
    (tmp_path / "a.txt").write_text("The river rose.")
    read = []

    def reading(paths):
        read.append(paths)
        if len(read) == 1:
            raise OSError("the disk is full")

    watch(watched, reading, 1)
    assert read == [[tmp_path / "a.txt"]] * 2
    assert "the disk is full (trying again)" in capsys.readouterr().err


def test_what_fails_for_one_reason_is_not_told_without_end(archive, tmp_path):
    lines = [json.dumps({"words": STORY})] * 30 + ["{broken"]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    done = dateline("index", tmp_path / "a.jsonl", "--archive", archive)
    said = done.out.splitlines()
    assert said[0].startswith(f"failed     {tmp_path / 'a.jsonl'}:1: no text in any field named")
    assert said[20] == "failed     ... and more for this reason"
    assert said[21].startswith(f"failed     {tmp_path / 'a.jsonl'}:31: is not valid JSON")
    assert said[22:] == ["31 failed"]


def test_it_says_that_it_goes_on_looking_and_how_to_end_that(archive, tmp_path, monkeypatch):
    def ctrl_c(_seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr("ui.commands.index.time.sleep", ctrl_c)
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.txt").write_text(STORY)
    done = dateline("index", "--watch", tmp_path / "news", "--archive", archive)
    assert done.code == 0
    assert "1 added" in done.out
    assert done.err.endswith(f"Watching {tmp_path / 'news'}; Ctrl-C ends it.\n")


def test_a_folder_that_goes_away_may_come_back(tmp_path):
    folder = tmp_path / "news"
    watched = Watched([folder])
    folder.mkdir()
    (folder / "a.txt").write_text("x")
    watched.changed()
    assert watched.changed() == [folder / "a.txt"]
