"""Cosignatures of witnesses in the store, append-only, and what witnessing looks up in the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from bwc_review.ports.witnesses import Cosignature
from bwc_review.store import tables as t
from chain_of_custody.clock import parse_at

COLUMNS = ("size", "vkey", "stamp", "line", "kept_at")


class SqlCosignatures:
    """``ports.witnesses.Cosignatures`` over one connection, for one log."""

    def __init__(self, connection: Connection, log: str) -> None:
        self._connection = connection
        self._log = log

    def add(self, cosignature: Cosignature) -> bool:
        """Keep it. False when this witness's signature over that size is kept already."""
        row = t.custody_cosignature.c
        same = (row.log == self._log) & (row.size == cosignature.size) & (row.vkey == cosignature.vkey)
        if self._connection.execute(select(row.n).where(same)).first() is not None:
            return False
        values = {name: getattr(cosignature, name) for name in COLUMNS}
        self._connection.execute(insert(t.custody_cosignature).values(log=self._log, **values))
        return True

    def all(self) -> Sequence[Cosignature]:
        """Every cosignature of this log, by size and then in the order they came."""
        row = t.custody_cosignature.c
        columns = (row[name] for name in COLUMNS)
        query = select(*columns).where(row.log == self._log).order_by(row.size, row.n)
        return [
            Cosignature(**{**found, "line": bytes(found["line"])})
            for found in self._connection.execute(query).mappings()
        ]

    def newest_checkpoint(self) -> tuple[int, bytes] | None:
        """Size and note of the checkpoint signed last; None before the first."""
        point = t.custody_checkpoint.c
        query = select(point.size, point.note).where(point.log == self._log).order_by(point.n.desc()).limit(1)
        found = self._connection.execute(query).first()
        return (found.size, bytes(found.note)) if found else None

    def checkpoint_at(self, size: int) -> bytes | None:
        """A signed checkpoint over exactly that many entries; None where none was signed."""
        point = t.custody_checkpoint.c
        query = select(point.note).where(point.log == self._log, point.size == size).order_by(point.n).limit(1)
        found = self._connection.execute(query).first()
        return bytes(found.note) if found else None

    def written_at(self, seq: int) -> datetime | None:
        """The time in entry ``seq``; None beyond the end."""
        entry = t.custody_entry.c
        found = self._connection.execute(select(entry.at).where(entry.log == self._log, entry.seq == seq)).first()
        return parse_at(found.at) if found else None
