"""The page is wired to anything that answers; its handlers without a browser."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scripted import BRIDGE_JULY, BRIDGE_MARCH, Scripted, Shelf, article

from eval.cases import load
from rag.answer.examples import Example
from rag.archive.conversations import Conversations
from rag.archive.exchanges import Opinion
from rag.types import Filter

gr = pytest.importorskip("gradio")

from rag.settings import Settings  # noqa: E402
from ui.board import NAMES  # noqa: E402
from ui.browse import Browse  # noqa: E402
from ui.chips import Limits  # noqa: E402
from ui.desk import Desk  # noqa: E402
from ui.evaluation import Runs  # noqa: E402
from ui.means import Means  # noqa: E402
from ui.page import (  # noqa: E402
    Room,
    build_page,
    questions,
)
from ui.talk import Talk  # noqa: E402
from ui.turns import picture  # noqa: E402
from ui.upload import Uploads  # noqa: E402
from ui.view import View  # noqa: E402

HERE: Any = SimpleNamespace(session_hash="one")
COST = "What did the Millford bridge cost?"


def room(folder: Path = Path("scripted-archive"), **asker: Any) -> Room:
    shelf: Any = Shelf(folder=folder)
    return Room(Desk(Scripted(**asker)), shelf, Conversations.in_memory(), None)


def clicked(**data: str) -> Any:
    return gr.EventData(None, data)


def named(step: list[Any]) -> dict[str, Any]:
    """What a handler changed on the page, by name."""
    assert len(step) == len(NAMES)
    pairs = zip(NAMES, step, strict=True)
    return {n: v for n, v in pairs if not (isinstance(v, dict) and v == gr.skip())}


def asked(here: Room, question: str = COST, talk: Talk | None = None) -> Talk:
    """Ask on a page and return the conversation as it then is."""
    *_, last = here.asking.ask(question, talk or Talk(), Limits(), HERE)
    talk = named(last)["talk"]
    assert isinstance(talk, Talk)
    return talk


def built(archive: Any) -> Any:
    return build_page(Scripted(), archive)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run it in a thread: this one may have the loop of another test's browser."""
    with ThreadPoolExecutor(1) as alone:
        return alone.submit(asyncio.run, work).result()


def test_the_page_is_built_from_any_callable_and_hides_its_endpoints() -> None:
    page = built(Shelf())
    assert page.title == "Dateline"
    assert page.analytics_enabled is False
    assert {fn.api_visibility for fn in page.fns.values()} == {"private"}


def test_a_page_with_everything_on_offer_has_a_tab_for_each_and_short_handlers() -> None:
    from views import RUNS, Intake, compare

    intake: Any = Intake()
    means = Means(
        intake=intake,
        uploads=Uploads(intake),
        folders=(Path("/srv/news"),),
        addresses=True,
        settings=Settings(),
        llms=("ollama:qwen3:8b",),
        runs=Runs(recent=lambda: RUNS, report=str, compare=compare),
    )

    page = build_page(Scripted(), Shelf(), means=means)
    handlers = {fn.fn for fn in page.fns.values() if fn.fn is not None}
    assert len(handlers) > 20
    assert max(len(inspect.getsourcelines(handler)[0]) for handler in handlers) <= 40
    tabs = [b.label for b in page.blocks.values() if isinstance(b, gr.Tab)]
    assert tabs == ["Ask", "History", "Archive", "Settings"]
    assert {fn.api_visibility for fn in page.fns.values()} == {"private"}


def test_a_page_made_where_no_loop_runs_leaves_no_loop_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from ui.health import Health
    from ui.server import application

    new, made = asyncio.new_event_loop, []

    def kept() -> asyncio.AbstractEventLoop:
        made.append(new())
        return made[-1]

    monkeypatch.setattr(asyncio, "new_event_loop", kept)

    def build() -> None:
        application(Desk(Scripted()), None, lambda: Health("ready", "Ready"))

    with ThreadPoolExecutor(1) as alone:
        alone.submit(build).result()
    assert made
    assert [loop for loop in made if not loop.is_closed()] == []


