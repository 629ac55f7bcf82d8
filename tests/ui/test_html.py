"""What is shown is escaped, whole and honest: pure functions from values to HTML."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import (
    ARTICLES,
    BRIDGE_JULY,
    BRIDGE_MARCH,
    HOSTILE,
    UNDATED,
    answered,
    bridge,
    cited,
    declined,
    find,
    poisoned,
    said,
    source,
)

from rag.answer.barred import BARRED
from rag.answer.days import dated
from rag.archive.catalogue import Card, Chosen, Leaf
from rag.archive.exchanges import Conversation, Exchange, Opinion
from rag.events import Understood
from rag.search.select import source_of
from rag.types import Answer, Article, Conflict, Event, Filter, Ruling, Source, Span, Statement
from ui import (
    asking,
    behind,
    chips,
    evidence,
    exports,
    holdings,
    html,
    masthead,
    past,
    reader,
    turns,
)
from ui.asking import Rooms
from ui.browse import Browse, bulk, panel
from ui.chips import Limits
from ui.cited import statement
from ui.compare import strip
from ui.desk import Failed, Waiting
from ui.feedback import feedback
from ui.footnotes import Footnotes
from ui.holdings import Page
from ui.intake import Job, Line
from ui.markup import byline, fragment, href, label, plain_when
from ui.reader import citations
from ui.talk import Talk
from ui.view import View

SAFE_TAGS = {
    "section", "article", "header", "nav", "div", "p", "span", "h1", "h2", "h3", "ol", "ul", "li",
    "button", "a", "mark", "time", "em", "i", "details", "summary", "table", "thead", "tbody",
    "tr", "th", "td", "b", "strong", "form", "label", "input", "textarea", "select", "option",
    "code", "bdi", "sup", "dl", "dt", "dd", "figure", "svg", "circle", "line", "text", "datalist",
    "template",
}  # fmt: skip


class Parsed(HTMLParser):
    """Collects tags, attributes and text as a browser would see them."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(markup.encode().decode())  # a plain str: Markup would escape again
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> list[str | None]:
        return [attributes[name] for _, attributes in self.tags if name in attributes]


def listed(only: Source, text: str = "") -> Page:
    browse = Browse(chosen=Chosen(text=text), number=1)
    return Page(leaf=Leaf(sources=(only,), total=200), browse=browse)


def facets(payload: str) -> str:
    card = Card(
        n=1, id="a", title=payload, outlet=payload, authors=(payload,), day="2024-05-04",
        language=payload,
    )  # fmt: skip
    both = [card, replace(card, language="en")]
    return panel(Browse(), lambda _: both, [payload], 3, [(payload, 2)]) + bulk([payload])


def job_of(payload: str) -> Job:
    line = Line(name=payload, outcome="failed", reason=payload, article_id=payload)
    return Job(number=1, what="Adding 1 file", phase="failed", lines=(line,), error=payload)


def views(payload: str) -> list[str]:
    bad, done = poisoned(payload)
    view = View(question=payload).after(done)
    refused = View(question=payload).after(replace(done, outcome="declined"))
    writing = View(question=payload, phase="writing", draft=payload, evidence=done.evidence)
    return [
        html.answer(view),
        evidence.sources(view),
        html.announcement(view),
        html.answer(refused),
        evidence.sources(refused),
        behind.behind(view),
        asking.rail(Talk(views=(view, refused)), Rooms(), ()),
        *differing(done),
        html.answer(writing),
        html.answer(View(question=payload).after(Failed(payload))),
        reader.reader(bad, view, done.evidence[0].span),
        reader.reader(bad, view, None),
        reader.missing(payload),
        holdings.listing(listed(source_of(bad), payload), writable=True),
        holdings.report(job_of(payload)),
        facets(payload),
        masthead.examples([(payload, payload)]),
        *conversation(payload, done),
    ]


def differing(done: Answer) -> list[str]:
    """The same answer with each kind of difference, on two days."""
    later = replace(done.evidence[0].source, published=date(2030, 1, 2))
    kinds = ("changed over time", "different scope", "estimate", "conflict")
    both = [
        replace(c, kind=kind, readings=(*c.readings, replace(r, citations=(moved,))))
        for c in done.conflicts
        for r in c.readings
        for moved in (replace(r.citations[0], source=later),)
        for kind in kinds
    ]
    return [html.answer(View(question="q").after(replace(done, conflicts=tuple(both))))]


