"""What each function and pattern is worth: it finds nothing for a while, and then as before."""

from __future__ import annotations

import rag.language.when as read
from eval.nulled import forget, noting, nulled, units
from rag.language.when import dates

SAID = "The mill closed on 3 May 2024."


def test_functions_and_patterns_are_found_by_name() -> None:
    found = {u.name: u for u in units()}
    assert found["language.when.dates"].code is not None
    assert any(u.pattern is not None for u in found.values())
    assert all(u.lines >= 1 for u in found.values())


def test_a_function_finds_nothing_while_it_is_left_out_and_then_as_before() -> None:
    unit = next(u for u in units() if u.name == "language.when.dates")
    whole = dates(SAID)
    assert [w.text for w in whole] == ["3 May 2024"]
    forget()
    with nulled(unit):
        assert not dates(SAID)
    forget()
    assert dates(SAID) == whole


def test_a_pattern_matches_nothing_while_it_is_left_out() -> None:
    unit = next(u for u in units() if u.pattern is not None and u.name.startswith("language.when"))
    name = unit.name.rpartition(".")[2]
    with nulled(unit):
        assert getattr(read, name).search(SAID) is None
    assert getattr(read, name) is unit.pattern


def test_who_finds_something_is_noted() -> None:
    found = units()
    forget()
    with noting(found) as spoke:
        dates(SAID)
    assert "language.when.dates" in spoke
    assert "language.names.names" not in spoke
