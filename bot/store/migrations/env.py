"""Alembic's way in: the connection comes from `bot.store.schema`, inside its transaction."""

from alembic import context

import bot.store.indexes  # noqa: F401 - completes the tables
from bot.store.tables import Table

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Table.metadata, render_as_batch=True
)
context.run_migrations()
