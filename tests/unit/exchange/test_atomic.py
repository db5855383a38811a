"""Files written whole."""

import os
import stat
from pathlib import Path

import pytest

from studycli.errors import ExportError
from studycli.exchange import atomic


def test_a_new_file_gets_the_permissions_of_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    before = os.umask(0o027)
    try:
        atomic.write(path, b"data")
    finally:
        os.umask(before)
    assert path.read_bytes() == b"data"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_an_old_file_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes(b"a much longer content")
    path.chmod(0o600)
    with path.open("rb") as reader:
        atomic.write(path, b"new")
        assert reader.read() == b"a much longer content"  # whoever reads the old file still has all of it
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_a_link(tmp_path: Path, exists: bool) -> None:
    target = tmp_path / "real" / "file.csv"
    target.parent.mkdir()
    if exists:
        target.write_bytes(b"old")
    link = tmp_path / "link.csv"
    link.symlink_to(target)
    atomic.write(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert list(target.parent.iterdir()) == [target]


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    """A pipe of the test's own stands for every special file: were the code wrong, a device would be lost."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        atomic.write(pipe, b"data")
        assert os.read(reader, 100) == b"data"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_name_as_long_as_names_may_be(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    atomic.write(path, b"data")
    assert path.read_bytes() == b"data"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("folder", "this is a folder"),
        ("missing/file.csv", "its folder does not exist"),
        ("file/below.csv", "Not a directory"),
        ("n" * 300, "File name too long"),
    ],
)
def test_impossible_places(tmp_path: Path, path: str, message: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(ExportError, match=message) as caught:
        atomic.write(tmp_path / path, b"data")
    assert caught.value.hint
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "folder"]
    assert (tmp_path / "file").read_bytes() == b"old"
