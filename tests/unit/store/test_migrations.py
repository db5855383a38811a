"""The migrations lead to exactly the tables that the code uses."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from studycli.errors import StoreError
from studycli.store import connect, migrations, schema
from studycli.store.repository import Repository


def test_revisions_are_alembics_own() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    walked = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert walked[::-1] == list(migrations.REVISIONS)


def test_migrated_database_has_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    Repository.open(str(path)).close()
    engine = connect.create(path)
    with connect.reading(engine, path) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
    engine.dispose()


def test_bundled_documents_are_a_source_from_the_start(tmp_path: Path) -> None:
    with Repository.open(str(tmp_path / "a.db")) as repository, repository.shelf() as library:
        assert library.sources() == ["bundled"]


def test_newer_database_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    Repository.open(str(path)).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match="newer studycli") as caught:
        Repository.open(str(path))
    assert caught.value.hint == "update studycli"


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (id INTEGER)")
    connection.close()
    with pytest.raises(StoreError, match="another program's database"):
        Repository.open(str(path))


def test_opening_a_current_database_imports_no_alembic(tmp_path: Path) -> None:
    path = str(tmp_path / "a.db")
    Repository.open(path).close()
    code = (
        "import sys; from studycli.store.repository import Repository;"
        "Repository.open(sys.argv[1]).close(); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, path], check=False).returncode == 0


def test_settings_of_the_connection(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "a.db"
    Repository.open(str(path)).close()
    engine = connect.create(path)
    with connect.reading(engine, path) as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    engine.dispose()
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 10_000}
