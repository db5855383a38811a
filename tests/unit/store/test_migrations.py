"""The migrations lead to exactly the tables that the code uses."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from studycli.errors import StoreError
from studycli.scheduler import sm2
from studycli.store import connect, migrations, schema
from studycli.store.repository import Repository


def _of_ours(name: str | None, kind: str, _parents: object) -> bool:
    """False for the full-text index and the tables that SQLite makes for it."""
    return kind != "table" or name is None or name == "search_entries" or not name.startswith("search")


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
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _of_ours})
        assert compare_metadata(context, schema.metadata) == []
    engine.dispose()


@pytest.fixture
def first_revision(tmp_path: Path) -> Path:
    """A database as the program of revision 0001 left it: cards in review, suspended and archived, and an undo."""
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(Path(__file__).with_name("revision_0001.sql").read_text("utf-8"))
    connection.close()
    return path


def rows_of(path: Path) -> dict[str, list[dict[str, object]]]:
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    try:
        return {
            table: [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1")]
            for table in ("sources", "documents", "cards", "states", "reviews")
        }
    finally:
        connection.close()


def test_a_database_of_the_first_revision_loses_nothing(
    first_revision: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = rows_of(first_revision)
    assert [len(before[table]) for table in ("cards", "states", "reviews")] == [3, 2, 5]
    day = date(2026, 3, 3)
    with Repository.open(str(first_revision)) as repository:
        studied = {card.id: card for card in repository.cards(today=day, archived=True)}
        assert repository.notes() == []
        for card_id in repository.reviewed_ids():
            assert sm2.replay(repository.history(card_id)) == studied[card_id].state
        repository.flag("c1")
        repository.bury("c2", day)
    assert capfd.readouterr() == ("", "")
    assert [(card.suspended, card.archived, card.flagged, card.buried) for card in studied.values()] == [
        (False, False, False, False), (True, False, False, False), (False, True, False, False),
    ]  # fmt: skip
    after = rows_of(first_revision)
    for table, rows in before.items():
        kept = [{name: row[name] for name in old} for old, row in zip(rows, after[table], strict=True)]
        assert kept == rows
    assert [(card["flagged"], card["buried_on"]) for card in after["cards"]] == [
        (1, None), (0, "2026-03-03"), (0, None),
    ]  # fmt: skip


def test_the_log_of_the_first_revision_stays_append_only(first_revision: Path) -> None:
    Repository.open(str(first_revision)).close()
    connection = sqlite3.connect(first_revision)
    for statement in ("UPDATE reviews SET quality = 5", "DELETE FROM reviews"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


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