def test_the_page_is_built_without_an_archive_and_says_how_to_make_one() -> None:
    page = built(None)
    shown = str(page.get_config_file())
    assert "dateline index PATH/TO/ARTICLES" in shown


def test_before_anything_is_asked_the_page_names_the_newest_articles_and_some_questions() -> None:
    shown = room().asking.examples()
    assert shown.count("data-question") == 3  # as many titles are long enough
    newest = [a.id for a in Shelf().articles(limit=5)]
    assert [shown.index(f'data-open="{name}"') for name in newest] == sorted(
        shown.index(f'data-open="{name}"') for name in newest
    )


def test_too_few_known_examples_are_made_up_by_titles() -> None:
    known = [Example("Who will pay?", "a dispute")]
    asking = Room(Desk(Scripted()), Shelf(), Conversations.in_memory(), lambda: known).asking
    assert asking.examples().count("data-question") == 4
    assert '<span class="dl-gift">a dispute</span>Who will pay?' in asking.examples()


def test_asking_shows_evidence_then_text_then_verdicts() -> None:
    steps = list(room().asking.ask(f"  {COST} ", Talk(), Limits(), HERE))
    views = [named(s)["talk"].current for s in steps]
    assert views[0].phase == "searching"
    assert views[-1].phase == "done"
    assert views[-1].question == COST
    assert "value" not in named(steps[0])["box"].constructor_args  # what is typed meanwhile stays
    assert "Valley Courier" in named(steps[-1]).get("sources", "") + "".join(
        named(s).get("sources", "") for s in steps
    )


def test_an_empty_question_does_nothing() -> None:
    (step,) = room().asking.ask(" \n ", Talk(), Limits(), HERE)
    assert named(step) == {}


def test_stopping_leaves_what_was_written_and_says_so() -> None:
    here = room(pause=0.02)
    seen: list[View] = []
    for step in here.asking.ask(COST, Talk(), Limits(), HERE):
        seen.append(named(step)["talk"].current)
        if seen[-1].draft:
            here.asking.stop(HERE)
    assert seen[-1].phase == "stopped"
    assert seen[-1].draft


def test_visitors_stop_their_own_questions_only() -> None:
    here = room(pause=0.001)
    other: Any = SimpleNamespace(session_hash="two")
    views = []
    for step in here.asking.ask(COST, Talk(), Limits(), HERE):
        views.append(named(step)["talk"].current)
        here.asking.stop(other)
    assert views[-1].phase == "done"


def test_a_follow_up_is_rewritten_and_the_earlier_answer_stays_with_its_citations() -> None:
    here = room()
    talk = asked(here, "And in July?", asked(here))
    assert [v.question for v in talk.views] == [COST, "And in July?"]
    shown = picture(talk)
    assert f"And in July? ({COST})" in shown.answer
    assert 'data-open="bridge-march"' in shown.earlier
    first, second = talk.views
    assert f'data-turn="{first.id}"' in shown.earlier
    alone = here.asking.ask_clicked(talk, Limits(), clicked(ask="alone", turn=second.id), HERE)
    *_, last = alone
    assert "Understood as" not in picture(named(last)["talk"]).answer


def test_a_filter_is_dropped_with_one_click_and_the_question_asked_again() -> None:
    here = room()
    talk = asked(here)
    drop = clicked(ask="drop", turn=talk.current.id, field="publisher", name="State Wire")
    *_, last = here.asking.ask_clicked(talk, Limits(), drop, HERE)
    again = named(last)["talk"].current
    assert again.question == COST
    assert again.answer is not None
    assert again.answer.filters == Filter(since=date(2024, 3, 1), publishers=("Valley Courier",))
    assert not again.answer.inferred
    assert again.again == talk.current.id


