"""Cosignatures of witnesses over checkpoints: never altered, never deleted, one a witness and size.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from bwc_review.store import append_only

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLE = "custody_cosignature"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("log", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("vkey", sa.String(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("log", "size", "vkey", name="uq_custody_cosignature_log_size_vkey"),
    )
    append_only.refuse_delete(TABLE)
    append_only.refuse_update(TABLE)
