"""Telling pictures from the rest in media data that no index describes; every byte of it is accounted for.

Pictures are recognised by their own structure (``ingest.avc``). What lies between them is sound where the decoder
of the camera's sound says so, else it is counted as not understood. Hostile media: runs in the child.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ingest.avc import CANDIDATE, HEAD_BYTES, PREFIX, Unit, can_be, unit_from
from ingest.boxes import media_spans
from ingest.files import MediaFile

_WINDOW = 256 * 1024
MAX_GAP_BYTES = 4 * 1024 * 1024
MAX_UNITS = 20_000_000

SamplesIn = Callable[[bytes], int]


@dataclass(slots=True)
class Remains:
    """What was found: picture units in order, (start, end) of sound between them, and bytes nobody understands.

    ``torn``: bytes at the very end that begin a unit the file does not finish.
    """

    units: list[Unit] = field(default_factory=list)
    sounds: list[tuple[int, int]] = field(default_factory=list)
    sound_samples: int = 0
    unknown: int = 0
    torn: int = 0
    size: int = 0


def find_remains(file: MediaFile, pictures: frozenset[int], samples_in: SamplesIn) -> Remains:
    """Walk all media data of a seekable file. ``samples_in`` counts the sound samples in bytes, 0 for
    bytes that are not whole pieces of sound."""
    remains = Remains()
    for start, end in media_spans(file):
        remains.size += end - start
        _Walk(file, pictures, samples_in, end).over(start, remains)
    return remains


class _Walk:
    def __init__(self, file: MediaFile, pictures: frozenset[int], samples_in: SamplesIn, end: int) -> None:
        self._file, self._pictures, self._samples_in, self._end = file, pictures, samples_in, end

    def over(self, start: int, remains: Remains) -> None:
        at = start
        while at < self._end and len(remains.units) < MAX_UNITS:
            unit = self._unit(at)
            if unit is not None:
                remains.units.append(unit)
                at = unit.end
                continue
            following, samples = self._next(at)
            if following is None:
                self._close(at, remains)
                return
            _keep(at, following.start, samples, remains)
            at = following.start

    def _unit(self, at: int) -> Unit | None:
        unit = unit_from(self._read(at, HEAD_BYTES), at, self._pictures)
        if unit is None or unit.end > self._end:
            return None
        return unit if can_be(self._read(at + PREFIX, unit.length)) else None

    def _next(self, gap: int) -> tuple[Unit | None, int]:
        """The first unit after ``gap`` before which all is sound, with its samples; else one that another follows."""
        fallback: Unit | None = None
        at = gap + 1
        while at < self._end:
            window = self._read(at, _WINDOW)
            for match in CANDIDATE.finditer(window):
                unit = self._unit(at + match.start())
                if unit is None:
                    continue
                if samples := self._sound(gap, unit.start):
                    return unit, samples
                if fallback is None and (unit.end == self._end or self._unit(unit.end) is not None):
                    fallback = unit
            if fallback is not None:
                return fallback, 0
            at += max(1, len(window) - HEAD_BYTES)
        return None, 0

    def _sound(self, start: int, end: int) -> int:
        return self._samples_in(self._read(start, end - start)) if end - start <= MAX_GAP_BYTES else 0

    def _close(self, at: int, remains: Remains) -> None:
        """What follows the last whole unit: a unit cut short, sound, or neither."""
        unit = unit_from(self._read(at, HEAD_BYTES), at, self._pictures)
        if unit is not None and unit.end > self._end:
            remains.torn += self._end - at
        else:
            _keep(at, self._end, self._sound(at, self._end), remains)

    def _read(self, at: int, count: int) -> bytes:
        self._file.seek(at)
        return self._file.read(max(0, min(count, self._end - at)))


def _keep(start: int, end: int, samples: int, remains: Remains) -> None:
    if samples:
        remains.sounds.append((start, end))
        remains.sound_samples += samples
    else:
        remains.unknown += end - start