def conversation(payload: str, done: Any) -> list[str]:
    """What a conversation shows beside its answer: chips, form, opinion, history, exports."""
    given = Filter(publishers=(payload,), authors=(payload,))
    read = Understood(question=payload + "?", filters=given, as_of=None, inferred=True)
    writing = View(id="x1", question=payload, phase="writing", understood=read)
    kept = Exchange(
        id="x1",
        conversation="c1",
        asked=datetime(2024, 5, 4, tzinfo=UTC),
        question=payload,
        answer=done,
        state="answered",
        opinion=Opinion(judgement="wrong", note=payload, right=payload),
    )
    other = replace(done, statements=(), outcome="declined", model=payload + "2")
    again = replace(kept, id="x2", again="x1", answer=other)
    shown = turns.picture(Talk.kept((kept, again, replace(kept, id="x3"))), ("x3", payload))
    moment = datetime(2024, 5, 4, 9, tzinfo=UTC)
    named = Conversation(id="c1", title=payload, created=moment, updated=moment, questions=2)
    limits = Limits(filters=given)
    return [
        html.answer(writing),
        *(getattr(shown, name) for name in turns.Picture.__slots__),
        chips.bar(limits, [payload], [payload], asked=True, opened=limits, fault=payload),
        past.past([named], "c1", text=payload, now=moment),
    ]


@pytest.mark.parametrize("payload", HOSTILE)
def test_no_field_can_add_a_tag_a_handler_or_an_address(payload: str) -> None:
    for markup in views(payload):
        markup.encode()
        parsed = Parsed(markup)
        assert {tag for tag, _ in parsed.tags} <= SAFE_TAGS
        for _, attributes in parsed.tags:
            assert not [name for name in attributes if name.startswith("on") or name == "style"]
            assert "src" not in attributes
        ours = ("http://", "https://", "./api/conversations/", "./api/answers/")
        assert all(str(v).startswith(ours) for v in parsed.values("href"))


@pytest.mark.parametrize("payload", HOSTILE)
def test_no_field_adds_anything_to_a_saved_page(payload: str) -> None:
    def tags(text: str) -> set[str]:
        shown = Parsed(saved(text, "html"))
        assert all(str(v).startswith(("http://", "https://")) for v in shown.values("href"))
        assert not [n for _, a in shown.tags for n in a if n.startswith("on") or n == "src"]
        return {tag for tag, _ in shown.tags}

    assert tags(payload) <= tags("harmless") | {"a"}


def saved(text: str, kind: str) -> str:
    moment = datetime(2024, 5, 4, tzinfo=UTC)
    named = Conversation(id="c1", title=text, created=moment, updated=moment, questions=1)
    done = poisoned(text)[1]
    kept = Exchange(
        id="x1", conversation="c1", asked=moment, question=text, answer=done, state="answered"
    )
    refused = replace(kept, answer=replace(done, outcome="declined"))
    failed = replace(kept, answer=None, state="failed", message=text)
    return exports.written(kind, named, (kept, refused, failed)).decode()


@settings(deadline=None, max_examples=40)
@given(st.text(min_size=1))
def test_no_text_whatsoever_can_add_a_tag(text: str) -> None:
    for markup in views(text):
        assert {tag for tag, _ in Parsed(markup).tags} <= SAFE_TAGS


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "data:text/html,x", "//a.example", "/local", "http://", "", None,
        "http://a.example/\nx", "https://user@bank.example@evil.example", "http://[bad",
        "ftp://a.example", "https://a.example/\u202egpj", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_only_plain_web_addresses_become_links(url: str | None) -> None:
    assert href(url) is None


def test_a_plain_address_stays_as_it_is_and_a_quote_becomes_its_text_fragment() -> None:
    assert href("https://a.example/x?y=1#z") == "https://a.example/x?y=1#z"
    short = fragment("https://a.example/x#z", "cost $4.2 million, semi-final")
    assert short == "https://a.example/x#:~:text=cost%20%244.2%20million%2C%20semi%2Dfinal"
    long = fragment("https://a.example/", "a b c d e f g h i j")
    assert long == "https://a.example/#:~:text=a%20b%20c%20d,g%20h%20i%20j"


