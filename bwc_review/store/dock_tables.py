"""The tables of dockings, and the metadata all tables share. The others are in ``store.tables``."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, MetaData, String, Table

from bwc_review.store.words import Line, Words

metadata = MetaData()

docking = Table(
    "docking",
    metadata,
    Column("id", String, primary_key=True),
    Column("label", Line, nullable=False),
    Column("profile", String, nullable=False),
    Column("profile_sha256", String, nullable=False),
    Column("state", String, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("session", String, ForeignKey("desk_session.id"), nullable=False),
    Column("ended_by", String, nullable=False),
    Column("seen_as", String, nullable=False, index=True),
    Column("volume", Line, nullable=False),
    Column("device", Line, nullable=False),
    Column("protection", String, nullable=False),
    Column("clock_offset", BigInteger),
    Column("clock_uncertainty", BigInteger),
    Column("clock_source", String, nullable=False),
    Column("clock_read_at", BigInteger),
)

met = Table(
    "met",
    metadata,
    Column("docking", String, ForeignKey("docking.id"), primary_key=True),
    Column("seen_as", String, primary_key=True),
    Column("name", Words, nullable=False),
    Column("size", BigInteger, nullable=False),
)

acquisition = Table(
    "acquisition",
    metadata,
    Column("id", String, primary_key=True),
    Column("docking", String, ForeignKey("docking.id"), nullable=False, index=True),
    Column("name", Words, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("outcome", String, nullable=False),
    Column("reason", Words, nullable=False),
    Column("sha256", String),
    Column("exhibit", String, ForeignKey("exhibit.number")),
    Column("seen_as", String, nullable=False),
)
