"""When a recording began, as a person adopted it, and recordings that are parts of one. Frozen values, pure rules.

Claims stay side by side (``domain/recording``); an adoption is a person's act with a reason and never edits a claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bwc_review.domain.ids import CameraId, OperatorId, RecordingId
from bwc_review.domain.times import Micros

BY_HAND = "by-hand"  # the source of a time that stands in no claim


@dataclass(frozen=True, slots=True)
class AdoptedStart:
    """A person's word for when the first frame was taken. A later one supersedes it; it stays on record.

    ``start`` in microseconds since 1970 UTC. ``claim`` is the number of the claim it rests on (from 0), None for a
    time of the person's own. ``camera_fast`` is how much the camera's clock was found fast at the dock, already
    taken off ``start``: a view of the claim, which itself is unchanged.
    """

    id: str
    recording: RecordingId
    start: int
    uncertainty: Micros
    source: str
    claim: int | None
    camera_fast: int
    reason: str
    by: OperatorId
    at: int


@dataclass(frozen=True, slots=True)
class SeriesPart:
    """One file of a recording that the camera cut. ``number`` is the camera's own, None when it gave none.

    ``offset`` from the first part's start and ``gap`` from the end of the part before (negative: they overlap), in
    microseconds; None where nothing says. ``uncertainty`` is of both; ``source`` says which claims were compared.
    """

    recording: RecordingId
    number: int | None
    offset: int | None
    gap: int | None
    uncertainty: Micros
    source: str


@dataclass(frozen=True, slots=True)
class Series:
    """Recordings that are one recording in parts, in order; each stays an exhibit of its own. ``why``: in words."""

    id: str
    camera: CameraId
    parts: tuple[SeriesPart, ...]
    why: str
    made_at: int

    def part_of(self, recording: RecordingId) -> SeriesPart:
        """The part a recording is. Raises KeyError when it is none."""
        for part in self.parts:
            if part.recording == recording:
                return part
        raise KeyError(recording)

    def place_of(self, recording: RecordingId) -> int:
        """Which part it is, counted from 1. Raises KeyError when it is none."""
        return self.parts.index(self.part_of(recording)) + 1

    def between(self, one: RecordingId, other: RecordingId) -> tuple[int, Micros] | None:
        """Microseconds from the start of one part to the start of another, and how unsure; None: nothing says."""
        first, second = self.part_of(one), self.part_of(other)
        if first.offset is None or second.offset is None:
            return None
        return second.offset - first.offset, Micros(first.uncertainty + second.uncertainty)

    @property
    def missing(self) -> tuple[int, ...]:
        """Numbers the camera must have given to parts that are not here; none where it gave no numbers."""
        numbers = {part.number for part in self.parts if part.number is not None}
        if len(numbers) < len(self.parts) or not numbers or max(numbers) > 10_000:
            return ()
        return tuple(sorted(set(range(min(1, *numbers), max(numbers) + 1)) - numbers))


def newest_of(series: Sequence[Series], recording: RecordingId) -> Series | None:
    """The series a recording is part of, the last one made when it was joined more than once."""
    found = [one for one in series if any(part.recording == recording for part in one.parts)]
    return max(found, key=lambda one: one.made_at, default=None)