def test_labels_lose_characters_that_hide_or_turn_text() -> None:
    assert label("\u202egpj.exe\u200b  Daily\nNews") == "gpj.exe Daily News"


def test_dates_are_as_exact_as_the_source_and_never_guessed() -> None:
    assert plain_when(date(2024, 5, 4)) == "4 May 2024"
    assert plain_when(datetime(2024, 5, 4, 9, 5, tzinfo=UTC)) == "4 May 2024, 09:05 UTC"
    assert plain_when(None) == "date unknown"
    undated = Source(article_id="a", title=None, publisher=None, published=None)
    shown = Parsed(holdings.listing(listed(undated), writable=False)).text
    assert "date unknown" in shown
    assert "outlet unknown" in shown
    assert "Untitled article" in shown


@pytest.mark.parametrize("of", ARTICLES, ids=lambda a: a.id)
def test_the_reader_shows_every_character_of_every_paragraph(of: Article) -> None:
    view = View().after(answered("q"))
    for span in (None, find(of, of.text.split(".")[0])):
        body = Parsed(reader.reader(of, view, span).split('class="dl-body"')[1])
        shown = "".join(body.text.split())
        assert shown.endswith("".join(of.text.split()))


@settings(deadline=None)
@given(st.data())
def test_marking_a_text_changes_no_character_of_it(data: Any) -> None:
    text = data.draw(st.text(st.sampled_from("ab <&>\"'.é"), min_size=1, max_size=40))
    ends = st.tuples(*[st.integers(0, len(text))] * 2).map(sorted)
    spans = [Span(start=a, end=b) for a, b in data.draw(st.lists(ends, max_size=4))]
    here = reader.Here(
        span=spans[0] if spans else None,
        beside=tuple(spans[1:2]),
        marks=tuple((s, n) for n, s in enumerate(spans[2:])),
    )
    marked = Parsed(reader.marked(text, Span(start=0, end=len(text)), here))
    assert marked.text == text
    assert marked.values("id").count("dl-here") <= 1


def test_the_clicked_words_are_marked_strongly_and_the_other_evidence_lightly() -> None:
    view = View().after(answered("q"))
    shown = reader.reader(BRIDGE_MARCH, view, view.evidence[0].span)
    assert f'id="dl-here" tabindex="-1">{view.evidence[0].text.replace(chr(39), "&#39;")}<' in shown
    assert 'class="dl-evidence" title="Source 3">The board will meet again' in shown
    assert "Source 1 of 4" in shown


def test_a_sentence_inside_evidence_is_marked_alone() -> None:
    view = View().after(answered("q"))
    shown = reader.reader(BRIDGE_MARCH, view, find(BRIDGE_MARCH, "eighteen months"))
    assert '<mark class="dl-current" id="dl-here" tabindex="-1">eighteen months</mark>' in shown


def test_all_that_a_sentence_cites_in_an_article_is_marked_strongly() -> None:
    done = answered("q")
    both = replace(
        done.statements[0],
        citations=(*done.statements[0].citations, *done.statements[2].citations),
    )
    view = View().after(replace(done, statements=(both, *done.statements[1:])))
    shown = reader.reader(BRIDGE_MARCH, view, view.evidence[0].span, 0)
    assert shown.count('class="dl-current"') == 2
    assert shown.count('id="dl-here"') == 1
    assert 'class="dl-evidence"' not in shown


def test_a_reader_is_warned_of_other_languages_and_of_old_text() -> None:
    noted = replace(BRIDGE_MARCH, notes=("Hidden text was left out: <b>12</b> words.",))
    assert "Hidden text was left out: &lt;b&gt;12" in reader.reader(noted, View(), None)
    printed = replace(BRIDGE_MARCH, notes=("Printed in NEWS, on page <3>.",))
    assert "dl-warning" not in (shown := reader.reader(printed, View(), None))
    assert "printed in NEWS, on page &lt;3&gt;" in shown
    foreign = replace(BRIDGE_MARCH, language="fr")
    assert "Its language is <b>fr</b>" in reader.reader(foreign, View(), None)
    assert "dl-warning" not in reader.reader(replace(foreign, language="en-GB"), View(), None)
    shown = reader.reader(BRIDGE_MARCH, View(), None, revised=True)
    assert "the article was revised since" in shown
    assert 'data-newest="1"' in shown


