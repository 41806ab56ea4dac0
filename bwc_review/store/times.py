"""Alignments, rosters and device logs as rows, both ways side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from bwc_review.domain.aligning import ProposedClock, Reference
from bwc_review.domain.device_log import ClockOffset, DeviceEvent, DeviceLog, EventKind
from bwc_review.domain.expected import Expectation, Expected, Roster
from bwc_review.domain.ids import ExhibitNo, IncidentId, RecordingId
from bwc_review.domain.times import ClockMap, Micros
from bwc_review.errors import NotFound
from bwc_review.ports.times import Adoption
from bwc_review.store import tables as t
from bwc_review.store import times_tables as tt
from bwc_review.store.rows import Row

_CLOCK = tuple(field.name for field in fields(ClockMap))


class SqlAlignments:
    """``ports.times.Alignments`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, proposal: ProposedClock) -> None:
        """Keep a proposal."""
        row = {name: getattr(proposal, name) for name in ProposedClock.__slots__ if name != "references"}
        row["clock"] = None if proposal.clock is None else _clock_to_json(proposal.clock)
        row["figures"] = dict(proposal.figures)
        row["refs"] = [[one.recording, _clock_to_json(one.clock), one.sound_sha256] for one in proposal.references]
        self._connection.execute(insert(tt.alignment).values(**row))

    def proposal(self, proposal: str) -> ProposedClock:
        """One proposal. Raises NotFound."""
        row = self._connection.execute(select(tt.alignment).where(tt.alignment.c.id == proposal)).mappings().first()
        if row is None:
            raise NotFound(f"There is no alignment {proposal}. `bwc-review incident align` lists those there are.")
        return _proposal(row)

    def proposals(self, incident: IncidentId) -> Sequence[ProposedClock]:
        """All of an incident, oldest first."""
        found = select(tt.alignment).where(tt.alignment.c.incident == incident)
        ordered = found.order_by(tt.alignment.c.made_at, tt.alignment.c.id)
        return [_proposal(row) for row in self._connection.execute(ordered).mappings()]

    def adopt(self, adoption: Adoption) -> None:
        """Keep that a person made a proposal theirs; once only."""
        row = {name: getattr(adoption, name) for name in Adoption.__slots__}
        self._connection.execute(insert(tt.alignment_adoption).values(**row))

    def adopted(self, proposal: str) -> Adoption | None:
        """Who adopted it; None when nobody did."""
        found = select(tt.alignment_adoption).where(tt.alignment_adoption.c.proposal == proposal)
        row = self._connection.execute(found).mappings().first()
        return Adoption(**row) if row else None


class SqlRosters:
    """``ports.times.Rosters`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, roster: Roster) -> None:
        """Keep a roster and its rows."""
        row = {name: getattr(roster, name) for name in ("id", "exhibit", "zone", "imported_at")}
        self._connection.execute(insert(tt.roster).values(**row))
        rows = [
            {**_plain(one, Expected, leave={"exhibit"}), "kind": one.kind.value, "roster": roster.id}
            for one in roster.rows
        ]
        if rows:
            self._connection.execute(insert(tt.roster_row), rows)

    def roster(self, roster: str) -> Roster:
        """One roster. Raises NotFound."""
        row = self._connection.execute(_with_digest(tt.roster, tt.roster.c.id == roster)).mappings().first()
        if row is None:
            raise NotFound(f"There is no roster {roster}. `bwc-review roster show` lists those there are.")
        return self._roster(row)

    def rosters(self) -> Sequence[Roster]:
        """All, oldest first."""
        found = _with_digest(tt.roster).order_by(tt.roster.c.imported_at, tt.roster.c.id)
        return [self._roster(row) for row in self._connection.execute(found).mappings()]

    def _roster(self, row: Row) -> Roster:
        mine = select(tt.roster_row).where(tt.roster_row.c.roster == row["id"]).order_by(tt.roster_row.c.line)
        rows = tuple(
            Expected(
                **{**_less(one, "roster"), "kind": Expectation(one["kind"]), "exhibit": ExhibitNo(row["exhibit"])}
            )
            for one in self._connection.execute(mine).mappings()
        )
        return Roster(**row, rows=rows)


class SqlDeviceLogs:
    """``ports.times.DeviceLogs`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, log: DeviceLog) -> None:
        """Keep a log and its events."""
        row = {name: getattr(log, name) for name in ("id", "exhibit", "mapping", "form", "imported_at")}
        self._connection.execute(insert(tt.device_log).values(**row))
        rows = [{**_plain(one, DeviceEvent), "kind": one.kind.value, "log": log.id} for one in log.events]
        if rows:
            self._connection.execute(insert(tt.device_event), rows)

    def log(self, log: str) -> DeviceLog:
        """One log. Raises NotFound."""
        row = self._connection.execute(_with_digest(tt.device_log, tt.device_log.c.id == log)).mappings().first()
        if row is None:
            raise NotFound(f"There is no device log {log}. `bwc-review devicelog list` shows those there are.")
        return self._log(row)

    def logs(self) -> Sequence[DeviceLog]:
        """All, oldest first."""
        found = _with_digest(tt.device_log).order_by(tt.device_log.c.imported_at, tt.device_log.c.id)
        return [self._log(row) for row in self._connection.execute(found).mappings()]

    def _log(self, row: Row) -> DeviceLog:
        mine = select(tt.device_event).where(tt.device_event.c.log == row["id"]).order_by(tt.device_event.c.line)
        events = tuple(
            DeviceEvent(**{**_less(one, "log"), "kind": EventKind(one["kind"])})
            for one in self._connection.execute(mine).mappings()
        )
        by_number = select(t.exhibit.c.sha256).where(t.exhibit.c.number == row["mapping"])
        mapping = self._connection.execute(by_number).scalar_one()
        return DeviceLog(**row, mapping_sha256=mapping, events=events)

    def view(self, view: ClockOffset) -> None:
        """Keep a view of a log's clock."""
        self._connection.execute(insert(tt.device_clock).values(**_plain(view, ClockOffset)))

    def views(self, incident: IncidentId) -> Sequence[ClockOffset]:
        """All views in an incident, oldest first."""
        found = select(tt.device_clock).where(tt.device_clock.c.incident == incident).order_by(tt.device_clock.c.n)
        return [ClockOffset(**_less(row, "n")) for row in self._connection.execute(found).mappings()]


def _with_digest(table: Any, *wanted: Any) -> Select[Any]:
    joined = table.join(t.exhibit, table.c.exhibit == t.exhibit.c.number)
    return select(*table.c, t.exhibit.c.sha256).select_from(joined).where(*wanted)


def _plain(value: Any, kind: type[Any], leave: frozenset[str] | set[str] = frozenset()) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(kind) if field.name not in leave}


def _less(row: Row, name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


def _clock_to_json(clock: ClockMap) -> dict[str, int]:
    return {name: getattr(clock, name) for name in _CLOCK}


def _clock_from_json(value: Mapping[str, int]) -> ClockMap:
    return ClockMap(**{name: value[name] for name in _CLOCK})  # type: ignore[arg-type]


def _proposal(row: Row) -> ProposedClock:
    kept = {name: row[name] for name in ProposedClock.__slots__ if name != "references"}
    references = tuple(Reference(RecordingId(one), _clock_from_json(clock), sha) for one, clock, sha in row["refs"])
    clock = None if row["clock"] is None else _clock_from_json(row["clock"])
    return ProposedClock(**{**kept, "references": references, "clock": clock, "error": Micros(row["error"])})
