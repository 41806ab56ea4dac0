"""The tables behind ``bwc_review.ports.times``: alignments, rosters, device logs. Triggers keep rows as they are."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Integer, String, Table

from bwc_review.store.tables import Large, metadata
from bwc_review.store.words import Line, Words

alignment = Table(
    "alignment",
    metadata,
    Column("id", String, primary_key=True),
    Column("incident", String, ForeignKey("incident.id"), nullable=False, index=True),
    Column("recording", String, ForeignKey("recording.id"), nullable=False),
    Column("sound_sha256", String, nullable=False),
    Column("refs", JSON, nullable=False),
    Column("clock", JSON),
    Column("error", BigInteger, nullable=False),
    Column("doubt", String, nullable=False),
    Column("figures", JSON, nullable=False),
    Column("by", Line, nullable=False),
    Column("made_at", BigInteger, nullable=False),
)

alignment_adoption = Table(
    "alignment_adoption",
    metadata,
    Column("proposal", String, ForeignKey("alignment.id"), primary_key=True),
    Column("by", Line, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("reason", Words, nullable=False),
)

roster = Table(
    "roster",
    metadata,
    Column("id", String, primary_key=True),
    Column("exhibit", String, ForeignKey("exhibit.number"), nullable=False),
    Column("zone", String, nullable=False),
    Column("imported_at", BigInteger, nullable=False),
)

roster_row = Table(
    "roster_row",
    metadata,
    Column("roster", String, ForeignKey("roster.id"), primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("id", Line, nullable=False),
    Column("kind", String, nullable=False),
    Column("officer", Line),
    Column("camera", Line),
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("uncertainty", BigInteger, nullable=False),
    Column("category", Line, nullable=False),
    Column("dock_by", BigInteger),
)

device_log = Table(
    "device_log",
    metadata,
    Column("id", String, primary_key=True),
    Column("exhibit", String, ForeignKey("exhibit.number"), nullable=False),
    Column("mapping", String, ForeignKey("exhibit.number"), nullable=False),
    Column("form", Line, nullable=False),
    Column("imported_at", BigInteger, nullable=False),
)

device_event = Table(
    "device_event",
    metadata,
    Column("log", String, ForeignKey("device_log.id"), primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("device", Line, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("uncertainty", BigInteger, nullable=False),
    Column("length", BigInteger),
    Column("length_uncertainty", BigInteger, nullable=False),
    Column("cycle", Integer),
    Column("text", Words, nullable=False),
)

device_clock = Table(
    "device_clock",
    metadata,
    Column("n", Large, primary_key=True),
    Column("incident", String, ForeignKey("incident.id"), nullable=False, index=True),
    Column("log", String, ForeignKey("device_log.id"), nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("uncertainty", BigInteger, nullable=False),
    Column("officer", Line),
    Column("reason", Words, nullable=False),
    Column("by", Line, nullable=False),
    Column("at", BigInteger, nullable=False),
)

TABLES = (alignment, alignment_adoption, roster, roster_row, device_log, device_event, device_clock)
