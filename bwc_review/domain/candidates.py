"""A candidate: what the machine proposes a person should listen to. It counts for nothing until a person decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bwc_review.domain.ids import CandidateId, EventCode, OperatorId, RecordingId, TagId, TranscriptId
from bwc_review.domain.tags import AttrValue
from bwc_review.domain.times import Span


class CandidateState(StrEnum):
    """Open until a person has listened."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposal: words in one recording that match a phrase of the lexicon.

    ``span`` on the recording's media clock; ``confidence`` and ``weakest`` per mille (mean and minimum of the
    words matched); ``proposed`` are attribute values the phrase suggests; ``flags`` say what to be wary of.
    """

    id: CandidateId
    recording: RecordingId
    transcript: TranscriptId
    code: EventCode
    span: Span
    words: str
    phrase: str  # id of the lexicon entry
    why: str  # the phrase in words, for the person who decides
    confidence: int
    weakest: int
    flags: tuple[str, ...] = ()
    proposed: Mapping[str, AttrValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said of a candidate after listening. ``at`` microseconds since 1970 UTC."""

    candidate: CandidateId
    state: CandidateState
    by: OperatorId
    at: int
    reason: str
    tag: TagId | None
