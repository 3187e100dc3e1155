"""Alembic's folder: one file a version of the schema, run by `Database.upgrade`."""
