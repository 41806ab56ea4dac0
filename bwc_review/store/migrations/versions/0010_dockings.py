"""Dockings that resume: what was met is on record before anything is copied, and what a source is known by.

Also who ended a docking, what kept the source from being written to, and the camera's clock as measured at the dock.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from bwc_review.store import append_only, erasable

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STRING = sa.String().with_variant(sa.String(collation="C"), "postgresql")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
CODES = ("ended_by", "seen_as", "volume", "device", "protection", "clock_source")
NUMBERS = ("clock_offset", "clock_uncertainty", "clock_read_at")


def upgrade() -> None:
    for name in CODES:
        op.add_column("docking", sa.Column(name, sa.String(), server_default="", nullable=False))
    for name in NUMBERS:
        op.add_column("docking", sa.Column(name, sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_docking_seen_as"), "docking", ["seen_as"], unique=False)
    op.add_column("acquisition", sa.Column("seen_as", sa.String(), server_default="", nullable=False))
    op.create_table(
        "met",
        sa.Column("docking", STRING, nullable=False),
        sa.Column("seen_as", STRING, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["docking"], ["docking.id"]),
        sa.PrimaryKeyConstraint("docking", "seen_as"),
    )
    append_only.refuse_delete("met")
    append_only.refuse_update("met")
    erasable.let_go(erasable.Copies("met", {"name": "name"}, ("docking",)), "met_no_update", "met is append-only")
    # the trigger of 0006 names the columns there were then
    append_only.refuse_update_of(
        "acquisition_seen_as_fixed", "acquisition", ["seen_as"], "acquisition is append-only"
    )
