"""The database's path from what the learner gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from studycli.errors import UsageError
from studycli.store.location import database_path


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/tmp/a.db", "/tmp/a.db"),
        ("sqlite:////tmp/a.db", "/tmp/a.db"),
        ("sqlite:////tmp/with ?odd#%20.db", "/tmp/with ?odd#%20.db"),
    ],
)
def test_paths_and_urls(url: str, expected: str) -> None:
    assert database_path(url) == Path(expected)


def test_relative_and_home_paths(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert database_path("a.db") == tmp_path / "a.db"
    assert database_path("sqlite:///a.db") == tmp_path / "a.db"
    assert database_path("~/a.db") == home / "a.db"


@pytest.mark.parametrize(
    "url", ["postgresql://localhost/x", "mysql+pymysql://h/x", "sqlite://", "sqlite+aiosqlite:///x", "http://a/b"]
)
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(UsageError, match="no SQLite database"):
        database_path(url)


@pytest.mark.parametrize("url", ["", "  ", "sqlite:///", "sqlite:///:memory:", ":memory:", "a\0b"])
def test_no_file(url: str) -> None:
    with pytest.raises(UsageError, match="names no file"):
        database_path(url)
