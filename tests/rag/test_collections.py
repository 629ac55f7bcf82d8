"""Named sets of articles: filled, emptied, and what a question is restricted to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.archive.archive import Archive
from rag.archive.collections import Collection, Collections
from rag.archive.conversations import Conversations
from rag.archive.erase import erase
from rag.errors import NotFound, SettingsError
from rag.ingest.chunk import chunk
from rag.language.sentences import split
from rag.record import filter_from_json, filter_to_json
from rag.settings import ChunkSettings
from rag.types import Article, Filter
from ui.cli import run

TEXTS = {
    "mayor": "The mayor resigned on Monday.",
    "bridge": "The bridge was closed on Monday.",
    "school": "The school opens on Monday.",
}


def digest(text: str) -> str:
    from rag.archive.rows import digest_of

    return digest_of(text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Archive.create(tmp_path / "archive") as archive:
        for name, text in TEXTS.items():
            article = Article(id=name, digest=digest(text), text=text, publisher="Post")
            archive.put(article, chunk(article, ChunkSettings()), split(text))
    return tmp_path / "archive"


def test_a_collection_is_filled_restricts_a_search_and_is_emptied(folder: Path) -> None:
    with Collections.open(folder) as kept, Archive.open(folder) as archive:
        assert kept.add("  Town\nhall ", ["mayor", "bridge", "no-such-article"]) == 2
        assert kept.add("Town hall", ["mayor"]) == 0
        assert kept.listed() == (Collection(name="Town hall", articles=2),)
        assert kept.of("mayor") == ("Town hall",)
        within = Filter(collections=("Town hall",))
        assert within
        assert archive.allowed(within) == {"mayor", "bridge"}
        assert len(archive.search(["Monday"], 9, within)) == 2
        assert len(archive.numbers(within)) == 2
        less = Filter(collections=("Town hall",), without=("bridge",))
        assert archive.allowed(less) == {"mayor"}
        assert archive.allowed(Filter(without=("bridge",))) == {"mayor", "school"}
        assert archive.allowed(Filter(collections=("Nothing' OR 1",))) == set()
        assert kept.remove("Town hall", ["bridge", "school"]) == 1
        assert archive.allowed(within) == {"mayor"}
        kept.delete("Town hall")
        assert archive.collections() == ()
        assert archive.coverage().articles == 3


def test_what_a_question_finds_counts_as_changed(folder: Path) -> None:
    with Collections.open(folder) as kept, Archive.open(folder) as archive:
        before = archive.generation
        kept.add("Town", ["mayor"])
        assert archive.generation > before


def test_a_deleted_article_leaves_its_collections(folder: Path) -> None:
    with Collections.open(folder) as kept:
        kept.add("Town", ["mayor", "bridge"])
        with Archive.create(folder) as archive:
            erase(archive, ["mayor"])
        assert kept.listed() == (Collection(name="Town", articles=1),)


def test_a_name_is_needed_and_an_unknown_one_is_said(folder: Path) -> None:
    with Collections.open(folder) as kept:
        with pytest.raises(SettingsError, match="needs a name"):
            kept.add(" \n ", ["mayor"])
        with pytest.raises(NotFound, match="there is no collection 'Nowhere'"):
            kept.delete("Nowhere")
        with pytest.raises(NotFound):
            kept.remove("Nowhere", ["mayor"])


def test_a_filter_with_both_is_written_and_read_back() -> None:
    chosen = Filter(collections=("A", "B"), without=("x",))
    assert filter_from_json(json.loads(json.dumps(filter_to_json(chosen)))) == chosen
    old = {k: v for k, v in filter_to_json(chosen).items() if k not in ("collections", "without")}
    assert filter_from_json(old) == Filter()


def test_a_star_brings_a_conversation_to_the_top(folder: Path) -> None:
    with Conversations.open(folder) as kept:
        first = kept.begin("One?").conversation
        second = kept.begin("Two?").conversation
        assert [c.id for c in kept.listed()] == [second, first]
        kept.star(first, starred=True)
        assert [(c.id, c.starred) for c in kept.listed()] == [(first, True), (second, False)]
        kept.star(first, starred=False)
        assert [c.id for c in kept.listed()] == [second, first]


def test_collections_on_the_command_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["--archive", str(folder)]
    assert run(["collection", "add", "Town", "mayor", *at]) == 0
    assert run(["collection", "add", "Town", "--where", "publisher=post", *at]) == 0
    assert run(["collection", "list", *at]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "1 article added",
        "2 articles added",
        "Town  3 articles",
    ]
    assert run(["collection", "remove", "Town", "school", *at]) == 0
    assert run(
        ["ask", "--llm", "none", "--json", "--collection", "Town", "Who resigned?", *at]
    ) in (0, 3)
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert answer["filters"]["collections"] == ["Town"]
    cited = {e["article_id"] for e in answer["evidence"]}
    assert cited <= {"mayor", "bridge"}
    assert run(["collection", "delete", "Town", *at]) == 0
    assert run(["collection", "delete", "Town", *at]) != 0
    assert "there is no collection 'Town'" in capsys.readouterr().err
    assert run(["collection", "add", "Town hall", *at]) == 0
    assert "dateline index FOLDER --collection 'Town hall'" in capsys.readouterr().out
    with Collections.open(folder) as kept:
        assert kept.listed() == (Collection(name="Town hall", articles=0),)
    assert run(["collection", "add", "Town hall", *at]) == 2
    assert "name articles" in capsys.readouterr().err
