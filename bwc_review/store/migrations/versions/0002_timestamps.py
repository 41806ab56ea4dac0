"""RFC 3161 timestamps over checkpoints: requests that wait, answers that were verified, answers that were refused.

Revision ID: 0002_timestamps
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002_timestamps"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLE = "custody_timestamp"
SETTLED = "a settled timestamp is never altered"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("log", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("certificates", sa.LargeBinary(), nullable=False),
        sa.Column("stamped_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_custody_timestamp_log"), TABLE, ["log"], unique=False)
    asked = "UPDATE OF id, log, size, body, authority, request, asked_at"
    _refuse("no_delete", "DELETE", "", f"{TABLE} is append-only")
    _refuse("asked_once", asked, "", "a timestamp request is never altered")
    _refuse("settled_once", "UPDATE", "WHEN (OLD.state <> 'queued')", SETTLED)


def _refuse(name: str, event: str, when: str, said: str) -> None:
    """On PostgreSQL with the function the first schema made there."""
    if op.get_bind().dialect.name == "postgresql":
        when = f"FOR EACH ROW {when}"
        then = f"EXECUTE FUNCTION bwc_review_refuse('{said}')"
    else:
        then = f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
    op.execute(f"CREATE TRIGGER {TABLE}_{name} BEFORE {event} ON {TABLE} {when} {then}")
