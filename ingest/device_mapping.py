"""How a device's CSV log is read: a TOML file that says which column is what. Data, never code; docs/device-logs.md.

The reader's words for events are fixed here; a text the mapping does not name is kept as ``other``. Pure.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from ingest.errors import MappingRefused, TableRefused
from ingest.local_times import NoSuchTime, Twice, read_time, zone_named
from ingest.names import shown_text
from ingest.tables import Line, Table

MAX_BYTES = 1 << 18
SCHEMA = 1
OTHER = "other"
KINDS = (
    "trigger", "cycle", "cycle_start", "cycle_end", "arc", "safety_off", "safety_on",
    "call", "dispatched", "arrived", "cleared", OTHER,
)  # fmt: skip
UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_NUMBER = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,6}))?")
_KEYS = {"schema", "id", "note", "time", "device", "event", "length", "cycle"}
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class LogMapping:
    """Columns by what they hold; an empty name is a column the log does not have."""

    id: str
    time: tuple[str, ...]
    form: str
    zone: tzinfo
    device: str
    device_is: str
    event: str
    words: Mapping[str, str]
    length: str
    unit: int
    cycle: str


@dataclass(frozen=True, slots=True)
class MappedRow:
    """One row. ``at``: microseconds since 1970 UTC by the device's clock; lengths in microseconds."""

    line: int
    kind: str
    device: str
    at: int
    uncertainty: int
    length: int | None
    length_uncertainty: int
    cycle: int | None
    text: str


def read_mapping(raw: bytes, name: str) -> LogMapping:
    """The mapping in ``raw``. Raises MappingRefused with what is wrong."""
    shown = shown_text(name)
    try:
        table = tomllib.loads(raw.decode("utf-8"))
        return _mapping(table)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as bad:
        raise MappingRefused(f"{shown} is not TOML ({str(bad)[:100]}). See docs/device-logs.md.") from bad
    except (KeyError, TypeError, AttributeError, ValueError) as bad:
        why = f"{bad} is missing" if isinstance(bad, KeyError) else shown_text(str(bad))[:160]
        raise MappingRefused(f"{shown} is no mapping: {why}. See docs/device-logs.md.") from bad


def _mapping(table: Mapping[str, Any]) -> LogMapping:
    strange = sorted(set(table) - _KEYS)
    if strange:
        raise ValueError(f"'{strange[0]}' is no key of a mapping")
    if table["schema"] != SCHEMA:
        raise ValueError(f"schema {table['schema']} is not {SCHEMA}")
    if not _ID.fullmatch(table["id"]):
        raise ValueError("id has small letters, digits and hyphens only")
    time, device, event = table["time"], table.get("device", {}), table["event"]
    words = {str(text).strip().lower(): str(kind) for text, kind in event["words"].items()}
    unknown = sorted(set(words.values()) - set(KINDS))
    if unknown:
        raise ValueError(f"'{unknown[0]}' is no kind of event; there are {', '.join(KINDS)}")
    length, column = table.get("length", {}), time["column"]
    if length and length["unit"] not in UNITS:
        raise ValueError(f"unit '{length['unit']}' is none of {', '.join(UNITS)}")
    return LogMapping(
        id=table["id"],
        time=tuple(map(_text, column)) if isinstance(column, list) else (_text(column),),
        form=_text(time["format"]),
        zone=_zone(_text(time["zone"])),
        device=_text(device.get("column", "")),
        device_is=_text(device.get("value", "")),
        event=_text(event["column"]),
        words=words,
        length=_text(length["column"]) if length else "",
        unit=UNITS[length["unit"]] if length else 1,
        cycle=_text(table.get("cycle", {}).get("column", "")),
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > 200:
        raise ValueError(f"{value!r} should be a short text")
    return value


def _zone(name: str) -> tzinfo:
    try:
        return zone_named(name)
    except NoSuchTime as none:
        raise ValueError(str(none)) from none


def mapped_rows(table: Table, mapping: LogMapping, name: str, twice: Twice = Twice.REFUSE) -> tuple[MappedRow, ...]:
    """Every row of the log, none left out. Raises TableRefused with the lines that do not fit the mapping."""
    shown = shown_text(name)
    wanted = {*mapping.time, mapping.device, mapping.event, mapping.length, mapping.cycle} - {""}
    lacking = sorted(wanted - set(table.columns))
    if lacking:
        raise TableRefused(
            f"{shown} has no column '{shown_text(lacking[0])}', which the mapping {mapping.id} names. "
            "Choose the mapping of this device, or mend it."
        )
    rows, wrong = [], []
    for line in table.lines:
        try:
            rows.append(_row(line, mapping, twice))
        except ValueError as bad:
            wrong.append(f"line {line.number}: {shown_text(str(bad))[:200]}")
    if wrong:
        more = f" And {len(wrong) - _SHOWN} more lines." if len(wrong) > _SHOWN else ""
        raise TableRefused(
            f"{shown} does not fit the mapping {mapping.id}: {'; '.join(wrong[:_SHOWN])}.{more} Nothing was kept."
        )
    if not rows:
        raise TableRefused(f"{shown} holds no rows under its heading. Name the log that was meant.")
    return tuple(rows)


def _row(line: Line, mapping: LogMapping, twice: Twice) -> MappedRow:
    cells = line.cells
    read = read_time(" ".join(cells[one] for one in mapping.time), mapping.form, mapping.zone, twice)
    text = cells[mapping.event]
    length, doubt = _length(cells.get(mapping.length, ""), mapping.unit)
    return MappedRow(
        line=line.number,
        kind=mapping.words.get(text.lower(), OTHER),
        device=cells[mapping.device] if mapping.device else mapping.device_is,
        at=read.at,
        uncertainty=read.uncertainty,
        length=length,
        length_uncertainty=doubt,
        cycle=_cycle(cells.get(mapping.cycle, "")),
        text=text,
    )


def _length(text: str, unit: int) -> tuple[int | None, int]:
    """Microseconds, and one step of the last digit written."""
    if not text:
        return None, 0
    found = _NUMBER.fullmatch(text)
    if not found:
        raise ValueError(f"'{text[:40]}' is no length")
    step = Decimal(unit).scaleb(-len(found[2] or ""))
    return int(Decimal(f"{found[1]}.{found[2] or 0}") * unit), max(1, int(step))


def _cycle(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise ValueError(f"'{text[:40]}' is no number of a cycle")
    return int(text)
