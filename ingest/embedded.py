"""Satellite time and place and texts inside a recording's own file. Runs in the isolated child; never in the parent.

Here: ``udta`` and ``novatek-freegps`` (the layout public tools call the common one; others are said to be unknown);
the kinds that lie in streams: ``ingest.embedded_streams``. Returns plain data for JSON, which
``ingest.embedded_facts`` checks and types in the parent.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any

from ingest.atoms import read_index
from ingest.files import MediaFile
from ingest.sniff import HEAD_BYTES, Nature, sniff

MAX_FIXES = 20
_BLOCK_BYTES = 512
_MAGIC = b"freeGPS "


def read_embedded(file: MediaFile, kinds: Collection[str]) -> dict[str, Any]:
    """``texts`` of udta, and for the ``kinds`` asked for: ``fixes``, subtitle ``lines`` and ``notes`` in words."""
    found: dict[str, Any] = {"texts": {}, "fixes": [], "lines": [], "notes": []}
    file.seek(0)
    sniffed = sniff(file.read(HEAD_BYTES))
    if sniffed.nature is not Nature.MEDIA:
        return found
    if sniffed.demuxer == "mov":
        index = read_index(file)
        found["texts"] = dict(index.texts)
        if "novatek-freegps" in kinds and index.blocks:
            found["fixes"] += list(islice(_novatek(file, index.blocks, found["notes"]), MAX_FIXES))
    wanted = {"subtitle-text", "gpmf"} & set(kinds)
    if wanted:
        from ingest.embedded_streams import search_streams  # the demuxer is loaded only where it is needed

        search_streams(file, wanted, found)
    return found


def _novatek(file: MediaFile, blocks: tuple[tuple[int, int], ...], notes: list[str]) -> Iterator[dict[str, Any]]:
    """One block a second: clock at 48, state and hemispheres at 72, ddmm.mmmm at 76, all little-endian."""
    known = 0
    for second, (offset, size) in enumerate(blocks):
        file.seek(offset)
        block = file.read(min(size, _BLOCK_BYTES))
        if len(block) < 84 or block[4:12] != _MAGIC:
            continue
        hour, minute, sec, year, month, day = struct.unpack_from("<6I", block, 48)
        if not (hour < 24 and minute < 60 and sec < 61 and year < 100 and 1 <= month <= 12 and 1 <= day <= 31):
            continue
        known += 1
        state, north, east = (chr(byte) for byte in block[72:75])
        lat, lon = struct.unpack_from("<2f", block, 76)
        if state == "A" and north in "NS" and east in "EW" and math.isfinite(lat) and math.isfinite(lon):
            utc = f"{2000 + year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{min(sec, 59):02}"
            lat_e7, lon_e7 = _e7(lat, south=north == "S"), _e7(lon, south=east == "W")
            yield _fix("novatek-freegps", utc, second * 1_000_000, lat_e7, lon_e7)
    if not known:
        notes.append("It lists freeGPS blocks, but of a layout that is not known here.")


def _e7(ddmm: float, *, south: bool) -> int:
    degrees = int(ddmm // 100)
    return round((degrees + (ddmm - degrees * 100) / 60) * 1e7) * (-1 if south else 1)


def _fix(kind: str, utc: str, after_us: int, lat_e7: int, lon_e7: int) -> dict[str, Any]:
    return {"kind": kind, "utc": utc, "after_us": after_us, "lat_e7": lat_e7, "lon_e7": lon_e7}
