"""Creating and upgrading the database, and refusing one that a newer program wrote."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from bwc_review.errors import ReviewError, StoreDamaged, WorkspaceTooNew
from bwc_review.store.engine import Database

TURN = 0x627763  # the advisory lock under which one program at a time migrates on PostgreSQL


def config(connection: Connection) -> Config:
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def upgrade(database: Database) -> None:
    """Bring the database to this program's schema. Raises WorkspaceTooNew and what ``in_words`` says."""
    try:
        with database.engine.connect() as connection:
            if _is_current(connection, database.place):
                return
        with database.writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({TURN})")
            if not _is_current(connection, database.place):  # another program may have been quicker
                command.upgrade(config(connection), "head")
    except DatabaseError as broken:
        raise _in_words(database, broken) from broken


def _is_current(connection: Connection, place: str) -> bool:
    scripts = ScriptDirectory.from_config(config(connection))
    found = MigrationContext.configure(connection).get_current_revision()
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        raise WorkspaceTooNew(
            f"{place} was written by a newer version of this program (schema {found}). "
            "Nothing was changed. Open it with that version, or install it here."
        )
    return found == scripts.get_current_head()


def _in_words(database: Database, broken: DatabaseError) -> ReviewError:
    said = database.in_words(broken)
    if not isinstance(said, StoreDamaged):
        return said
    return StoreDamaged(
        f"{database.place} is not a database this program can read: {broken.orig}. Nothing was changed. "
        "Restore the workspace from its last backup and compare the log with the commission's witness.",
        detail=str(broken),
    )
