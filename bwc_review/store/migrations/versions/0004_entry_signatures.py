"""Signature files beside custody entries: one row an entry that somebody signed, never altered, never deleted.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from bwc_review.store import append_only

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLE = "custody_signature"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("log", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log", "seq"),
    )
    append_only.refuse_delete(TABLE)
    append_only.refuse_update(TABLE)
