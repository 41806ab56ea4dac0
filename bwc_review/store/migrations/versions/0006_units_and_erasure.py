"""Operators' units, and erasing a payload's content: allowed where the log holds the tombstone, and nowhere else.

What may change after an erasure: the payload's row goes; the copies of its text in acquisitions, placements,
decisions and tags become a mark that names the tombstone. Every other change stays refused.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from bwc_review.store import append_only, erasable

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("desk_session", sa.Column("unit", sa.String(), server_default="", nullable=False))
    op.create_table(
        "custody_erasure",
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("log", sa.String(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tombstone", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("commitment"),
    )
    append_only.refuse_delete("custody_erasure")
    append_only.refuse_update("custody_erasure")
    erasable.erase_by_tombstone_only()
    for copy in (
        erasable.Copies("acquisition", {"name": "name", "reason": "reason"}, ("docking", "exhibit")),
        erasable.Copies("placement", {"reason": "reason"}, ("incident",)),
        erasable.Copies("decision", {"reason": "reason"}, ("candidate",)),
    ):
        erasable.let_go(copy, f"{copy.table}_no_update", f"{copy.table} is append-only")
    tag = erasable.Copies("tag", {"note": "note", "attrs": "attrs"}, ("id",), may_change=("state",))
    erasable.let_go(tag, "tag_only_state", "a tag is superseded, never edited")
