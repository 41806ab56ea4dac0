"""Adopted starts and joined recordings as rows. Append-only; the database's triggers say so too."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from bwc_review.domain.clocks import AdoptedStart, Series, SeriesPart
from bwc_review.domain.ids import CameraId, OperatorId, RecordingId
from bwc_review.domain.times import Micros
from bwc_review.store import clock_tables as t
from bwc_review.store.rows import Row


class SqlClocks:
    """``ports.clocks.Clocks`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def adopt(self, start: AdoptedStart) -> None:
        """Keep an adoption."""
        values = {name: getattr(start, name) for name in AdoptedStart.__slots__}
        self._connection.execute(insert(t.adopted_start).values(**values))

    def adoptions(self, recording: RecordingId) -> Sequence[AdoptedStart]:
        """Every adoption for a recording, oldest first."""
        row = t.adopted_start.c
        query = select(t.adopted_start).where(row.recording == recording).order_by(row.n)
        return [_adopted(found) for found in self._connection.execute(query).mappings()]

    def adopted(self, recording: RecordingId) -> AdoptedStart | None:
        """The adoption that counts: the last one."""
        row = t.adopted_start.c
        query = select(t.adopted_start).where(row.recording == recording).order_by(row.n.desc()).limit(1)
        found = self._connection.execute(query).mappings().first()
        return _adopted(found) if found else None

    def join(self, series: Series) -> None:
        """Keep a series with its parts in order."""
        row = {"id": series.id, "camera": series.camera, "why": series.why, "made_at": series.made_at}
        self._connection.execute(insert(t.series).values(**row))
        parts = [
            {"series": series.id, "place": place, **{name: getattr(part, name) for name in SeriesPart.__slots__}}
            for place, part in enumerate(series.parts, start=1)
        ]
        self._connection.execute(insert(t.series_part), parts)

    def series(self) -> Sequence[Series]:
        """Every series ever made, oldest first."""
        found = self._connection.execute(select(t.series).order_by(t.series.c.n)).mappings().all()
        return [self._series(row) for row in found]

    def series_of(self, recording: RecordingId) -> Series | None:
        """The newest series a recording is part of."""
        query = (
            select(t.series)
            .join(t.series_part, t.series_part.c.series == t.series.c.id)
            .where(t.series_part.c.recording == recording)
            .order_by(t.series.c.n.desc())
            .limit(1)
        )
        row = self._connection.execute(query).mappings().first()
        return self._series(row) if row else None

    def _series(self, row: Row) -> Series:
        part = t.series_part.c
        query = select(t.series_part).where(part.series == row["id"]).order_by(part.place)
        parts = tuple(_part(one) for one in self._connection.execute(query).mappings())
        return Series(row["id"], CameraId(row["camera"]), parts, row["why"], row["made_at"])


def _adopted(row: Row) -> AdoptedStart:
    values = {name: row[name] for name in AdoptedStart.__slots__}
    typed = {
        "recording": RecordingId(row["recording"]),
        "uncertainty": Micros(row["uncertainty"]),
        "by": OperatorId(row["by"]),
    }
    return AdoptedStart(**{**values, **typed})


def _part(row: Row) -> SeriesPart:
    values = {name: row[name] for name in SeriesPart.__slots__}
    typed = {"recording": RecordingId(row["recording"]), "uncertainty": Micros(row["uncertainty"])}
    return SeriesPart(**{**values, **typed})
