"""Satellite time and place in subtitle and data streams. Runs in the isolated child; needs the demuxer.

``subtitle-text`` hands the texts out; a profile's expression reads them. ``gpmf`` is GoPro's published
key-length-value form.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any

import av
from av.packet import Packet
from av.stream import Stream

from ingest.demux import open_media
from ingest.errors import ProbeFailed
from ingest.files import MediaFile

MAX_FIXES = 20
MAX_TEXTS = 60
MAX_TEXT = 400
MAX_PACKETS = 5000
MAX_KLV_DEPTH = 4
MAX_KLV_ENTRIES = 20_000


def search_streams(file: MediaFile, wanted: Collection[str], found: dict[str, Any]) -> None:
    """Add ``lines`` and ``fixes`` of the wanted kinds to ``found``; a ``note`` where that is not possible."""
    try:
        with open_media(file) as container:
            streams: list[Stream] = []
            if "subtitle-text" in wanted:
                streams += container.streams.subtitles
            if "gpmf" in wanted:
                streams += container.streams.data  # which of them is GPMF shows in its first bytes
            if streams:
                for packet in islice(container.demux(streams), MAX_PACKETS):
                    _take(packet, found)
                    if len(found["lines"]) >= MAX_TEXTS or len(found["fixes"]) >= MAX_FIXES:
                        return
    except (ProbeFailed, av.FFmpegError):
        found["notes"].append("The recording's streams could not be searched for satellite data to their end.")


def _take(packet: Packet[Any], found: dict[str, Any]) -> None:
    if packet.pts is None or packet.time_base is None:
        return
    after_us = round((packet.pts - (packet.stream.start_time or 0)) * packet.time_base * 1_000_000)
    if packet.stream.type == "subtitle":
        found["lines"].append([after_us, _line(packet)])
    elif bytes(packet)[:4] == b"DEVC":
        found["fixes"] += islice(gpmf_fixes(bytes(packet), after_us), 1)


def _line(packet: Packet[Any]) -> str:
    """The text of one subtitle packet; 3GPP timed text begins with its length (3GPP TS 26.245)."""
    data = bytes(packet)
    length = int.from_bytes(data[:2], "big")
    body = data[2 : 2 + length] if 0 < length <= len(data) - 2 else data
    return " ".join(body[:MAX_TEXT].decode("utf-8", "replace").split())


def gpmf_fixes(data: bytes, after_us: int) -> Iterator[dict[str, Any]]:
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
                yield {"kind": "gpmf", "utc": clock, "after_us": after_us, "lat_e7": lat_e7, "lon_e7": lon_e7}


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
