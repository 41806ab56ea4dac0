"""The store: one transaction a block, and what a driver says turned into words for a person. Either engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DBAPIError, StatementError

from bwc_review.domain.ids import OperatorId
from bwc_review.domain.speech import Heard
from bwc_review.errors import ReviewError
from bwc_review.ports.records import Session
from bwc_review.ports.watching import NobodyWatches, Watch
from bwc_review.store import tables as t
from bwc_review.store.clocks import SqlClocks
from bwc_review.store.cosignatures import SqlCosignatures
from bwc_review.store.engine import Database
from bwc_review.store.erasures import SqlErasures
from bwc_review.store.footage import SqlFootage
from bwc_review.store.jobs import SqlJobs
from bwc_review.store.log import LogWriter, SqlLog
from bwc_review.store.preservation import SqlPreservation
from bwc_review.store.reviews import SqlReviews
from bwc_review.store.rows import Row
from bwc_review.store.schema import upgrade
from bwc_review.store.times import SqlAlignments, SqlDeviceLogs, SqlRosters
from bwc_review.store.timestamps import SqlTimestamps


class SqlDesks:
    """``ports.store.Desks`` over one connection: the sessions of one workstation."""

    def __init__(self, connection: Connection, workstation: str) -> None:
        self._connection = connection
        self._workstation = workstation

    def open(self, session: Session) -> None:
        """Keep a session that has begun."""
        values = {name: getattr(session, name) for name in Session.__slots__}
        row = {**values, "state": "open", "workstation": self._workstation}
        self._connection.execute(insert(t.desk_session).values(**row))

    def close(self, session: str, state: str) -> None:
        """End a session as "ended" or "interrupted"."""
        self._connection.execute(update(t.desk_session).where(t.desk_session.c.id == session).values(state=state))

    def unfinished(self) -> Sequence[Session]:
        """Sessions that began at this workstation and never ended."""
        column = t.desk_session.c
        found = _SESSION.where((column.state == "open") & (column.workstation == self._workstation))
        ordered = found.order_by(column.started_at, column.id)
        return [_session(row) for row in self._connection.execute(ordered).mappings()]

    def session(self, session: str) -> Session | None:
        """One session of any workstation, None when there was none of that id."""
        row = self._connection.execute(_SESSION.where(t.desk_session.c.id == session)).mappings().first()
        return _session(row) if row else None


_SESSION = select(*(t.desk_session.c[name] for name in Session.__slots__))


def _session(row: Row) -> Session:
    return Session(**{**row, "operator": OperatorId(row["operator"])})


class SqlWork:
    """``ports.store.Work``: the repositories over one connection."""

    def __init__(self, connection: Connection, writer: LogWriter, decode: Callable[[bytes], Heard]) -> None:
        self.log = SqlLog(connection, writer)
        self.footage = SqlFootage(connection)
        self.reviews = SqlReviews(connection, decode)
        self.desks = SqlDesks(connection, writer.workstation)
        self.clocks = SqlClocks(connection)
        self.timestamps = SqlTimestamps(connection, writer.origin)
        self.erasures = SqlErasures(connection, writer.origin)
        self.cosignatures = SqlCosignatures(connection, writer.origin)
        self.alignments = SqlAlignments(connection)
        self.rosters = SqlRosters(connection)
        self.device_logs = SqlDeviceLogs(connection)
        self.jobs = SqlJobs(connection, writer.workstation)
        self.preservation = SqlPreservation(connection)


class SqlStore:
    """``ports.store.Store`` in one database. ``decode`` reads a transcript's stored bytes.

    Opening brings the database to this program's schema. Raises WorkspaceTooNew, StoreDamaged, StoreUnreachable.
    ``watch`` looks on at every block that writes and may refuse it.
    """

    def __init__(
        self,
        database: Database,
        writer: LogWriter,
        decode: Callable[[bytes], Heard],
        watch: Watch = NobodyWatches(),  # noqa: B008 - it holds nothing
    ) -> None:
        self._database = database
        self._watch = watch
        self._writer = writer
        self._decode = decode
        upgrade(database)

    @contextmanager
    def reading(self) -> Iterator[SqlWork]:
        """A consistent view that cannot write."""
        with self._said_plainly(), self._database.reading() as connection:
            yield SqlWork(connection, self._writer, self._decode)

    @contextmanager
    def writing(self) -> Iterator[SqlWork]:
        """The one writer of this log: committed when the block ends, rolled back when it raises.

        An act whose entry the log refused is rolled back even if somebody swallowed the refusal. Raises
        LogContradicted, before anything is written, when the log is not the one a witness saw.
        """
        with self._said_plainly(), self._database.writing() as connection:
            work = SqlWork(connection, self._writer, self._decode)
            work.log.take_turn()
            self._watch.opening(work)
            yield work
            work.log.stand_by_refusal()
            self._watch.closing(work, work.log.acts)

    def scrub(self) -> None:
        """Rewrite the database's files without what was erased."""
        with self._said_plainly():
            self._database.scrub()

    @contextmanager
    def _said_plainly(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as broken:
            raise self._database.in_words(broken) from broken
        except StatementError as unusable:
            if isinstance(unusable.orig, ReviewError):  # a column type refused its value
                raise unusable.orig from unusable
            raise

    def close(self) -> None:
        """Let go of every connection."""
        self._database.engine.dispose()
