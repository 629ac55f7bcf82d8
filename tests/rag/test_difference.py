"""What changed between two texts of one article, and in which language a text is."""

import pytest

from rag.ingest.difference import Change, changes
from rag.language.tongue import language_of

OLD = "It rained on Monday. Ten people died, police said. Roads were shut."


def test_a_reworded_sentence_is_one_change():
    assert changes(OLD, OLD.replace("Ten", "Twelve")) == [
        Change(
            kind="changed",
            old="Ten people died, police said.",
            new="Twelve people died, police said.",
        )
    ]


def test_sentences_come_and_go():
    new = "It rained on Monday. Roads were shut. The mayor will speak at noon."
    assert [(c.kind, c.old or c.new) for c in changes(OLD, new)] == [
        ("removed", "Ten people died, police said."),
        ("added", "The mayor will speak at noon."),
    ]


def test_equal_texts_do_not_differ():
    assert changes(OLD, OLD) == []
    assert changes("", "") == []


def test_every_sentence_of_both_texts_is_accounted_for():
    new = "Floods followed. It rained on Monday and Tuesday. Twelve people died, police said."
    found = changes(OLD, new)
    for text, side in ((OLD, "old"), (new, "new")):
        said = [getattr(c, side) for c in found if getattr(c, side)]
        kept = [s for s in said if s in text]
        assert said == kept


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The council voted on Monday to close the old harbour bridge to lorries, it said.", "en"),
        ("Der Rat hat am Montag beschlossen, die alte Brücke für Lastwagen zu schließen.", "de"),
        ("Le conseil a décidé lundi de fermer le vieux pont du port aux poids lourds.", "fr"),
        ("El consejo decidió el lunes cerrar el viejo puente del puerto a los camiones.", "es"),
        ("Городской совет решил в понедельник закрыть старый мост для грузовых машин.", "ru"),
    ],
)
def test_languages_are_told_apart(text, language):
    assert language_of(text * 2) == language


@pytest.mark.parametrize("text", ["", "Rain.", "12,5 % + 30 = 7 " * 40])
def test_a_text_that_says_too_little_has_no_language(text):
    assert language_of(text) is None
