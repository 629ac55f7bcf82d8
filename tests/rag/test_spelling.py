"""A word that the archive does not have is offered as the nearest that it has."""

from __future__ import annotations

from typing import Any

import pytest

from rag.archive.catalogue import Card
from rag.search.spelling import respelt


class Few:
    """An archive of four titles, and of the words of its texts."""

    def __init__(self, *titles: str, text: str = "") -> None:
        self.titles, self.text = titles, text

    def cards(self, *_: Any) -> list[Card]:
        return [
            Card(n=n, id=str(n), title=t, outlet="Orbit Dispatch", authors=("Theo Marsh",),
                 day="", language="en")
            for n, t in enumerate(self.titles)
        ]  # fmt: skip

    def frequencies(self, terms: list[str]) -> dict[str, int]:
        held = f"{' '.join(self.titles)} {self.text}".casefold().split()
        return {t: held.count(t.casefold()) for t in terms}


FEW = Few("NASA delays Artemis launch", "Millford bridge closes", text="will the crew fly")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("wen will artmis 2 lauch", "wen will Artemis 2 launch"),
        ("Milford brigde", "Millford bridge"),
        ("what does Orbit Dispach say", "What does Orbit Dispatch say"),
        ("Theo Marsch", "Theo Marsh"),
    ],
)
def test_the_nearest_word_of_the_archive_is_offered(typed: str, meant: str) -> None:
    assert respelt(FEW, typed) in (meant, meant.replace("What", "what"))


@pytest.mark.parametrize("typed", ["will the crew fly", "Artemis", "Who won the Super Bowl?", ""])
def test_what_is_known_or_like_nothing_stays_as_it_is(typed: str) -> None:
    assert respelt(FEW, typed) is None
