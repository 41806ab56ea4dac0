"""What a roster or a dispatch list expects, and what is known of recordings and dockings to hold against it. Values.

Times are microseconds since 1970 UTC with an uncertainty beside each. How the two are compared is
``domain.reconciling``'s business.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bwc_review.domain.ids import CameraId, ExhibitNo, ParticipantId, RecordingId
from bwc_review.domain.recording import Incident, Recording
from bwc_review.domain.times import Micros

UNCLASSIFIED = "unclassified"  # never a short retention: a person decides (DESIGN section 4)


class Expectation(StrEnum):
    """What a row promises: a camera carried on duty, or one that runs throughout a call."""

    DUTY = "duty"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Expected:
    """One row of a roster. ``uncertainty`` is what the written form of its times leaves open."""

    exhibit: ExhibitNo
    line: int
    id: str
    kind: Expectation
    officer: ParticipantId | None
    camera: CameraId | None
    start: int
    end: int
    uncertainty: Micros
    category: str = ""
    dock_by: int | None = None

    @property
    def source(self) -> str:
        """Where it stands."""
        return f"{self.exhibit} line {self.line}"


@dataclass(frozen=True, slots=True)
class Roster:
    """One imported list: its exhibit, the zone its local times were read in, and its rows in the file's order."""

    id: str
    exhibit: ExhibitNo
    sha256: str
    zone: str
    imported_at: int
    rows: tuple[Expected, ...]


@dataclass(frozen=True, slots=True)
class DockingSeen:
    """One docking: ``state`` as the store has it, the cameras it brought recordings of, how many files failed."""

    id: str
    label: str
    state: str
    started_at: int
    cameras: frozenset[CameraId]
    failed: int

    @property
    def finished(self) -> bool:
        """Whether everything that lay there was taken."""
        return self.state == "done" and self.failed == 0


@dataclass(frozen=True, slots=True)
class Begun:
    """When a recording began, how sure that is, and who says so."""

    start: int
    uncertainty: Micros
    source: str


@dataclass(frozen=True, slots=True)
class Footage:
    """One recording as reconciliation sees it. ``length`` is None where it cannot be played."""

    recording: RecordingId
    exhibit: ExhibitNo
    camera: CameraId
    wearer: ParticipantId | None
    begun: Begun | None
    length: Micros | None
    silent_lead: Micros
    camera_known: bool = True
    damage: tuple[str, ...] = ()


def begun(recording: Recording, incidents: Iterable[Incident] = (), adopted: Begun | None = None) -> Begun | None:
    """When a recording began: as a person adopted it, else where an incident places it most surely, else by its best
    claim. A local time that never was names no moment and counts for nothing."""
    if adopted is not None:
        return adopted
    found = [
        Begun(case.zero + placed.clock.offset, placed.clock.uncertainty, f"{case.id}, by {placed.source}")
        for case in incidents
        for placed in case.placements
        if placed.recording == recording.id
    ]
    claims = (claim for claim in recording.claims if claim.doubt != "nonexistent")
    found = found or [Begun(claim.start, claim.uncertainty, claim.source) for claim in claims]
    return min(found, key=lambda one: one.uncertainty, default=None)
