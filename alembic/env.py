"""Alembic's entry: runs the revisions on the connection that pomo_daemon.adapters.db.migrate hands over."""

from alembic import context
from pomo_daemon.adapters.db import indexes  # noqa: F401  # adds them to the tables
from pomo_daemon.adapters.db.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    # SQLite can alter little; Alembic then copies the table.
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
