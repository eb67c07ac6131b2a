"""Alembic's files; `bot.store.migrate` runs them."""
