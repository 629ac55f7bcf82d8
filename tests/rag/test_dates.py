"""Stated dates: read when they are certain, else unknown."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rag.language.dates import (
    Stated,
    from_timestamp,
    is_placeholder,
    parse_moment,
    plausible,
    stated,
)


def at(hours, *parts):
    return datetime(*parts, tzinfo=timezone(timedelta(hours=hours)))


STATED = {
    "2024-05-30": date(2024, 5, 30),
    "20240530": date(2024, 5, 30),
    "2024/5/30": date(2024, 5, 30),
    "2024-05-30T12:01:02Z": at(0, 2024, 5, 30, 12, 1, 2),
    "2024-05-30T12:01:02.123456+02:00": at(2, 2024, 5, 30, 12, 1, 2),
    "2024-05-30T12:01:02-0400": at(-4, 2024, 5, 30, 12, 1, 2),
    "2024-05-30 12:01": datetime(2024, 5, 30, 12, 1),  # noqa: DTZ001 - no zone is stated
    "Thu, 30 May 2024 20:05:00 +0000": at(0, 2024, 5, 30, 20, 5),
    "Thu, 30 May 2024 20:05:00 GMT": at(0, 2024, 5, 30, 20, 5),
    "May 30, 2024": date(2024, 5, 30),
    "MAY 30, 2024": date(2024, 5, 30),
    "Thursday, May 30, 2024": date(2024, 5, 30),
    "Sept. 3rd, 2023": date(2023, 9, 3),
    "30 May 2024": date(2024, 5, 30),
    "Nov. 19, 2024 3:05 p.m. ET": at(-5, 2024, 11, 19, 15, 5),
    "July 19, 2024 at 3 p.m. Eastern Time": at(-4, 2024, 7, 19, 15),
    "July 19, 2024 12:30 a.m. PDT": at(-7, 2024, 7, 19, 0, 30),
    "Published 3:05 PM EDT, Tue July 9, 2024": at(-4, 2024, 7, 9, 15, 5),
    "Tue 9 July 2024 15.05 BST": at(1, 2024, 7, 9, 15, 5),
    "9 July 2024 15:05 CEST": at(2, 2024, 7, 9, 15, 5),
    "9 July 2024 15:05 UTC+2": at(2, 2024, 7, 9, 15, 5),
    "Published: May 30, 2024": date(2024, 5, 30),
    "2016/6/29 15:07:41": datetime(2016, 6, 29, 15, 7, 41),  # noqa: DTZ001
    "1716976800": at(0, 2024, 5, 29, 10),
    "1716976800000": at(0, 2024, 5, 29, 10),
    "20240529101500": datetime(2024, 5, 29, 10, 15),  # noqa: DTZ001
    "Wed May 29 2024 12:00:00 GMT+0200 (Central European Summer Time)": at(2, 2024, 5, 29, 12),
    "Wed May 29 10:00:00 +0000 2024": at(0, 2024, 5, 29, 10),
    "Wed May 29 10:15:00 UTC 2024": at(0, 2024, 5, 29, 10, 15),
    "29-May-2024": date(2024, 5, 29),
    "29-May-24": date(2024, 5, 29),
    "29/05/2024 10:15": datetime(2024, 5, 29, 10, 15),  # noqa: DTZ001
    "29.05.24": date(2024, 5, 29),
    "03.06.2024": date(2024, 6, 3),
    "3.4.2024 10:15": datetime(2024, 4, 3, 10, 15),  # noqa: DTZ001
    "lundi 3 juin 2024 à 8 h 15": datetime(2024, 6, 3, 8, 15),  # noqa: DTZ001
    "5/29/24": date(2024, 5, 29),
    "31.12.99": date(1999, 12, 31),
    "le 29 mai 2024 à 10h15": datetime(2024, 5, 29, 10, 15),  # noqa: DTZ001
    "mercredi 29 mai 2024": date(2024, 5, 29),
    "29 de mayo de 2024": date(2024, 5, 29),
    "29 de maio de 2024 às 10h15": datetime(2024, 5, 29, 10, 15),  # noqa: DTZ001
    "Mittwoch, 29. Mai 2024, 10:15 Uhr": datetime(2024, 5, 29, 10, 15),  # noqa: DTZ001
    "29.05.2024 um 10:15 Uhr": datetime(2024, 5, 29, 10, 15),  # noqa: DTZ001
    "29 мая 2024 г.": date(2024, 5, 29),
    "5 listopada 2024": date(2024, 11, 5),
    "29 Mayıs 2024": date(2024, 5, 29),
    "2024年5月29日 10時15分": datetime(2024, 5, 29, 10, 15),  # noqa: DTZ001
    "2024. 5. 29.": date(2024, 5, 29),
    "2024-05-29T10:15:00[Europe/Berlin]": datetime(2024, 5, 29, 10, 15),  # noqa: DTZ001
    "2024-05-29T10:15:00+02:00[Europe/Berlin]": at(2, 2024, 5, 29, 10, 15),
    "May 29, 2024 Wednesday 10:15 AM GMT": at(0, 2024, 5, 29, 10, 15),
    "2024-5-29": date(2024, 5, 29),
    "Published: 10:15 EDT, 29 May 2024 | Updated: 12:00 EDT, 29 May 2024": at(
        -4, 2024, 5, 29, 10, 15
    ),
    "30/05/2024": date(2024, 5, 30),
    "05/30/2024": date(2024, 5, 30),
    "9/9/2024": date(2024, 9, 9),
}

UNKNOWN = [
    "",
    "tomorrow",
    "Monday",
    "3 hours ago",
    "2024",
    "May 2024",
    "May 30",
    "03/04/2024",
    "2024-13-01",
    "2024-02-30",
    "2024-05-30T25:00",
    "0001-01-01",
    "171600000",
    "1970-01-01T00:00:00Z",
    "1969-12-31T19:00:00-05:00",
    "1900-01-01",
    "05/04/24",
    "Updated: May 30, 2024",
    "Stand: 29.05.2024, 10:15 Uhr",
    "19 Nov 2024 15:05 XYZ",
    "May 30, 2024 12",
    "Born on May 30, 2024 in Rome",
    "9" * 5000,
    "30 Foo 2024",
]


@pytest.mark.parametrize(("raw", "moment"), STATED.items())
def test_a_stated_date_is_read_as_it_stands(raw, moment):
    read = parse_moment(raw)
    assert read == moment
    assert type(read) is type(moment)
    if isinstance(moment, datetime):
        assert read.utcoffset() == moment.utcoffset()


UPDATED = {
    "Updated 4:15 PM EDT, May 29, 2024": at(-4, 2024, 5, 29, 16, 15),
    "Last updated: 29 May 2024": date(2024, 5, 29),
    "Stand: 29.05.2024, 10:15 Uhr": datetime(2024, 5, 29, 10, 15),  # noqa: DTZ001
    "Mis à jour le 29 mai 2024": date(2024, 5, 29),
    "Aktualizacja: 29.05.2024": date(2024, 5, 29),
}


@pytest.mark.parametrize(("raw", "moment"), UPDATED.items())
def test_what_is_called_an_update_is_not_the_publication(raw, moment):
    assert stated(raw) == Stated(published=None, updated=moment)


def test_a_line_that_states_both_dates_gives_both():
    line = "Aktualizacja: 29.05.2024 Publikacja: 28.05.2024"
    assert stated(line) == Stated(published=date(2024, 5, 28), updated=date(2024, 5, 29))


def test_a_day_of_1970_with_a_time_is_a_day():
    assert parse_moment("1970-01-01T09:30:12Z") == at(0, 1970, 1, 1, 9, 30, 12)


@pytest.mark.parametrize("raw", UNKNOWN)
def test_what_is_not_certain_is_unknown(raw):
    assert parse_moment(raw) is None


@given(st.dates(min_value=date(1700, 1, 1)))
def test_every_day_survives_being_written_and_read(day):
    assume(not is_placeholder(day))
    assert parse_moment(day.isoformat()) == day
    assert parse_moment(f"{day:%B} {day.day}, {day.year}") == day
    assert parse_moment(f"{day.day} {day:%b} {day.year}") == day


@given(st.datetimes(min_value=datetime(1700, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_every_second_survives_being_written_and_read(moment):
    assume(not is_placeholder(moment))
    assert parse_moment(moment.isoformat()) == moment.replace(microsecond=0)


@given(st.text(max_size=120) | st.text(st.sampled_from("0123456789-/:. TZ+aprilmy,"), max_size=40))
def test_any_text_is_a_date_or_unknown(raw):
    assert isinstance(parse_moment(raw), date | None)


def test_a_timestamp_needs_ten_or_thirteen_digits():
    assert from_timestamp(1716000000) == datetime(2024, 5, 18, 2, 40, tzinfo=UTC)
    assert from_timestamp(1716000000000) == datetime(2024, 5, 18, 2, 40, tzinfo=UTC)
    assert from_timestamp(20240530) is None
    assert from_timestamp(-1716000000) is None


def test_a_date_in_the_future_is_not_believed():
    today = datetime.now(tz=UTC).date()
    assert plausible(today) == today
    assert plausible(today + timedelta(days=30)) is None
    assert plausible(None) is None
