"""Finding H.264 units in bytes that no index describes, and grouping them into pictures; pure.

Length-prefixed units as MP4 keeps them (ISO/IEC 14496-15 section 5.3.3); unit types, slice headers and emulation
prevention: ITU-T H.264 sections 7.3.1, 7.3.3 and 7.4.1. Only what tells a unit from chance is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_UNIT_BYTES = 16 * 1024 * 1024
HEAD_BYTES = 24
PREFIX = 4
SLICE, KEY_SLICE, SEI, SPS, PPS, DELIMITER, FILLER = 1, 5, 6, 7, 8, 9, 12
_NEEDS_REFERENCE = frozenset((KEY_SLICE, SPS, PPS))
_NEVER_REFERENCE = frozenset((SEI, DELIMITER, FILLER))
_IN_STREAM = frozenset((SLICE, KEY_SLICE, SEI, SPS, PPS, DELIMITER, FILLER))
_INTRA_TYPES = frozenset((2, 4, 7, 9))
_IMPOSSIBLE = re.compile(rb"\x00\x00[\x00-\x02]")  # emulation prevention would have broken it up
CANDIDATE = re.compile(rb"(?=\x00[\x00-\xff]{3}[\x01\x21\x41\x61\x25\x45\x65\x06\x27\x47\x67\x28\x48\x68\x09])")


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit in the file: ``start`` of its four-byte length, ``length`` without it, and what its head says."""

    start: int
    length: int
    kind: int
    first_of_picture: bool

    @property
    def end(self) -> int:
        """Where the next thing in the file begins."""
        return self.start + PREFIX + self.length


def unit_from(head: bytes, start: int, pictures: frozenset[int]) -> Unit | None:
    """The unit whose length prefix ``head`` begins with, None when it cannot be one.

    ``pictures`` are the numbers of the picture parameter sets a slice may name.
    """
    if len(head) < PREFIX + 2:
        return None
    length, header = int.from_bytes(head[:PREFIX], "big"), head[PREFIX]
    kind, reference = header & 0x1F, header >> 5 & 3
    if header & 0x80 or kind not in _IN_STREAM or not 2 <= length <= MAX_UNIT_BYTES:
        return None
    if (kind in _NEEDS_REFERENCE and not reference) or (kind in _NEVER_REFERENCE and reference):
        return None
    if kind == DELIMITER and length != 2:
        return None
    if kind not in (SLICE, KEY_SLICE):
        return Unit(start, length, kind, False)
    bits = Bits(head[PREFIX + 1 :])
    try:
        first, slice_type, parameters = bits.number(), bits.number(), bits.number()
    except IndexError:
        return None
    if slice_type > 9 or parameters not in pictures or (kind == KEY_SLICE and slice_type not in _INTRA_TYPES):
        return None
    return Unit(start, length, kind, first == 0)


def can_be(body: bytes) -> bool:
    """Whether the bytes of a whole unit hold nothing an encoder could not have written."""
    return bool(body) and body[-1] != 0 and _IMPOSSIBLE.search(body) is None


def pictures_of(units: Iterable[Unit]) -> Iterator[tuple[Unit, ...]]:
    """Units grouped into pictures; what precedes the first picture's own units goes with it."""
    held: list[Unit] = []
    sliced = False
    for unit in units:
        begins = unit.first_of_picture or unit.kind in (SEI, SPS, PPS, DELIMITER)
        if sliced and begins:
            yield tuple(held)
            held, sliced = [], False
        held.append(unit)
        sliced = sliced or unit.kind in (SLICE, KEY_SLICE)
    if sliced:
        yield tuple(held)


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameter sets of a stream, without length or start code."""

    sequences: tuple[bytes, ...]
    pictures: tuple[bytes, ...]

    def numbers(self) -> frozenset[int]:
        """The numbers of the picture parameter sets. Raises IndexError for a torn one."""
        return frozenset(Bits(one[1:]).number() for one in self.pictures)

    def to_avcc(self) -> bytes:
        """The decoder configuration record with lengths of four bytes; ``from_avcc`` gives back an equal value."""
        first = self.sequences[0]
        record = bytes((1, *first[1:4], 0xFF, 0xE0 | len(self.sequences)))
        record += b"".join(len(one).to_bytes(2, "big") + one for one in self.sequences)
        record += bytes((len(self.pictures),))
        return record + b"".join(len(one).to_bytes(2, "big") + one for one in self.pictures)

    @classmethod
    def from_avcc(cls, record: bytes) -> Parameters:
        """Parse a decoder configuration record. Raises ValueError for one that is torn or has other lengths."""
        if len(record) < 7 or record[0] != 1 or record[4] & 3 != PREFIX - 1:
            raise ValueError("not a configuration record with lengths of four bytes")
        sequences, at = _sets(record, 6, record[5] & 0x1F)
        if at >= len(record):
            raise ValueError("torn configuration record")
        pictures, _ = _sets(record, at + 1, record[at])
        if not sequences or not pictures:
            raise ValueError("a configuration record without parameter sets")
        return cls(sequences, pictures)


def _sets(record: bytes, at: int, count: int) -> tuple[tuple[bytes, ...], int]:
    sets = []
    for _ in range(count):
        length = int.from_bytes(record[at : at + 2], "big")
        one = record[at + 2 : at + 2 + length]
        if len(one) != length or length < 4:
            raise ValueError("torn parameter set")
        sets.append(one)
        at += 2 + length
    return tuple(sets), at


class Bits:
    """Reads unsigned Exp-Golomb numbers (H.264 section 9.1) from the front of ``data``."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def number(self) -> int:
        """The next number. Raises IndexError past the end."""
        zeros = 0
        while not self._bit():
            zeros += 1
        value = 1
        for _ in range(zeros):
            value = value << 1 | self._bit()
        return value - 1

    def _bit(self) -> int:
        if not self._left:
            raise IndexError("past the end")
        self._left -= 1
        return self._value >> self._left & 1
