"""Everything the desk shows of one incident, read from the store in one go, off the GUI thread. Frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, cast

from bwc_review.domain.candidates import Candidate, Decision
from bwc_review.domain.ids import CameraId, CandidateId, IncidentId, ParticipantId, RecordingId
from bwc_review.domain.recording import Incident, Playability, Recording
from bwc_review.domain.speech import Transcript
from bwc_review.domain.tags import Tag
from bwc_review.domain.times import ClockMap, Span
from bwc_review.playback.peaks import Peaks, read_peaks
from bwc_review.playback.source import PlayerSource
from bwc_review.ports.records import Session, StoredDerivative
from bwc_review.ports.store import Work
from bwc_review.review.desk import Desk
from bwc_review.review.incidents import incident_span
from bwc_review.review.reading import case as case_of
from bwc_review.review.starts import clock_words
from ui.words import uncertainty_text, word

OVERLAP_US = 1_000_000  # what two clips of one camera may overlap by rounding or a late split


@dataclass(frozen=True, slots=True)
class Clip:
    """One recording on the incident's clock, ready to be played and drawn."""

    recording: Recording
    clock: ClockMap
    span: Span  # incident clock
    source: PlayerSource
    peaks: Peaks | None
    transcript: Transcript | None

    @property
    def playable(self) -> bool:
        """Whether there is a picture to show."""
        return self.recording.playability is not Playability.UNPLAYABLE and self.source.index is not None


@dataclass(frozen=True, slots=True)
class Track:
    """One camera: its clips in time order. ``name`` is short: "Camera 1 · O1"."""

    camera: CameraId
    name: str
    wearer: ParticipantId | None
    clips: tuple[Clip, ...]

    def clip_at(self, us: int) -> Clip | None:
        """The playable clip that covers a moment of the incident."""
        return next((one for one in self.clips if one.playable and one.span.start <= us < one.span.end), None)

    def clip_after(self, us: int) -> Clip | None:
        """The next playable clip that begins at or after a moment."""
        return next((one for one in self.clips if one.playable and one.span.start >= us), None)


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """One incident as it stands in the store."""

    incident: Incident
    span: Span
    tracks: tuple[Track, ...]
    candidates: tuple[Candidate, ...]
    decisions: Mapping[CandidateId, Decision]
    tags: tuple[Tag, ...]  # earlier revisions included

    @property
    def clips(self) -> tuple[Clip, ...]:
        """Every clip of every camera."""
        return tuple(clip for track in self.tracks for clip in track.clips)

    def clip_of(self, recording: RecordingId) -> Clip:
        """The clip of a recording. Raises KeyError when it is not part of the incident."""
        for clip in self.clips:
            if clip.recording.id == recording:
                return clip
        raise KeyError(recording)

    def track_of(self, recording: RecordingId) -> Track:
        """The camera that made a recording. Raises KeyError when it is not part of the incident."""
        for track in self.tracks:
            if any(clip.recording.id == recording for clip in track.clips):
                return track
        raise KeyError(recording)


def read_case(desk: Desk, session: Session, incident: IncidentId) -> ReviewCase:
    """Read an incident with frame indexes and waveforms.

    Raises PermissionDenied, NotFound, StoreDamaged, VaultDamaged, VaultLocked, OSError.
    """
    with case_of(desk, session, incident) as work:
        case = work.reviews.incident(incident)
        recordings = [work.footage.recording(placed.recording) for placed in case.placements]
        lanes = lanes_of(case, recordings)
        tracks = tuple(_track(desk, work, case, number, lane) for number, lane in enumerate(lanes, start=1))
        candidates = [one for recording in recordings for one in work.reviews.candidates(recording.id)]
        decisions = work.reviews.decisions()
        tags = tuple(work.reviews.tags(incident))
    clips = {clip.recording.id: clip for track in tracks for clip in track.clips}
    candidates.sort(key=lambda one: (clips[one.recording].clock.to_incident(one.span.start), one.id))
    return ReviewCase(
        incident=case,
        span=incident_span(case, recordings),
        tracks=tracks,
        candidates=tuple(candidates),
        decisions={one.id: decisions[one.id] for one in candidates if one.id in decisions},
        tags=tags,
    )


def lanes_of(case: Incident, recordings: Sequence[Recording]) -> tuple[tuple[Recording, ...], ...]:
    """The recordings of each camera in time order. Clips of one camera that run at the same time (a camera nobody
    could name stands for several) get a lane of their own, so that none hides another."""
    lanes: list[list[Recording]] = []
    by_start = sorted(recordings, key=lambda one: (one.camera, case.clock_of(one.id).offset, one.exhibit))
    for recording in by_start:
        start = case.clock_of(recording.id).offset
        for lane in lanes:
            last = lane[-1]
            end = case.clock_of(last.id).to_incident(last.span.end)
            if last.camera == recording.camera and end <= start + OVERLAP_US:
                lane.append(recording)
                break
        else:
            lanes.append([recording])
    return tuple(tuple(lane) for lane in lanes)


def _track(desk: Desk, work: Work, case: Incident, number: int, lane: Sequence[Recording]) -> Track:
    wearer = next((one.wearer for one in lane if one.wearer), None)
    clips = tuple(_clip(desk, work, case, one, number) for one in lane)
    return Track(lane[0].camera, f"Camera {number} · {wearer or lane[0].camera}", wearer, clips)


def _opened(desk: Desk, made: StoredDerivative) -> BinaryIO:
    return cast("BinaryIO", desk.vault.open_kept(desk.folder / made.path, made.sha256))


def _bytes_of(desk: Desk, made: StoredDerivative) -> bytes:
    with _opened(desk, made) as reader:
        return reader.read()


def _clip(desk: Desk, work: Work, case: Incident, recording: Recording, number: int) -> Clip:
    placed = next(one for one in case.placements if one.recording == recording.id)
    made = {one.kind: one for one in work.footage.derivatives(recording.id)}
    clock = placed.clock
    worn = f"worn by {recording.wearer}" if recording.wearer else "wearer not known"
    index = _bytes_of(desk, made["index"]) if "index" in made else None
    salvaged = made["salvage"] if recording.playability is Playability.SALVAGED else None
    shown = f"SALVAGED COPY of {recording.exhibit}, times assumed" if salvaged else f"original {recording.exhibit}"
    sha256 = recording.sha256
    verified = clock_words(work, case.zero, placed, recording)
    source = PlayerSource(
        recording=recording,
        open_original=lambda: _opened(desk, salvaged) if salvaged else desk.vault.open(sha256),  # type: ignore[arg-type,return-value]
        index=index,
        open_audio=partial(_opened, desk, made["audio"]) if "audio" in made else None,
        label=f"Camera {number} · {worn} · {shown}",
        wall_zero_us=case.zero + clock.offset,
        wall_note=f"{uncertainty_text(clock.uncertainty)}, by {word('claims', placed.source)}, {verified}",
    )
    return Clip(
        recording=recording,
        clock=clock,
        span=clock.span_to_incident(recording.span),
        source=source,
        peaks=read_peaks(_bytes_of(desk, made["peaks"])) if "peaks" in made else None,
        transcript=work.reviews.transcript(recording.id),
    )
