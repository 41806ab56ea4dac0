"""The tables of adopted starts and joined recordings; a part of ``store.tables.metadata``."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table

from bwc_review.store.tables import Large, metadata
from bwc_review.store.words import Line, Words

adopted_start = Table(
    "adopted_start",
    metadata,
    Column("n", Large, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("recording", String, ForeignKey("recording.id"), nullable=False, index=True),
    Column("start", BigInteger, nullable=False),
    Column("uncertainty", BigInteger, nullable=False),
    Column("source", String, nullable=False),
    Column("claim", Integer),
    Column("camera_fast", BigInteger, nullable=False),
    Column("reason", Words, nullable=False),
    Column("by", Line, nullable=False),
    Column("at", BigInteger, nullable=False),
)

series = Table(
    "series",
    metadata,
    Column("n", Large, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("camera", Line, nullable=False),
    Column("why", Words, nullable=False),
    Column("made_at", BigInteger, nullable=False),
)

series_part = Table(
    "series_part",
    metadata,
    Column("series", String, ForeignKey("series.id"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("recording", String, ForeignKey("recording.id"), nullable=False, index=True),
    Column("number", Integer),
    Column("offset", BigInteger),
    Column("gap", BigInteger),
    Column("uncertainty", BigInteger, nullable=False),
    Column("source", String, nullable=False),
)
