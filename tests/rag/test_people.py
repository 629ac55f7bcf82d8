"""People: how they sign in, how long that lasts, and what is kept of it."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from rag.archive import passwords
from rag.archive.archive import Archive
from rag.archive.collections import Collections
from rag.archive.conversations import Conversations
from rag.archive.keys import Keys
from rag.archive.people import FREE, FREE_HERE, People, SignInRefused
from rag.errors import NotAllowed, NotFound, SettingsError, WhereUnclear
from rag.rights import acting

RIGHT, WRONG = "correct horse battery", "correct horse batter"
AT = "192.0.2.7"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch):
    """What is stored says its own cost; a test need not take a tenth of a second for each."""
    monkeypatch.setattr(passwords, "_COST", 4)


@pytest.fixture
def people(place):
    Archive.create(place).close()
    with People.open(place) as opened:
        yield opened


def test_a_person_signs_in_in_any_spelling_of_the_name_and_out(people):
    people.add("Ada@News.example", role="editor", password=RIGHT)
    token = people.sign_in(" ADA@news.EXAMPLE ", RIGHT, at=AT)
    found = people.holding(token)
    assert (found.name, found.role, found.everything) == ("ada@news.example", "editor", False)
    assert people.sign_in("ada@news.example", RIGHT, at=AT) != token
    people.sign_out(token)
    assert people.holding(token) is None
    assert people.holding("") is None


def test_what_a_browser_holds_and_what_is_stored_tell_nothing_of_each_other(people):
    people.add("ada", password=RIGHT)
    token = people.sign_in("ada", RIGHT, at=AT)
    stored = [*people._all("SELECT * FROM signed_in"), *people._all("SELECT * FROM person")]
    stored += people._all("SELECT * FROM attempt")
    said = " ".join(str(value) for row in stored for value in row)
    for secret in (token, RIGHT, AT):
        assert secret not in said
    (digest,) = people._one("SELECT digest FROM signed_in")
    assert people.holding(digest) is None


@pytest.mark.parametrize(
    "change",
    [{"password": "another long password"}, {"locked": True}, {"role": "admin"}],
    ids=["password", "locked", "role"],
)
def test_a_change_of_a_person_ends_what_was_begun(people, change):
    people.add("ada", password=RIGHT)
    token = people.sign_in("ada", RIGHT, at=AT)
    people.change("ada", **change)
    assert people.holding(token) is None


def test_a_session_ends_by_itself(people):
    people.add("ada", password=RIGHT)
    token = people.sign_in("ada", RIGHT, at=AT)
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    with people._writing() as db:
        db.execute("UPDATE signed_in SET expires = ?", (past,))
    assert people.holding(token) is None


def test_nobody_is_told_whether_a_name_is_somebodys(people):
    people.add("ada", password=RIGHT)
    people.add("proxied")
    people.add("gone", password=RIGHT)
    people.change("gone", locked=True)
    said = set()
    for n, name in enumerate(("ada", "nobody", "proxied", "gone", "")):
        with pytest.raises(SignInRefused) as refused:
            people.sign_in(name, WRONG if name == "ada" else RIGHT, at=f"192.0.2.{n}")
        said.add((str(refused.value), refused.value.wait))
    assert said == {("The name or the password is wrong.", 0.0)}


def test_what_is_nobodys_is_looked_at_as_long_as_what_is_somebodys(monkeypatch):
    monkeypatch.undo()
    stored = passwords.made(RIGHT)

    def took(kept):
        begun = time.process_time()
        assert not passwords.fits(WRONG, kept)
        return time.process_time() - begun

    somebody, nobody = (min(took(kept) for _ in range(3)) for kept in (stored, None))
    assert nobody > 0.01  # the whole of it was computed, not an early no
    assert somebody > 0.01


def test_who_fails_too_often_waits_whoever_it_is(people):
    people.add("ada", password=RIGHT)
    for name in ("ada", "nobody"):
        for n in range(FREE):
            with pytest.raises(SignInRefused) as refused:
                people.sign_in(name, WRONG, at=f"192.0.2.{n}")
            assert refused.value.wait == 0
        with people._writing() as db:  # however slow this machine is
            db.execute("UPDATE attempt SET failures = ? WHERE failures = ?", (FREE + 5, FREE))
        with pytest.raises(SignInRefused, match="wait") as refused:
            people.sign_in(name, RIGHT, at="192.0.2.99")
        assert 0 < refused.value.wait <= 32
    with people._writing() as db:  # as time goes by
        late = (datetime.now(UTC) - timedelta(seconds=33)).isoformat()
        db.execute("UPDATE attempt SET last = ?", (late,))
    assert people.holding(people.sign_in("ada", RIGHT, at="192.0.2.99"))
    assert people.holding(people.sign_in("ada", RIGHT, at="192.0.2.99"))


def test_an_address_that_tries_many_names_waits_too(people):
    people.add("ada", password=RIGHT)
    for n in range(FREE_HERE):
        with pytest.raises(SignInRefused) as refused:
            people.sign_in(f"name{n}", WRONG, at=AT)
        assert refused.value.wait == 0
    with people._writing() as db:
        query = "UPDATE attempt SET failures = ? WHERE failures = ?"
        db.execute(query, (FREE_HERE + 5, FREE_HERE))
    with pytest.raises(SignInRefused, match="wait"):
        people.sign_in("ada", RIGHT, at=AT)
    assert people.sign_in("ada", RIGHT, at="192.0.2.8")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 121])
def test_what_is_no_name_is_refused(people, name):
    with pytest.raises(SettingsError, match="no name"):
        people.add(name)


def test_names_roles_and_passwords_are_looked_at(people):
    people.add("ada")
    with pytest.raises(SettingsError, match="already"):
        people.add("ADA")
    with pytest.raises(SettingsError, match="at least 10"):
        people.add("bob", password="short")
    with pytest.raises(SettingsError, match="reader, editor, admin"):
        people.add("bob", role="owner")
    with pytest.raises(NotFound, match="users list"):
        people.change("bob", role="admin")
    with pytest.raises(NotFound, match="collection list"):
        people.grant("ada", "Nothing")


def test_what_was_asked_before_there_were_people_is_the_first_admins(people, place):
    with Conversations.open(place) as kept:
        asked = kept.begin("Who won?")
        people.add("reader")
        people.add("root", role="admin")
        people.add("second", role="admin")
        for name, own in (("reader", ()), ("root", (asked.conversation,)), ("second", ())):
            with acting(people.named(name)):
                assert tuple(c.id for c in kept.listed()) == own


def test_a_key_is_that_of_a_person_and_goes_with_them(people, place):
    people.add("ada")
    with Keys.open(place) as keys:
        _, secret = keys.add("script", owner="Ada")
        assert keys.known(secret).owner == "ada"
        assert people.by_id(keys.known(secret).person).name == "ada"
        with pytest.raises(NotFound, match="users list"):
            keys.add("other", owner="bob")
        people.remove("ada")
        assert keys.known(secret) is None


def test_who_is_in_a_collection_says_who_may_read_it(people, place):
    people.add("eve", role="editor")
    people.add("ada")
    with Collections.open(place) as kept:
        kept.add("Town", [])
        kept.add("Closed", [])
        people.grant("eve", "Town")
        people.grant("ada", "Town")
        with acting(people.named("eve")):
            assert kept.add("Town", ["nothing"]) == 0
            for name in ("Closed", "New"):
                with pytest.raises(NotAllowed, match=name):
                    kept.add(name, [])
            with pytest.raises(NotAllowed):
                kept.delete("Town")
        with acting(people.named("ada")), pytest.raises(NotAllowed):
            kept.add("Town", [])
        assert [c.name for c in kept.listed()] == ["Closed", "Town"]


def test_who_may_add_to_several_collections_names_one(people, place):
    people.add("eve", role="editor")
    with Collections.open(place) as kept:
        for name in ("Town", "Closed", "Law"):
            kept.add(name, [])
        town, law = kept.id_of("Town"), kept.id_of("Law")
        assert kept.where_to() == ""  # where there is nobody, an article needs no collection
        assert kept.where_to("Law") == law
        with acting(people.named("eve")), pytest.raises(NotAllowed, match="has to grant"):
            kept.where_to()
        people.grant("eve", "Town")
        with acting(people.named("eve")):
            assert kept.where_to() == kept.where_to(" Town\n") == town
        people.grant("eve", "Law")
        with acting(people.named("eve")):
            assert kept.where_to("Law") == law
            with pytest.raises(WhereUnclear, match=r"add to: 'Law', 'Town'\.$"):
                kept.where_to()
            told = []
            for name in ("Closed", "Absent"):  # what may not be read is not there
                with pytest.raises(WhereUnclear) as raised:
                    kept.where_to(name)
                told.append(str(raised.value).replace(name, ""))
            assert told[0] == told[1]
        people.change("eve", everything=True)
        with acting(people.named("eve")):
            assert kept.where_to() == ""
            assert kept.where_to("Closed") == kept.id_of("Closed")
