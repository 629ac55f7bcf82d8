"""The room of the archive over a real one: what is ticked is stated, collected and released."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from scripted import ARTICLES

from rag.archive.archive import Archive
from rag.settings import Settings

gr = pytest.importorskip("gradio")

from opened import filled  # noqa: E402

from ui import holdings  # noqa: E402
from ui.browse import Browse  # noqa: E402
from ui.intake import Intake  # noqa: E402
from ui.means import Means  # noqa: E402
from ui.shelf import Shelf  # noqa: E402


def clicked(**data: str) -> Any:
    return gr.EventData(None, data)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return filled(tmp_path_factory.mktemp("shelf") / "archive")


@pytest.fixture
def shelf(settings: Settings) -> Iterator[Shelf]:
    intake = Intake(settings)
    with Archive.open(settings.archive) as archive:
        yield Shelf(archive, Means(intake=intake))
    intake.close()


def last(told: Iterator[str]) -> str:
    *_, end = told
    return end


def test_what_lacks_an_outlet_is_queued_and_stated_for_all_that_is_ticked(shelf: Shelf) -> None:
    _, queued = shelf.turn(Browse(), clicked(facet="lacking"))
    assert "1 article needs a date or an outlet" in queued
    assert "School bus times" in queued
    ids = "\n".join(a.id for a in ARTICLES)
    form = clicked(do="edit", ids="school-notice", outlet="Easton Echo", published="2024-04-02")
    assert "1 edited by hand" in last(shelf.bulk(form))
    shown = shelf.shown(Browse())
    assert "Easton Echo" in shown
    assert "2 April 2024" in shown
    assert "needs a date" not in shown
    assert "4 edited by hand" in last(shelf.bulk(clicked(do="edit", ids=ids, authors="A. B; C. D")))
    assert shelf.shown(Browse()).count('data-facet="author"') == 2


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"ids": "", "outlet": "X"}, "Tick the articles first."),
        ({"ids": "bridge-march"}, "Say what to state"),
        ({"ids": "bridge-march\nbridge-july", "title": "One"}, "one article at a time"),
        ({"ids": "bridge-march", "published": "soon"}, "no day of publication"),
    ],
)
def test_what_cannot_be_stated_is_said_and_changes_nothing(
    shelf: Shelf, form: dict[str, str], why: str
) -> None:
    before = shelf.shown(Browse())
    assert why in last(shelf.bulk(clicked(do="edit", **form)))
    assert shelf.shown(Browse()) == before


def test_a_collection_is_filled_narrows_the_list_and_is_emptied(shelf: Shelf) -> None:
    put = clicked(do="collect", ids="bridge-march\nbridge-july", collection=" Bridge ")
    assert "2 articles put into “Bridge”" in last(shelf.bulk(put))
    browse, shown = shelf.turn(Browse(), clicked(facet="collection", value="Bridge"))
    assert ">2 articles</p>" in shown
    taken = clicked(do="release", ids="bridge-july", collection="Bridge")
    assert "1 article taken out of “Bridge”" in last(shelf.bulk(taken))
    assert ">1 article</p>" in shelf.shown(browse)
    unknown = clicked(do="release", ids="bridge-july", collection="Nothing")
    assert "there is no collection" in last(shelf.bulk(unknown))
    assert "Tick the articles first" in last(shelf.bulk(clicked(do="collect", collection="B")))


def test_an_archive_that_is_only_read_offers_nothing_to_change(settings: Settings) -> None:
    with Archive.open(settings.archive) as archive:
        shelf = Shelf(archive, Means())
        shown = shelf.shown(Browse())
        assert "dl-tick" not in shown
        assert list(shelf.bulk(clicked(do="edit", ids="bridge-july", outlet="X"))) == []
        assert archive.article("bridge-july").publisher == "State Wire"


def test_a_collection_to_add_to_is_chosen_where_there_is_a_choice() -> None:
    assert holdings.into(["Town"], "", free=False) == ""  # there is only one
    assert holdings.into([], "", free=True) == ""
    several = holdings.into(["Law", '"><script>'], "Law", free=False)
    assert "<script>" not in several
    assert '<select data-into required><option value="">Choose one</option>' in several
    assert '<option value="Law" selected>Law</option>' in several
    free = holdings.into(["Town"], "gone", free=True)
    assert '<select data-into><option value="">no collection</option>' in free
    assert "selected" not in free
