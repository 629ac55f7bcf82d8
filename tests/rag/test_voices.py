"""Disputes by who says it, and nothing but the evidence: articles of ours, without a model."""

from dataclasses import replace
from datetime import date

import pytest

from rag.answer.differ.disagree import conflicts
from rag.language.sentences import split
from rag.language.voice import same_voice, voice
from rag.question.query import read
from rag.types import Article, Span
from tests.rag.making import make, sentences_of

DRONES = make(
    "drones",
    "The army of Kessel said on Monday that nine drones had come over the river. Guns brought down"
    " four of the drones, the army said in a note.",
    publisher="Kessel Courier",
    published=date(2024, 3, 4),
)
OTHER = make(
    "other",
    "About nine drones flew at Kessel and only two of them were brought down, a harbour official"
    " said. The army of Kessel says that it brought down four.",
    publisher="River Times",
    published=date(2024, 3, 4),
)


def differing(question: str, *articles: Article) -> list[tuple[str, list[tuple[str, str]]]]:
    found = conflicts(read(question), [c for a in articles for c in sentences_of(a)])
    return [(c.kind, [(r.value, r.voice) for r in c.readings]) for c in found]


@pytest.mark.parametrize(
    "question",
    [
        "How many drones were brought down over Kessel?",
        "How many drones did the army bring down over Kessel?",
        "What number of drones were brought down over Kessel?",
        "How many of the drones have been brought down over Kessel?",
    ],
)
def test_a_dispute_is_shown_whatever_the_wording_with_who_says_what(question: str) -> None:
    assert differing(question, DRONES, OTHER) == [
        ("conflict", [("two", "harbour official"), ("four", "army of Kessel")])
    ]


def test_two_speakers_of_one_story_differ() -> None:
    story = make(
        "story",
        "The march in Lund drew 5,000 people, police said. The march in Lund drew 20,000 people,"
        " the organisers said.",
        publisher="Lund Post",
        published=date(2024, 3, 4),
    )
    assert differing("How many people did the march in Lund draw?", story) == [
        ("conflict", [("5,000", "police"), ("20,000", "organisers")])
    ]


def test_what_one_outlet_reports_later_takes_the_place_of_what_it_reported_first() -> None:
    first = make(
        "first",
        "The flood in Marl covered 40 hectares.",
        publisher="Post",
        published=date(2024, 3, 4),
    )
    later = make(
        "later",
        "The flood in Marl covered 65 hectares.",
        publisher="Post",
        published=date(2024, 3, 6),
    )
    [(kind, readings)] = differing("How many hectares did the flood in Marl cover?", first, later)
    assert kind == "changed over time"
    assert [value for value, _ in readings] == ["40 hectares", "65 hectares"]


def test_two_events_of_one_name_are_no_change() -> None:
    old = make(
        "old",
        "The regatta of Brill drew 80 boats on Sunday.",
        publisher="Post",
        published=date(2019, 6, 3),
    )
    new = make(
        "new",
        "The regatta of Brill drew 120 boats on Saturday.",
        publisher="Post",
        published=date(2024, 6, 3),
    )
    assert differing("How many boats did the regatta of Brill draw?", old, new) == []


def test_a_toll_of_another_story_is_no_reading() -> None:
    quake = make("quake", "The earthquake killed 300 people.", published=date(2024, 3, 4))
    ferry = make("ferry", "The ferry sank and five people died.", published=date(2024, 5, 4))
    assert differing("How many people died in the earthquake?", quake, ferry) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Guns fired twice, the US official said.", "US official"),
        ("KESSEL — Norland's Interior Ministry said on Tuesday that it rained.",
         "Norland's Interior Ministry"),
        ("It will cost 4 million, the minister, Ana Brandt, told reporters.", "Ana Brandt"),
        ("It rained in the United States and in Canada.", ""),
        ("The road is open, according to local officials.", "local officials"),
        ("The guild put it at less than 400 barrels.", "guild"),
        ("his lawyer speaks of gifts worth 20,000.", "lawyer"),
        ("The observatory in Brill measured 6.4.", "observatory in Brill"),
        ("The new bridge measured 400 metres.", ""),
        ("By the end of April the port expects to open 2 lanes.", ""),
        ("Officials now expect 2 cuts.", "Officials"),
        ("The storm was expected to reach 200 km/h.", ""),
    ],
)  # fmt: skip
def test_the_speaker_is_the_one_beside_the_verb_of_saying(text: str, said: str) -> None:
    assert voice(make("one", text), Span(start=0, end=len(text))) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The split decision puts the levy at 3 to 4 percent.", ""),
        ("A second ruling put the fine at 40 million crowns.", ""),
        ("The newest estimate puts the toll at 90.", ""),
        ("The harbour commission put the loss at 40 million crowns.", "harbour commission"),
        ("The government puts the cost at 3 billion crowns.", "government"),
        ("The guild put the loss at 400 barrels.", "guild"),
    ],
)
def test_a_deed_or_a_paper_that_puts_a_number_speaks_for_nobody(text: str, said: str) -> None:
    assert voice(make("a", text), Span(start=0, end=len(text))) == said


