"""Triggers that refuse a change, for either engine. The migrations use them, so what is here stays as it is.

Triggers stop mistakes, not a superuser: what proves the log is its chain, its checkpoints and the witness.
"""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

FUNCTION = "bwc_review_refuse"


def add_function() -> None:
    """PostgreSQL: the function every trigger calls, with what it says as the argument. SQLite needs none."""
    if _postgresql():
        op.execute(
            f"CREATE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )


def refuse_delete(table: str) -> None:
    """No row of ``table`` may be deleted; on PostgreSQL the table cannot be truncated either."""
    _refuse(f"{table}_no_delete", "DELETE", table, f"{table} is append-only")
    if _postgresql():
        said = f"EXECUTE FUNCTION {FUNCTION}('{table} is append-only')"
        op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {said}")


def refuse_update(table: str) -> None:
    """No row of ``table`` may be changed."""
    _refuse(f"{table}_no_update", "UPDATE", table, f"{table} is append-only")


def refuse_update_of(name: str, table: str, columns: Sequence[str], message: str) -> None:
    """These columns of ``table`` may not be changed."""
    quoted = ", ".join(f'"{column}"' for column in columns)
    _refuse(name, f"UPDATE OF {quoted}", table, message)


def _refuse(name: str, event: str, table: str, message: str) -> None:
    if _postgresql():
        then = f"FOR EACH ROW EXECUTE FUNCTION {FUNCTION}('{message}')"
    else:
        then = f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} {then}")


def _postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
