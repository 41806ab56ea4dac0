"""The box skeleton of MP4 files: torn, missing and encrypted parts are seen, garbage ends the walk."""

from __future__ import annotations

import io
import struct

from hypothesis import given
from hypothesis import strategies as st

from ingest.boxes import Skeleton, read_skeleton


def box(kind: bytes, payload: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


def moov_with(entry: bytes) -> bytes:
    stsd = box(b"stsd", bytes(4) + struct.pack(">I", 1) + box(entry, bytes(70)))
    return box(b"moov", box(b"mvhd", bytes(100)) + box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", stsd)))))


def skeleton_of(data: bytes) -> Skeleton:
    return read_skeleton(io.BytesIO(data))


def test_a_whole_file_has_index_and_media_and_is_not_torn() -> None:
    assert skeleton_of(box(b"ftyp") + box(b"mdat", b"x") + moov_with(b"avc1")) == Skeleton(True, True, False, "", 0)


def test_encryption_is_seen_in_the_sample_entry_and_nowhere_else() -> None:
    assert skeleton_of(moov_with(b"encv")).encrypted
    assert skeleton_of(moov_with(b"enca")).encrypted
    assert not skeleton_of(box(b"free", b"encv" * 10) + moov_with(b"avc1")).encrypted


def test_a_box_that_reaches_past_the_end_is_torn_by_so_many_bytes() -> None:
    torn = skeleton_of(box(b"ftyp") + box(b"mdat", bytes(100))[:-40])
    assert (torn.torn_box, torn.missing_bytes, torn.has_index) == ("mdat", 40, False)


def test_sizes_of_64_bits_and_sizes_up_to_the_end_are_read() -> None:
    large = struct.pack(">I4sQ", 1, b"mdat", 20) + bytes(4)
    assert skeleton_of(large + moov_with(b"avc1")).has_index
    open_ended = struct.pack(">I4s", 0, b"mdat") + bytes(50)
    assert skeleton_of(open_ended) == Skeleton(False, True, False, "", 0)
    absurd = struct.pack(">I4sQ", 1, b"mdat", 2**63)
    assert skeleton_of(absurd).missing_bytes == 2**63 - 16


@given(st.binary(max_size=200))
def test_any_bytes_have_a_skeleton(data: bytes) -> None:
    for prefix in (b"", box(b"ftyp"), struct.pack(">I4s", 8 + len(data), b"moov")):
        assert skeleton_of(prefix + data).missing_bytes >= 0
