"""The box skeleton of MP4 and QuickTime files: what is missing, torn off or encrypted, in words.

Structure only (ISO/IEC 14496-12 section 4.2; encryption entries of ISO/IEC 23001-7); no media is decoded.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.files import MediaFile

MAX_TOP_BOXES = 200_000
MAX_MOOV_BYTES = 64 * 1024 * 1024
_CONTAINERS = frozenset((b"trak", b"mdia", b"minf", b"stbl"))
_ENCRYPTED = frozenset((b"encv", b"enca"))


@dataclass(frozen=True, slots=True)
class Skeleton:
    """What the top-level boxes tell. ``missing_bytes`` is how far the last box reaches past the end of the file."""

    has_index: bool
    has_media: bool
    encrypted: bool
    torn_box: str
    missing_bytes: int


def read_skeleton(file: MediaFile) -> Skeleton:
    """Walk the top-level boxes of a seekable file. Total: garbage ends the walk."""
    size = file.seek(0, os.SEEK_END)
    kinds: set[bytes] = set()
    encrypted, torn, missing = False, "", 0
    for kind, start, end in _top_boxes(file, size):
        kinds.add(kind)
        if end > size:
            torn, missing = kind.decode("latin-1"), end - size
        if kind == b"moov":
            file.seek(start)
            encrypted = _has_encrypted_entry(file.read(min(end, size, start + MAX_MOOV_BYTES) - start))
    return Skeleton(b"moov" in kinds, bool(kinds & {b"mdat", b"moof"}), encrypted, torn, missing)


def _top_boxes(file: MediaFile, size: int) -> Iterator[tuple[bytes, int, int]]:
    """(type, payload start, end as declared) of each top-level box."""
    position = 0
    for _ in range(MAX_TOP_BOXES):
        if position + 8 > size:
            return
        file.seek(position)
        header = file.read(16)
        if len(header) < 8:
            return
        length, kind = struct.unpack_from(">I4s", header)
        payload = position + 8
        if length == 1 and len(header) == 16:
            length, payload = struct.unpack_from(">Q", header, 8)[0], position + 16
        end = size if length == 0 else position + length
        if end < payload or not _is_type(kind):
            return
        yield kind, payload, end
        position = end


def _is_type(kind: bytes) -> bool:
    return all(0x20 <= c < 0x7F or c == 0xA9 for c in kind)


def _has_encrypted_entry(moov: bytes) -> bool:
    pending = [(0, len(moov))]
    while pending:
        start, end = pending.pop()
        for kind, payload, stop in _inner_boxes(moov, start, end):
            if kind in _CONTAINERS:
                pending.append((payload, stop))
            elif kind == b"stsd":  # version, flags and entry count come before the entries
                entries = _inner_boxes(moov, payload + 8, stop)
                if any(entry in _ENCRYPTED for entry, _, _ in entries):
                    return True
    return False


def _inner_boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while start + 8 <= end:
        length, kind = struct.unpack_from(">I4s", data, start)
        if length < 8:
            return
        yield kind, start + 8, min(start + length, end)
        start += length
