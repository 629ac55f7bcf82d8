"""Names are found in running text, and recognised again in other forms."""

from __future__ import annotations

import pytest

from rag.language.names import Known, names


def parts(text):
    return [n.parts for n in names(text) if n.sure]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He met President Joe Biden on Thursday.", [("joe", "biden")]),
        ("It is the Bank of England.", [("bank", "england")]),
        ("Then Ben van der Berg spoke.", [("ben", "van", "der", "berg")]),
        ("He left the United States.", [("usa",)]),
        ("He left the U.S. on Monday.", [("usa",)]),
        ("The French minister spoke.", [("france",)]),
        ("It joined NATO.", [("nato",)]),
        ("Police said no.", []),
    ],
)
def test_names_are_found_without_titles_and_dates(text, expected):
    assert parts(text) == expected


def test_the_span_of_a_name_gives_its_text():
    text = "It was Sen. Ana Ruiz who spoke."
    assert [n.span.of(text) for n in names(text)] == ["It", "Ana Ruiz"] or [
        n.span.of(text) for n in names(text) if n.sure
    ] == ["Ana Ruiz"]


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("Jane Smith spoke.", "so said Jane Smith", "same"),
        ("Jane Smith spoke.", "so said Smith", "same"),
        ("Later Smith spoke.", "so said Jane Smith", "same"),
        ("Jane Smith spoke.", "so said John Smith", "other"),
        ("Jane Smith spoke.", "so said Jane Doe", "absent"),
        ("It left the North Atlantic Treaty Organization.", "it left NATO", "same"),
        ("It left NATO.", "it left the North Atlantic Treaty Organization", "same"),
        ("American troops left.", "troops of the United States", "same"),
        ("In Kiev it rained.", "it rained in Kyiv", "same"),
        ("So said Volodymyr Zelenskyy.", "so said Zelensky", "same"),
        ("In Vienna it rained.", "it rained in Geneva", "absent"),
    ],
)
def test_a_source_knows_a_name_in_its_usual_other_forms(source, text, expected):
    known = Known([source])
    (name,) = (n for n in names(text) if n.sure)
    assert known.licence(name) == expected


def test_a_region_alone_is_no_name_that_a_source_must_repeat() -> None:
    (western,) = names("He called the delivery of Western tanks a provocation.")
    assert not western.sure
    assert names("They wired it by Western Union.")[0].sure


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("The central bank raised its rate.", "absent"),
        ("The Bank of Varrow raised its rate.", "absent"),
        ("Silicon Valley's bank raised its rate.", "same"),
        ("Clients of SVB queued.", "same"),
    ],
)
def test_a_common_word_at_the_end_of_a_name_is_not_the_name(source: str, expected: str) -> None:
    (name,) = names("They queued at Silicon Valley Bank on Friday.")
    assert Known([source]).licence(name) == expected


def test_initials_that_are_a_common_word_are_no_acronym() -> None:
    (name,) = names("Ships of the Indian Navy left.")
    assert Known(["The navy fired in the strait."]).licence(name) == "absent"
