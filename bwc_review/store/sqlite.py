"""The store: one transaction a block, and what a driver says turned into words for a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DatabaseError, OperationalError

from bwc_review.domain.ids import OperatorId
from bwc_review.domain.speech import Heard
from bwc_review.errors import ReviewError, StoreDamaged, WorkspaceBusy
from bwc_review.ports.records import Session
from bwc_review.store import tables as t
from bwc_review.store.engine import sqlite_engine
from bwc_review.store.footage import SqlFootage
from bwc_review.store.log import LogWriter, SqlLog
from bwc_review.store.reviews import SqlReviews
from bwc_review.store.schema import upgrade
from bwc_review.store.timestamps import SqlTimestamps


class SqlDesks:
    """``ports.store.Desks`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, session: Session) -> None:
        """Keep a session that has begun."""
        values = {name: getattr(session, name) for name in Session.__slots__}
        self._connection.execute(insert(t.desk_session).values(**values, state="open"))

    def close(self, session: str, state: str) -> None:
        """End a session as "ended" or "interrupted"."""
        self._connection.execute(update(t.desk_session).where(t.desk_session.c.id == session).values(state=state))

    def unfinished(self) -> Sequence[Session]:
        """Sessions that began and never ended."""
        query = select(t.desk_session).where(t.desk_session.c.state == "open").order_by(t.desk_session.c.started_at)
        return [
            Session(row["id"], OperatorId(row["operator"]), row["role"], row["purpose"], row["started_at"])
            for row in self._connection.execute(query).mappings()
        ]


class SqlWork:
    """``ports.store.Work``: the repositories over one connection."""

    def __init__(self, connection: Connection, writer: LogWriter, decode: Callable[[bytes], Heard]) -> None:
        self.log = SqlLog(connection, writer)
        self.footage = SqlFootage(connection)
        self.reviews = SqlReviews(connection, decode)
        self.desks = SqlDesks(connection)
        self.timestamps = SqlTimestamps(connection, writer.origin)


class SqliteStore:
    """``ports.store.Store`` in one SQLite file. ``decode`` reads a transcript's stored bytes."""

    def __init__(self, file: Path, writer: LogWriter, decode: Callable[[bytes], Heard]) -> None:
        self._file = file
        self._writer = writer
        self._decode = decode
        self._engine = sqlite_engine(file)
        upgrade(self._engine, file)

    @contextmanager
    def reading(self) -> Iterator[SqlWork]:
        """A consistent view that cannot write."""
        with self._said_plainly(), self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only=ON")
            try:
                yield SqlWork(connection, self._writer, self._decode)
            finally:
                connection.exec_driver_sql("PRAGMA query_only=OFF")
                connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[SqlWork]:
        """The one writer: committed when the block ends, rolled back when it raises."""
        with self._said_plainly(), self._engine.connect() as connection:
            writer = connection.execution_options(immediate=True)
            with writer.begin():
                yield SqlWork(writer, self._writer, self._decode)

    @contextmanager
    def _said_plainly(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as busy:
            if "locked" in str(busy.orig) or "busy" in str(busy.orig):
                raise WorkspaceBusy(
                    f"Another program is writing to {self._file}. Wait until it is done and try again.",
                    detail=str(busy),
                ) from busy
            raise self._damaged(busy) from busy
        except DatabaseError as broken:
            raise self._damaged(broken) from broken

    def _damaged(self, broken: DatabaseError) -> ReviewError:
        return StoreDamaged(
            f"The database {self._file} refused: {broken.orig}. The act did not take place. "
            "Check free space and rights; if it happens again run `bwc-review log --verify`.",
            detail=str(broken),
        )

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()
