"""Jobs: pieces to be made of a recording in the background, kept so that a restart goes on where it was cut short.

Nothing of a job is evidence: what was made, and what could not be, stands in the custody log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bwc_review.domain.ids import RecordingId


class JobState(StrEnum):
    """``stopping``: a person asked a running job to stop; whoever works it will notice."""

    QUEUED = "queued"
    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNDER_WAY = (JobState.RUNNING, JobState.STOPPING)


@dataclass(frozen=True, slots=True)
class Job:
    """One piece to make. ``what`` names the piece, ``wanted`` what it needs besides the recording.

    ``owner`` is the session that works it, empty while nobody does; ``attempts`` counts how often it was begun.
    ``error`` is the last failure, in words for a person. ``rank``: lower goes first. Times in microseconds.
    """

    id: str
    recording: RecordingId
    what: str
    wanted: Mapping[str, str]
    rank: int
    state: JobState
    attempts: int
    error: str
    owner: str
    asked_at: int
    ended_at: int | None


class Jobs(Protocol):
    """The jobs of this workstation. Raises NotFound for an unknown id."""

    def add(self, job: Job) -> None:
        """Keep a new job; a recording has at most one for each piece."""

    def update(self, job: Job) -> None:
        """Keep how a job stands now."""

    def job(self, job: str) -> Job: ...

    def all(self) -> Sequence[Job]:
        """Every job of this workstation, in the order they are to be worked: by rank, then by when asked for."""
