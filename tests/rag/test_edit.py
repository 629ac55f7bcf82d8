"""What a person states of an article by hand holds, whatever is read of it later."""

import json
from datetime import date

import pytest

from rag.archive.archive import Archive
from rag.errors import NotFound, SettingsError
from rag.ingest.run import ingest, reread
from rag.maintenance.edit import chosen, edit, stated
from rag.maintenance.export import export
from rag.settings import Settings
from rag.types import Filter
from tests.rag.test_standing import Even

TEXT = "Engineers found eleven cracks in the Tolva dam, the ministry said on Friday."


@pytest.fixture
def archive(place):
    with Archive.create(place) as archive:
        yield archive


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "dam.txt").write_text(TEXT)
    (folder / "ferry.md").write_text(
        "---\ndate: 2024-05-28\npublisher: Clare Gazette\n---\nThe ferries stayed in port."
    )
    return folder


def read(archive, *paths):
    settings = Settings(archive=archive.folder)
    return [r.outcome for r in ingest(archive, Even(), list(paths), settings)]


def the_dam(archive):
    return next(a for a in archive.articles() if a.origin.endswith("dam.txt"))


def change(archive, ids, **values):
    return edit(archive, Even(), 8, ids, stated(**values))


def test_an_edit_is_stored_and_found(archive, folder):
    read(archive, folder)
    before = archive.generation
    given = {"published": "29 May 2024", "outlet": "Tolva Courier", "title": "Dam has cracks"}
    assert change(archive, [the_dam(archive).id], **given, authors=["Ana Reis"]) == 1
    article = the_dam(archive)
    assert (article.published, article.publisher) == (date(2024, 5, 29), "Tolva Courier")
    assert (article.title, article.authors) == ("Dam has cracks", ("Ana Reis",))
    assert (article.date_source, set(article.edited)) == (
        *("by hand", {"title", "publisher", "authors", "published"}),
    )
    assert archive.generation > before
    within = Filter(since=date(2024, 5, 29), publishers=("tolva courier",))
    assert archive.search(["cracks"], 5, within)
    assert archive.search(["courier"], 5, Filter())
    assert archive.pending("even") == []


def test_an_edit_survives_the_file_read_again_and_its_new_text(archive, folder):
    read(archive, folder)
    change(archive, [the_dam(archive).id], published="2024-05-29", outlet="Tolva Courier")
    assert read(archive, folder) == ["unchanged", "unchanged"]
    settings = Settings(archive=archive.folder)
    assert {r.outcome for r in reread(archive, Even(), settings)} == {"unchanged"}
    (folder / "dam.txt").write_text(TEXT.replace("eleven", "nine"))
    assert read(archive, folder) == ["revised", "unchanged"]
    article = the_dam(archive)
    assert (article.published, article.publisher) == (date(2024, 5, 29), "Tolva Courier")
    assert "nine" in archive.article(article.id).text


def test_a_second_edit_adds_to_the_first_and_the_same_one_changes_nothing(archive, folder):
    read(archive, folder)
    name = the_dam(archive).id
    assert change(archive, [name], published="2024-05-29") == 1
    assert change(archive, [name], outlet="Tolva Courier") == 1
    before = archive.generation
    assert change(archive, [name], outlet="Tolva Courier") == 0
    assert archive.generation == before
    assert the_dam(archive).published == date(2024, 5, 29)


def test_a_value_that_is_wrong_can_be_taken_away(archive, folder):
    read(archive, folder)
    ferry = next(a for a in archive.articles() if a.origin.endswith("ferry.md"))
    change(archive, [ferry.id], published="unknown", outlet="unknown")
    read(archive, folder)
    after = archive.article(ferry.id)
    assert (after.published, after.publisher, after.date_source) == (None, None, None)


def test_articles_are_chosen_by_what_is_known_of_them(archive, folder):
    read(archive, folder)
    dam = the_dam(archive).id
    (ferry,) = (a.id for a in archive.articles() if a.id != dam)
    assert chosen(archive, [], ["publisher=unknown"]) == [dam]
    assert chosen(archive, [], ["outlet=clare *"]) == [ferry]
    assert chosen(archive, [], ["published=unknown", "origin=*/dam.txt"]) == [dam]
    assert chosen(archive, [], ["published=2024-05-28"]) == [ferry]
    assert chosen(archive, [dam, dam], []) == [dam]
    with pytest.raises(NotFound, match="nothing was changed"):
        chosen(archive, ["none"], [])
    with pytest.raises(SettingsError, match="no condition"):
        chosen(archive, [], ["colour=red"])


@pytest.mark.parametrize("day", ["yesterday", "03/04/2024", "2999-01-01"])
def test_what_is_no_day_is_refused(day):
    with pytest.raises(SettingsError, match="is no day of publication"):
        stated(published=day)


def test_an_export_carries_what_was_stated_by_hand(archive, folder, tmp_path):
    read(archive, folder)
    change(archive, [the_dam(archive).id], published="2024-05-29", outlet="Tolva Courier")
    path = tmp_path / "export.jsonl"
    path.write_text("\n".join(json.dumps(r) for r in export(archive, revisions=False)))
    with Archive.create(tmp_path / "other") as other:
        read(other, path)
        article = the_dam(other)
        assert set(article.edited) == {"publisher", "published"}
        assert read(other, folder / "dam.txt") == ["unchanged"]
        assert the_dam(other).published == date(2024, 5, 29)


def test_what_lacks_a_day_or_an_outlet_is_counted(archive, folder):
    read(archive, folder)
    assert archive.lacking() == (1, 1)
    change(archive, [the_dam(archive).id], published="2024-05-29")
    assert archive.lacking() == (0, 1)