def test_an_article_that_changed_since_says_so_and_marks_nothing() -> None:
    view = View().after(answered("q"))
    changed = replace(BRIDGE_MARCH, text="Corrected. " + BRIDGE_MARCH.text)
    shown = reader.reader(changed, view, view.evidence[0].span)
    assert "has changed since the question was asked" in shown
    assert "<mark" not in shown


def test_evidence_is_listed_by_article_before_any_word_of_the_answer() -> None:
    view = View(question="q", phase="writing", evidence=bridge())
    listed = Parsed(evidence.sources(view))
    assert listed.text.count("Valley Courier") == 1  # two quotes of one article
    assert len([a for t, a in listed.tags if a.get("class") == "dl-card"]) == 4
    assert "12 March 2024" in listed.text
    assert "Evidence found. Putting it into words" in html.answer(view)
    assert "usually 4 s" in html.answer(replace(view, usual="usually 4 s"))


def test_sentences_go_from_unchecked_to_their_verdict() -> None:
    done = answered("q")
    draft = "In March the repair was put at $4.2 million and eighteen months. [1] By July the"
    view = View(question="q", phase="writing", draft=draft)
    assert "unchecked" in html.answer(view)
    assert "[1]" not in view.unchecked
    view = replace(view, checked=((done.statements[0], True),))
    assert view.unchecked == "By July the"
    assert "supported" in html.answer(view)
    view = replace(view, checked=(*view.checked, (done.dropped[0], False)))
    assert "not supported, removed" in html.answer(view)


def test_each_citation_opens_its_span_and_carries_its_quote() -> None:
    done = answered("q")
    shown = Parsed(html.answer(View(question="q").after(done)))
    first = done.statements[0].citations[0]
    button = next(a for t, a in shown.tags if t == "button" and a.get("class") == "dl-cite")
    assert button["data-open"] == first.source.article_id
    assert (button["data-start"], button["data-end"]) == (
        str(first.span.start),
        str(first.span.end),
    )
    assert first.quote in shown.text
    tips = [str(i) for i in shown.values("id")]
    assert len(set(tips)) == len(tips)
    assert set(shown.values("aria-describedby")) <= set(tips)


def test_a_citation_is_named_by_outlet_and_day_and_numbered_by_its_article() -> None:
    done = answered("q")
    shown = html.answer(View(question="q").after(done))
    names = [(n, label(s.publisher)) for n, s in Footnotes.of(done.evidence, done).listed()]
    assert names == [(1, "Valley Courier"), (2, "State Wire"), (3, "")]
    assert (
        '<sup>1</sup><bdi dir="auto">Valley Courier</bdi> <span class="dl-day">12 Mar 2024</span>'
        in shown
    )
    assert (
        '<sup>2</sup><bdi dir="auto">State Wire</bdi> <span class="dl-day">18 Jul 2024</span>'
        in shown
    )
    undated = replace(done.statements[0], citations=(cited(done.evidence[3]),))
    said = statement(undated, 0, Footnotes.of(done.evidence))
    assert (
        '<sup>3</sup><bdi dir="auto">outlet unknown</bdi> <span class="dl-day">undated</span>'
        in said
    )


def test_articles_that_were_read_and_not_used_are_folded_and_each_can_be_left_out() -> None:
    view = View(id="x1", question="q").after(answered("q"))
    shown = evidence.sources(view)
    assert "1 more article was read and not used" in shown
    assert shown.count('type="checkbox"') == 3
    assert "Ask again without these" in shown
    assert 'type="checkbox"' not in evidence.sources(View(question="q", evidence=bridge()))


def test_a_declined_answer_says_why_and_what_the_archive_covers() -> None:
    view = View(question="q").after(declined("q"))
    assert "No article in this archive mentions the Super Bowl." in Parsed(html.answer(view)).text
    covered = Parsed(behind.behind(view)).text
    assert "4 articles, published from 12 March 2024 to 18 July 2024; 1 of them" in covered
    assert str(BRIDGE_JULY.title) in Parsed(evidence.sources(view)).text


