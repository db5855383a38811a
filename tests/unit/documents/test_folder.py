"""The documents that a folder holds."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

import pytest

from studycli.documents import folder


def test_a_folder_and_its_folders_in_order(tmp_path: Path) -> None:
    for name in ("b.md", "a.markdown", "deep/C.MD", "x.txt", ".hidden.md", ".git/d.md", "deep/readme"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x", "utf-8")
    listing = folder.documents(tmp_path)
    assert listing is not None
    assert [file.relative_to(tmp_path).as_posix() for file in listing.files] == ["a.markdown", "b.md", "deep/C.MD"]
    assert listing.refused == ()


def test_one_file_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("x", "utf-8")
    assert folder.documents(path) == folder.Listing((path,))


def test_nothing(tmp_path: Path) -> None:
    assert folder.documents(tmp_path / "nowhere") is None


def test_a_pipe_is_no_document(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    assert folder.documents(tmp_path / "pipe.md") is None
    assert folder.documents(tmp_path) == folder.Listing(())
    assert folder.why_nothing(tmp_path / "pipe.md") == "this is no regular file"
    assert folder.why_nothing(tmp_path / "nowhere.md") == "there is no such file or folder"


def test_folders_that_the_system_makes_up_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("proc/1/a.md", "notes/b.md"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("x", "utf-8")
    (tmp_path / "notes" / "link").symlink_to(tmp_path / "proc")
    monkeypatch.setattr(folder, "SYSTEM_FOLDERS", frozenset({str(tmp_path / "proc")}))
    assert folder.documents(tmp_path) == folder.Listing((tmp_path / "notes" / "b.md",))


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="this system has no /proc")
def test_proc_is_left_out() -> None:
    assert list(folder._folders(Path("/proc"), [])) == []


def test_each_folder_is_visited_once(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "loop").symlink_to(tmp_path)
    (tmp_path / "again").symlink_to(tmp_path / "one")
    # Without a check this would go on to the depth where the system stops following links.
    assert len(list(islice(folder._folders(tmp_path, []), 10))) == 2
