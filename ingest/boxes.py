"""The box skeleton of MP4 and QuickTime files: what is missing, torn off, encrypted, edited or kept elsewhere.

Structure only (ISO/IEC 14496-12 sections 4.2, 8.6.6 and 8.7.2; encryption entries of ISO/IEC 23001-7); no media is
decoded.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.files import MediaFile

MAX_TOP_BOXES = 200_000
MAX_MOOV_BYTES = 64 * 1024 * 1024
_CONTAINERS = frozenset((b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"edts"))
_SELF_CONTAINED = 1
_ENCRYPTED = frozenset((b"encv", b"enca"))


@dataclass(frozen=True, slots=True)
class Skeleton:
    """What the boxes tell. ``missing_bytes`` is how far the last box reaches past the end of the file.

    ``elsewhere``: some track names another file as the place of its data. ``edited``: some track's edit list has
    more than one entry (the usual single one only says where a track begins).
    """

    has_index: bool
    has_media: bool
    encrypted: bool
    torn_box: str
    missing_bytes: int
    elsewhere: bool = False
    edited: bool = False


def read_skeleton(file: MediaFile) -> Skeleton:
    """Walk the top-level boxes of a seekable file. Total: garbage ends the walk."""
    size = file.seek(0, os.SEEK_END)
    kinds: set[bytes] = set()
    traits = _Traits()
    torn, missing = "", 0
    for kind, start, end in _top_boxes(file, size):
        kinds.add(kind)
        if end > size:
            torn, missing = kind.decode("latin-1"), end - size
        if kind == b"moov":
            file.seek(start)
            _look_through(file.read(min(end, size, start + MAX_MOOV_BYTES) - start), traits)
    whole = b"moov" in kinds, bool(kinds & {b"mdat", b"moof"})
    return Skeleton(*whole, traits.encrypted, torn, missing, traits.elsewhere, traits.edited)


def media_spans(file: MediaFile) -> list[tuple[int, int]]:
    """Where media data lies: (start, end) of each ``mdat`` payload, cut at the end of the file.

    A camera that lost power may not have written the length yet (0 or 8 bytes): then it reaches to the end.
    """
    size = file.seek(0, os.SEEK_END)
    spans = [(start, min(end, size)) for kind, start, end in _top_boxes(file, size) if kind == b"mdat"]
    return [(start, size if end <= start and at == len(spans) - 1 else end) for at, (start, end) in enumerate(spans)]


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


@dataclass(slots=True)
class _Traits:
    encrypted: bool = False
    elsewhere: bool = False
    edited: bool = False


def _look_through(moov: bytes, traits: _Traits) -> None:
    pending = [(0, len(moov))]
    while pending:
        start, end = pending.pop()
        for kind, payload, stop in _inner_boxes(moov, start, end):
            if kind in _CONTAINERS:
                pending.append((payload, stop))
            elif kind == b"stsd":  # version, flags and entry count come before the entries
                entries = _inner_boxes(moov, payload + 8, stop)
                traits.encrypted |= any(entry in _ENCRYPTED for entry, _, _ in entries)
            elif kind == b"dref":
                references = _inner_boxes(moov, payload + 8, stop)
                traits.elsewhere |= any(not _is_self_contained(moov, at, until) for _, at, until in references)
            elif kind == b"elst" and payload + 8 <= stop:
                traits.edited |= struct.unpack_from(">I", moov, payload + 4)[0] > 1


def _is_self_contained(moov: bytes, payload: int, stop: int) -> bool:
    return payload + 4 <= stop and bool(moov[payload + 3] & _SELF_CONTAINED)


def _inner_boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while start + 8 <= end:
        length, kind = struct.unpack_from(">I4s", data, start)
        if length < 8:
            return
        yield kind, start + 8, min(start + length, end)
        start += length
