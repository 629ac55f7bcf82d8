"""The Archive tab as HTML: pages, reports, counts by month."""

from __future__ import annotations

from datetime import date

import pytest
from scripted import ARTICLES, Shelf, source

from rag.archive.catalogue import Card, Chosen, Leaf, Tally
from rag.types import Coverage, Filter
from ui import holdings
from ui.browse import Browse, panel
from ui.holdings import Condition, Page
from ui.intake import Job, Line

SOURCES = tuple(map(source, ARTICLES))


def page(total: int, number: int = 0, text: str = "") -> Page:
    browse = Browse(chosen=Chosen(text=text), number=number)
    return Page(leaf=Leaf(sources=SOURCES, total=total), browse=browse)


def test_a_list_of_one_page_has_no_pager() -> None:
    shown = holdings.listing(page(4), writable=False)
    assert ">4 articles</p>" in shown
    assert "dl-pager" not in shown


def test_a_page_says_which_it_is_and_leads_to_those_around_it() -> None:
    shown = holdings.listing(page(90, 1, "bridge"), writable=False)
    assert "26 to 29 of 90 articles with “bridge”" in shown
    assert "Page 2 of 4" in shown
    assert 'data-page="0"' in shown
    assert 'data-page="2"' in shown


def test_the_first_page_leads_nowhere_newer_and_the_last_nowhere_older() -> None:
    assert '<button type="button" disabled>‹ Previous' in holdings.listing(page(49), writable=False)
    assert "disabled>Next ›" in holdings.listing(page(49, 1), writable=False)


def test_only_a_writable_archive_offers_to_delete() -> None:
    assert "data-delete" not in holdings.listing(page(4), writable=False)
    shown = holdings.listing(page(4), writable=True)
    assert shown.count("data-delete") == len(SOURCES)
    assert 'aria-label="Delete School bus times"' in shown


def test_a_list_is_narrowed_by_facets_and_widened_again() -> None:
    outlet = {"facet": "outlet", "value": "State Wire"}
    narrowed = Browse(number=3).after(outlet)
    assert (narrowed.chosen.within.publishers, narrowed.number) == (("State Wire",), 0)
    assert narrowed.after(outlet) == Browse()
    month = Browse().after({"facet": "month", "value": "2024-12"})
    within = month.chosen.within
    assert (within.since, within.until) == (date(2024, 12, 1), date(2024, 12, 31))
    assert month.after({"facet": "month", "value": "2024-12"}) == Browse()
    assert Browse().after({"facet": "lacking"}).chosen.lacking
    assert Browse().after({"order": "title"}).chosen.order == "title"
    assert Browse().after({"page": "2"}).number == 2


@pytest.mark.parametrize(
    "data",
    [
        {"facet": "month", "value": "<b>"},
        {"facet": "nothing", "value": "x"},
        {"order": "; DROP TABLE article"},
        {"page": "9" * 12},
        {"page": "-1"},
    ],
)
def test_a_click_that_is_none_changes_nothing(data: dict[str, str]) -> None:
    assert Browse().after(data) == Browse()


def test_facets_have_counts_and_a_queue_of_what_lacks_something() -> None:
    shelf = Shelf()
    shown = panel(Browse(), shelf.cards, ("Town hall",), shelf.incomplete())
    assert "1 article needs a date or an outlet" in shown
    assert 'data-facet="month" data-value="2024-03"' in shown
    assert '<bdi dir="auto">Mar 2024</bdi> <span>2</span>' in shown
    assert '<bdi dir="auto">State Wire</bdi> <span>1</span>' in shown
    assert "Town hall" in shown
    assert 'data-facet="lacking"' not in panel(Browse(), shelf.cards, (), 0)


@pytest.mark.parametrize(
    "clicks",
    [
        [{"facet": "outlet", "value": "A & B=C"}, {"facet": "month", "value": "2024-05"}],
        [{"facet": "lacking"}, {"order": "title"}, {"page": "3"}],
        [{"facet": "collection", "value": "Town hall"}, {"facet": "author", "value": "ليلى"}],
        [{"facet": "entity", "value": "Ada Bell"}, {"facet": "entity", "value": "A&B=“C”"}],
        [],
    ],
)
def test_what_is_looked_at_has_an_address(clicks: list[dict[str, str]]) -> None:
    browse = Browse()
    for data in clicks:
        browse = browse.after(data)
    assert Browse.read(browse.address) == browse
    assert Browse().after({"browse": browse.address}) == browse


