"""The store behind ``bwc_review.ports.store``, on SQLite and PostgreSQL: SQLAlchemy Core, rows mapped by hand."""
