"""Local times on the days when clocks are changed, without a zone, and times that name no certain moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.times import ANY_ZONE_US, Claim, Doubt, Means, NoTime, Source, TimeRule

HOUR = 3_600_000_000
VANCOUVER, OSLO = ZoneInfo("America/Vancouver"), ZoneInfo("Europe/Oslo")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # changes by half an hour


def local(text: str, zone: tzinfo | None, means: Means = Means.START) -> Claim:
    rule = TimeRule("t", "%Y-%m-%d %H:%M:%S", means, "camera", 1_000_000)
    return rule.claim(Source.FILE_NAME, "file name: t", text, zone)


def utc(text: str) -> int:
    return int((datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("text", "zone", "readings"),
    [
        ("2026-11-01 01:30:00", VANCOUVER, ("2026-11-01T08:30:00+00:00", "2026-11-01T09:30:00+00:00")),
        ("2026-10-25 02:00:00", OSLO, ("2026-10-25T00:00:00+00:00", "2026-10-25T01:00:00+00:00")),
        ("2026-04-05 01:45:00", LORD_HOWE, ("2026-04-04T14:45:00+00:00", "2026-04-04T15:15:00+00:00")),
    ],
)
def test_a_time_that_occurred_twice_keeps_both_readings(text: str, zone: tzinfo, readings: tuple[str, str]) -> None:
    claim = local(text, zone)
    assert claim.doubt is Doubt.AMBIGUOUS
    assert claim.readings == tuple(map(utc, readings))
    assert claim.uncertainty_us == 1_000_000 + claim.readings[1] - claim.readings[0]
    assert claim.resolution_us == 1_000_000
    end = local(text, zone, Means.END)
    assert end.start_readings(60_000_000) == tuple(one - 60_000_000 for one in claim.readings)


@pytest.mark.parametrize(
    ("text", "zone"),
    [("2026-03-08 02:30:00", VANCOUVER), ("2026-03-29 02:00:00", OSLO), ("2026-10-04 02:15:00", LORD_HOWE)],
)
def test_a_time_that_never_occurred_has_no_reading(text: str, zone: tzinfo) -> None:
    claim = local(text, zone)
    assert claim.doubt is Doubt.NONEXISTENT
    assert claim.readings == ()
    assert claim.uncertainty_us > 1_000_000


@pytest.mark.parametrize("text", ["2026-11-01 00:59:59", "2026-11-01 02:00:00", "2026-03-08 01:59:59"])
def test_the_hours_beside_the_change_are_certain(text: str) -> None:
    assert local(text, VANCOUVER).doubt is Doubt.NONE


def test_without_a_zone_a_local_time_is_marked_and_as_wide_as_the_world() -> None:
    claim = local("2026-03-14 09:39:30", None)
    assert (claim.doubt, claim.uncertainty_us) == (Doubt.NO_ZONE, 1_000_000 + ANY_ZONE_US)
    assert claim.resolution_us == 1_000_000


def test_a_time_from_within_the_recording_is_as_wide_as_the_recording() -> None:
    claim = local("2026-03-14 09:39:30", OSLO, Means.WITHIN)
    assert claim.start_us(60_000_000) == claim.at_us - 30_000_000
    assert claim.start_uncertainty_us(60_000_000) == 31_000_000


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)),
    st.sampled_from([VANCOUVER, OSLO, LORD_HOWE, ZoneInfo("Asia/Kathmandu")]),
)
def test_every_certain_time_reads_back_as_it_was_written(moment: datetime, zone: tzinfo) -> None:
    text = f"{moment:%Y-%m-%d %H:%M:%S}"
    claim = local(text, zone)
    if claim.doubt is Doubt.NONE:
        back = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=claim.at_us)
        assert f"{back.astimezone(zone):%Y-%m-%d %H:%M:%S}" == text
    else:
        assert abs(claim.uncertainty_us - 1_000_000) <= HOUR


@given(st.text(max_size=40), st.sampled_from(["iso", "unix-ms", "unix-s", "%Y%m%d%H%M%S", "%d.%m.%y"]))
def test_any_text_is_a_plausible_time_or_none(text: str, form: str) -> None:
    try:
        claim = TimeRule("t", form, Means.START, "utc", 0).claim(Source.SIDECAR, "x", text, None)
    except NoTime:
        return
    assert utc("2000-01-01T00:00:00+00:00") - 24 * HOUR <= claim.at_us <= utc("2100-01-02T00:00:00+00:00")
