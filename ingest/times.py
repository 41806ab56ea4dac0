"""Claims of time: what a name, a sidecar or a header says about when a recording began or ended.

A claim is kept with its source and is never the truth: a person adopts one (DESIGN section 4, Time). A local time
that occurred twice, or never, when clocks were changed is marked so and decided by a person. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

FORMATS = ("iso", "unix-ms", "unix-s")
ANY_ZONE_US = 14 * 3600 * 1_000_000
LOCAL = ("camera", "agency")
UNKNOWN = "unknown"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLAUSIBLE_YEARS = range(2000, 2100)
_FIXED_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")
_MICROSECOND = timedelta(microseconds=1)


class Source(StrEnum):
    """Where a claim stands."""

    FILE_NAME = "file-name"
    SIDECAR = "sidecar"
    GPS_LOG = "gps-log"
    GPS_IN_FILE = "gps-in-file"
    HEADER = "header"


class Means(StrEnum):
    """Which end of the recording a time names; ``within``: nobody knows which moment of it."""

    START = "start"
    END = "end"
    WITHIN = "within"


class Doubt(StrEnum):
    """Why a local time cannot be put on the world's clock without a person."""

    NONE = ""
    AMBIGUOUS = "ambiguous"  # it occurred twice: clocks went back
    NONEXISTENT = "nonexistent"  # it never occurred: clocks went forward
    NO_ZONE = "no-zone"  # nothing says in which zone it is


@dataclass(frozen=True, slots=True)
class Claim:
    """``source`` (in detail: ``where``) says that the recording began or ended at ``at_us``, UTC us since 1970.

    ``uncertainty_us`` is half the width of what the source can mean (its resolution, an hour that occurs
    twice); how wrong the camera's clock was is not in it. ``text`` is what stands in the source, ``zone`` how it was
    read. With a ``doubt``, ``at_us`` is only one way to read it: ``readings`` are the two moments of an ambiguous
    time, and a nonexistent one has none.
    """

    source: Source
    where: str
    means: Means
    at_us: int
    uncertainty_us: int
    text: str
    zone: str = "utc"
    doubt: Doubt = Doubt.NONE
    readings: tuple[int, ...] = ()

    @property
    def resolution_us(self) -> int:
        """Half the width of the source's own resolution, without what a zone or an hour that occurs twice adds."""
        doubted = {Doubt.NO_ZONE: ANY_ZONE_US, Doubt.AMBIGUOUS: max(self.readings, default=0) - self.at_us}
        return max(0, self.uncertainty_us - doubted.get(self.doubt, 0))

    def start_us(self, duration_us: int) -> int:
        """The start this claims for a recording of ``duration_us``, UTC microseconds; the middle of what is
        possible where the time names an unknown moment within it."""
        return self.at_us - self._back(duration_us)

    def start_readings(self, duration_us: int) -> tuple[int, ...]:
        """The starts an ambiguous time can mean, earliest first."""
        return tuple(one - self._back(duration_us) for one in self.readings)

    def start_uncertainty_us(self, duration_us: int) -> int:
        """Half the width of the start: the claim's own and, for an unknown moment within, half the recording."""
        return self.uncertainty_us + (duration_us + 1) // 2 * (self.means is Means.WITHIN)

    def _back(self, duration_us: int) -> int:
        return {Means.START: 0, Means.END: duration_us, Means.WITHIN: duration_us // 2}[self.means]


class NoTime(ValueError):
    """A text does not hold a time of the expected form; the message says why, for a note."""


@dataclass(frozen=True, slots=True)
class TimeRule:
    """How to read a time: which field, its strptime format, what it means, in which zone.

    ``zone`` is ``utc``, ``camera`` or ``agency`` (both: the zone the caller gives), ``+hh:mm``, a name of the IANA
    database, or ``unknown``: local time or UTC, nobody knows. A format with ``%z`` overrides it. ``iso`` reads ISO
    8601, ``unix-ms`` and ``unix-s`` count from 1970.
    """

    field: str
    format: str
    means: Means
    zone: str
    uncertainty_us: int

    def claim(self, source: Source, where: str, text: str, agency_zone: tzinfo | None) -> Claim:
        """The claim ``text`` makes. ``agency_zone`` None: nobody has said where the agency's clocks are.

        Raises NoTime when it is no such time or an implausible one.
        """
        moment = self._read(text)
        if moment.year not in _PLAUSIBLE_YEARS:
            raise NoTime(f"the year {moment.year} is not plausible")
        made = (source, where, self.means)
        if moment.tzinfo is not None:
            return Claim(*made, _us(moment), self.uncertainty_us, text, f"{moment:%z}"[:20])
        if self.zone == UNKNOWN or (self.zone in LOCAL and agency_zone is None):
            at_us = _us(moment.replace(tzinfo=UTC))
            return Claim(*made, at_us, self.uncertainty_us + ANY_ZONE_US, text, "not known", Doubt.NO_ZONE)
        zone = _zone(self.zone, agency_zone or UTC)
        early, late = (_us(moment.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
        uncertainty, name = self.uncertainty_us + abs(late - early), _zone_name(self.zone, zone)
        if early < late:
            return Claim(*made, early, uncertainty, text, name, Doubt.AMBIGUOUS, (early, late))
        doubt = Doubt.NONEXISTENT if early > late else Doubt.NONE
        return Claim(*made, early, uncertainty, text, name, doubt)

    def _read(self, text: str) -> datetime:
        try:
            if self.format == "iso":
                return datetime.fromisoformat(text)
            if self.format in ("unix-ms", "unix-s"):
                return _EPOCH + int(text) * timedelta(milliseconds=1 if self.format == "unix-ms" else 1000)
            return datetime.strptime(text, self.format)
        except (ValueError, OverflowError) as error:
            raise NoTime(f"not a time of the form {self.format}") from error


def check_format(written: str) -> None:
    """Raise ValueError when ``written`` is no format a time can be read with."""
    if written in FORMATS:
        return
    sample = datetime(2026, 3, 4, 15, 6, 7, tzinfo=UTC)
    try:
        if "%" in written:
            datetime.strptime(sample.strftime(written), written)
            return
    except ValueError as error:
        raise ValueError(f"'{written}' is not of strptime ({error})") from error
    raise ValueError(f"'{written}' is neither of strptime, such as %Y%m%d%H%M%S, nor {', '.join(FORMATS)}")


def check_zone(name: str) -> None:
    """Raise ValueError when ``name`` is no zone a profile can name."""
    try:
        _zone(name, UTC)
    except (ValueError, LookupError, OSError) as error:
        raise ValueError(
            f"'{name}' is none of utc, camera, agency, unknown, +hh:mm, or a name like Europe/Oslo"
        ) from error


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _zone_name(written: str, zone: tzinfo) -> str:
    return f"{written}: {zone}" if written in LOCAL else written


def _zone(name: str, agency_zone: tzinfo) -> tzinfo:
    if name in ("utc", UNKNOWN):
        return UTC
    if name in LOCAL:
        return agency_zone
    fixed = _FIXED_OFFSET.fullmatch(name)
    if fixed:
        offset = timedelta(hours=int(fixed[2]), minutes=int(fixed[3]))
        return timezone(-offset if fixed[1] == "-" else offset)
    return ZoneInfo(name)
