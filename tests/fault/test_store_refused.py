"""What a learner is told when the database can't be used."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from studycli.errors import StoreError
from studycli.store import connect
from studycli.store.repository import Repository
from tests.store_cards import CARDS, document, update


def refused(path: Path | str) -> StoreError:
    with pytest.raises(StoreError) as caught:
        Repository.open(str(path)).close()
    assert caught.value.hint
    assert caught.value.where
    return caught.value


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("These are my notes, and they are no database at all.\n" * 100, "utf-8")
    before = path.read_bytes()
    assert refused(path).message == "this file is no studycli database"
    assert path.read_bytes() == before


def test_a_folder(tmp_path: Path) -> None:
    assert refused(tmp_path).message == "this is a folder"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    assert "folder cannot be made" in refused(tmp_path / "file" / "study.db").message


def test_a_place_where_nothing_can_be_written() -> None:
    if not Path("/proc/self").exists():
        pytest.skip("this system has no /proc, where nobody can make files")
    assert refused("/proc/study.db").message == "the database cannot be opened"


def test_a_read_only_folder(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("the administrator may write anywhere")
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert refused(tmp_path / "study.db").message == "the database cannot be opened"
    finally:
        tmp_path.chmod(stat.S_IRWXU)


@pytest.mark.parametrize(
    ("pragma", "message"),
    [("query_only = ON", "the database cannot be written"), ("max_page_count = 1", "the disk is full")],
)
def test_a_database_that_takes_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pragma: str, message: str
) -> None:
    path = tmp_path / "study.db"
    Repository.open(str(path)).close()
    configure = connect._configure

    def hobbled(connection: sqlite3.Connection, record: object) -> None:
        configure(connection, record)
        connection.execute(f"PRAGMA {pragma}")

    monkeypatch.setattr(connect, "_configure", hobbled)
    with Repository.open(str(path)) as repository, pytest.raises(StoreError) as caught, repository.library() as library:
        for number in range(1000):
            library.add_source(f"/a/path/long/enough/to/fill/a/page/soon/{number}")
    assert caught.value.message == message
    with Repository.open(str(path)) as repository, repository.shelf() as library:
        assert library.sources() == ["bundled"]


def test_a_locked_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "BUSY_TIMEOUT_SECONDS", 0.05)
    path = tmp_path / "study.db"
    Repository.open(str(path)).close()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with Repository.open(str(path)) as repository:
        with pytest.raises(StoreError, match="another program holds the database") as caught:
            repository.suspend("c1")
        assert caught.value.hint == "close the other studycli and try again"
        holder.execute("ROLLBACK")
        with pytest.raises(StoreError, match="no such card"):
            repository.suspend("c1")
    holder.close()


def test_a_damaged_database(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    with Repository.open(str(path)) as repository, repository.library() as library:
        library.save_document(document("/x/deck.md"))
        library.save_cards([update(f"c{card.number}", place, card) for place, card in enumerate(CARDS)])
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xaa" * (len(data) - 4096)
    path.write_bytes(data)
    assert refused(path).message == "the database is damaged"


def test_a_truncated_database(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    Repository.open(str(path)).close()
    path.write_bytes(path.read_bytes()[:5000])
    assert refused(path).message == "the database is damaged"


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    path.touch()
    with Repository.open(str(path)) as repository, repository.shelf() as library:
        assert library.sources() == ["bundled"]


def test_a_migration_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    code = (
        "import os, sys; from studycli.store import repository;"
        "from studycli.store.migrations.versions import r0001_cards_and_reviews as first;"
        "import alembic.op as op; make = op.create_index;"
        "op.create_index = lambda *a, **k: os._exit(9);"
        "repository.Repository.open(sys.argv[1])"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 9
    with Repository.open(str(path)) as repository, repository.shelf() as library:
        assert library.sources() == ["bundled"]