def test_articles_are_left_out_with_a_box_and_the_question_asked_again() -> None:
    here = room()
    talk = asked(here)
    leave = clicked(
        form="leave", do="again", turn=talk.current.id, without="bridge-march\nno-such-article"
    )
    *_, last = here.asking.ask_clicked(talk, Limits(), leave, HERE)
    again = named(last)["talk"].current
    assert again.filters is not None
    assert again.filters.without == ("bridge-march",)
    assert "without 1 article" in picture(named(last)["talk"]).answer
    back = clicked(ask="drop", turn=again.id, field="without", name="")
    *_, last = here.asking.ask_clicked(named(last)["talk"], Limits(), back, HERE)
    assert named(last)["talk"].current.filters.without == ()
    nothing = clicked(form="leave", do="again", turn=talk.current.id, without="no-such-article")
    assert list(map(named, here.asking.ask_clicked(talk, Limits(), nothing, HERE))) == [{}]


def test_the_reader_opens_at_the_first_cited_words_and_stays_where_it_was_led() -> None:
    here = room(pause=0.005)
    steps = [named(s) for s in here.asking.ask(COST, Talk(), Limits(), HERE)]
    panes = [s["pane"] for s in steps if "pane" in s]
    assert "Source 1 of 4" in panes[-1]
    talk = steps[-1]["talk"]
    led = [named(s) for s in here.asking.ask("And in July?", talk, Limits(), HERE)]
    assert any("pane" in s for s in led)  # a new question leads to its own evidence again
    here = room(pause=0.005)
    told = []
    for step in here.asking.ask(COST, Talk(), Limits(), HERE):
        told.append(named(step))
        view = told[-1]["talk"].current
        if view.evidence and not here.asking._opening.chosen(view, "one"):
            here.open(told[-1]["talk"], clicked(open="school-notice", turn=view.id), HERE)
            told.clear()
    assert not any("pane" in s for s in told)


def test_a_list_that_was_asked_for_before_the_opening_is_answered_is_not_drawn_over(
    tmp_path: Path,
) -> None:
    here = room(tmp_path)
    late: Any = SimpleNamespace(session_hash="late")
    early: Any = SimpleNamespace(session_hash="early")
    browse, head, _, listed, _ = here.came("?room=archive&f=text%3Dbridge", late)
    assert browse.chosen.text == "bridge"
    assert "data-browse" in listed
    moved, shown = here.shelf.turn(browse, clicked(facet="outlet", value="State Wire"), early)
    assert moved.chosen.within.publishers == ("State Wire",)
    assert "State+Wire" in shown
    again = here.came("?room=archive", early)
    assert again[0] == again[3] == gr.skip()
    assert again[1] == head
    assert here.came("?room=archive", late)[0] == Browse()


def test_back_leads_to_what_the_address_names_and_an_article_has_one() -> None:
    here = room()
    talk = asked(here)
    start = talk.current.evidence[1].span.start
    at = f"?c={talk.id}&s={talk.current.id}&read=bridge-july&at={start}-{start + 7}"
    assert set(named(here.asking.route(at, talk, Limits(), HERE))) == {"pane"}
    other = named(here.asking.route(at, Talk(), Limits(), HERE))
    assert other["talk"].id == talk.id
    assert '<mark class="dl-current" id="dl-here" tabindex="-1">Repairs</mark>' in other["pane"]
    gone = named(here.asking.route("?c=no-such", talk, Limits(), HERE))
    assert "there is no" in gone["examples"].value
    assert named(here.asking.route("", talk, Limits(), HERE))["talk"] == Talk()


def test_an_empty_archive_cannot_be_asked() -> None:
    page = built(Shelf(()))
    (box,) = [b for b in page.blocks.values() if getattr(b, "elem_id", "") == "dl-question"]
    assert not box.interactive
    assert "Add articles first" in box.placeholder


