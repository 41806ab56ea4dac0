"""A recording: one preserved file a camera made, what is known of it, and when it says it was made."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bwc_review.domain.ids import CameraId, ExhibitNo, IncidentId, ParticipantId, RecordingId
from bwc_review.domain.times import ClockMap, Micros, Span


class Playability(StrEnum):
    """Whether the preserved file can be shown. Unplayable files are still evidence.

    ``salvaged``: the original plays nowhere; a copy made from its remains plays, and says what it assumed.
    """

    PLAYABLE = "playable"
    DAMAGED = "damaged"
    SALVAGED = "salvaged"
    UNPLAYABLE = "unplayable"


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """The picture stream as indexed: ``frames`` counted by demuxing, never as the header claims."""

    codec: str
    width: int
    height: int
    frames: int
    rate_num: int
    rate_den: int
    rotation: int = 0


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """The first audio stream, and how many there are."""

    codec: str
    sample_rate: int
    channels: int
    tracks: int = 1


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What probing found. ``duration`` in microseconds, as indexed. ``damage`` and ``notes``: sentences for a person;
    notes say what may be so in a whole recording, as that it is turned, muted or without sound."""

    container: str
    duration: Micros
    video: VideoFacts | None
    audio: AudioFacts | None
    damage: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TimeClaim:
    """One source's claim of when the first frame was taken. Claims are kept side by side, none is believed by itself.

    ``start`` in microseconds since 1970-01-01T00:00:00Z; ``uncertainty`` in microseconds. ``text`` is what stands in
    the source, ``where`` says where in it, ``means`` whether it names the ``start``, the ``end`` or a moment
    ``within``, ``zone`` how it was read. A ``doubt`` (``ambiguous``, ``nonexistent``, ``no-zone``) makes ``start``
    one way of several to read it; an ambiguous time has two ``readings``, each a start.
    """

    source: str
    start: int
    uncertainty: Micros
    text: str
    where: str = ""
    means: str = "start"
    zone: str = ""
    doubt: str = ""
    readings: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Recording:
    """One exhibit that is, or was meant to be, footage."""

    id: RecordingId
    exhibit: ExhibitNo
    sha256: str
    size: int
    name: str  # made safe for display; the name as found is a custody payload
    camera: CameraId
    profile: str
    wearer: ParticipantId | None
    playability: Playability
    facts: MediaFacts | None
    claims: tuple[TimeClaim, ...]
    silent_lead: Micros  # pre-event buffer known to carry no audio

    @property
    def span(self) -> Span:
        """The recording on its own media clock."""
        return Span(Micros(0), self.facts.duration if self.facts else Micros(0))


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a person put a recording on the incident's master clock, from which claim and why."""

    incident: IncidentId
    recording: RecordingId
    clock: ClockMap
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Incident:
    """Several recordings on one clock. ``zero`` is the master clock's origin, microseconds since 1970 UTC."""

    id: IncidentId
    title: str
    zero: int
    placements: tuple[Placement, ...]

    def clock_of(self, recording: RecordingId) -> ClockMap:
        """Return the clock map of one of the incident's recordings. Raises KeyError when it is not part of it."""
        for placement in self.placements:
            if placement.recording == recording:
                return placement.clock
        raise KeyError(recording)
