"""Dockings, exhibits, acquisitions, recordings and derivatives as rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from bwc_review.domain.camera_clock import CameraClock
from bwc_review.domain.ids import ExhibitNo, RecordingId
from bwc_review.domain.recording import MediaFacts, Playability, Recording
from bwc_review.errors import NotFound
from bwc_review.ports.records import Acquisition, Docking, Exhibit, Met, Outcome, StoredDerivative
from bwc_review.store import tables as t
from bwc_review.store.rows import Row, facts_to_json, recording_from_row, recording_to_row


class SqlFootage:
    """``ports.store.Footage`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_docking(self, docking: Docking) -> None:
        """Keep a docking."""
        values = {name: getattr(docking, name) for name in Docking.__slots__}
        self._connection.execute(insert(t.docking).values(**values))

    def set_docking_state(self, docking: str, state: str, ended_by: str = "") -> None:
        """Close, interrupt or fail a docking; ``ended_by`` is a code for what interrupted it."""
        which = update(t.docking).where(t.docking.c.id == docking)
        self._connection.execute(which.values(state=state, ended_by=ended_by))

    def resume_docking(self, docking: str, session: str) -> None:
        """Take up again in another session; one that ends without a word is then found interrupted again."""
        which = update(t.docking).where(t.docking.c.id == docking)
        self._connection.execute(which.values(state="open", ended_by="", session=session))

    def set_docking_clock(self, docking: str, clock: CameraClock) -> None:
        """Keep the newest measurement of the camera's clock."""
        measured = {name: getattr(clock, name) for name in CameraClock.__slots__}
        values = {f"clock_{name}": value for name, value in measured.items()}
        self._connection.execute(update(t.docking).where(t.docking.c.id == docking).values(**values))

    def add_met(self, entries: Sequence[Met]) -> None:
        """Keep what was met on a source."""
        if entries:
            rows = [{name: getattr(one, name) for name in Met.__slots__} for one in entries]
            self._connection.execute(insert(t.met), rows)

    def met(self, docking: str) -> Sequence[Met]:
        """Everything met in a docking, by name."""
        query = select(t.met).where(t.met.c.docking == docking).order_by(t.met.c.name, t.met.c.seen_as)
        return [Met(**row) for row in self._connection.execute(query).mappings()]

    def dockings(self) -> Sequence[Docking]:
        """All dockings, oldest first."""
        found = self._connection.execute(
            select(t.docking).order_by(t.docking.c.started_at, t.docking.c.id)
        ).mappings()
        return [Docking(**row) for row in found]

    def next_exhibit_number(self, prefix: str) -> ExhibitNo:
        """The number after the highest given under ``prefix`` so far: ``prefix-0001`` upwards."""
        number, own = t.exhibit.c.number, f"{prefix}-"
        other = func.substr(number, len(own) + 1).contains("-")  # of a workstation named prefix-something
        mine = (func.substr(number, 1, len(own)) == own) & ~other
        count = self._connection.execute(select(func.count()).select_from(t.exhibit).where(mine)).scalar_one()
        return ExhibitNo(f"{prefix}-{count + 1:04d}")

    def add_exhibit(self, exhibit: Exhibit) -> None:
        """Keep an exhibit; its digest is unique."""
        values = {name: getattr(exhibit, name) for name in Exhibit.__slots__}
        self._connection.execute(insert(t.exhibit).values(**values))

    def exhibit(self, sha256: str) -> Exhibit | None:
        """The exhibit with these bytes, None when the vault has never held them."""
        row = self._connection.execute(select(t.exhibit).where(t.exhibit.c.sha256 == sha256)).mappings().first()
        return _exhibit(row) if row else None

    def exhibits(self) -> Sequence[Exhibit]:
        """All exhibits by number."""
        return [
            _exhibit(r) for r in self._connection.execute(select(t.exhibit).order_by(t.exhibit.c.number)).mappings()
        ]

    def add_acquisition(self, acquisition: Acquisition) -> None:
        """Keep what became of one file met."""
        values = {name: getattr(acquisition, name) for name in Acquisition.__slots__}
        self._connection.execute(insert(t.acquisition).values(**{**values, "outcome": acquisition.outcome.value}))

    def acquisitions(self, docking: str | None = None) -> Sequence[Acquisition]:
        """Every file met, of one docking or of all, by docking and name."""
        query = select(t.acquisition).order_by(t.acquisition.c.docking, t.acquisition.c.name, t.acquisition.c.id)
        if docking is not None:
            query = query.where(t.acquisition.c.docking == docking)
        return [_acquisition(row) for row in self._connection.execute(query).mappings()]

    def add_recording(self, recording: Recording) -> None:
        """Keep a recording."""
        self._connection.execute(insert(t.recording).values(**recording_to_row(recording)))

    def recording(self, recording: RecordingId) -> Recording:
        """One recording. Raises NotFound."""
        row = self._connection.execute(select(t.recording).where(t.recording.c.id == recording)).mappings().first()
        if row is None:
            raise NotFound(f"There is no recording {recording}. `bwc-review list` shows those there are.")
        return recording_from_row(row)

    def recordings(self) -> Sequence[Recording]:
        """All recordings by exhibit number."""
        found = self._connection.execute(select(t.recording).order_by(t.recording.c.exhibit)).mappings()
        return [recording_from_row(row) for row in found]

    def set_facts(self, recording: RecordingId, playability: Playability, facts: MediaFacts) -> None:
        """Keep what a salvage made playable. Raises NotFound."""
        values = {"playability": playability.value, "facts": facts_to_json(facts)}
        changed = update(t.recording).where(t.recording.c.id == recording).values(**values)
        if self._connection.execute(changed).rowcount != 1:
            raise NotFound(f"There is no recording {recording}. `bwc-review list` shows those there are.")

    def add_derivative(self, derivative: StoredDerivative) -> None:
        """Keep where a derivative lies; made again, it replaces its row."""
        values = {name: getattr(derivative, name) for name in StoredDerivative.__slots__}
        same = (t.derivative.c.recording == derivative.recording) & (t.derivative.c.kind == derivative.kind)
        self._connection.execute(delete(t.derivative).where(same))
        self._connection.execute(insert(t.derivative).values(**{**values, "parameters": dict(derivative.parameters)}))

    def derivatives(self, recording: RecordingId) -> Sequence[StoredDerivative]:
        """All derivatives of a recording."""
        query = select(t.derivative).where(t.derivative.c.recording == recording).order_by(t.derivative.c.kind)
        return [StoredDerivative(**row) for row in self._connection.execute(query).mappings()]


def _exhibit(row: Row) -> Exhibit:
    return Exhibit(**{**row, "number": ExhibitNo(row["number"])})


def _acquisition(row: Row) -> Acquisition:
    return Acquisition(**{**row, "outcome": Outcome(row["outcome"])})
