"""Questions in Spanish, German, French: asked in a language, answered from articles in it."""

import sqlite3
from collections import Counter

import pytest

from rag import NewsQA
from rag.archive.archive import Archive
from rag.archive.schema import FILE
from rag.language.tongue import asked_in, language_of, tongue
from rag.types import Filter
from rag.verify.ground import Premise
from rag.verify.plain import PlainVerifier
from tests.rag.tongues import ARTICLES, QUESTIONS, WHO, WHO_QUESTIONS, outcome


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tongues") / "a"
    with NewsQA.open(folder, chat="none") as qa:
        assert len(qa.add(ARTICLES).added) == len(ARTICLES)
    return folder


@pytest.fixture(scope="module")
def qa(folder):
    with NewsQA.open(folder, chat="none") as opened:
        yield opened


def test_questions_are_answered_from_articles_of_their_language_or_declined(qa):
    found = Counter(outcome(qa.ask(question), wanted) for _, question, wanted in QUESTIONS)
    assert found["right"] + found["rightly declined"] >= 0.9 * len(QUESTIONS), found
    assert found["wrong"] <= 2, found


def test_who_leads_is_told_and_who_did_what_nobody_wrote_is_not(tmp_path):
    with NewsQA.open(tmp_path / "a", chat="none") as qa:
        qa.add(WHO)
        found = {q: outcome(qa.ask(q), wanted) for _, q, wanted in WHO_QUESTIONS}
    assert [q for q, became in found.items() if became not in ("right", "rightly declined")] == []


def test_the_answer_says_what_was_not_checked(qa):
    answer = qa.ask("¿Cuántas camas tendrá el hospital de Ribera?")
    assert answer.text == "El edificio tendrá 420 camas y once quirófanos."
    assert "In Spanish only words, numbers, names and denials are checked" in answer.reason
    [statement] = answer.statements
    assert statement.verdict.support == "partly"
    assert statement.citations[0].source.article_id == "es-hospital"
    assert answer.verdict.kind == "one_source"


def test_accents_may_be_left_out(qa):
    assert "420 camas" in qa.ask("Cuantas camas tendra el hospital de Ribera").text


def test_a_question_in_english_is_read_as_before(qa):
    answer = qa.ask("How many ships waited at sea near Valdemar?")
    assert {e.source.article_id for e in answer.evidence} >= {"en-port"}
    assert "In Spanish" not in answer.reason


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("Wer gewann die Wahl?", "de"),
        ("Qui a gagné ?", "fr"),
        ("¿Quién ganó?", "es"),
        ("Chi ha vinto le elezioni?", "it"),
        ("Kaç kişi öldü?", "tr"),
        ("Who is Emmanuel Macron?", None),
        ("What did Ángela Merkel say in München?", None),
        ("12:30?", None),
    ],
)
def test_the_language_of_a_question_is_told_by_its_small_words(question, code):
    found = asked_in(question, ("en", "es", "de", "fr", "it", "tr"))
    assert (found.code if found else None) == code


def test_a_language_that_no_article_is_in_is_no_language_of_a_question():
    assert asked_in("Wer gewann die Wahl?", ("en", "es", "zh", "xx", "not a code")) is None


@pytest.mark.parametrize(
    ("statement", "support", "reason"),
    [
        ("El puerto cerró dos muelles el domingo.", "partly", "not the sense"),
        ("El puerto cerró tres muelles y 34 barcos.", "unsupported", "much of it"),
        ("El puerto cerró 9 muelles el domingo.", "unsupported", "number 9"),
        ("El puerto no cerró dos muelles el domingo.", "unsupported", "denial"),
        ("El domingo cerró dos muelles Pedro Soto.", "unsupported", "'pedro'"),
        ("The port closed two quays.", "unsupported", "much of it"),
    ],
)
def test_a_statement_is_held_to_numbers_names_words_and_denials(statement, support, reason):
    premise = Premise(text="La autoridad del puerto cerró dos muelles el domingo.")
    verdict = PlainVerifier(tongue("es")).check(statement, [premise])
    assert verdict.support == support
    assert any(reason in said for said in verdict.reasons)


