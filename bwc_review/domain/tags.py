"""A tag: what a person saw or heard, or judged, on the incident's clock. Superseded or withdrawn, never edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bwc_review.domain.ids import (
    CandidateId,
    EventCode,
    IncidentId,
    OperatorId,
    ParticipantId,
    RecordingId,
    TagId,
)
from bwc_review.domain.times import Micros, Span

AttrValue = str | int | bool | tuple[str, ...]


class EndStatus(StrEnum):
    """How the end of an interval is known (taxonomy ``enums.end_status``)."""

    CLOSED = "closed"
    OPEN_AT_RECORDING_END = "open_at_recording_end"
    UNKNOWN_START = "unknown_start"
    NOT_SEEN_TO_END = "not_seen_to_end"


class TagSource(StrEnum):
    """Who or what first wrote it (taxonomy ``enums.tag_source``)."""

    HUMAN = "human"
    ASR_CANDIDATE = "asr_candidate"
    RULE_CANDIDATE = "rule_candidate"
    DEVICE_LOG = "device_log"
    OFFICER_REPORT = "officer_report"
    IMPORT = "import"


class TagState(StrEnum):
    """``superseded`` covers both a newer revision and a withdrawal (taxonomy ``enums.tag_state``)."""

    CANDIDATE = "candidate"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


class Modality(StrEnum):
    """How it was perceived (taxonomy ``enums.modality``)."""

    SEEN = "seen"
    HEARD = "heard"
    SEEN_AND_HEARD = "seen_and_heard"
    DEVICE_LOG = "device_log"
    DOCUMENT = "document"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where to look: a stretch of one recording on its media clock, with the exhibit's digest."""

    recording: RecordingId
    span: Span
    sha256: str


@dataclass(frozen=True, slots=True)
class Tag:
    """One event on the incident's master clock.

    A point event has ``end == start``; an interval still open has ``end is None``. ``uncertainty`` in microseconds
    covers frame or word timing and camera synchronisation. ``attrs`` as the taxonomy names them.
    """

    id: TagId
    incident: IncidentId
    code: EventCode
    start: Micros
    end: Micros | None
    actor: ParticipantId | None
    target: ParticipantId | None
    source: TagSource
    state: TagState
    uncertainty: Micros
    by: OperatorId
    recorded_at: int
    attrs: Mapping[str, AttrValue] = field(default_factory=dict)
    end_status: EndStatus = EndStatus.CLOSED
    modality: Modality = Modality.SEEN_AND_HEARD
    evidence: tuple[Evidence, ...] = ()
    supersedes: TagId | None = None
    candidate: CandidateId | None = None
    note: str = ""
    key: str = ""  # names the act that wrote it, so that a repeated act is recognised

    def end_or(self, limit: Micros) -> Micros:
        """The end, or ``limit`` (usually the recordings' end) while the interval is open."""
        return limit if self.end is None else self.end

    def span(self, limit: Micros) -> Span:
        """The tag's stretch, cut at ``limit`` while it is open."""
        return Span(self.start, max(self.start, self.end_or(limit)))
