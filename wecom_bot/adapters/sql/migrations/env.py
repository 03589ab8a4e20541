"""Alembic runs this file for every command; `wecom_bot.adapters.sql.migrate` brings the connection."""

from alembic import context

from wecom_bot.adapters.sql.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can take back a CREATE TABLE, and does since we send BEGIN ourselves; MySQL cannot
    transactional_ddl=context.config.attributes["connection"].dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