@pytest.mark.parametrize(
    ("kind", "badge", "head"),
    [
        ("nothing_found", "Not in the archive", "No article of this archive speaks of that"),
        ("not_answered", "Found, but not this", "The articles that come closest do not answer"),
        ("not_proven", "No checked answer", "No sentence passed the check. What the articles say:"),
    ],
)
def test_three_declines_are_three_things_and_none_is_a_dead_end(
    kind: Any, badge: str, head: str
) -> None:
    closest = tuple(cited(e) for e in bridge()[:3])
    done = replace(declined("q"), declined=kind, closest=closest, nearest=())
    view = View(question="q").after(done)
    shown = Parsed(html.answer(view)).text
    assert shown.startswith(f"q{badge}")
    assert head in shown
    body = Parsed(evidence.sources(view))
    heads = ("What comes closest" if kind == "nothing_found" else "What the articles say",)
    assert body.text.startswith(heads)
    assert body.text.count("Valley Courier") == 1
    for citation in closest:
        assert citation.quote in body.text
        assert str(citation.span.start) in body.values("data-start")
    assert "12 March 2024" in body.text


def test_what_changed_is_a_strip_over_time_and_what_is_disputed_cards_by_position() -> None:
    done = answered("q")
    shown = Parsed(html.answer(View(question="q").after(done)))
    assert [t for t, _ in shown.tags].count("circle") == 2
    drawn = next(str(a["aria-label"]) for t, a in shown.tags if t == "svg")
    assert drawn == "12 March 2024: $4.2 million; 18 July 2024: $6.8 million"
    told = shown.text.index("This changed over time")
    assert shown.text.index("$4.2 million", told) < shown.text.index("$6.8 million", told)
    assert "The bill grows." in shown.text
    (first, second) = done.conflicts[0].readings
    voiced = (replace(first, voice="the engineer"), second)
    differ = replace(done, conflicts=(Conflict(kind="conflict", readings=voiced),))
    shown = Parsed(html.answer(View(question="q").after(differ)))
    assert [a.get("class") for _, a in shown.tags].count("dl-position") == 2
    assert "The sources disagree$4.2 millionsays the engineer" in shown.text
    assert "$6.8 millionreports State Wire" in shown.text


def test_labels_on_the_strip_lie_side_by_side_or_in_rows_never_over_each_other() -> None:
    days = [date(2024, 1, d) for d in (1, 2, 3, 30)]
    drawn = Parsed(strip([(d, "a value of some length") for d in days], "said"))
    heights = [a["y"] for t, a in drawn.tags if t == "text" and "dl-value" in str(a["class"])]
    assert len(set(heights[:3])) == 3
    assert strip([(days[0], "one"), (days[0], "two")], "said") == ""


def test_an_event_has_two_days_and_what_only_a_report_dates_says_so() -> None:
    done = answered("q")
    (first, second) = done.timeline
    later = replace(second, dating="reported", reported=date(2024, 7, 18))
    moved = replace(first, when=date(2024, 3, 5), reported=date(2024, 3, 12))
    shown = Parsed(html.answer(View(question="q").after(replace(done, timeline=(moved, later)))))
    assert "5 March 2024reported 12 March 2024" in shown.text
    assert "by 18 July 2024reported 18 July 2024" in shown.text


def test_own_words_are_called_the_closest_sentences_and_never_supported() -> None:
    done = answered("q")
    quote = cited(done.evidence[0])
    ruling = Ruling(kind="one_source", text="One source only: x - y", value="x")
    own = replace(
        done,
        statements=(said(quote.quote, quote), said(f"{quote.quote} (5 May 2024)", quote)),
        extractive=True,
        model="none",
        verdict=ruling,
        conflicts=(),
        timeline=(),
    )
    shown = Parsed(html.answer(View(question="q").after(own)))
    assert "Closest sentences“The repair" in shown.text
    assert "supported" not in shown.text
    # A course of events is quoted too, without the place that leads a report.
    event = Event(
        when=date(2024, 3, 12),
        text=quote.quote,
        citation=replace(quote, quote=f"X — {quote.quote}"),
    )
    course = replace(own, timeline=(event,), statements=(said(f"12 March: {event.text}", quote),))
    told = Parsed(html.answer(View(question="q").after(course))).text
    assert "From 1 article, in the articles’ own words" in told
    worded = replace(own, extractive=False, model="m")
    assert "One voice only" in html.answer(View(question="q").after(worded))


