"""Times as people and devices write them, with the zone they meant: a time that happens twice or never is refused.

Pure. In ``ingest.times``, which reads what cameras claim, a doubtful hour widens the claim; here a person is asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLAUSIBLE_YEARS = range(2000, 2100)
_FIXED = re.compile(r"([+-])(\d\d):(\d\d)")
_NAMED = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,3}")
MAX_TEXT = 64
MINUTE_US, SECOND_US = 60_000_000, 1_000_000


class Twice(StrEnum):
    """What to take of a local time that happens twice when clocks are put back."""

    REFUSE = "refuse"
    FIRST = "first"
    SECOND = "second"


class NoSuchTime(ValueError):
    """A text is no time, or one that never was, or one that was twice. The message says which, for a person."""


@dataclass(frozen=True, slots=True)
class Read:
    """Microseconds since 1970 UTC, and what the written form leaves open either way."""

    at: int
    uncertainty: int


def zone_named(name: str) -> tzinfo:
    """``utc``, ``+hh:mm`` or a name of the IANA database. Raises NoSuchTime."""
    if name.lower() == "utc":
        return UTC
    fixed = _FIXED.fullmatch(name)
    if fixed and int(fixed[2]) < 15 and int(fixed[3]) < 60:
        offset = timedelta(hours=int(fixed[2]), minutes=int(fixed[3]))
        return timezone(-offset if fixed[1] == "-" else offset)
    try:
        if _NAMED.fullmatch(name):
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise NoSuchTime(f"'{name[:40]}' is no time zone; write utc, +01:00 or a name such as Europe/Berlin")


def read_time(text: str, form: str, zone: tzinfo, twice: Twice = Twice.REFUSE) -> Read:
    """Read ``text`` in ``form``: ``iso`` (with an offset or in ``zone``), ``unix``, ``unix-ms``, or of strptime.

    The uncertainty is a minute where no seconds are written, a second where no fraction is, else a thousandth:
    devices cut, people round, nobody says which. Raises NoSuchTime.
    """
    if len(text) > MAX_TEXT:
        raise NoSuchTime("too long for a time")
    moment = _moment(text, form)
    if moment.year not in _PLAUSIBLE_YEARS:
        raise NoSuchTime(f"the year {moment.year} is not plausible")
    if moment.tzinfo is None:
        moment = _in_zone(moment, zone, twice)
    return Read((moment - _EPOCH) // timedelta(microseconds=1), _left_open(text, form))


def _moment(text: str, form: str) -> datetime:
    try:
        if form == "iso":
            return datetime.fromisoformat(text)
        if form in ("unix", "unix-ms"):
            scale = SECOND_US if form == "unix" else 1000
            return _EPOCH + timedelta(microseconds=int(text) * scale)
        return datetime.strptime(text, form)
    except (ValueError, OverflowError) as error:
        expected = "a date and time such as 2026-03-14T09:39:30" if form == "iso" else f"a time of the form {form}"
        raise NoSuchTime(f"'{text}' is not {expected}") from error


def _in_zone(local: datetime, zone: tzinfo, twice: Twice) -> datetime:
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first
    shown = f"{local:%Y-%m-%d %H:%M:%S}"
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        raise NoSuchTime(f"{shown} never was in {zone}: clocks were put forward over it")
    if twice is Twice.REFUSE:
        raise NoSuchTime(
            f"{shown} was twice in {zone}, when clocks were put back. Write the offset, or say which is meant "
            "(--twice first or --twice second)"
        )
    return first if twice is Twice.FIRST else second


def _left_open(text: str, form: str) -> int:
    if form == "unix":
        return SECOND_US
    if form == "unix-ms" or "%f" in form:
        return 1000
    if form == "iso":
        clock = re.split(r"[T ]", text, maxsplit=1)[-1]
        clock = re.split(r"[Z+-]", clock, maxsplit=1)[0]
        return 1000 if "." in clock or "," in clock else SECOND_US if clock.count(":") >= 2 else MINUTE_US
    return SECOND_US if any(code in form for code in ("%S", "%X", "%c", "%T")) else MINUTE_US
