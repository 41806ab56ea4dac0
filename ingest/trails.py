"""Satellite logs beside a recording: the first time they are sure of, as flat fields. Pure; every byte is hostile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import xor
from typing import Any

from ingest.sidecar_text import BadSidecar, flat, json_object, text_of

MAX_TRAIL_S = 86_400 * 7
_CUE = re.compile(r"(?:\d{1,4}:)?\d\d:\d\d\.\d{3} --> ")


def nmea(data: bytes) -> Iterator[tuple[str, str]]:
    """``first_fix`` of an NMEA 0183 log: ``ddmmyy hhmmss.ss`` of its first valid RMC sentence."""
    for line in data.splitlines():
        body, star, check = line.strip().removeprefix(b"$").partition(b"*")
        if not star or check.upper() != b"%02X" % reduce(xor, body, 0):
            continue
        words = body.decode("ascii", "replace").split(",")
        if words[0][2:] == "RMC" and len(words) > 9 and words[2] == "A":
            yield "first_fix", f"{words[9]} {words[1]}"
            return


def vtt_json(data: bytes) -> Iterator[tuple[str, str]]:
    """The fields of the first WebVTT cue whose text is a JSON object."""
    blocks = text_of(data).replace("\r\n", "\n").split("\n\n")
    if not blocks[0].startswith("WEBVTT"):
        raise BadSidecar("not WebVTT")
    for block in blocks[1:]:
        lines = block.strip("\n").split("\n")
        timed = next((n for n, line in enumerate(lines) if _CUE.match(line)), None)
        if timed is not None and "\n".join(lines[timed + 1 :]).lstrip().startswith("{"):
            yield from flat(json_object("\n".join(lines[timed + 1 :]).encode()))
            return


def axis_trail(data: bytes) -> Iterator[tuple[str, str]]:
    """``first_fix`` and ``start`` (ISO 8601) of an Axis trail: each fix says how long after the start it was taken.

    Source of the form: the vendor's public description of its store (CoordinateEntries).
    """
    entries = json_object(data).get("CoordinateEntries")
    if not isinstance(entries, list):
        raise BadSidecar("no list of CoordinateEntries")
    for entry in entries:
        fix = _axis_fix(entry)
        if fix is not None:
            at, start = fix
            yield "first_fix", at.isoformat()
            yield "start", start.isoformat()
            return


def _axis_fix(entry: Any) -> tuple[datetime, datetime] | None:
    if not isinstance(entry, dict):
        return None
    stamp, after = entry.get("Timestamp"), entry.get("SecondsFromStart")
    if not isinstance(stamp, str) or isinstance(after, bool) or not isinstance(after, int | float):
        return None
    if not 0 <= after <= MAX_TRAIL_S:
        return None
    try:
        at = datetime.fromisoformat(stamp)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return at, at - timedelta(milliseconds=round(after * 1000))
    except (ValueError, OverflowError):
        return None