@pytest.mark.parametrize("address", ["", "&&&", "page=x&month=2024-99&order=no", "a=" + "b" * 9000])
def test_an_address_that_names_nothing_is_the_whole_list(address: str) -> None:
    assert Browse.read(address) == Browse()


def test_a_second_value_of_a_facet_can_be_chosen() -> None:
    shelf = Shelf()
    one = Browse().after({"facet": "outlet", "value": "State Wire"})
    given: list[Filter] = []

    def cards(within: Filter) -> list[Card]:
        given.append(within)
        return shelf.cards()

    shown = panel(one, cards, (), 0)
    assert 'data-value="Valley Courier"' in shown
    assert {within.publishers for within in given} == {(), ("State Wire",)}


def test_a_report_names_failures_first_and_counts_the_rest() -> None:
    lines = (
        Line(name="good.txt", outcome="added", article_id="a1"),
        Line(name="bad.bin", outcome="failed", reason="bad.bin looks like a binary file"),
    )
    job = Job(
        number=3, what="Adding 2 files", phase="done", lines=lines, totals={"failed": 1, "added": 1}
    )
    shown = holdings.report(job)
    assert shown.index("bad.bin") < shown.index("good.txt")
    assert "save it as PDF, Word, HTML or text" in shown
    assert "Done: 1 added, 1 could not be read." in shown
    assert 'data-open="a1"' in shown
    assert 'aria-busy="false"' in shown


def test_a_running_job_shows_how_far_it_is() -> None:
    job = Job(number=1, what="Adding 9 files", phase="embedding", done=64, total=256, eta=12.4)
    shown = holdings.report(job)
    assert "64 of 256, about 12 s left" in shown
    assert 'max="256" value="64"' in shown


def test_more_lines_than_are_shown_are_counted() -> None:
    lines = tuple(Line(name=f"{n}.txt", outcome="added") for n in range(300))
    shown = holdings.report(
        Job(number=1, what="Adding", phase="done", lines=lines, totals={"added": 5000})
    )
    assert "and 4,800 more" in shown


def test_months_without_articles_are_shown_as_such() -> None:
    counts = [(date(2023, 11, 1), 2), (date(2024, 2, 1), 5)]
    assert list(holdings.filled(counts)) == [
        (date(2023, 11, 1), 2),
        (date(2023, 12, 1), 0),
        (date(2024, 1, 1), 0),
        (date(2024, 2, 1), 5),
    ]
    drawn = holdings.by_month(counts)
    assert drawn.count("<rect") == 4
    assert "7 from November 2023 to February 2024, at most 5 in one month" in drawn
    assert drawn.count("<tr>") == 3


def test_a_long_archive_is_counted_by_year() -> None:
    counts = [(date(1999, 5, 1), 1), (date(2009, 1, 1), 3), (date(2009, 12, 1), 4)]
    assert holdings.years(counts)[-1] == (date(2009, 1, 1), 7)
    drawn = holdings.by_month(counts)
    assert drawn.count("<rect") == 11
    assert "Articles by year" in drawn


def test_a_single_wrong_date_does_not_stretch_the_plot_over_centuries() -> None:
    drawn = holdings.by_month([(date(1, 1, 1), 1), (date(2024, 1, 1), 3)])
    assert drawn.count("<rect") == holdings.MOST_BARS


def test_an_archive_without_dates_has_no_plot() -> None:
    assert holdings.by_month([]) == ""


def test_the_condition_says_what_is_not_ready() -> None:
    shelf = Shelf()

    def told(index: str, embedded: int) -> str:
        tally = Tally(articles=4, copies=1, revisions=0, passages=9, embedded=embedded)
        return holdings.condition(
            Condition(
                coverage=shelf.coverage(),
                tally=tally,
                months=shelf.months(),
                index=index,
                size=12_345_678,
                free=3_000_000_000,
            )
        )

    assert "12.3 MB; 3.0 GB free" in told("chroma", 9)
    assert "2 passages are not ready yet" in told("chroma", 7)
    assert "“Index again” mends it" in told("scan", 9)
    assert "no article has a date" in holdings.condition(
        Condition(
            coverage=Coverage(articles=1, earliest=None, latest=None, undated=1),
            tally=Tally(articles=1, copies=0, revisions=0, passages=1, embedded=1),
            months=[],
            index="chroma",
            size=1,
            free=1,
        )
    )
