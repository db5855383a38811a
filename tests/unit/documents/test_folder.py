"""The documents that a folder holds."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

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


def test_each_folder_is_visited_once(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "loop").symlink_to(tmp_path)
    (tmp_path / "again").symlink_to(tmp_path / "one")
    # Without a check this would go on to the depth where the system stops following links.
    assert len(list(islice(folder._folders(tmp_path, []), 10))) == 2
