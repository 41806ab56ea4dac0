"""Time as the log writes it: the Clock seam, the system clock, and the one text form of `at`.

Only this module of the package may ask the machine for the time. Format: docs/custody-format.md section 3.
"""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from chain_of_custody.errors import BadTime

MAX_BACKWARD_US = 2_000_000
"""An entry may precede the one before it by this much (custody-format section 3, time rule)."""

_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Clock(Protocol):
    """Where time comes from. `boot` names the power-on during which `monotonic_us` counts.

    Custody-format section 3.
    """

    @property
    def boot(self) -> str: ...

    def now(self) -> datetime:
        """Aware UTC time with microseconds."""
        ...

    def monotonic_us(self) -> int:
        """Microseconds that never run backwards within one `boot`."""
        ...


@dataclass(frozen=True, slots=True)
class ClockSync:
    """What was known of the wall clock: its source, and its measured offset in microseconds (None: not measured).

    Custody-format section 3.
    """

    src: str = "unverified"
    off_us: int | None = None


class SystemClock:
    """The machine's clocks. Without a kernel boot id each process counts as its own boot.

    Custody-format section 3.
    """

    def __init__(self, boot_id_file: Path = _BOOT_ID) -> None:
        try:
            self._boot = str(uuid.UUID(boot_id_file.read_text("ascii").strip()))
        except (OSError, ValueError):
            self._boot = str(uuid.uuid4())

    @property
    def boot(self) -> str:
        return self._boot

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_us(self) -> int:
        return time.monotonic_ns() // 1000


def format_at(at: datetime) -> str:
    """UTC time as `2026-01-01T10:02:00.123456Z`, always six digits. Raises BadTime unless aware and UTC.

    Custody-format section 3.
    """
    if at.utcoffset() != timedelta(0):
        raise BadTime("not_utc", detail=repr(at))
    return at.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def parse_at(text: str) -> datetime:
    """The inverse of `format_at`; anything else raises BadTime (custody-format section 3)."""
    if not _AT.fullmatch(text):
        raise BadTime("not_the_one_form", detail=ascii(text[:40]))
    try:
        return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)
    except ValueError as no_such_time:
        raise BadTime("no_such_time", detail=text) from no_such_time


def epoch_us(at: datetime) -> int:
    """Integer microseconds since 1970-01-01T00:00:00Z (custody-format section 3)."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def backward_us(previous: datetime, at: datetime) -> int:
    """How far `at` lies before `previous`, in microseconds; 0 when it does not (custody-format section 3)."""
    return 0 if at >= previous else epoch_us(previous) - epoch_us(at)