def test_a_bare_noun_speaks_for_the_body_that_was_named_before() -> None:
    text = "Norland's Interior Ministry said that it rained. Two fell, the ministry said."
    assert voice(make("one", text), split(text)[1]) == "Norland's Interior Ministry"


def test_he_speaks_for_the_last_who_was_quoted() -> None:
    text = "President Ana Holt said that it rained. He said that two fell."
    assert voice(make("one", text), split(text)[1]) == "President Ana Holt"


def test_a_place_does_not_make_two_speakers_of_one() -> None:
    assert same_voice("Defense Ministry in Moscow", "Russia's Defense Ministry")
    assert not same_voice("Russia's Defense Ministry", "US official")


def test_she_is_a_person_and_not_the_town_of_the_trial() -> None:
    said = make(
        "trial",
        "The trial of Mara Quill opened on Tuesday in Ostby. “I took nothing,” she told the court.",
        publisher="Kessel Courier",
        published=date(2024, 3, 6),
    )
    last = split(said.text)[-1]
    assert voice(said, last) == "Mara Quill"


@pytest.mark.parametrize(
    ("text", "question", "values"),
    [
        (
            "Growers say they lose 900 crowns a day; the ministry puts the loss at less than 200.",
            "How much do growers lose a day?",
            [("900 crowns", "Growers"), ("up to 200", "ministry")],
        ),
        (
            "The flood cost Marl 7 million crowns, the mayor said. Insurers put it at 3 million.",
            "How much did the flood cost Marl?",
            [("3 million", "Insurers"), ("7 million crowns", "mayor")],
        ),
    ],
)
def test_a_bare_number_has_the_unit_that_it_goes_on_from(
    text: str, question: str, values: list[tuple[str, str]]
) -> None:
    made = make("one", text, publisher="Post", published=date(2024, 3, 6))
    candidates = [replace(c, logit=8.0, reads=lambda _: 8.0) for c in sentences_of(made)]
    [conflict] = conflicts(read(question), candidates)
    assert conflict.kind == "conflict"
    assert sorted((r.value, r.voice) for r in conflict.readings) == sorted(values)


def test_where_one_stands_who_measures_is_not_where_it_happened() -> None:
    made = make(
        "one",
        "The earthquake in Marl had a magnitude of 6.1, the governor said. The observatory in Brill"
        " measured 6.4.",
        publisher="Post",
        published=date(2024, 3, 6),
    )
    candidates = [replace(c, logit=8.0, reads=lambda _: 8.0) for c in sentences_of(made)]
    [conflict] = conflicts(read("What was the magnitude of the earthquake in Marl?"), candidates)
    assert conflict.kind == "conflict"
    assert [r.voice for r in conflict.readings] == ["governor", "observatory in Brill"]


def test_it_speaks_for_the_body_that_was_quoted_last() -> None:
    text = "Trains stood still after a fault, the railway said. It said 4,000 people were stuck."
    assert voice(make("one", text), split(text)[1]) == "railway"


def test_a_land_that_speaks_is_still_where_it_happened() -> None:
    made = make(
        "one",
        "The earthquake killed 3,000 people in Turkey and Syria, officials said. Turkey's agency"
        " said that 2,316 people had died in Turkey.",
        publisher="Post",
        published=date(2024, 3, 6),
    )
    question = read("How many people died in the earthquake in Turkey and Syria?")
    assert "conflict" not in {c.kind for c in conflicts(question, sentences_of(made))}


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("According to the ministry 38,000 hens were put down.", "ministry"),
        ("According to Fire Chief Ola Brenn two sheds burned.", "Fire Chief Ola Brenn"),
        ("Two sheds burned, according to the Council of the 12 Towns.", "Council of the 12 Towns"),
    ],
)
def test_a_speaker_who_opens_a_sentence_ends_at_its_number(text: str, who: str) -> None:
    assert voice(make("one", text), split(text)[0]) == who
