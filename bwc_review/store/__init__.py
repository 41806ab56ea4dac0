"""The SQLite store behind ``bwc_review.ports.store``. SQLAlchemy Core tables, hand-written row <-> value mapping."""
