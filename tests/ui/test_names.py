"""The rooms of names and of watches over a real archive: found, opened, told apart, watched."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from rag import NewsQA
from rag.archive.archive import Archive
from rag.settings import Settings

gr = pytest.importorskip("gradio")

from opened import Now, filled  # noqa: E402

from rag.answer.pipeline import open_qa  # noqa: E402
from ui.intake import Intake  # noqa: E402
from ui.named import Look  # noqa: E402
from ui.names import Names  # noqa: E402
from ui.watches import Room  # noqa: E402

QUESTION = "How much will the Millford bridge cost?"


def clicked(**data: str) -> Any:
    return gr.EventData(None, data)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = filled(tmp_path_factory.mktemp("names") / "archive")
    from rag.ingest.naming import name_pending

    with Archive.create(made.archive) as archive:
        name_pending(archive)
    return made


@pytest.fixture(scope="module")
def qa(settings: Settings) -> Iterator[NewsQA]:
    with open_qa(settings) as opened:
        yield opened


@pytest.fixture
def names(settings: Settings, qa: NewsQA) -> Iterator[Names]:
    intake = Intake(settings)
    yield Names(qa.archive, Now(qa), intake)
    intake.close()


def last(told: Iterator[tuple[Look, str]]) -> str:
    *_, (_, end) = told
    return end


def first_name(names: Names, kind: str = "") -> tuple[str, str]:
    found, _ = names._archive.entities(kind=kind or None, limit=1, offset=0)
    return found[0].name, found[0].kind


def test_the_index_lists_names_by_kind_and_by_what_is_typed(names: Names) -> None:
    whole = names.index(Look())
    name, kind = first_name(names)
    assert f'data-name="{name}"' in whole
    look, typed = names.found(name.split()[0][:3].lower(), Look())
    assert f'data-name="{name}"' in typed
    ((look, only),) = names.act(look, clicked(do="kind", kind=kind))
    assert look.kind == kind
    assert f'data-name="{name}"' in only
    _, none = names.found("qqqq<b>", Look())
    assert "No name begins with “qqqq&lt;b&gt;”." in none
    ((look, _),) = names.act(look, clicked(do="kind", kind="<script>"))
    assert look.kind is None


def test_a_name_leads_to_its_articles_and_then_to_its_dossier(names: Names) -> None:
    name, kind = first_name(names)
    told = [shown for _, shown in names.act(Look(), clicked(do="name", name=name, kind=kind))]
    assert "data-open=" in told[0]
    assert "Reading what the articles say" in told[0]
    assert "dl-dossier" in told[-1]
    assert "Tell them apart" in told[-1]


def sent_by(page: str) -> Any:
    return SimpleNamespace(session_hash=page)


def test_who_goes_on_while_a_sheet_is_made_is_not_led_back_to_it(names: Names) -> None:
    name, kind = first_name(names)
    here, there = sent_by("here"), sent_by("there")
    made = names.act(Look(), clicked(do="name", name=name, kind=kind), here)
    assert name in next(made)[1]
    also = names.dossier(name, Look(), there)
    next(also)
    ((_, whole),) = names.act(Look(), clicked(do="index"), here)
    assert "dl-names" in whole
    assert list(made) == []  # its sheet would cover the index
    assert "dl-dossier" in last(also)  # another page's wish is nothing to this one
    made = names.figures(name, Look(), here)
    next(made)
    names.found("x", Look(), here)
    assert list(made) == []


def test_two_of_one_name_are_told_apart_by_hand(names: Names) -> None:
    name, kind = first_name(names, "person")
    ids = [s.article_id for s in names._archive.leaf(f'entity:"{name}"', limit=9).sources]
    form = {"do": "apart", "name": name, "kind": kind, "ids": ids[0]}
    assert "Tick the articles first" in last(names.act(Look(), clicked(**form, apart=" ")))
    done = last(names.act(Look(), clicked(**form, apart="Zora Quentin")))
    assert "In 1 article it stands for Zora Quentin from now on." in done
    assert "Zora Quentin" in names.index(Look(kind="person"))
    left = [s.article_id for s in names._archive.leaf(f'entity:"{name}"', limit=9).sources]
    assert left == ids[1:]
    wrong = last(names.act(Look(), clicked(**form, apart="Somebody Else")))
    assert "none of these articles names" in wrong


def test_a_topic_gets_a_dossier_and_its_figures_can_be_saved(names: Names) -> None:
    assert "Write a name or a topic first." in last(names.dossier("  ", Look()))
    assert "dl-dossier" in last(names.dossier("the Millford bridge", Look()))
    figures = last(names.figures("cost of the Millford bridge", Look()))
    assert "$" in figures
    assert "./api/v1/claims?q=cost%20of%20the%20Millford%20bridge&amp;format=csv" in figures
    assert "format=jsonl" in figures
    assert "No report gives a figure" in last(names.figures("zebras <b>", Look()))


def test_a_question_is_watched_rested_and_removed(settings: Settings, qa: NewsQA) -> None:
    room = Room(settings, Now(qa))
    assert "Nothing is watched yet." in room.shown()
    *_, told = room.act(clicked(do="begin", question=QUESTION, every="commit", to=""))
    assert "Watched from now on." in told
    assert QUESTION in told
    assert "/feeds/" in told
    *_, again = room.act(clicked(do="begin", question=QUESTION, every="day", to=""))
    assert "This question is watched already." in again
    *_, wrong = room.act(clicked(do="begin", question="???", every="day", to=""))
    assert "dl-error" in wrong
    *_, bad = room.act(clicked(do="begin", question="Who is it?", every="day", to="nonsense"))
    assert "dl-error" in bad
    name = told.split('data-watch="')[1].split('"')[0]
    *_, rests = room.act(clicked(do="pause", watch=name))
    assert "paused" in rests
    *_, goes_on = room.act(clicked(do="resume", watch=name))
    assert "looks when articles are added" in goes_on
    *_, gone = room.act(clicked(do="remove", watch=name))
    assert "Nothing is watched yet." in gone
    *_, unknown = room.act(clicked(do="remove", watch=name))
    assert "there is no watch" in unknown
