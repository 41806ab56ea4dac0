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

# by bytes, as SQLite sorts, whatever the language of the server: a list in a bundle must not depend on it
STRING = sa.String().with_variant(sa.String(collation="C"), "postgresql")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

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
        sa.Column("log", STRING, nullable=False),
        sa.Column("type", STRING, nullable=False),
        sa.Column("outcome", STRING, nullable=False),
        sa.Column("at", STRING, nullable=False),
        sa.Column("actor_id", STRING, nullable=False),
        sa.Column("actor_role", STRING, nullable=False),
        sa.Column("session", STRING, nullable=False),
        sa.Column("subject_kind", STRING, nullable=False),
        sa.Column("subject_id", STRING, nullable=False),
        sa.Column("reason", STRING, nullable=False),
        sa.Column("ws", STRING, nullable=False),
        sa.Column("app", STRING, nullable=False),
        sa.Column("leaf", STRING, nullable=False),
        sa.Column("prev", STRING, nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("leaf"),
        sa.UniqueConstraint("log", "prev", name="uq_custody_entry_log_prev"),
    )
    op.create_index(op.f("ix_custody_entry_subject_id"), "custody_entry", ["subject_id"], unique=False)
    op.create_index(op.f("ix_custody_entry_type"), "custody_entry", ["type"], unique=False)
    op.create_table(
        "custody_head",
        sa.Column("log", STRING, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("last_at", STRING, nullable=True),
        sa.Column("tree", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("log"),
    )
    op.create_table(
        "custody_payload",
        sa.Column("commitment", STRING, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("commitment"),
    )
    op.create_table(
        "desk_session",
        sa.Column("id", STRING, nullable=False),
        sa.Column("operator", STRING, nullable=False),
        sa.Column("role", STRING, nullable=False),
        sa.Column("purpose", STRING, nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("state", STRING, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "exhibit",
        sa.Column("number", STRING, nullable=False),
        sa.Column("sha256", STRING, nullable=False),
        sa.Column("sha512", STRING, nullable=False),
        sa.Column("chunk_root", STRING, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("kind", STRING, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("sha256"),
    )
    op.create_table(
        "incident",
        sa.Column("id", STRING, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("zero", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "bundle",
        sa.Column("id", STRING, nullable=False),
        sa.Column("incident", STRING, nullable=False),
        sa.Column("name", STRING, nullable=False),
        sa.Column("path", TEXT, nullable=False),
        sa.Column("tagmanifest_sha256", STRING, nullable=False),
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
        sa.Column("id", STRING, nullable=False),
        sa.Column("label", STRING, nullable=False),
        sa.Column("profile", STRING, nullable=False),
        sa.Column("profile_sha256", STRING, nullable=False),
        sa.Column("state", STRING, nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("session", STRING, nullable=False),
        sa.ForeignKeyConstraint(
            ["session"],
            ["desk_session.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "recording",
        sa.Column("id", STRING, nullable=False),
        sa.Column("exhibit", STRING, nullable=False),
        sa.Column("sha256", STRING, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("camera", STRING, nullable=False),
        sa.Column("profile", STRING, nullable=False),
        sa.Column("wearer", STRING, nullable=True),
        sa.Column("playability", STRING, nullable=False),
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
        sa.Column("id", STRING, nullable=False),
        sa.Column("docking", STRING, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("outcome", STRING, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("sha256", STRING, nullable=True),
        sa.Column("exhibit", STRING, nullable=True),
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
        sa.Column("recording", STRING, nullable=False),
        sa.Column("kind", STRING, nullable=False),
        sa.Column("path", TEXT, nullable=False),
        sa.Column("sha256", STRING, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("parent_sha256", STRING, nullable=False),
        sa.Column("tool", STRING, nullable=False),
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
        sa.Column("incident", STRING, nullable=False),
        sa.Column("recording", STRING, nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("uncertainty", sa.BigInteger(), nullable=False),
        sa.Column("rate_num", sa.BigInteger(), nullable=False),
        sa.Column("rate_den", sa.BigInteger(), nullable=False),
        sa.Column("source", STRING, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
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
        sa.Column("id", STRING, nullable=False),
        sa.Column("recording", STRING, nullable=False),
        sa.Column("digest", STRING, nullable=False),
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
        sa.Column("id", STRING, nullable=False),
        sa.Column("recording", STRING, nullable=False),
        sa.Column("transcript", STRING, nullable=False),
        sa.Column("code", STRING, nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("words", TEXT, nullable=False),
        sa.Column("phrase", STRING, nullable=False),
        sa.Column("why", TEXT, nullable=False),
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
        sa.Column("id", STRING, nullable=False),
        sa.Column("incident", STRING, nullable=False),
        sa.Column("code", STRING, nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=True),
        sa.Column("actor", STRING, nullable=True),
        sa.Column("target", STRING, nullable=True),
        sa.Column("source", STRING, nullable=False),
        sa.Column("state", STRING, nullable=False),
        sa.Column("uncertainty", sa.BigInteger(), nullable=False),
        sa.Column("by", STRING, nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("attrs", sa.JSON(), nullable=False),
        sa.Column("end_status", STRING, nullable=False),
        sa.Column("modality", STRING, nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("supersedes", STRING, nullable=True),
        sa.Column("candidate", STRING, nullable=True),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("key", STRING, nullable=False),
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
        sa.Column("candidate", STRING, nullable=False),
        sa.Column("state", STRING, nullable=False),
        sa.Column("by", STRING, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("tag", STRING, nullable=True),
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
