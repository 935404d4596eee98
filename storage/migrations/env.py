"""Alembic's entry: runs the migrations on the connection that `Database.migrate` hands over."""

from __future__ import annotations

from alembic import context

from storage import tables_design, tables_invitations, tables_people
from storage.tables import metadata

# Importing a module of tables enters them in `metadata`.
TABLES = (tables_people, tables_design, tables_invitations)
connection = context.config.attributes["connection"]
# `Database.migrate` holds the transaction, so a migration that fails half-way leaves nothing behind.
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
