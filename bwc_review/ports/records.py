"""What the store keeps beside the domain's own: dockings, exhibits, acquisitions, derivatives, sessions, bundles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bwc_review.domain.camera_clock import CameraClock
from bwc_review.domain.ids import ExhibitNo, IncidentId, OperatorId, RecordingId
from bwc_review.domain.times import Micros


@dataclass(frozen=True, slots=True)
class Session:
    """Who is at the desk, in which role, for what purpose, of which unit ("": none named).

    Goes into every custody entry; the unit stands in that of the session's beginning.
    """

    id: str
    operator: OperatorId
    role: str
    purpose: str
    started_at: int
    unit: str = ""


class Outcome(StrEnum):
    """What became of one file met on a dock."""

    TAKEN = "taken"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Docking:
    """One arrival of one source. ``state``: "open", "done", "interrupted" or "failed".

    "failed": everything was gone through and at least one file could not be taken. ``ended_by`` is a code for what
    interrupted it. ``seen_as`` is the digest of the source's listing (names, sizes, times), ``volume`` its file
    system, ``protection`` a code, all empty when not known. ``clock_*``: the camera's clock as measured at the dock
    (``CameraClock``), None and empty when nobody measured it.
    """

    id: str
    label: str
    profile: str
    profile_sha256: str
    state: str
    started_at: int
    session: str
    ended_by: str = ""
    seen_as: str = ""
    volume: str = ""
    device: str = ""
    protection: str = ""
    clock_offset: int | None = None
    clock_uncertainty: int | None = None
    clock_source: str = ""
    clock_read_at: int | None = None

    @property
    def clock(self) -> CameraClock | None:
        """The camera's clock as it was measured at the dock, None when nobody did."""
        if self.clock_offset is None or self.clock_uncertainty is None or self.clock_read_at is None:
            return None
        sure = Micros(self.clock_uncertainty)
        return CameraClock(Micros(self.clock_offset), sure, self.clock_source, self.clock_read_at)


@dataclass(frozen=True, slots=True)
class Met:
    """One entry met on a docked source, written before anything is copied: what is in no acquisition yet still waits.

    ``seen_as`` is the digest of raw name, size, time and kind as listed; ``name`` is safe for display.
    """

    docking: str
    seen_as: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One preserved sequence of bytes, known by its digest. ``kind``: "video", "sidecar" or "other"."""

    number: ExhibitNo
    sha256: str
    sha512: str
    chunk_root: str
    size: int
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Acquisition:
    """One file met in one docking. ``name`` is safe for display; the bytes as found are a custody payload.

    ``seen_as`` says which entry of the listing (``Met``) this settles; empty in records of older versions.
    """

    id: str
    docking: str
    name: str
    size: int
    outcome: Outcome
    reason: str
    sha256: str | None
    exhibit: ExhibitNo | None
    seen_as: str = ""


@dataclass(frozen=True, slots=True)
class StoredDerivative:
    """A file made from an original; ``path`` relative to the workspace. Can always be made again."""

    recording: RecordingId
    kind: str  # "index", "peaks", "audio", "proxy"
    path: str
    sha256: str
    size: int
    parent_sha256: str
    tool: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class StoredBundle:
    """A sealed bundle that left, or may leave, the house."""

    id: str
    incident: IncidentId
    name: str
    path: str
    tagmanifest_sha256: str
    log_size: int
    sealed_at: int
