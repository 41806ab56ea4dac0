"""Creating and upgrading the database, and refusing one that a newer program wrote."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError

from bwc_review.errors import StoreDamaged, WorkspaceTooNew


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, file: Path) -> None:
    """Bring the database at ``file`` to this program's schema. Raises WorkspaceTooNew, StoreDamaged."""
    try:
        with engine.connect() as connection:
            config = _config(connection)
            found = MigrationContext.configure(connection).get_current_revision()
            known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
            if found is not None and found not in known:
                raise WorkspaceTooNew(
                    f"{file} was written by a newer version of this program (schema {found}). "
                    "Nothing was changed. Open it with that version, or install it here."
                )
            command.upgrade(config, "head")
            connection.commit()
    except DatabaseError as broken:
        raise StoreDamaged(
            f"{file} is not a database this program can read: {broken.orig}. Nothing was changed. "
            "Restore the workspace from its last backup and compare the log with the commission's witness.",
            detail=str(broken),
        ) from broken