def test_what_filters_leave_out_is_not_called_missing_from_the_archive() -> None:
    why = f"{BARRED}: none is from Nobody."
    done = replace(declined("q"), declined="nothing_found", reason=why, closest=(), nearest=())
    view = View(question="q").after(done)
    shown = Parsed(html.answer(view)).text
    assert shown == f"qFiltered out{BARRED}None is from Nobody."
    heard = Parsed(html.announcement(view)).text
    assert heard.startswith("Filtered out. The filters leave no article to read")
    assert "speaks of that" not in exports.answer_md(done)
    assert "none is from Nobody" in exports.answer_md(done)


def test_a_screen_reader_hears_which_decline_it_is() -> None:
    done = replace(declined("q"), declined="not_answered")
    heard = Parsed(html.announcement(View(question="q").after(done))).text
    assert heard.startswith("Found, but not this. The articles that come closest")


def test_events_without_a_day_are_counted_and_none_is_given_one() -> None:
    done = answered("q")
    first = done.timeline[0]
    dayless = replace(first, when=None)
    agreed = Ruling(kind="agreed", text="In order of time")
    done = replace(done, timeline=(first, dayless), verdict=agreed)
    shown = Parsed(html.answer(View(question="q").after(done)))
    assert f"2 events, {dated(first)}; 1 without a day" in shown.text


def test_the_verdict_has_its_value_its_voice_and_its_day() -> None:
    ruling = Ruling(
        kind="changed",
        text="Changed over time: $6.8 million - the county, reported 18 July 2024",
        value="$6.8 million",
        day=date(2024, 7, 18),
        voice="the county",
    )
    shown = Parsed(html.answer(View(question="q").after(replace(answered("q"), verdict=ruling))))
    assert "Changed over time$6.8 million the county, reported 18 July 2024" in shown.text


def test_a_screen_reader_hears_the_answer_once_it_is_whole() -> None:
    view = View(question="q").after(Waiting(2))
    assert "2 questions are answered before yours" in html.announcement(view)
    done = answered("q")
    assert Parsed(html.announcement(view.after(done))).text == done.text


def test_a_citation_can_be_copied_as_text_markdown_and_bibtex() -> None:
    made = citations(BRIDGE_MARCH, "The repair will cost $4.2 million")
    assert made["Text"].startswith("“The repair will cost $4.2 million” Valley Courier, Millford")
    assert made["Markdown"].startswith("> The repair will cost $4.2 million\n\nValley Courier, [")
    assert "#:~:text=The%20repair" in made["Markdown"]
    assert made["BibTeX"].startswith("@misc{bridgemarch,\n")
    assert r"\$4.2 million" in made["BibTeX"]
    assert "year" not in citations(ARTICLES[3], "")["BibTeX"]


def test_the_outcome_says_how_much_is_supported() -> None:
    done = answered("What did it cost?")

    def shown(*statements: Statement) -> str:
        return html.answer(View(question="q").after(replace(done, statements=statements)))

    first, second, partly = done.statements
    assert "From 2 articles, 2 of 3 sentences fully supported" in shown(*done.statements)
    assert "every sentence supported" in shown(first, second)
    # What differs and what happened when is cited from another article, which the sheet counts.
    assert "From 2 articles, supported" in shown(first)
    done = replace(done, conflicts=(), timeline=())
    assert "From 1 article, supported" in shown(first)
    assert "From 1 article, likely" in shown(partly)


def test_a_wrong_citation_is_no_choice_where_nothing_is_cited() -> None:
    def offered(done: Answer) -> str:
        return feedback(View(id="a", question="q", phase="done", answer=done))

    assert "Wrong citation" in offered(answered("q"))
    assert "Wrong citation" not in offered(declined("Super Bowl"))


def test_an_unknown_outlet_does_not_look_like_a_name() -> None:
    assert 'class="dl-outlet dl-undated"' in byline(source(replace(UNDATED, publisher=None)))
    assert 'class="dl-outlet"' in byline(source(BRIDGE_JULY))
