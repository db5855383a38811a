"""Bringing a database to the newest revision; Alembic is imported only when there is something to do."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from studycli.errors import StoreError
from studycli.store import connect, migrations


def upgrade(engine: Engine, path: Path) -> None:
    """Run the missing migrations. Raises StoreError for a newer database, or another program's."""
    with connect.reading(engine, path) as connection:
        if _revision(connection, path) == migrations.HEAD:
            return
    with connect.writing(engine, path) as connection:
        # Another process may have been here between the two looks.
        if _revision(connection, path) != migrations.HEAD:
            _migrate(connection)


def _revision(connection: Connection, path: Path) -> str | None:
    tables = inspect(connection).get_table_names()
    if "alembic_version" not in tables:
        if tables:
            raise StoreError(
                "this is another program's database", where=str(path), hint="choose another file with --database"
            )
        return None
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision is not None and revision not in migrations.REVISIONS:
        raise StoreError(
            f"the database is from a newer studycli (revision {revision})", where=str(path), hint="update studycli"
        )
    return str(revision) if revision is not None else None


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, migrations.HEAD)
