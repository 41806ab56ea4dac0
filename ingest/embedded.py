"""Satellite time and place and texts inside a recording's own file. Runs in the isolated child; never in the parent.

Kinds: ``subtitle-text`` (the texts themselves are handed out; a profile's expression reads them), ``novatek-freegps``
(the layout public tools call the common one; others are said to be unknown) and ``gpmf`` (GoPro's published
key-length-value form). Returns plain data for JSON; ``ingest.embedded_facts`` checks and types it in the parent.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from ingest.atoms import read_index
from ingest.demux import open_media, sniff_file
from ingest.errors import ProbeFailed
from ingest.files import MediaFile
from ingest.sniff import Nature

MAX_FIXES = 20
MAX_TEXTS = 60
MAX_TEXT = 400
MAX_PACKETS = 5000
MAX_KLV_DEPTH = 4
MAX_KLV_ENTRIES = 20_000
_BLOCK_BYTES = 512
_MAGIC = b"freeGPS "


def read_embedded(file: MediaFile, kinds: Collection[str]) -> dict[str, Any]:
    """``texts`` of udta, and for the ``kinds`` asked for: ``fixes``, subtitle ``lines`` and ``notes`` in words."""
    found: dict[str, Any] = {"texts": {}, "fixes": [], "lines": [], "notes": []}
    sniffed = sniff_file(file)
    if sniffed.nature is not Nature.MEDIA:
        return found
    if sniffed.demuxer == "mov":
        index = read_index(file)
        found["texts"] = dict(index.texts)
        if "novatek-freegps" in kinds and index.blocks:
            found["fixes"] += list(islice(_novatek(file, index.blocks, found["notes"]), MAX_FIXES))
    wanted = {"subtitle-text", "gpmf"} & set(kinds)
    if wanted:
        try:
            with open_media(file) as container:
                _streams(container, wanted, found)
        except (ProbeFailed, av.FFmpegError):
            found["notes"].append("The recording's streams could not be searched for satellite data.")
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


def _streams(container: InputContainer, wanted: Collection[str], found: dict[str, Any]) -> None:
    streams: list[Stream] = []
    if "subtitle-text" in wanted:
        streams += container.streams.subtitles
    if "gpmf" in wanted:
        streams += [one for one in container.streams.data if one.codec_tag in ("gpmd", "gpmf")]
    if not streams:
        return
    for packet in islice(container.demux(streams), MAX_PACKETS):
        if packet.pts is None or packet.time_base is None:
            continue
        after_us = round((packet.pts - (packet.stream.start_time or 0)) * packet.time_base * 1_000_000)
        if packet.stream.type == "subtitle":
            found["lines"].append([after_us, _line(packet)])
        else:
            found["fixes"] += islice(_gpmf(bytes(packet), after_us), 1)
        if len(found["lines"]) >= MAX_TEXTS or len(found["fixes"]) >= MAX_FIXES:
            return


def _line(packet: Packet[Any]) -> str:
    """The text of one subtitle packet; 3GPP timed text begins with its length (3GPP TS 26.245)."""
    data = bytes(packet)
    length = int.from_bytes(data[:2], "big")
    body = data[2 : 2 + length] if 0 < length <= len(data) - 2 else data
    return " ".join(body[:MAX_TEXT].decode("utf-8", "replace").split())


def _gpmf(data: bytes, after_us: int) -> Iterator[dict[str, Any]]:
    """The first sure fix of one payload: GPSU (clock), GPSF (2 or 3: sure), SCAL and GPS5 of the same STRM."""
    stream: dict[bytes, bytes] = {}
    for key, value in _klv(data, 0):
        if key == b"STRM":
            stream = {}
        stream.setdefault(key, value)
        if key == b"GPS5" and {b"GPSU", b"GPSF", b"SCAL"} <= stream.keys() and len(value) >= 8:
            clock = stream[b"GPSU"][:16].decode("ascii", "replace")
            sure = int.from_bytes(stream[b"GPSF"][:4], "big") in (2, 3)
            scale = struct.unpack(">2i", stream[b"SCAL"][:8]) if len(stream[b"SCAL"]) >= 8 else (0, 0)
            if sure and scale[0] and scale[1]:
                lat, lon = struct.unpack_from(">2i", value)
                lat_e7, lon_e7 = lat * 10_000_000 // scale[0], lon * 10_000_000 // scale[1]
                yield _fix("gpmf", clock, after_us, lat_e7, lon_e7)


def _klv(data: bytes, depth: int) -> Iterator[tuple[bytes, bytes]]:
    at = entries = 0
    while at + 8 <= len(data) and entries < MAX_KLV_ENTRIES:
        key, kind, size, repeat = struct.unpack_from(">4sBBH", data, at)
        length = size * repeat
        value = data[at + 8 : at + 8 + length]
        yield key, value
        if kind == 0 and depth < MAX_KLV_DEPTH:
            yield from _klv(value, depth + 1)
        at += 8 + (length + 3) // 4 * 4
        entries += 1
