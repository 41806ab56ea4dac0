"""Incidents, transcripts, candidates, decisions, tags and bundles as rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Connection, insert, select, update

from bwc_review.domain.candidates import Candidate, Decision
from bwc_review.domain.ids import CandidateId, IncidentId, RecordingId, TagId, TranscriptId
from bwc_review.domain.recording import Incident, Placement
from bwc_review.domain.speech import Heard, Transcript
from bwc_review.domain.tags import Tag, TagState
from bwc_review.errors import NotFound
from bwc_review.ports.records import StoredBundle
from bwc_review.store import tables as t
from bwc_review.store.rows import (
    Row,
    candidate_from_row,
    candidate_to_row,
    decision_from_row,
    placement_from_row,
    placement_to_row,
    tag_from_row,
    tag_to_row,
)


class SqlReviews:
    """``ports.store.Reviews`` over one connection. ``decode`` reads a transcript's stored bytes."""

    def __init__(self, connection: Connection, decode: Callable[[bytes], Heard]) -> None:
        self._connection = connection
        self._decode = decode

    def add_incident(self, incident: Incident) -> None:
        """Keep an incident and where its recordings lie."""
        row = {"id": incident.id, "title": incident.title, "zero": incident.zero}
        self._connection.execute(insert(t.incident).values(**row))
        for placement in incident.placements:
            self.place(placement)

    def place(self, placement: Placement) -> None:
        """Add a placement; the latest of a recording holds, the earlier ones stay."""
        self._connection.execute(insert(t.placement).values(**placement_to_row(placement)))

    def incident(self, incident: IncidentId) -> Incident:
        """One incident. Raises NotFound."""
        row = self._connection.execute(select(t.incident).where(t.incident.c.id == incident)).mappings().first()
        if row is None:
            raise NotFound(f"There is no incident {incident}. `bwc-review list` shows those there are.")
        return self._incident(row)

    def incidents(self) -> Sequence[Incident]:
        """All incidents by id."""
        return [
            self._incident(r)
            for r in self._connection.execute(select(t.incident).order_by(t.incident.c.id)).mappings()
        ]

    def _incident(self, row: Row) -> Incident:
        query = select(t.placement).where(t.placement.c.incident == row["id"]).order_by(t.placement.c.n)
        latest: dict[RecordingId, Placement] = {}
        for placement in map(placement_from_row, self._connection.execute(query).mappings()):
            latest[placement.recording] = placement
        return Incident(IncidentId(row["id"]), row["title"], row["zero"], tuple(latest.values()))

    def add_transcript(self, transcript: Transcript, stored: bytes) -> None:
        """Keep a machine transcript for ever, as the bytes whose digest it carries."""
        self._connection.execute(
            insert(t.transcript).values(
                id=transcript.id,
                recording=transcript.recording,
                digest=transcript.digest,
                made_at=transcript.made_at,
                bytes=stored,
            )
        )

    def transcript(self, recording: RecordingId) -> Transcript | None:
        """The newest transcript of a recording, None when none was made."""
        query = select(t.transcript).where(t.transcript.c.recording == recording)
        row = (
            self._connection.execute(query.order_by(t.transcript.c.made_at.desc(), t.transcript.c.id.desc()))
            .mappings()
            .first()
        )
        if row is None:
            return None
        return Transcript(
            id=TranscriptId(row["id"]),
            recording=RecordingId(row["recording"]),
            heard=self._decode(bytes(row["bytes"])),
            digest=row["digest"],
            made_at=row["made_at"],
        )

    def add_candidates(self, candidates: Iterable[Candidate]) -> None:
        """Keep proposals; one that is already there stays as it is (its id says it is the same)."""
        for candidate in candidates:
            known = select(t.candidate.c.id).where(t.candidate.c.id == candidate.id)
            if self._connection.execute(known).first() is None:
                self._connection.execute(insert(t.candidate).values(**candidate_to_row(candidate)))

    def candidate(self, candidate: CandidateId) -> Candidate:
        """One candidate. Raises NotFound."""
        row = self._connection.execute(select(t.candidate).where(t.candidate.c.id == candidate)).mappings().first()
        if row is None:
            raise NotFound(f"There is no candidate {candidate}. `bwc-review candidates` shows those there are.")
        return candidate_from_row(row)

    def candidates(self, recording: RecordingId) -> Sequence[Candidate]:
        """All candidates of a recording in time order."""
        query = select(t.candidate).where(t.candidate.c.recording == recording)
        ordered = query.order_by(t.candidate.c.start, t.candidate.c.end, t.candidate.c.code, t.candidate.c.id)
        return [candidate_from_row(row) for row in self._connection.execute(ordered).mappings()]

    def decide(self, decision: Decision) -> None:
        """Add a decision; the latest holds, the earlier ones stay."""
        values = {name: getattr(decision, name) for name in Decision.__slots__}
        self._connection.execute(insert(t.decision).values(**{**values, "state": decision.state.value}))

    def decisions(self) -> dict[CandidateId, Decision]:
        """The latest decision on every candidate that has one."""
        found = self._connection.execute(select(t.decision).order_by(t.decision.c.n)).mappings()
        return {decision.candidate: decision for decision in map(decision_from_row, found)}

    def add_tag(self, tag: Tag) -> None:
        """Keep a tag or a new revision of one."""
        self._connection.execute(insert(t.tag).values(**tag_to_row(tag)))

    def supersede(self, tag: TagId) -> None:
        """Mark a tag as superseded: by a revision, or withdrawn."""
        self._connection.execute(update(t.tag).where(t.tag.c.id == tag).values(state=TagState.SUPERSEDED.value))

    def tag(self, tag: TagId) -> Tag:
        """One tag. Raises NotFound."""
        row = self._connection.execute(select(t.tag).where(t.tag.c.id == tag)).mappings().first()
        if row is None:
            raise NotFound(f"There is no tag {tag}. `bwc-review tag list` shows those there are.")
        return tag_from_row(row)

    def tags(self, incident: IncidentId) -> Sequence[Tag]:
        """All tags of an incident in time order, superseded ones included."""
        query = select(t.tag).where(t.tag.c.incident == incident)
        ordered = query.order_by(t.tag.c.start, t.tag.c.recorded_at, t.tag.c.id)
        return [tag_from_row(row) for row in self._connection.execute(ordered).mappings()]

    def tags_of_candidate(self, candidate: CandidateId) -> Sequence[Tag]:
        """The current tags a candidate became (none when it was rejected or taken back)."""
        query = select(t.tag).where((t.tag.c.candidate == candidate) & (t.tag.c.state == TagState.CONFIRMED.value))
        ordered = query.order_by(t.tag.c.recorded_at, t.tag.c.id)
        return [tag_from_row(row) for row in self._connection.execute(ordered).mappings()]

    def tag_by_key(self, incident: IncidentId, key: str) -> Tag | None:
        """The latest tag that the act named ``key`` wrote, None when it was never carried out."""
        query = select(t.tag).where((t.tag.c.incident == incident) & (t.tag.c.key == key))
        row = (
            self._connection.execute(query.order_by(t.tag.c.recorded_at.desc(), t.tag.c.id.desc())).mappings().first()
        )
        return tag_from_row(row) if row else None

    def add_bundle(self, bundle: StoredBundle) -> None:
        """Keep what was sealed and where it went."""
        values = {name: getattr(bundle, name) for name in StoredBundle.__slots__}
        self._connection.execute(insert(t.bundle).values(**values))

    def bundles(self) -> Sequence[StoredBundle]:
        """All bundles, oldest first."""
        found = self._connection.execute(select(t.bundle).order_by(t.bundle.c.sealed_at, t.bundle.c.id)).mappings()
        return [StoredBundle(**row) for row in found]
