"""Alembic's way in: run the revisions on the connection that `studycli.store.upgrade` holds."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
