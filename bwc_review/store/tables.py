"""The tables, as SQLAlchemy Core sees them. The migrations create them; a test compares the two.

Times are integer microseconds. ``custody_entry.bytes`` is the entry; its other columns are copies for look-ups and
are checked against the bytes whenever the log is verified (custody.md section 1).
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from bwc_review.store.dock_tables import acquisition as acquisition
from bwc_review.store.dock_tables import docking as docking
from bwc_review.store.dock_tables import met as met
from bwc_review.store.dock_tables import metadata as metadata
from bwc_review.store.words import Line, Words

Large = BigInteger().with_variant(Integer, "sqlite")  # 64-bit on both; SQLite counts up in an INTEGER only

custody_entry = Table(
    "custody_entry",
    metadata,
    Column("log", String, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("type", String, nullable=False, index=True),
    Column("outcome", String, nullable=False),
    Column("at", String, nullable=False),
    Column("actor_id", String, nullable=False),
    Column("actor_role", String, nullable=False),
    Column("session", String, nullable=False),
    Column("subject_kind", String, nullable=False),
    Column("subject_id", String, nullable=False, index=True),
    Column("reason", String, nullable=False),
    Column("ws", String, nullable=False),
    Column("app", String, nullable=False),
    Column("leaf", String, nullable=False, unique=True),
    Column("prev", String, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    UniqueConstraint("log", "prev", name="uq_custody_entry_log_prev"),
)

custody_signature = Table(
    "custody_signature",
    metadata,
    Column("log", String, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("file", LargeBinary, nullable=False),
)

custody_head = Table(
    "custody_head",
    metadata,
    Column("log", String, primary_key=True),
    Column("size", Large, nullable=False),
    Column("prev", LargeBinary, nullable=False),
    Column("last_at", String),
    Column("tree", JSON, nullable=False),
)

custody_payload = Table(
    "custody_payload",
    metadata,
    Column("commitment", String, primary_key=True),
    Column("log", String, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

custody_erasure = Table(
    "custody_erasure",
    metadata,
    Column("commitment", String, primary_key=True),
    Column("log", String, nullable=False),
    Column("entry", BigInteger, nullable=False),
    Column("name", String, nullable=False),
    Column("tombstone", BigInteger, nullable=False),
)

custody_checkpoint = Table(
    "custody_checkpoint",
    metadata,
    Column("n", Large, primary_key=True),
    Column("log", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("note", LargeBinary, nullable=False),
)

custody_timestamp = Table(
    "custody_timestamp",
    metadata,
    Column("id", String, primary_key=True),
    Column("log", String, nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("authority", String, nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("response", LargeBinary, nullable=False),
    Column("reason", String, nullable=False),
    Column("certificates", LargeBinary, nullable=False),
    Column("stamped_at", BigInteger),
)

custody_cosignature = Table(
    "custody_cosignature",
    metadata,
    Column("n", Large, primary_key=True),
    Column("log", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("vkey", String, nullable=False),
    Column("stamp", BigInteger, nullable=False),
    Column("line", LargeBinary, nullable=False),
    Column("kept_at", BigInteger, nullable=False),
    UniqueConstraint("log", "size", "vkey", name="uq_custody_cosignature_log_size_vkey"),
)

desk_session = Table(
    "desk_session",
    metadata,
    Column("id", String, primary_key=True),
    Column("operator", Line, nullable=False),
    Column("role", String, nullable=False),
    Column("purpose", Line, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("workstation", String, nullable=False),
    Column("unit", String, nullable=False, server_default=""),
)

exhibit = Table(
    "exhibit",
    metadata,
    Column("number", String, primary_key=True),
    Column("sha256", String, nullable=False, unique=True),
    Column("sha512", String, nullable=False),
    Column("chunk_root", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("name", Words, nullable=False),
)

recording = Table(
    "recording",
    metadata,
    Column("id", String, primary_key=True),
    Column("exhibit", String, ForeignKey("exhibit.number"), nullable=False, unique=True),
    Column("sha256", String, nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("name", Words, nullable=False),
    Column("camera", Line, nullable=False),
    Column("profile", String, nullable=False),
    Column("wearer", Line),
    Column("playability", String, nullable=False),
    Column("facts", JSON),
    Column("claims", JSON, nullable=False),
    Column("silent_lead", BigInteger, nullable=False),
)

derivative = Table(
    "derivative",
    metadata,
    Column("recording", String, ForeignKey("recording.id"), primary_key=True),
    Column("kind", String, primary_key=True),
    Column("path", Words, nullable=False),
    Column("sha256", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("parent_sha256", String, nullable=False),
    Column("tool", String, nullable=False),
    Column("parameters", JSON, nullable=False),
)

job = Table(
    "job",
    metadata,
    Column("id", String, primary_key=True),
    Column("workstation", String, nullable=False, index=True),
    Column("recording", String, ForeignKey("recording.id"), nullable=False),
    Column("what", String, nullable=False),
    Column("wanted", JSON, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Words, nullable=False),
    Column("owner", String, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    UniqueConstraint("recording", "what", name="uq_job_recording_what"),
)

incident = Table(
    "incident",
    metadata,
    Column("id", String, primary_key=True),
    Column("title", Words, nullable=False),
    Column("zero", BigInteger, nullable=False),
)

placement = Table(
    "placement",
    metadata,
    Column("n", Large, primary_key=True),
    Column("incident", String, ForeignKey("incident.id"), nullable=False, index=True),
    Column("recording", String, ForeignKey("recording.id"), nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("uncertainty", BigInteger, nullable=False),
    Column("rate_num", BigInteger, nullable=False),
    Column("rate_den", BigInteger, nullable=False),
    Column("source", String, nullable=False),
    Column("reason", Words, nullable=False),
)

transcript = Table(
    "transcript",
    metadata,
    Column("id", String, primary_key=True),
    Column("recording", String, ForeignKey("recording.id"), nullable=False, index=True),
    Column("digest", String, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
)

candidate = Table(
    "candidate",
    metadata,
    Column("id", String, primary_key=True),
    Column("recording", String, ForeignKey("recording.id"), nullable=False, index=True),
    Column("transcript", String, ForeignKey("transcript.id"), nullable=False),
    Column("code", String, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("words", Words, nullable=False),
    Column("phrase", String, nullable=False),
    Column("why", Words, nullable=False),
    Column("confidence", Integer, nullable=False),
    Column("weakest", Integer, nullable=False),
    Column("flags", JSON, nullable=False),
    Column("proposed", JSON, nullable=False),
)

decision = Table(
    "decision",
    metadata,
    Column("n", Large, primary_key=True),
    Column("candidate", String, ForeignKey("candidate.id"), nullable=False, index=True),
    Column("state", String, nullable=False),
    Column("by", Line, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("reason", Words, nullable=False),
    Column("tag", String, ForeignKey("tag.id")),
)

tag = Table(
    "tag",
    metadata,
    Column("id", String, primary_key=True),
    Column("incident", String, ForeignKey("incident.id"), nullable=False, index=True),
    Column("code", String, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger),
    Column("actor", Line),
    Column("target", Line),
    Column("source", String, nullable=False),
    Column("state", String, nullable=False),
    Column("uncertainty", BigInteger, nullable=False),
    Column("by", Line, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("attrs", JSON, nullable=False),
    Column("end_status", String, nullable=False),
    Column("modality", String, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("supersedes", String, ForeignKey("tag.id")),
    Column("candidate", String, ForeignKey("candidate.id")),
    Column("note", Words, nullable=False),
    Column("key", String, nullable=False, index=True),
)

bundle = Table(
    "bundle",
    metadata,
    Column("id", String, primary_key=True),
    Column("incident", String, ForeignKey("incident.id"), nullable=False),
    Column("name", Line, nullable=False, unique=True),
    Column("path", Words, nullable=False),
    Column("tagmanifest_sha256", String, nullable=False),
    Column("log_size", Large, nullable=False),
    Column("sealed_at", BigInteger, nullable=False),
)
