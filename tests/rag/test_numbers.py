"""Quantities are read as values, with unit, bound and what they count."""

from __future__ import annotations

import pytest

from rag.language.numbers import numbers


@pytest.mark.parametrize(
    ("text", "value", "kind", "unit"),
    [
        ("1.2 million people", 1_200_000, "count", ""),
        ("1,200,000 people", 1_200_000, "count", ""),
        ("twelve people", 12, "count", ""),
        ("two hundred and five cats", 205, "count", ""),
        ("two and a half million votes", 2_500_000, "count", ""),
        ("half a million votes", 500_000, "count", ""),
        ("two dozen eggs", 24, "count", ""),
        ("$5bn", 5e9, "money", "USD"),
        ("5 billion US dollars", 5e9, "money", "USD"),
        ("£50,000", 50_000, "money", "GBP"),
        ("80 cents", 0.8, "money", "USD"),
        ("21 per cent", 21, "percent", "%"),
        ("21%", 21, "percent", "%"),
        ("three percentage points", 3, "percent", "point"),
        ("a third of voters", 33.333333, "percent", "%"),
        ("three quarters of them", 75, "percent", "%"),
        ("two hours", 7200, "duration", "second"),
        ("two years", 24, "duration", "month"),
        ("a 33-year-old nurse", 396, "duration", "month"),
        ("30 miles", 48280.32, "measure", "metre"),
        ("40.3 C in the shade", 40.3, "measure", "celsius"),
        ("a high of 104.5F", 104.5, "measure", "fahrenheit"),
        ("40.3 degrees Celsius", 40.3, "measure", "celsius"),
        ("40 °C in the shade", 40, "measure", "celsius"),
        ("40°C in the shade", 40, "measure", "celsius"),
        ("12 C students", 12, "count", ""),
        ("35 F-16 jets", 35, "count", ""),
        ("the 21st time", 21, "ordinal", ""),
        ("the first time", 1, "ordinal", ""),
        ("at 21:45", 1305, "time", ""),
        ("dozens of ships", 0, "vague", ""),
    ],
)
def test_a_quantity_is_read_as_a_value_in_a_base_unit(text, value, kind, unit):
    (found,) = numbers(text)
    assert (found.value, found.kind, found.unit) == (pytest.approx(value), kind, unit)
    assert found.span.of(text) == found.text


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("up to 300 jobs", "most"),
        ("no more than 300 jobs", "most"),
        ("fewer than 300 jobs", "most"),
        ("at least 300 jobs", "least"),
        ("more than $300", "least"),
        ("300 or more jobs", "least"),
        ("about 300 jobs", "about"),
        ("nearly 300 jobs", "about"),
        ("300 jobs", "exact"),
    ],
)
def test_the_bound_of_a_number_is_read_from_the_words_around_it(text, bound):
    assert [q.bound for q in numbers(text)] == [bound]


@pytest.mark.parametrize(
    "text",
    ["in 2024", "on Dec. 1, 2024", "an F-16 jet", "the G7 summit", "COVID-19 rules", "one of them"],
)
def test_years_days_and_the_numbers_in_names_are_no_quantities(text):
    assert numbers(text) == ()


def test_a_range_shares_its_unit_and_scale():
    assert [(q.value, q.unit) for q in numbers("10 to 15 percent")] == [(10, "%"), (15, "%")]
    assert [(q.value, q.unit) for q in numbers("$5-6 million")] == [(5e6, "USD"), (6e6, "USD")]


def test_what_a_number_counts_goes_with_it():
    assert numbers("10,000 North Korean soldiers")[0].nouns == ("north", "korean", "soldier")


def test_the_value_of_an_earlier_time_is_marked():
    found = numbers("Sales fell to $40 million from $52 million a year earlier")
    assert [q.earlier for q in found] == [False, True]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a half-point cut", 0.5),
        ("half a percentage point", 0.5),
        ("a quarter of a percentage point", 0.25),
        ("three-quarters of a point", 0.75),
        ("50 basis points", 0.5),
        ("0.5 percentage points", 0.5),
    ],
)
def test_parts_of_a_point_are_one_value_however_they_are_written(text, value):
    (found,) = numbers(text)
    assert (found.value, found.unit) == (value, "point")


def test_the_second_half_of_a_match_is_no_share():
    assert all(q.kind != "percent" for q in numbers("She scored in the second half."))


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("Oslo ordered 54 Leopard 2 tanks.", [(54, ("leopard", "tank"))]),
        ("A Vega 3 rocket carried 12 satellites.", [(12, ("satellit",))]),
        ("Several Boeing 737 jets were grounded.", []),
        ("How many Patriot 3 missiles were fired?", []),
        ("In Orlivka 3 people died.", [(3, ("person", "die"))]),
        ("They sent Norway 54 tanks.", [(54, ("tank",))]),
        ("The offer gave the Kremlin 2 choices.", [(2, ("choic",))]),
        ("The Pfizer 2 million doses", [(2_000_000, ("dose",))]),
    ],
)
def test_a_number_that_tells_one_make_from_another_counts_nothing(text, counted) -> None:
    assert [(q.value, q.nouns) for q in numbers(text)] == counted
