"""The store as use cases see it: one unit of work, in which an act and its custody entry stand or fall together.

One contract suite (tests/contract/test_store.py) runs over every implementation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from bwc_review.domain.camera_clock import CameraClock
from bwc_review.domain.candidates import Candidate, Decision
from bwc_review.domain.ids import CandidateId, ExhibitNo, IncidentId, RecordingId, TagId
from bwc_review.domain.recording import Incident, MediaFacts, Placement, Playability, Recording
from bwc_review.domain.speech import Transcript
from bwc_review.domain.tags import Tag
from bwc_review.ports.clocks import Clocks
from bwc_review.ports.erasure import Erasures
from bwc_review.ports.jobs import Jobs
from bwc_review.ports.preservation import Preservation
from bwc_review.ports.records import Acquisition, Docking, Exhibit, Met, Session, StoredBundle, StoredDerivative
from bwc_review.ports.times import Alignments, DeviceLogs, Rosters
from bwc_review.ports.timestamps import Timestamps
from bwc_review.ports.witnesses import Cosignatures
from chain_of_custody.entry import Draft, Entry
from chain_of_custody.head import LogHead
from chain_of_custody.payload import Payload
from chain_of_custody.signing import SigningKey


class CustodyLog(Protocol):
    """The append-only log of this workstation."""

    def append(self, draft: Draft, payloads: Sequence[Payload] = (), signers: Sequence[SigningKey] = ()) -> Entry:
        """Write one entry, the payloads its ``commit`` names and its signature file, signed by each of ``signers``.

        Raises LogRefused; then nothing else is kept.
        """

    def append_many(
        self, acts: Sequence[tuple[Draft, Sequence[Payload]]], signers: Sequence[SigningKey] = ()
    ) -> Sequence[Entry]:
        """Write many entries in this order, each with its payloads and signed by each of ``signers``, all or none.

        Raises LogRefused as ``append``.
        """

    def head(self) -> LogHead:
        """Return size, last leaf and tree of the log as of this transaction."""

    def entries(self, start: int = 0) -> Iterator[bytes]:
        """Yield the stored bytes of every entry from ``start`` on, in order."""

    def about(self, subject: str) -> Iterator[bytes]:
        """Yield the stored bytes of every entry whose subject has this id, in order."""

    def rows(self, start: int = 0) -> Iterator[tuple[bytes, tuple[object, ...]]]:
        """Yield the bytes of every entry from ``start`` on with its indexed copies (``seen.COLUMNS``)."""

    def of_types(self, types: Collection[str]) -> Iterator[bytes]:
        """Yield the stored bytes of every entry of one of these types, in order."""

    def newest_of(self, types: Collection[str]) -> bytes | None:
        """Return the leaf hash of the newest entry of one of these types, None where there is none."""

    def signatures(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Yield number and signature file of every signed entry from ``start`` on and before ``stop``, in order."""

    def payloads(self) -> Iterator[tuple[str, Payload]]:
        """Yield every payload still held under its commitment."""

    def leaves(self) -> Iterator[bytes]:
        """Yield every leaf hash (32 bytes) in order."""

    def payload(self, commitment: str) -> Payload | None:
        """Return the payload behind a commitment, None when it was never here or was erased."""

    def add_checkpoint(self, size: int, note: bytes) -> None:
        """Keep a signed checkpoint for ever."""

    def checkpoints(self) -> Iterator[bytes]:
        """Yield every signed checkpoint, oldest first."""


