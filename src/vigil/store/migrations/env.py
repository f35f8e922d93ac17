"""Run by Alembic: applies the steps over the connection that `vigil.store.migrate` passes in."""

from alembic import context

from vigil.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