def test_filters_that_are_set_hold_for_the_next_questions_and_can_be_taken_away() -> None:
    here = room()
    form = clicked(form="limits", do="set", as_of="2024-04-01", publishers="State Wire\n")
    step = named(here.asking.act(Talk(), Limits(), form, HERE))
    limits = step["limits"]
    assert limits == Limits(filters=Filter(publishers=("State Wire",)), as_of=date(2024, 4, 1))
    assert "as of 1 April 2024" in step["bar"]
    *_, last = here.asking.ask(COST, Talk(), limits, HERE)
    answer = named(last)["talk"].current.answer
    assert (answer.as_of, answer.filters.publishers) == (date(2024, 4, 1), ("State Wire",))
    unset = clicked(do="unset", field="as_of")
    left = named(here.asking.act(Talk(), limits, unset, HERE))["limits"]
    assert left == Limits(filters=Filter(publishers=("State Wire",)))


@pytest.mark.parametrize("day", ["2024-02-31", "yesterday", "<b>"])
def test_a_day_that_is_none_is_told_and_changes_nothing(day: str) -> None:
    form = clicked(form="limits", do="set", since=day)
    step = named(room().asking.act(Talk(), Limits(), form, HERE))
    assert step["limits"] == Limits()
    assert "is not a date" in step["bar"]


def test_asking_again_shows_what_changed_since() -> None:
    here = room()
    talk = asked(here)
    form = clicked(form="limits", do="again", as_of="2024-04-01")
    *_, last = here.asking.ask_clicked(talk, Limits(), form, HERE)
    shown = picture(named(last)["talk"]).answer
    assert 'no longer says</span> <span dir="auto">By July the county spoke' in shown
    assert "no longer cites" in shown
    assert "Other filters were set." in shown


def test_a_reloaded_page_finds_its_conversation_and_goes_on_with_the_answer() -> None:
    here = room(pause=0.02)
    steps = here.asking.ask(COST, Talk(), Limits(), HERE)
    started = named(next(steps))["talk"]
    here.asking.leave(HERE)
    back: Any = SimpleNamespace(session_hash="again")
    found = named(here.asking.arrive(f"?c={started.id}"))["talk"]
    assert found.current.running
    *_, last = here.asking.follow(found, back)
    assert named(last)["talk"].current.phase == "done"
    kept = named(here.asking.arrive(f"?answer={started.current.id}"))["talk"]
    assert kept.current.answer == named(last)["talk"].current.answer
    assert kept.current.digests


def test_an_address_of_nothing_says_so() -> None:
    step = named(room().asking.arrive("?answer=../../etc/passwd&c=<b>"))
    assert "there is no answer" in step["examples"].value


def test_a_page_that_was_just_opened_draws_no_sheet_over_a_question_that_was_quicker() -> None:
    step = named(room().asking.arrive(""))
    assert set(step) == {"examples", "rail"}
    assert "pane" in named(room().asking.arrive("?read=bridge-july&at=0-9"))


def test_history_lists_finds_renames_reopens_and_deletes() -> None:
    here = room()
    talk = asked(here)
    history = here.history
    assert "Today" in history.found("bridge", talk)
    assert "No conversation has all" in history.found("nowhere", talk)
    renamed = history.act(
        "", talk, clicked(form="rename", conversation=talk.id, title="The <b>bill</b>"), HERE
    )
    assert "The &lt;b&gt;bill&lt;/b&gt;" in renamed[0]
    reopened = history.act("", Talk(), clicked(do="reopen", conversation=talk.id), HERE)
    again = named(reopened[1:])["talk"].current
    assert (again.id, again.answer) == (talk.current.id, talk.current.answer)
    gone = history.act("", talk, clicked(do="delete", conversation=talk.id), HERE)
    assert "Nothing asked yet" in gone[0]
    assert named(gone[1:])["talk"] == Talk()


