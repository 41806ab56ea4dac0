"""Claims of time: what a name, a sidecar or a header says about when a recording began or ended.

A claim is kept with its source and is never the truth: a person adopts one (DESIGN section 4, Time). Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLAUSIBLE_YEARS = range(2000, 2100)
_FIXED_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")
_DEFAULT_UNCERTAINTY_US = 1_000_000


class Source(StrEnum):
    """Where a claim stands."""

    FILE_NAME = "file-name"
    SIDECAR = "sidecar"
    GPS_LOG = "gps-log"
    HEADER = "header"


class Means(StrEnum):
    """Which end of the recording a time names."""

    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class Claim:
    """``source`` (in detail: ``where``) says that the recording began or ended at ``at_us``, UTC us since 1970.

    ``uncertainty_us`` is half the width of what the source can mean (its resolution, an hour that occurs
    twice); how wrong the camera's clock was is not in it. ``text`` is what stands in the source.
    """

    source: Source
    where: str
    means: Means
    at_us: int
    uncertainty_us: int
    text: str

    def start_us(self, duration_us: int) -> int:
        """The start this claims for a recording of ``duration_us``, UTC microseconds."""
        return self.at_us if self.means is Means.START else self.at_us - duration_us


class NoTime(ValueError):
    """A text does not hold a time of the expected form; the message says why, for a note."""


@dataclass(frozen=True, slots=True)
class TimeRule:
    """How to read a time: which field, its strptime format, which end it means, in which zone.

    ``zone`` is ``utc``, ``camera`` or ``agency`` (both: the zone the caller gives), ``+hh:mm`` or a name of
    the IANA database. A format with ``%z`` overrides it. ``iso`` reads ISO 8601, ``unix-ms`` milliseconds.
    """

    field: str
    format: str
    means: Means
    zone: str
    uncertainty_us: int

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> TimeRule:
        """The rule of a profile's ``time`` table; raises KeyError or ValueError."""
        rule = cls(
            field=str(table["field"]),
            format=str(table["format"]),
            means=Means(table["means"]),
            zone=str(table["zone"]),
            uncertainty_us=round(table.get("uncertainty_s", _DEFAULT_UNCERTAINTY_US / 1e6) * 1_000_000),
        )
        _zone(rule.zone, UTC)
        return rule

    def claim(self, source: Source, where: str, text: str, agency_zone: tzinfo) -> Claim:
        """The claim ``text`` makes. Raises NoTime when it is no such time or an implausible one."""
        moment = self._read(text)
        if moment.year not in _PLAUSIBLE_YEARS:
            raise NoTime(f"the year {moment.year} is not plausible")
        uncertainty = self.uncertainty_us
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=_zone(self.zone, agency_zone))
            uncertainty += _doubt_of_fold(moment)
        at_us = (moment - _EPOCH) // timedelta(microseconds=1)
        return Claim(source, where, self.means, at_us, uncertainty, text)

    def _read(self, text: str) -> datetime:
        try:
            if self.format == "iso":
                return datetime.fromisoformat(text)
            if self.format == "unix-ms":
                return _EPOCH + timedelta(milliseconds=int(text))
            return datetime.strptime(text, self.format)
        except (ValueError, OverflowError) as error:
            raise NoTime(f"not a time of the form {self.format}") from error


def _doubt_of_fold(moment: datetime) -> int:
    """Width of the hour that occurs twice, or not at all, when clocks are changed; 0 on other days."""
    early, late = moment.replace(fold=0).utcoffset(), moment.replace(fold=1).utcoffset()
    if early is None or late is None:
        return 0
    return abs(early - late) // timedelta(microseconds=1)


def _zone(name: str, agency_zone: tzinfo) -> tzinfo:
    if name == "utc":
        return UTC
    if name in ("camera", "agency"):
        return agency_zone
    fixed = _FIXED_OFFSET.fullmatch(name)
    if fixed:
        offset = timedelta(hours=int(fixed[2]), minutes=int(fixed[3]))
        return timezone(-offset if fixed[1] == "-" else offset)
    return ZoneInfo(name)