class Footage(Protocol):
    """Dockings, exhibits, acquisitions, recordings and derivatives."""

    def add_docking(self, docking: Docking) -> None: ...
    def set_docking_state(self, docking: str, state: str, ended_by: str = "") -> None: ...
    def resume_docking(self, docking: str, session: str) -> None: ...
    def set_docking_clock(self, docking: str, clock: CameraClock) -> None: ...
    def add_met(self, entries: Sequence[Met]) -> None: ...
    def met(self, docking: str) -> Sequence[Met]: ...
    def dockings(self) -> Sequence[Docking]: ...
    def next_exhibit_number(self, prefix: str) -> ExhibitNo: ...
    def add_exhibit(self, exhibit: Exhibit) -> None: ...
    def exhibit(self, sha256: str) -> Exhibit | None: ...
    def exhibits(self) -> Sequence[Exhibit]: ...
    def add_acquisition(self, acquisition: Acquisition) -> None: ...
    def acquisitions(self, docking: str | None = None) -> Sequence[Acquisition]: ...
    def add_recording(self, recording: Recording) -> None: ...
    def recording(self, recording: RecordingId) -> Recording: ...
    def recordings(self) -> Sequence[Recording]: ...
    def set_facts(self, recording: RecordingId, playability: Playability, facts: MediaFacts) -> None: ...
    def add_derivative(self, derivative: StoredDerivative) -> None: ...
    def derivatives(self, recording: RecordingId) -> Sequence[StoredDerivative]: ...


class Reviews(Protocol):
    """Incidents, transcripts, candidates, decisions, tags and bundles. Raises NotFound for an unknown id."""

    def add_incident(self, incident: Incident) -> None: ...
    def place(self, placement: Placement) -> None: ...
    def incident(self, incident: IncidentId) -> Incident: ...
    def incidents(self) -> Sequence[Incident]: ...
    def add_transcript(self, transcript: Transcript, stored: bytes) -> None: ...
    def transcript(self, recording: RecordingId) -> Transcript | None: ...
    def add_candidates(self, candidates: Iterable[Candidate]) -> None: ...
    def candidate(self, candidate: CandidateId) -> Candidate: ...
    def candidates(self, recording: RecordingId) -> Sequence[Candidate]: ...
    def decide(self, decision: Decision) -> None: ...
    def decisions(self) -> dict[CandidateId, Decision]: ...
    def add_tag(self, tag: Tag) -> None: ...
    def supersede(self, tag: TagId) -> None: ...
    def tag(self, tag: TagId) -> Tag: ...
    def tags(self, incident: IncidentId) -> Sequence[Tag]: ...
    def tags_of_candidate(self, candidate: CandidateId) -> Sequence[Tag]: ...
    def tag_by_key(self, incident: IncidentId, key: str) -> Tag | None: ...
    def add_bundle(self, bundle: StoredBundle) -> None: ...
    def bundles(self) -> Sequence[StoredBundle]: ...


class Desks(Protocol):
    """Sessions at this workstation."""

    def open(self, session: Session) -> None: ...
    def close(self, session: str, state: str) -> None: ...
    def unfinished(self) -> Sequence[Session]: ...
    def session(self, session: str) -> Session | None: ...


class Work(Protocol):
    """One transaction: what was done in it is kept whole when the block ends, and not at all when it raises."""

    @property
    def log(self) -> CustodyLog: ...
    @property
    def footage(self) -> Footage: ...
    @property
    def reviews(self) -> Reviews: ...
    @property
    def desks(self) -> Desks: ...
    @property
    def clocks(self) -> Clocks: ...
    @property
    def timestamps(self) -> Timestamps: ...
    @property
    def erasures(self) -> Erasures: ...
    @property
    def cosignatures(self) -> Cosignatures: ...
    @property
    def alignments(self) -> Alignments: ...
    @property
    def rosters(self) -> Rosters: ...
    @property
    def device_logs(self) -> DeviceLogs: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def preservation(self) -> Preservation: ...


class Store(Protocol):
    """Where everything but the footage itself is kept."""

    def reading(self) -> AbstractContextManager[Work]:
        """A consistent view; writing in it raises."""

    def writing(self) -> AbstractContextManager[Work]:
        """The one writer. Raises WorkspaceBusy when another process holds it too long, LogContradicted before
        anything is written when the log is not the one a witness saw."""

    def scrub(self) -> None:
        """Leave nothing of what was erased in the database's files. Raises WorkspaceBusy while it is in use."""
