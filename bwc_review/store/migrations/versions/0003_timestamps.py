"""RFC 3161 timestamps over checkpoints: requests that wait, answers that were verified, answers that were refused.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from bwc_review.store import append_only

revision = "0003"
down_revision = "0002"
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
    append_only.refuse_delete(TABLE)
    asked = ("id", "log", "size", "body", "authority", "request", "asked_at")
    append_only.refuse_update_of(f"{TABLE}_asked_once", TABLE, asked, "a timestamp request is never altered")
    _refuse_once_settled()


def _refuse_once_settled() -> None:
    if op.get_bind().dialect.name == "postgresql":
        then = f"EXECUTE FUNCTION {append_only.FUNCTION}('{SETTLED}')"
        when = "FOR EACH ROW WHEN (OLD.state <> 'queued')"
    else:
        then = f"BEGIN SELECT RAISE(ABORT, '{SETTLED}'); END"
        when = "WHEN OLD.state <> 'queued'"
    op.execute(f"CREATE TRIGGER {TABLE}_settled_once BEFORE UPDATE ON {TABLE} {when} {then}")
