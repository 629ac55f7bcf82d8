"""A watch is asked as the person whose it is, whoever looks at it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from rag.archive.collections import Collections
from rag.archive.people import People, on_behalf
from rag.rights import SYSTEM, acting, required
from rag.watching.deliver import payload
from tests.rag.test_watches import FLOOD, RISEN, House, house

assert house  # a fixture


@pytest.fixture
def people(house: House) -> Iterator[People]:
    house.put("first", FLOOD)
    with Collections.open(house.place) as kept, People.open(house.place) as people:
        kept.add("Open", ["first"])
        kept.add("Closed", [])
        people.add("ada")
        people.add("bob")
        people.grant("ada", "Open")
        people.grant("bob", "Open")
        people.grant("bob", "Closed")
        required(True)
        try:
            with acting(SYSTEM):
                yield people
        finally:
            required(False)


def put(house: House, key: str, text: str, day: int, collection: str) -> None:
    house.put(key, text, day)
    with Collections.open(house.place) as kept:
        kept.add(collection, [key])


def test_what_may_not_be_read_is_told_to_nobody_who_may_not(house, people):
    for name in ("ada", "bob"):
        with acting(people.named(name)):
            house.watch()
    put(house, "second", RISEN, 3, "Closed")
    (notice,) = house.look()
    assert notice.owner == people.named("bob").id
    for name, seen in (("ada", 0), ("bob", 1)):
        with acting(people.named(name)):
            assert len(house.watches.listed()) == 1
            assert len(house.watches.notices()) == seen
            token = house.watches.token("")
        with on_behalf(house.place, house.watches.owner(token)):  # as the feed is read
            assert len(house.watches.notices()) == seen


def test_a_right_that_was_taken_back_is_taken_out_of_what_was_told(house, people):
    with acting(people.named("bob")):
        name = house.watch()
    put(house, "second", RISEN, 3, "Closed")
    assert len(house.look()) == 1
    people.revoke("bob", "Closed")
    with acting(people.named("bob")):
        (notice,) = house.watches.notices()
        assert payload(notice)["changes"] is None
        assert house.watches.watch(name).answer is None
    (again,) = house.look() or [None]
    assert again is None or RISEN not in str(payload(again))
    assert not house.watches.to_send(datetime.now(UTC) + timedelta(days=1))
