"""How a larger model was asked is shown: its searches, its paragraphs, what it cost."""

from __future__ import annotations

import io
from dataclasses import replace

from rag.events import Searched
from rag.models.profile import profile
from rag.settings import ChatSettings, Settings
from rag.types import Answer, Search, Spent, Statement, Tokens, Verdict
from ui.api.progress import status
from ui.api.unversioned import event_record
from ui.html import answer as sheet
from ui.terminal import console, show
from ui.view import View

SEARCH = Search(query="costs <b>of the bridge</b>", articles=4, new=1)
SURE = Verdict(support="supported", score=0.9)
LARGE = Answer(
    question="Explain what the bridge cost.",
    outcome="answered",
    reason="",
    statements=(
        Statement(text="It cost 4 million.", citations=(), verdict=SURE),
        Statement(text="The county paid half.", citations=(), verdict=SURE, paragraph=1),
    ),
    model="openai:x-70b",
    profile=profile(None, Settings(chat=ChatSettings(profile="large"))),
    searches=(SEARCH,),
    verifier="openai:judge",
    spent=Spent(requests=3, tokens=Tokens(prompt=9), cost=0.0123, currency="EUR"),
)


def on_terminal(answer: Answer) -> str:
    to = io.StringIO()
    show(console(to), answer)
    return to.getvalue()


def test_paragraphs_stay_apart() -> None:
    assert LARGE.text == "It cost 4 million.\n\nThe county paid half."
    assert "It cost 4 million.\n\nThe county paid half." in on_terminal(LARGE)


def test_searches_and_what_it_cost_stand_on_the_terminal() -> None:
    shown = on_terminal(LARGE)
    assert "Also searched: costs <b>of the bridge</b> (4 articles, 1 new)" in shown
    assert "profile large · read again by openai:judge · 0.0123 EUR" in shown
    small = replace(LARGE, profile=None, searches=(), verifier="", spent=None)
    assert "profile" not in on_terminal(small)


def test_searches_stand_on_the_page_escaped_while_it_answers_and_after() -> None:
    view = View(question=LARGE.question, phase="searching").after(Searched(SEARCH))
    for one in (view, view.after(LARGE)):
        html = str(sheet(one))
        assert "costs &lt;b&gt;of the bridge&lt;/b&gt; (4 articles, 1 new)" in html
        assert "<b>of" not in html


def test_searches_are_events_of_the_api() -> None:
    assert event_record(Searched(SEARCH)) == (
        "search",
        {"query": SEARCH.query, "articles": 4, "new": 1},
    )
    assert status(Searched(SEARCH)).startswith("Also searched for: costs")


def test_the_numbers_of_sentences_are_not_shown_while_a_draft_is_written() -> None:
    view = View(phase="writing", draft="It cost 4 million [3.2][1.1, 2.4]. The county [")
    assert view.unchecked.startswith("It cost 4 million.")
    assert "3.2" not in view.unchecked
