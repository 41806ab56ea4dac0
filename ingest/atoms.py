"""The parts of an MP4's or QuickTime file's index that say who and where: ``udta`` texts and the ``gps `` list.

Structure: ISO/IEC 14496-12 section 4.2, QuickTime File Format (user data), and for ``gps `` what public tools for
Novatek cameras read. Bounded; garbage ends the walk. Runs in the isolated child only.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingest.files import MediaFile

MAX_BOXES = 200_000
MAX_MOOV_BYTES = 64 * 1024 * 1024
MAX_TEXTS = 64
MAX_TEXT_BYTES = 512
MAX_BLOCKS = 3600
_INSIDE = {b"udta": 0, b"ilst": 0, b"meta": 4}


@dataclass(frozen=True, slots=True)
class Index:
    """``texts``: four-character name to text. ``blocks``: offset and size of each ``freeGPS `` block, as listed."""

    texts: Mapping[str, str]
    blocks: tuple[tuple[int, int], ...]


def read_index(file: MediaFile) -> Index:
    """Read the first ``moov`` of a seekable file; empty where there is none."""
    moov = _moov(file)
    texts: dict[str, str] = {}
    blocks: tuple[tuple[int, int], ...] = ()
    pending = [(0, len(moov))]
    while pending:
        start, end = pending.pop()
        for kind, payload, stop in _boxes(moov, start, end):
            if kind in _INSIDE:
                skip = _INSIDE[kind] if moov[payload + 4 : payload + 8] != b"hdlr" else 0
                pending.append((payload + skip, stop))
            elif kind == b"gps " and not blocks:
                blocks = tuple(_listed(moov[payload:stop]))
            elif kind[0] == 0xA9 and len(texts) < MAX_TEXTS:
                texts.setdefault(kind.decode("latin-1"), _text(moov[payload:stop]))
    return Index(texts, blocks)


def _moov(file: MediaFile) -> bytes:
    size, position = file.seek(0, os.SEEK_END), 0
    for _ in range(MAX_BOXES):
        file.seek(position)
        header = file.read(16)
        if len(header) < 8:
            return b""
        length, kind = struct.unpack_from(">I4s", header)
        payload = position + 8
        if length == 1 and len(header) == 16:
            length, payload = struct.unpack_from(">Q", header, 8)[0], position + 16
        end = size if length == 0 else position + length
        if end < payload:
            return b""
        if kind == b"moov":
            file.seek(payload)
            return file.read(min(end - payload, MAX_MOOV_BYTES))
        position = end
    return b""


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while start + 8 <= end:
        length, kind = struct.unpack_from(">I4s", data, start)
        if length < 8:
            return
        yield kind, start + 8, min(start + length, end)
        start += length


def _text(payload: bytes) -> str:
    """A QuickTime text (length, language, bytes) or an iTunes one (a ``data`` box)."""
    if payload[4:8] == b"data":
        raw = payload[16:]
    else:
        length = int.from_bytes(payload[:2], "big")
        raw = payload[4 : 4 + length]
    return raw[:MAX_TEXT_BYTES].decode("utf-8", "replace").strip("\0 \r\n")


def _listed(payload: bytes) -> Iterator[tuple[int, int]]:
    """(offset, size) of each block: eight bytes of version and count, then pairs of big-endian numbers."""
    for at in range(8, min(len(payload), 8 + MAX_BLOCKS * 8) - 7, 8):
        yield struct.unpack_from(">II", payload, at)