def test_where_denials_are_not_known_only_the_sources_words_are_shown():
    verifier = PlainVerifier(tongue("tr"))
    premise = Premise(text="Yangında iki kişi yaralandı ve bir ev yandı.")
    assert verifier.check("Yangında iki kişi yaralandı ve bir ev yandı", [premise]).support == (
        "partly"
    )
    assert verifier.check("Yangında bir ev yandı.", [premise]).support == "unsupported"


def test_numbers_are_the_same_however_their_thousands_are_parted():
    spanish = tongue("es")
    assert spanish.tokens("1.200, 1 200 y 1200") == ("1200", "1200", "y", "1200")
    assert spanish.held({"1200"}, "unas 1.200 personas") == {"1200"}


def test_the_word_index_finds_other_forms_of_a_word_in_articles_of_the_language(folder):
    with Archive.open(folder) as archive:
        only = Filter(languages=tongue("es").codes)
        found = archive.search(tongue("es").spellings("cerrada"), 10, only)
        articles = {p.metadata["article_id"] for p in archive.passages([i for i, _ in found])}
        assert articles == {"es-puerto"}
        assert archive.languages() == ("de", "en", "es", "fr")


class Chat:
    """Says what it is told; see rag.models.chat."""

    name = "scripted"

    def __init__(self, text):
        self.text, self.asked = text, []

    def stream(self, messages, *, stop=None):
        from rag.types import Tokens

        self.asked.append(messages)
        reply = type("Reply", (), {"tokens": Tokens(), "certainty": None})()
        type(reply).__iter__ = lambda _: iter([self.text])
        return reply


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("El nuevo hospital tendrá 420 camas.", "El nuevo hospital tendrá 420 camas."),
        ("Tendrá 520 camas.", "El edificio tendrá 420 camas y once quirófanos."),
        ("The hospital will have many beds.", "El edificio tendrá 420 camas y once quirófanos."),
    ],
)
def test_what_a_model_says_wrong_gives_way_to_the_articles_own_sentence(qa, reply, said):
    from dataclasses import replace

    chat = Chat(reply)
    answer = replace(qa, chat=chat).ask("¿Cuántas camas tendrá el hospital de Ribera?")
    assert answer.text == said
    assert "Answer in Spanish" in chat.asked[0][-1].content


def test_an_archive_of_an_older_program_learns_the_languages_of_its_articles(
    folder, tmp_path, monkeypatch
):
    import shutil

    from rag.archive import schema

    learns = next(n for n, step in enumerate(schema.MIGRATIONS) if "language_of" in str(step))
    monkeypatch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[: learns + 1])
    monkeypatch.setattr(schema, "VERSION", learns + 1)
    old = tmp_path / "old"
    shutil.copytree(folder, old)
    with sqlite3.connect(old / FILE) as db:
        db.execute("UPDATE revision SET language = NULL")
        db.execute(f"PRAGMA user_version = {learns}")
    with NewsQA.open(old, chat="none") as qa:
        assert qa.archive.languages() == ("de", "en", "es", "fr")
        assert "34 barcos" in qa.ask("¿Cuántos barcos esperan fuera del puerto de Valdemar?").text


def test_a_page_that_says_english_but_is_not_is_taken_by_its_text(tmp_path):
    text = next(a["text"] for a in ARTICLES if a["id"] == "es-puerto")
    with NewsQA.open(tmp_path / "a", chat="none") as qa:
        qa.add([{"id": "x", "text": f"{text} {text}", "language": "en-US"}])
        qa.add([{"id": "y", "text": "Mora dam: Kovačević", "language": "en"}])
        assert qa.archive.article("x").language == "es"
        assert qa.archive.article("y").language == "en"


def test_the_language_of_a_text_is_sure_or_unknown():
    assert language_of("Die Brücke") is None
    assert language_of(ARTICLES[3]["text"]) == "de"
