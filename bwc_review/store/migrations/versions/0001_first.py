"""The first schema: custody log, footage, reviews; append-only tables guarded by triggers.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

from bwc_review.store import append_only

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

FROZEN = ("custody_entry", "custody_checkpoint", "transcript", "candidate", "decision", "placement", "acquisition")
NEVER_DELETED = (*FROZEN, "exhibit", "recording", "tag", "incident", "bundle", "docking", "desk_session")


# what a tag's revision may not touch: everything but its state
TAG = (
    *("id", "incident", "code", "start", "end", "actor", "target", "source", "uncertainty", "by", "recorded_at"),
    *("attrs", "end_status", "modality", "evidence", "supersedes", "candidate", "note", "key"),
)


def upgrade() -> None:
    _tables()
    append_only.add_function()
    for table in NEVER_DELETED:
        append_only.refuse_delete(table)
    for table in FROZEN:
        append_only.refuse_update(table)
    append_only.refuse_update_of("tag_only_state", "tag", TAG, "a tag is superseded, never edited")


def _tables() -> None:
    op.create_table(
        "custody_checkpoint",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_table(
        "custody_entry",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("log", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("actor_role", sa.String(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ws", sa.String(), nullable=False),
        sa.Column("app", sa.String(), nullable=False),
        sa.Column("leaf", sa.String(), nullable=False),
        sa.Column("prev", sa.String(), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("leaf"),
        sa.UniqueConstraint("log", "prev", name="uq_custody_entry_log_prev"),
    )
    op.create_index(op.f("ix_custody_entry_subject_id"), "custody_entry", ["subject_id"], unique=False)
    op.create_index(op.f("ix_custody_entry_type"), "custody_entry", ["type"], unique=False)
    op.create_table(
        "custody_head",
        sa.Column("log", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("last_at", sa.String(), nullable=True),
        sa.Column("tree", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("log"),
    )
    op.create_table(
        "custody_payload",
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("commitment"),
    )
    op.create_table(
        "desk_session",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "exhibit",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("sha512", sa.String(), nullable=False),
        sa.Column("chunk_root", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("sha256"),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("zero", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "bundle",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("tagmanifest_sha256", sa.String(), nullable=False),
        sa.Column("log_size", sa.Integer(), nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident"],
            ["incident.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "docking",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("profile_sha256", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session"],
            ["desk_session.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "recording",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("exhibit", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("camera", sa.String(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("wearer", sa.String(), nullable=True),
        sa.Column("playability", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("claims", sa.JSON(), nullable=False),
        sa.Column("silent_lead", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["exhibit"],
            ["exhibit.number"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("exhibit"),
        sa.UniqueConstraint("sha256"),
    )
    op.create_table(
        "acquisition",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("docking", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("exhibit", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["docking"],
            ["docking.id"],
        ),
        sa.ForeignKeyConstraint(
            ["exhibit"],
            ["exhibit.number"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_acquisition_docking"), "acquisition", ["docking"], unique=False)
    op.create_table(
        "derivative",
        sa.Column("recording", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("parent_sha256", sa.String(), nullable=False),
        sa.Column("tool", sa.String(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording"],
            ["recording.id"],
        ),
        sa.PrimaryKeyConstraint("recording", "kind"),
    )
    op.create_table(
        "placement",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("recording", sa.String(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("uncertainty", sa.BigInteger(), nullable=False),
        sa.Column("rate_num", sa.BigInteger(), nullable=False),
        sa.Column("rate_den", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident"],
            ["incident.id"],
        ),
        sa.ForeignKeyConstraint(
            ["recording"],
            ["recording.id"],
        ),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index(op.f("ix_placement_incident"), "placement", ["incident"], unique=False)
    op.create_table(
        "transcript",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("recording", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording"],
            ["recording.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_transcript_recording"), "transcript", ["recording"], unique=False)
    op.create_table(
        "candidate",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("recording", sa.String(), nullable=False),
        sa.Column("transcript", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("phrase", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Integer(), nullable=False),
        sa.Column("weakest", sa.Integer(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("proposed", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording"],
            ["recording.id"],
        ),
        sa.ForeignKeyConstraint(
            ["transcript"],
            ["transcript.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_candidate_recording"), "candidate", ["recording"], unique=False)
    op.create_table(
        "tag",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.String(), nullable=True),
        sa.Column("target", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("uncertainty", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("attrs", sa.JSON(), nullable=False),
        sa.Column("end_status", sa.String(), nullable=False),
        sa.Column("modality", sa.String(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("supersedes", sa.String(), nullable=True),
        sa.Column("candidate", sa.String(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate"],
            ["candidate.id"],
        ),
        sa.ForeignKeyConstraint(
            ["incident"],
            ["incident.id"],
        ),
        sa.ForeignKeyConstraint(
            ["supersedes"],
            ["tag.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_tag_incident"), "tag", ["incident"], unique=False)
    op.create_index(op.f("ix_tag_key"), "tag", ["key"], unique=False)
    op.create_table(
        "decision",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("candidate", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("tag", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["candidate"],
            ["candidate.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tag"],
            ["tag.id"],
        ),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index(op.f("ix_decision_candidate"), "decision", ["candidate"], unique=False)
