"""Quarantines and scrubs as rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select, update

from bwc_review.ports.preservation import QuarantineRow, ScrubRun
from bwc_review.store import preservation_tables as t


class SqlPreservation:
    """``ports.preservation.Preservation`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def set_aside(self, row: QuarantineRow) -> None:
        """Keep that an original is set aside; set aside again after a release, it replaces its row."""
        self._connection.execute(delete(t.quarantine).where(t.quarantine.c.sha256 == row.sha256))
        values = {name: getattr(row, name) for name in QuarantineRow.__slots__}
        self._connection.execute(insert(t.quarantine).values(**values))

    def release(self, sha256: str, at: int) -> None:
        """Keep when a quarantine ended."""
        held = t.quarantine.c.sha256 == sha256
        self._connection.execute(update(t.quarantine).where(held).values(released_at=at))

    def quarantined(self) -> Sequence[QuarantineRow]:
        """Those held now, in order of digest."""
        row = t.quarantine.c
        query = select(t.quarantine).where(row.released_at.is_(None)).order_by(row.sha256)
        return [QuarantineRow(**found) for found in self._connection.execute(query).mappings()]

    def adopt(self, sha256: str, at: int) -> None:
        """Keep that an original without an exhibit was found whole."""
        self._connection.execute(insert(t.adopted).values(sha256=sha256, found_at=at))

    def adopted(self, sha256: str) -> bool:
        """Whether that was kept before."""
        query = select(t.adopted.c.sha256).where(t.adopted.c.sha256 == sha256)
        return self._connection.execute(query).first() is not None

    def keep_scrub(self, run: ScrubRun) -> None:
        """Keep a run as it stands now."""
        self._connection.execute(delete(t.scrub).where(t.scrub.c.id == run.id))
        self._connection.execute(insert(t.scrub).values(**{name: getattr(run, name) for name in ScrubRun.__slots__}))

    def open_scrub(self) -> ScrubRun | None:
        """The run that was begun and not ended."""
        last = self.last_scrub()
        return last if last is not None and last.state == "open" else None

    def last_scrub(self) -> ScrubRun | None:
        """The run that began last."""
        row = t.scrub.c
        query = select(t.scrub).order_by(row.started_at.desc(), row.id.desc()).limit(1)
        found = self._connection.execute(query).mappings().first()
        return None if found is None else ScrubRun(**found)
