"""Who and what an article names, how it is stored, found, and told apart by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.archive.archive import Archive
from rag.archive.rows import digest_of
from rag.errors import SettingsError
from rag.ingest.chunk import chunk
from rag.ingest.naming import catch_up, name_pending
from rag.language.entities import key_of, read, tagged
from rag.language.sentences import split
from rag.settings import ChunkSettings
from rag.types import Article, Filter

RATES = (
    "WASHINGTON — Federal Reserve Chair Jerome Powell left rates alone on Wednesday. Powell said "
    "that the Fed would wait. Treasury Secretary Janet Yellen and Brandt & Sons, a firm in "
    "Port Clare, had asked for a cut. The Union of Bank Workers (UBW) did not comment."
)


def kinds(text: str) -> dict[str, str]:
    return {e.name: e.kind for e in read(text, split(text))}


def test_people_organisations_and_places_are_told_from_each_other() -> None:
    found = kinds(RATES)
    assert found["Jerome Powell"] == found["Janet Yellen"] == "person"
    assert found["Federal Reserve"] == found["Brandt & Sons"] == "organisation"
    assert found["Port Clare"] == found["Washington"] == "place"


def test_a_surname_and_an_acronym_stand_for_the_full_name_of_the_same_article() -> None:
    found = {e.name: e for e in read(RATES, split(RATES))}
    powell = [span.of(RATES) for span in found["Jerome Powell"].mentions]
    assert powell == ["Jerome Powell", "Powell"]
    assert "UBW" in [span.of(RATES) for span in found["Union of Bank Workers"].mentions]
    assert "Powell" not in found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Volodymyr Zelensky", "Volodymyr Zelenskyy"),
        ("Recep Tayyip Erdoğan", "Recep Tayyip Erdogan"),
        ("Donald J. Trump", "Donald Trump"),
    ],
)
def test_spellings_of_a_person_share_a_key(one: str, other: str) -> None:
    assert key_of(one, "person") == key_of(other, "person")


def test_a_nationality_a_law_and_a_weapon_are_no_entities() -> None:
    text = "A Russian court cited the Clean Water Act. HIMARS launchers were near Lyman in June."
    assert kinds(text).keys() <= {"Lyman"}


@pytest.mark.parametrize(
    ("text", "name", "many"),
    [
        ("Barlow and Sons mended it. Barlow and Sons, it says, was paid.", "Barlow and Sons", 2),
        ("Smith and Sons Ltd, a builder in Kent, failed.", "Smith and Sons Ltd", 1),
        (
            "The firm of Hale and Partners lost. Hale and Partners will appeal.",
            "Hale and Partners",
            2,
        ),
    ],
)
def test_a_firm_with_an_and_in_its_name_is_one(text: str, name: str, many: int) -> None:
    found = {e.name: e for e in read(text, split(text))}
    assert found[name].kind == "organisation"
    assert len(found[name].mentions) == many
    assert not {"Sons", "Partners"} & found.keys()


def test_a_firm_is_the_same_with_a_sign_and_with_the_word() -> None:
    assert key_of("Barlow & Sons", "organisation") == key_of("Barlow and Sons", "organisation")


@pytest.mark.parametrize(
    "text",
    [
        "President Obama and Merkel met. Obama and Merkel agreed. Chancellor Merkel left.",
        "Turkey and Syria were hit. Turkey and Syria count the dead.",
        "Biden and Harris spoke. Biden and Harris said that they were glad.",
    ],
)
def test_two_who_are_named_together_stay_two(text: str) -> None:
    assert not [e.name for e in read(text, split(text)) if " and " in e.name]


def test_every_mention_stands_where_it_is_said_to(sample_archive: Path) -> None:
    with Archive.open(sample_archive) as archive:
        for label in archive.articles():
            text = archive.article(label.id).text
            for entity in read(text, archive.sentences(label.id)):
                for span in entity.mentions:
                    assert span.of(text).strip() == span.of(text) != ""


def test_what_a_person_types_may_name_entities() -> None:
    assert tagged('entity:"Jerome Powell" rates') == ("rates", ("Jerome Powell",))
    assert tagged("rates entity:Fed") == ("rates", ("Fed",))
    assert tagged("no entity here") == ("no entity here", ())


def put(archive: Archive, name: str, text: str) -> None:
    article = Article(id=name, digest=digest_of(text), text=text)
    archive.put(article, chunk(article, ChunkSettings()), split(text))


@pytest.fixture
def archive(place):
    with Archive.create(place) as made:
        put(made, "a", "Jerome Powell spoke in Basel. Powell left rates alone.")
        put(made, "b", "The banker Jerome Powell won a yacht race near Basel.")
        put(made, "c", "A fire burned in Lyon. Nobody was hurt.")
        name_pending(made)
        yield made


def test_the_archive_counts_who_is_named_and_a_filter_reads_only_those(archive: Archive) -> None:
    found, total = archive.entities(kind="person")
    assert total == 1
    assert [(e.name, e.articles, e.mentions) for e in found] == [("Jerome Powell", 2, 3)]
    assert archive.allowed(Filter(entities=("Jerome Powell",))) == {"a", "b"}
    assert archive.allowed(Filter(entities=("Powell", "Basel"))) == {"a", "b"}
    assert archive.allowed(Filter(entities=("Powell", "Lyon"))) == set()
    assert archive.leaf("entity:Powell yacht", limit=5).total == 1
    passages = archive.search(["rates"], 5, Filter(entities=("Jerome Powell",)))
    assert [name.split(":")[0] for name, _ in passages] == ["a"]


def test_two_people_of_one_name_are_told_apart_and_stay_so_when_read_again(
    archive: Archive,
) -> None:
    assert archive.split_entity("Jerome Powell", ["b"], "Jerome Powell (sailor)") == 1
    assert archive.allowed(Filter(entities=("Jerome Powell",))) == {"a"}
    assert archive.allowed(Filter(entities=("Jerome Powell (sailor)",))) == {"b"}
    names = {e.name: e.articles for e in archive.entities(kind="person")[0]}
    assert names == {"Jerome Powell": 1, "Jerome Powell (sailor)": 1}
    with archive._transaction() as db:
        db.execute("UPDATE article SET named = NULL")
    assert name_pending(archive) == 3
    assert {e.name: e.articles for e in archive.entities(kind="person")[0]} == names


def test_who_was_told_apart_by_mistake_is_given_back_and_stays_so_when_read_again(
    archive: Archive,
) -> None:
    before = archive.entities()[0]
    assert archive.split_entity("Jerome Powell", ["b"], "Jerome Powell (sailor)") == 1
    assert archive.split_entity("Jerome Powell (sailor)", ["b"], "Jerome Powell (skipper)") == 1
    assert archive.allowed(Filter(entities=("Jerome Powell (skipper)",))) == {"b"}
    assert archive.split_entity("Jerome Powell (skipper)", ["b"], "Jerome Powell") == 1
    for _ in range(2):
        assert archive.entities()[0] == before
        assert archive.allowed(Filter(entities=("Powell",))) == {"a", "b"}
        with archive._transaction() as db:
            db.execute("UPDATE article SET named = NULL")
        name_pending(archive)


@pytest.mark.parametrize("apart", ["Jerome Powell Jr.", "JEROME POWELL", "Jerome H. Powell"])
def test_another_spelling_of_a_name_tells_nobody_apart_and_the_refusal_says_so(
    archive: Archive, apart: str
) -> None:
    with pytest.raises(SettingsError, match="only another spelling"):
        archive.split_entity("Jerome Powell", ["b"], apart)
    with archive._transaction() as db:
        assert db.execute("SELECT count(*) FROM apart").fetchone()[0] == 0


def test_a_revised_text_is_read_again_and_a_deleted_one_leaves_no_name(archive: Archive) -> None:
    put(archive, "a", "Christine Lagarde spoke in Basel.")
    assert archive.unnamed() == 1
    name_pending(archive)
    assert archive.allowed(Filter(entities=("Jerome Powell",))) == {"b"}
    assert archive.delete(["b"]) == 1
    assert archive.entities(like="powell") == ([], 0)


def test_an_archive_of_an_older_program_is_read_a_few_articles_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "old"
    with Archive.create(folder) as made:
        put(made, "a", "Jerome Powell spoke in Basel.")
    assert catch_up(folder)
    assert not catch_up(folder)
    with Archive.open(folder) as read_only:
        assert read_only.unnamed() == 0
        assert read_only.entities(like="powell")[1] == 1


def test_who_else_writes_is_not_disturbed(tmp_path: Path) -> None:
    folder = tmp_path / "busy"
    with Archive.create(folder) as made:
        put(made, "a", "Jerome Powell spoke in Basel.")
        assert not catch_up(folder)
        assert made.unnamed() == 1


@pytest.mark.parametrize("typed", ["%", "_", "'; DROP TABLE mention", "", "\0", "!" * 99])
def test_nothing_that_is_typed_as_a_name_is_an_error(archive: Archive, typed: str) -> None:
    assert archive.entities(like=typed)[1] >= 0
    assert archive.allowed(Filter(entities=(typed,))) is not None
