"""Alignments by sound and their adoption, rosters, device logs and the views of their clocks. Rows never change.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from bwc_review.store import append_only

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _alignments()
    _rosters()
    _device_logs()
    names = ("alignment", "alignment_adoption", "roster", "roster_row", "device_log", "device_event", "device_clock")
    for table in names:
        append_only.refuse_delete(table)
        append_only.refuse_update(table)


def _alignments() -> None:
    op.create_table(
        "alignment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("recording", sa.String(), nullable=False),
        sa.Column("sound_sha256", sa.String(), nullable=False),
        sa.Column("refs", sa.JSON(), nullable=False),
        sa.Column("clock", sa.JSON(), nullable=True),
        sa.Column("error", sa.BigInteger(), nullable=False),
        sa.Column("doubt", sa.String(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"]),
        sa.ForeignKeyConstraint(["recording"], ["recording.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_alignment_incident"), "alignment", ["incident"], unique=False)
    op.create_table(
        "alignment_adoption",
        sa.Column("proposal", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["proposal"], ["alignment.id"]),
        sa.PrimaryKeyConstraint("proposal"),
    )


def _rosters() -> None:
    op.create_table(
        "roster",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("exhibit", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["exhibit"], ["exhibit.number"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "roster_row",
        sa.Column("roster", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("officer", sa.String(), nullable=True),
        sa.Column("camera", sa.String(), nullable=True),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("uncertainty", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("dock_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["roster"], ["roster.id"]),
        sa.PrimaryKeyConstraint("roster", "line"),
    )


def _device_logs() -> None:
    op.create_table(
        "device_log",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("exhibit", sa.String(), nullable=False),
        sa.Column("mapping", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["exhibit"], ["exhibit.number"]),
        sa.ForeignKeyConstraint(["mapping"], ["exhibit.number"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "device_event",
        sa.Column("log", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("uncertainty", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=True),
        sa.Column("length_uncertainty", sa.BigInteger(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["log"], ["device_log.id"]),
        sa.PrimaryKeyConstraint("log", "line"),
    )
    op.create_table(
        "device_clock",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("log", sa.String(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("uncertainty", sa.BigInteger(), nullable=False),
        sa.Column("officer", sa.String(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"]),
        sa.ForeignKeyConstraint(["log"], ["device_log.id"]),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index(op.f("ix_device_clock_incident"), "device_clock", ["incident"], unique=False)
