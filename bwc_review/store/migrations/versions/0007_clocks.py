"""Starts that persons adopted, and recordings that are parts of one.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from bwc_review.store import append_only, erasable

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

Counted = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "adopted_start",
        sa.Column("n", Counted, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("recording", sa.String(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("uncertainty", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("claim", sa.Integer(), nullable=True),
        sa.Column("camera_fast", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["recording"], ["recording.id"]),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("id"),
    )
    op.create_index(op.f("ix_adopted_start_recording"), "adopted_start", ["recording"], unique=False)
    op.create_table(
        "series",
        sa.Column("n", Counted, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("camera", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("id"),
    )
    op.create_table(
        "series_part",
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("recording", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("offset", sa.BigInteger(), nullable=True),
        sa.Column("gap", sa.BigInteger(), nullable=True),
        sa.Column("uncertainty", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["recording"], ["recording.id"]),
        sa.ForeignKeyConstraint(["series"], ["series.id"]),
        sa.PrimaryKeyConstraint("series", "place"),
    )
    op.create_index(op.f("ix_series_part_recording"), "series_part", ["recording"], unique=False)
    for table in ("adopted_start", "series", "series_part"):
        append_only.refuse_delete(table)
        append_only.refuse_update(table)
    adopted = erasable.Copies("adopted_start", {"reason": "reason"}, ("recording",))
    erasable.let_go(adopted, "adopted_start_no_update", "adopted_start is append-only")
