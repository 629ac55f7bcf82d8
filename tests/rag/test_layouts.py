"""Pages in the layouts of fifty outlets give the right title, date, authors and body."""

import pytest

from tests.rag.layouts import PAGES, score


def test_there_are_fifty_layouts_and_no_two_are_alike():
    assert len({page.name for page in PAGES}) == len(PAGES) == 50


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_gives_what_it_states(page):
    assert score(page) == {}
