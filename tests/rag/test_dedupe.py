"""Copies of one wire story are found; two reports of one event are not taken for copies."""

import pytest

from rag.ingest.identity import bands, cluster_of, is_copy, resemble, shingles
from rag.types import Article

STORY = """
HARBOR CITY (Wire) - The container ship Meridian struck the north pier of the Grain Bridge shortly
after midnight on Tuesday, sending two spans into the river and closing the port.

Six members of a road crew who had been filling potholes were missing, the state police said.
Divers searched until the current became too strong, and were to go back at daybreak.

The ship had lost power twice in the minutes before, according to a person briefed on the inquiry.
Its crew called a pilot on shore, who had the bridge closed to cars in time.

“We owe the lives of many people to that one call,” Governor Lena Ortiz told reporters. She said
that the federal government had promised to pay for a new crossing.

Some 11 million tonnes of cargo pass through the port each year, much of it cars and coal. Ships
were being sent to ports farther south, and 32 lay at anchor in the bay.

The bridge, opened in 1977, carried 31,000 vehicles a day. Engineers have said for years that its
piers had no barriers strong enough to stop a modern ship.
"""
WIRE = STORY.strip().split("\n\n")
OTHER_REPORT = """A cargo vessel brought down part of the Grain Bridge early on Tuesday.

Governor Lena Ortiz praised a harbor pilot whose warning let police stop the traffic just before \
the Meridian hit the north pier. Six workers mending the road could not be reached in time and are \
feared dead.

Investigators want to know why the lights on board went out twice. The port, which handles eleven \
million tonnes of goods a year, will stay shut until the channel has been cleared of steel."""

COPIES = {
    "as it was": WIRE,
    "another first line": ["By Ann Lee, Bay Gazette staff - Good morning.", *WIRE],
    "another dateline": [WIRE[0].replace("HARBOR CITY (Wire) - ", "(Gazette) "), *WIRE[1:]],
    "a paragraph cut": WIRE[:3] + WIRE[4:],
    "the end cut": WIRE[:3],
    "a line added": [*WIRE, "The Gazette will follow this story during the day."],
    "other quotes and spacing": [p.replace("“", '"').replace("”", '"') + "  " for p in WIRE],
}
OTHERS = {
    "another report": [OTHER_REPORT],
    "one shared quote": ["Six years on, the town remembers.", WIRE[3], OTHER_REPORT],
    "nothing": [""],
}


def text(paragraphs) -> str:
    return "\n\n".join(paragraphs)


def article(article_id: str, paragraphs) -> Article:
    return Article(id=article_id, digest="", text=text(paragraphs))


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_is_found_and_recognised(name):
    copy = text(COPIES[name])
    assert set(bands(copy)) & set(bands(text(WIRE)))
    assert is_copy(shingles(copy), shingles(text(WIRE)))
    assert cluster_of(article("b", COPIES[name]), [(article("a", WIRE), "a")]) == "a"


@pytest.mark.parametrize("name", OTHERS)
def test_a_text_of_its_own_is_no_copy(name):
    assert not is_copy(shingles(text(OTHERS[name])), shingles(text(WIRE)))
    assert cluster_of(article("b", OTHERS[name]), [(article("a", WIRE), "a")]) is None


def test_an_article_is_no_copy_of_itself():
    assert cluster_of(article("a", WIRE), [(article("a", WIRE), "a")]) is None


def test_the_nearest_of_several_copies_decides():
    near = [(article("a", WIRE[:4]), "short"), (article("b", WIRE[:5]), "long")]
    assert cluster_of(article("c", WIRE), near) == "long"


def test_bands_stay_what_they_were_stored_as():
    assert len(bands(text(WIRE))) == 42
    assert bands("one two three four five")[:2] == (-133645246800634322, -1730718401021504881)
    assert bands("") == bands("!?") == ()


def test_a_corrected_text_resembles_the_old_one_and_another_does_not():
    assert resemble(text(WIRE), text([*WIRE[:4], "A correction was made to this story."]))
    assert not resemble(text(WIRE), OTHER_REPORT)
