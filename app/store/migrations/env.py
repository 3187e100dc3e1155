"""How Alembic connects: by the transaction that `Database.upgrade` hands over. Changes of a table are rendered as batches,
because SQLite cannot alter one in place."""

from alembic import context

from app.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