def test_an_opinion_is_kept_and_becomes_a_test_case(tmp_path: Path) -> None:
    here = room(tmp_path)
    talk = asked(here)
    turn = talk.current.id
    wrong = clicked(do="opinion", turn=turn, judgement="wrong")
    talk = named(here.asking.act(talk, Limits(), wrong, HERE))["talk"]
    empty = clicked(form="opinion", do="case", turn=turn, judgement="wrong", right="", note="")
    step = named(here.asking.act(talk, Limits(), empty, HERE))
    assert "Say what the right answer is" in step["after"]
    assert not (tmp_path / "cases.jsonl").exists()
    full = clicked(
        form="opinion", do="case", turn=turn, judgement="wrong", right="$6.8 million", note="old"
    )
    step = named(here.asking.act(talk, Limits(), full, HERE))
    (case,) = load(tmp_path / "cases.jsonl")
    assert (case.question, case.answers, case.note) == (COST, ("$6.8 million",), "old")
    assert case.id in step["after"]
    found = named(here.asking.arrive(f"?answer={turn}"))["talk"].current.opinion
    assert found == Opinion(judgement="wrong", note="old", right="$6.8 million", case=case.id)


def test_a_right_answer_becomes_a_case_by_its_quotes_and_a_right_refusal_without_answer(
    tmp_path: Path,
) -> None:
    here = room(tmp_path)
    for question in (COST, "Who won the Super Bowl?"):
        talk = asked(here, question)
        made = clicked(do="case", turn=talk.current.id, judgement="right")
        here.asking.act(talk, Limits(), made, HERE)
    proved, refused = load(tmp_path / "cases.jsonl")
    assert len(proved.evidence) == 3
    for gold in proved.evidence:
        assert gold.quote in Shelf().article(gold.article).text
    assert refused.unanswerable


def test_a_click_opens_the_article_at_its_words() -> None:
    here = room()
    talk = asked(here)
    span = talk.current.evidence[1].span
    at = {"open": "bridge-july", "start": str(span.start), "end": str(span.end)}
    shown = here.open(talk, clicked(**at, number="2", said="1", turn=talk.current.id), HERE)
    assert 'id="dl-here"' in shown
    assert "Source 2 of 4" in shown


@pytest.mark.parametrize(
    "data",
    [
        {"open": "bridge-march"},
        {"open": "bridge-march", "start": "-4", "end": "2"},
        {"open": "bridge-march", "start": "9", "end": "2"},
        {"open": "bridge-march", "start": "x", "end": "<b>"},
        {"open": "bridge-march", "start": "5", "end": "99999999"},
    ],
)
def test_a_click_without_a_sound_place_opens_the_article_at_its_top(data: dict[str, str]) -> None:
    shown = room().open(Talk(), clicked(**data), HERE)
    assert str(BRIDGE_MARCH.title) in shown
    assert "dl-here" not in shown


def test_a_click_on_an_unknown_article_says_so() -> None:
    assert "there is no article" in room().open(Talk(), clicked(open="../../etc/passwd"), HERE)


def test_the_archive_is_found_by_title_outlet_and_date_and_narrowed_by_facets() -> None:
    shelf = room().shelf

    def found(text: str) -> str:
        return shelf.found(text, Browse())[1]

    assert ">4 articles</p>" in found("")
    assert "1 article with “wire july”" in found("wire july")
    assert "1 article with “12 march”" in found("12 march")
    assert "No article matches" in found("nothing at all")
    browse, shown = shelf.turn(Browse(), clicked(facet="outlet", value="State Wire"))
    assert ">1 article</p>" in shown
    assert "No article matches" in shelf.found("valley", browse)[1]
    _, shown = shelf.turn(Browse(), clicked(facet="lacking"))
    assert "School bus times" in shown
    assert "Bill for Millford" not in shown


def test_example_questions_come_from_titles_of_a_useful_length() -> None:
    asked = article("a", "x", title="Will the bridge open again in spring?")
    short = article("b", "x", title="Bridge")
    assert [e.question for e in questions([asked, short, BRIDGE_JULY, BRIDGE_MARCH])] == [
        "Will the bridge open again in spring?",
        "What is reported about “Millford bridge closed to lorries after cracks are found”?",
    ]
