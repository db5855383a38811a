"""The database's history, one Alembic revision a change; `REVISIONS` lists them, oldest first."""

from __future__ import annotations

REVISIONS = ("0001", "0002", "0003")
HEAD = REVISIONS[-1]
