"""Local times: a time that was twice or never is a question, not a guess."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.local_times import NoSuchTime, Twice, read_time, zone_named

BERLIN = zone_named("Europe/Berlin")


def us(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


def test_a_time_is_read_in_its_zone_and_an_offset_overrides_it() -> None:
    assert read_time("2026-03-14T10:39:30", "iso", BERLIN).at == us("2026-03-14T09:39:30+00:00")
    assert read_time("2026-03-14T10:39:30-05:00", "iso", BERLIN).at == us("2026-03-14T15:39:30+00:00")
    assert read_time("03/14/2026 9:39:30 AM", "%m/%d/%Y %I:%M:%S %p", UTC).at == us("2026-03-14T09:39:30+00:00")
    assert read_time("1773481170", "unix", BERLIN).at == 1_773_481_170_000_000


@pytest.mark.parametrize(
    ("text", "form", "open_us"),
    [
        ("2026-03-14T10:39", "iso", 60_000_000),
        ("2026-03-14", "iso", 60_000_000),
        ("2026-03-14T10:39+01:00", "iso", 60_000_000),
        ("2026-03-14T10:39:30", "iso", 1_000_000),
        ("2026-03-14T10:39:30.5+01:00", "iso", 1000),
        ("14.03.2026 10:39", "%d.%m.%Y %H:%M", 60_000_000),
        ("14.03.2026 10:39:30", "%d.%m.%Y %H:%M:%S", 1_000_000),
        ("1773481170000", "unix-ms", 1000),
    ],
)
def test_what_the_written_form_leaves_open_is_its_uncertainty(text: str, form: str, open_us: int) -> None:
    assert read_time(text, form, BERLIN).uncertainty == open_us


def test_the_hour_that_was_twice_is_asked_for_and_the_hour_that_never_was_is_refused() -> None:
    with pytest.raises(NoSuchTime, match="was twice in Europe/Berlin"):
        read_time("2026-10-25T02:30:00", "iso", BERLIN)
    first = read_time("2026-10-25T02:30:00", "iso", BERLIN, Twice.FIRST).at
    second = read_time("2026-10-25T02:30:00", "iso", BERLIN, Twice.SECOND).at
    assert (first, second - first) == (us("2026-10-25T00:30:00+00:00"), 3_600_000_000)
    for twice in Twice:
        with pytest.raises(NoSuchTime, match="never was"):
            read_time("2026-03-29T02:30:00", "iso", BERLIN, twice)


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "1999-01-01T00:00", "2026-13-01T00:00", "9" * 65, "99999999999999999999"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    for form in ("iso", "unix", "%H:%M"):
        with pytest.raises(NoSuchTime):
            read_time(text, form, UTC)


@pytest.mark.parametrize(
    "name", ["", "Mars/Base", "../../etc/passwd", "/etc/passwd", "+25:00", "Europe/Berlin\0", "x" * 200]
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(NoSuchTime):
        zone_named(name)


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)
def test_every_instant_survives_its_own_local_time_or_is_asked_for(instant: datetime, name: str) -> None:
    true = instant.replace(tzinfo=UTC, microsecond=0)
    local = true.astimezone(ZoneInfo(name))
    text, wanted = (
        f"{local:%Y-%m-%dT%H:%M:%S}",
        (true - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1),
    )
    try:
        assert read_time(text, "iso", ZoneInfo(name)).at == wanted
    except NoSuchTime as asked:
        assert "twice" in str(asked)
        answers = {read_time(text, "iso", ZoneInfo(name), twice).at for twice in (Twice.FIRST, Twice.SECOND)}
        assert wanted in answers
