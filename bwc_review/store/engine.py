"""What an engine must be to the store, and SQLite as one; PostgreSQL is in ``store.postgres``.

SQLite as the log needs it: WAL, full durability, one writer at a time, triggers that REPLACE cannot slip past.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from bwc_review.errors import ReviewError, StoreDamaged, WorkspaceBusy

BUSY_MS = 15_000
WAL_RETRY_MS = 20


class Database(Protocol):
    """An engine, and its way to read, to write and to complain. ``place`` names it to a person, without secrets."""

    @property
    def engine(self) -> Engine: ...
    @property
    def place(self) -> str: ...

    def reading(self) -> AbstractContextManager[Connection]:
        """A consistent view, as of the first look, that cannot write."""

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction: committed at the end, rolled back on an error."""

    def scrub(self) -> None:
        """Rewrite the files, so that no free page and no journal holds what was deleted."""

    def in_words(self, broken: DBAPIError) -> ReviewError:
        """What the driver said, for a person."""


class SqliteDatabase:
    """One SQLite file. Writers take turns from BEGIN on."""

    def __init__(self, file: Path) -> None:
        self.place = str(file)
        self.engine = sqlite_engine(file)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A deferred transaction under ``query_only``."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only=ON")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("PRAGMA query_only=OFF")
                connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """BEGIN IMMEDIATE ... COMMIT."""
        with self.engine.connect() as connection:
            writer = connection.execution_options(immediate=True)
            with writer.begin():
                yield writer

    def scrub(self) -> None:
        """VACUUM, then empty the write-ahead log. Raises WorkspaceBusy while another program reads or writes."""
        self.engine.dispose()
        try:
            with closing(self.engine.raw_connection()) as connection:
                cursor = connection.cursor()
                cursor.execute("VACUUM")
                (blocked, *_) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError as refused:  # not SQLAlchemy's: VACUUM runs in no transaction
            raise WorkspaceBusy(
                f"{self.place} cannot be cleaned now ({refused}). Free it and try again."
            ) from refused
        if blocked:
            raise WorkspaceBusy(f"Another program has {self.place} open. Close it and try again.")

    def in_words(self, broken: DBAPIError) -> ReviewError:
        """WorkspaceBusy or StoreDamaged."""
        said = str(broken.orig)
        if "locked" in said or "busy" in said:
            return busy(self.place, broken)
        return damaged(self.place, said, broken)


def busy(place: str, broken: DBAPIError) -> WorkspaceBusy:
    """Somebody else is writing."""
    return WorkspaceBusy(
        f"Another program is writing to {place}. Wait until it is done and try again.", detail=str(broken)
    )


def damaged(place: str, said: str, broken: DBAPIError) -> StoreDamaged:
    """The engine refused for a reason of its own."""
    return StoreDamaged(
        f"The database {place} refused: {said}. The act did not take place. "
        "Check free space and rights; if it happens again run `bwc-review log --verify`.",
        detail=str(broken),
    )


def sqlite_engine(file: Path) -> Engine:
    """An engine on ``file``. A connection with the option ``immediate`` takes the write lock at BEGIN."""
    engine = create_engine(f"sqlite:///{file}", connect_args={"check_same_thread": False}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own implicit BEGIN would be deferred
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        _enter_wal(cursor)
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten
        cursor.execute("PRAGMA recursive_triggers=ON")  # else INSERT OR REPLACE deletes without firing them
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _enter_wal(cursor: Any) -> None:
    """Write-ahead logging. SQLite does not wait out another program that is just switching to it, so this does."""
    for left in reversed(range(BUSY_MS // WAL_RETRY_MS)):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as refused:
            if left == 0 or "locked" not in str(refused):
                raise
            time.sleep(WAL_RETRY_MS / 1000)
