"""PostgreSQL for an agency: the same tables and the same promises, several workstations at once.

Who writes to a log holds its head row (SELECT ... FOR UPDATE) from the first statement to the commit. Passwords come
from PGPASSFILE or a service file, never from the settings, and stand in no message.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from bwc_review.errors import InputRefused, ReviewError, StoreUnreachable
from bwc_review.store import engine as common

DRIVER = "postgresql+psycopg"
SECRETS = {"password", "sslpassword", "passfile", "options"}
LOCKED = {"55P03", "40P01", "40001", "23505"}  # lock timeout, deadlock, serialisation, the same row by two at once
NO_SERVER = ("08", "57P", "53")  # connection exceptions, shutdown, out of resources (PostgreSQL manual, appendix A)
SCRUBBED = [
    "custody_payload",
    "exhibit",
    "recording",
    "acquisition",
    "docking",
    "incident",
    "placement",
    "decision",
    "tag",
]
NOT_STORABLE = "22"  # data exceptions


class PostgresDatabase:
    """One PostgreSQL database, shared by the workstations of an agency."""

    def __init__(self, url: str) -> None:
        self.engine = postgres_engine(server(url))
        self.place = self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """READ ONLY, REPEATABLE READ: one snapshot, taken at the first look."""
        with self.engine.connect() as connection:
            yield connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """READ COMMITTED; the log's head row, locked first, makes the writers of one log take turns."""
        with self.engine.begin() as connection:
            yield connection

    def scrub(self) -> None:
        """VACUUM FULL of the tables that can hold an erased text; the server's own archive is the agency's affair."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in SCRUBBED:
                connection.exec_driver_sql(f"VACUUM (FULL) {table}")

    def in_words(self, broken: DBAPIError) -> ReviewError:
        """WorkspaceBusy, StoreUnreachable, InputRefused or StoreDamaged, by SQLSTATE."""
        state = getattr(broken.orig, "sqlstate", None) or ""
        diagnosis = getattr(broken.orig, "diag", None)
        said = getattr(diagnosis, "message_primary", None) or _first_line(broken)
        if state in LOCKED:
            return common.busy(self.place, broken)
        if broken.connection_invalidated or not state or state.startswith(NO_SERVER):
            return StoreUnreachable(
                f"The database server of {self.place} cannot be reached or gave up: {said}. The act did not take "
                "place. Check the server and the network, then try again.",
                detail=_first_line(broken),
            )
        if state.startswith(NOT_STORABLE):
            return InputRefused(f"The database cannot keep this: {said}. Nothing was kept.", detail=said)
        return common.damaged(self.place, said, broken)


def _first_line(broken: DBAPIError) -> str:
    return (str(broken.orig).splitlines() or ["no reason given"])[0]


def server(url: str) -> URL:
    """The address in the settings. Raises InputRefused when it is none, or holds a secret."""
    try:
        found = make_url(url)
    except ArgumentError as broken:
        raise InputRefused(f"The setting `database` is not an address such as {DRIVER}://host/name.") from broken
    if found.drivername != DRIVER:
        raise InputRefused(f"The setting `database` must begin with {DRIVER}:// ; leave it out for a file of SQLite.")
    if found.password is not None or SECRETS & set(found.query):
        raise InputRefused(
            "The setting `database` must not hold a password or options. Put the password into a password file "
            "(PGPASSFILE, mode 0600) or name a service (?service=...), then take it out of workspace.toml."
        )
    return found


def postgres_engine(url: URL) -> Engine:
    """An engine whose commits are durable and whose waits for a lock end after BUSY_MS. Raises InputRefused."""
    try:
        engine = create_engine(url, isolation_level="READ COMMITTED", hide_parameters=True, pool_pre_ping=True)
    except ModuleNotFoundError as missing:
        raise InputRefused(
            "PostgreSQL needs a driver that is not installed. Install the extra: pip install 'bwc-review[agency]'."
        ) from missing

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        connection.autocommit = True
        connection.execute("SELECT set_config('lock_timeout', %s, false)", [f"{common.BUSY_MS}ms"])
        # a commit the server has not written down is none; stronger settings of the agency stay as they are
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
        connection.autocommit = False

    return engine
