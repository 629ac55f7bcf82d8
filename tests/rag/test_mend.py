import pytest

from rag.types import Citation, Source, Span
from rag.verify.mend import attributed, voiced


def cited(quote: str) -> tuple[Citation, ...]:
    source = Source(article_id="a", title=None, publisher=None, published=None)
    return (Citation(number=1, source=source, span=Span(start=0, end=len(quote)), quote=quote),)


@pytest.mark.parametrize(
    ("quote", "speaker"),
    [
        (
            "It is empty, a Treasury Department spokesperson said.",
            "a Treasury Department spokesperson",
        ),
        ("Mayor Ana Lopez said the fund is empty.", "Mayor Ana Lopez"),
        (
            "“It is empty,” a Treasury Department official told him.",
            "a Treasury Department official",
        ),
        ("The Treasury Department said the fund is empty.", "the Treasury Department"),
        ("Mayor Ana Lopez has also said the fund is empty.", "Mayor Ana Lopez"),
    ],
)
def test_a_statement_gets_the_speaker_that_its_source_names(quote, speaker) -> None:
    expected = f"The fund is empty, according to {speaker}."
    assert attributed("The fund is empty.", cited(quote)) == expected


def test_a_statement_that_names_its_speaker_is_left_alone() -> None:
    assert attributed("Ana Lopez said it is empty.", cited("Ana Lopez said it is empty.")) is None


def test_what_somebody_gave_as_a_reason_is_not_another_speakers() -> None:
    source = cited("Bo Berg said the tanks were meant to defend the land.")
    told = "Ana Lopez gave the reason that the mines were meant to defend the land."
    assert attributed(told, source) is None
    carried = "Ana Lopez sent the tanks that were meant to defend the land."
    assert attributed(carried, source) == f"{carried[:-1]}, according to Bo Berg."


def test_a_source_without_a_speaker_mends_nothing() -> None:
    assert attributed("The fund is empty.", cited("The fund is empty.")) is None


def test_who_is_in_a_statement_is_not_named_a_second_time() -> None:
    source = cited("Harbour Party leader Ana Lopez has claimed victory, aides said.")
    assert attributed("Ana Lopez won the election.", source) is None
    said = cited("Harbour Party leader Ana Lopez said she won the election.")
    assert attributed("Ana Lopez won the election.", said) is None


[SHOT] = cited("Guns shot down five of the drones, the ministry said.")


@pytest.mark.parametrize(
    ("statement", "voice", "told"),
    [
        (
            "Five drones were shot down.",
            "Norland's Defense Ministry",
            "Five drones were shot down, according to Norland's Defense Ministry.",
        ),
        (
            "Five drones were shot down.",
            "US official",
            "Five drones were shot down, according to the US official.",
        ),
        (
            "Five drones were shot down.",
            "officials",
            "Five drones were shot down, according to officials.",
        ),
        (
            "The ministry said that five drones were shot down.",
            "Norland's Defense Ministry",
            "The ministry said that five drones were shot down.",
        ),
        ("Five drones were shot down.", "", "Five drones were shot down."),
    ],
)
def test_what_somebody_says_keeps_its_speaker(statement: str, voice: str, told: str) -> None:
    assert voiced("How many drones were shot down?", statement, [SHOT], [voice]) == told


def test_whom_the_question_names_is_not_named_again() -> None:
    question = "How many drones did the ministry shoot down?"
    assert voiced(question, "Five drones were shot down.", [SHOT], ["ministry"]).endswith("down.")
