"""The tables of quarantines and scrubs (migration 0007)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from bwc_review.store.tables import metadata

quarantine = Table(
    "quarantine",
    metadata,
    Column("sha256", String, primary_key=True),
    Column("exhibit", String, nullable=False),
    Column("finding", String, nullable=False),
    Column("found_at", BigInteger, nullable=False),
    Column("released_at", BigInteger),
)

scrub = Table(
    "scrub",
    metadata,
    Column("id", String, primary_key=True),
    Column("share", BigInteger, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("last_sha256", String, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("state", String, nullable=False),
)

adopted = Table(
    "adopted",
    metadata,
    Column("sha256", String, primary_key=True),
    Column("found_at", BigInteger, nullable=False),
)
