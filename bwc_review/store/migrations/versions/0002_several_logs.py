"""Several logs in one database: an agency's workstations share PostgreSQL, and each keeps the log of its own.

Entries, checkpoints and payloads say whose log they belong to, and a session says at which workstation it is.
Numbers that grow with the log become 64-bit.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from bwc_review.store import append_only

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

THE_ONE_LOG = "(SELECT log FROM custody_head)"


def upgrade() -> None:
    op.add_column("desk_session", sa.Column("workstation", sa.String(), server_default="", nullable=False))
    op.execute(
        "UPDATE desk_session SET workstation = (SELECT ws FROM custody_entry WHERE seq = 0) "
        "WHERE EXISTS (SELECT ws FROM custody_entry WHERE seq = 0)"
    )
    if op.get_bind().dialect.name == "postgresql":
        _alter()
    else:
        _rebuild()
    append_only.refuse_delete("custody_head")
    append_only.refuse_update("custody_payload")  # a payload is kept or erased, never altered


def _alter() -> None:
    """PostgreSQL: nothing was ever kept there under the first schema, so there is nothing to fill in."""
    for table, column in (("custody_entry", "seq"), ("custody_head", "size"), ("custody_checkpoint", "size")):
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE BIGINT")
    for table in ("custody_checkpoint", "placement", "decision"):
        op.execute(f"ALTER TABLE {table} ALTER COLUMN n TYPE BIGINT")
        op.execute(f"ALTER SEQUENCE {table}_n_seq AS BIGINT")
    op.execute("ALTER TABLE bundle ALTER COLUMN log_size TYPE BIGINT")
    op.execute("ALTER TABLE custody_entry DROP CONSTRAINT custody_entry_pkey, ADD PRIMARY KEY (log, seq)")
    op.add_column("custody_checkpoint", sa.Column("log", sa.String(), nullable=False))
    op.add_column("custody_payload", sa.Column("log", sa.String(), nullable=False))


def _rebuild() -> None:
    """SQLite: its numbers are 64-bit already; a primary key and a NOT NULL column need the table written anew."""
    op.drop_index(op.f("ix_custody_entry_subject_id"), "custody_entry")
    op.drop_index(op.f("ix_custody_entry_type"), "custody_entry")
    for table in ("custody_entry", "custody_checkpoint", "custody_payload"):
        op.rename_table(table, f"{table}_before")
    _entry()
    op.create_table(
        "custody_checkpoint",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("log", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_table(
        "custody_payload",
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("log", sa.String(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("commitment"),
    )
    _copy("custody_entry", ", ".join(ENTRY), ", ".join(ENTRY))
    _copy("custody_checkpoint", "n, log, size, note", f"n, {THE_ONE_LOG}, size, note")
    _copy("custody_payload", "commitment, log, salt, content", f"commitment, {THE_ONE_LOG}, salt, content")
    for table in ("custody_entry", "custody_checkpoint"):
        append_only.refuse_delete(table)
        append_only.refuse_update(table)


TEXTS = (
    *("log", "type", "outcome", "at", "actor_id", "actor_role", "session", "subject_kind", "subject_id", "reason"),
    *("ws", "app", "leaf", "prev"),
)
ENTRY = ("seq", *TEXTS, "bytes")


def _entry() -> None:
    op.create_table(
        "custody_entry",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in TEXTS),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log", "seq"),
        sa.UniqueConstraint("leaf"),
        sa.UniqueConstraint("log", "prev", name="uq_custody_entry_log_prev"),
    )
    op.create_index(op.f("ix_custody_entry_subject_id"), "custody_entry", ["subject_id"], unique=False)
    op.create_index(op.f("ix_custody_entry_type"), "custody_entry", ["type"], unique=False)


def _copy(table: str, into: str, what: str) -> None:
    op.execute(f"INSERT INTO {table} ({into}) SELECT {what} FROM {table}_before")
    op.drop_table(f"{table}_before")  # takes its triggers along; dropping a table fires none of them
