"""Runs the migrations on the connection ``bwc_review.store.schema`` hands over; never opens one of its own."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, render_as_batch=False)
with context.begin_transaction():
    context.run_migrations()
