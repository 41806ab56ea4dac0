"""What a bundle holds and who writes it. The writer knows formats; which facts go in is the use case's to decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bwc_review.domain.candidates import Candidate, Decision
from bwc_review.domain.coverage import Coverage
from bwc_review.domain.ids import CandidateId, RecordingId
from bwc_review.domain.measure import Measure
from bwc_review.domain.recording import Incident, Recording
from bwc_review.domain.speech import Transcript
from bwc_review.domain.tags import Tag
from bwc_review.ports.records import Acquisition, Exhibit, StoredDerivative
from bwc_review.ports.timestamps import Timestamp

Progress = Callable[[str, int, int], None]  # what is being done, done so far, of how many (bytes or steps)


@dataclass(frozen=True, slots=True)
class DisclosedLog:
    """The custody log as a bundle carries it: every leaf, the entries disclosed, their signatures and payloads."""

    origin: str
    leaves: Sequence[bytes]
    entries: Mapping[int, bytes]
    payloads: Mapping[str, tuple[bytes, bytes]]  # commitment -> (salt, content)
    checkpoints: Sequence[bytes]
    vkey: str
    withheld_reason: str
    signatures: Mapping[int, bytes] = field(default_factory=dict)  # signature files of disclosed entries


@dataclass(frozen=True, slots=True)
class Seen:
    """The largest part of the log that one witness cosigned: its key's name, entries, its clock in seconds UTC."""

    witness: str
    size: int
    stamp: int


@dataclass(frozen=True, slots=True)
class BundleContent:
    """Everything about one incident that goes to a recipient. ``tags`` includes superseded revisions."""

    name: str
    incident: Incident
    recordings: Sequence[Recording]
    exhibits: Sequence[Exhibit]  # footage and the sidecars that came with it
    acquisitions: Sequence[Acquisition]
    transcripts: Mapping[RecordingId, Transcript]
    candidates: Sequence[Candidate]
    decisions: Mapping[CandidateId, Decision]
    tags: Sequence[Tag]
    measures: Sequence[Measure]
    measure_lines: Sequence[str]  # one line a measure for a person, same order
    coverage: Coverage
    proxies: Mapping[RecordingId, StoredDerivative]
    peaks: Mapping[RecordingId, StoredDerivative]
    labels: Mapping[str, str]  # taxonomy code -> label
    log: DisclosedLog
    exported_at: int  # microseconds since 1970 UTC
    exported_by: str
    app: str
    taxonomy_sha256: str
    lexicon_sha256: str
    timestamps: Sequence[Timestamp] = ()  # those kept, of any checkpoint of the log
    witnessed: Sequence[Seen] = ()  # one for each witness that cosigned anything before the export


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A bag that is complete but not yet sealed."""

    folder: Path
    tagmanifest_sha256: str
    tagmanifest_sha512: str
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class Seal:
    """What closes a bundle: the sealing entry, its inclusion proof and the checkpoint over it."""

    entry: bytes
    index: int
    proof: Sequence[bytes]
    checkpoint: bytes
    leaves: Sequence[bytes]
    cosignatures: bytes = b""  # signature lines of witnesses over ``checkpoint``


class BundleWriter(Protocol):
    """Writes a bundle into a staging folder, seals it, and only then gives it its name. Raises ExportFailed."""

    def lay_out(self, content: BundleContent, into: Path, *, progress: Progress) -> LaidOut:
        """Write everything but the seal under a ``.partial`` folder beside the final name."""

    def finish(self, laid: LaidOut, seal: Seal) -> Path:
        """Write the seal, flush, rename to the final name and return it."""

    def seal_checkpoint(self, bundle: Path) -> bytes:
        """The checkpoint in a finished bundle's seal. Raises ExportFailed where there is none."""

    def add_cosignatures(self, bundle: Path, lines: bytes) -> int:
        """Add witnesses' signature lines to a finished bundle's seal; how many it did not have yet."""
