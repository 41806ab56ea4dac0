"""Timestamp requests and answers in the store. A settled row never changes; the database's triggers say so too."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select, update

from bwc_review.ports.timestamps import StampState, Timestamp
from bwc_review.store import tables as t
from bwc_review.store.rows import Row

ANSWER = ("state", "response", "reason", "certificates", "stamped_at")


class SqlTimestamps:
    """``ports.timestamps.Timestamps`` over one connection, for one log."""

    def __init__(self, connection: Connection, log: str) -> None:
        self._connection = connection
        self._log = log

    def add(self, timestamp: Timestamp) -> None:
        """Keep a request that waits for its answer."""
        values = {name: getattr(timestamp, name) for name in Timestamp.__slots__}
        self._connection.execute(
            insert(t.custody_timestamp).values(**{**values, "log": self._log, "state": timestamp.state.value})
        )

    def settle(self, timestamp: Timestamp) -> bool:
        """Keep the answer to a queued request. False when somebody else has settled it already."""
        row = t.custody_timestamp.c
        answer = {name: getattr(timestamp, name) for name in ANSWER}
        done = self._connection.execute(
            update(t.custody_timestamp)
            .where(row.id == timestamp.id, row.log == self._log, row.state == StampState.QUEUED.value)
            .values(**{**answer, "state": timestamp.state.value})
        )
        return done.rowcount == 1

    def all(self) -> Sequence[Timestamp]:
        """Every request of this log, oldest first."""
        row = t.custody_timestamp.c
        query = select(t.custody_timestamp).where(row.log == self._log).order_by(row.asked_at, row.id)
        return [_timestamp(found) for found in self._connection.execute(query).mappings()]


def _timestamp(row: Row) -> Timestamp:
    blobs = {name: bytes(row[name]) for name in ("body", "request", "response", "certificates")}
    rest = {name: row[name] for name in Timestamp.__slots__ if name not in blobs}
    return Timestamp(**{**rest, **blobs, "state": StampState(row["state"])})
