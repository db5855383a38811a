"""Exports that fail half way: the old file stays whole, and nothing is left beside it."""

import errno
import os
from pathlib import Path

import pytest

from studycli.errors import ExportError
from studycli.exchange import atomic


class Full:
    """A file on a full disk: it takes the first half, then refuses."""

    def __init__(self, descriptor: int, mode: str) -> None:
        self.descriptor = descriptor

    def __enter__(self) -> "Full":
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self.descriptor)

    def write(self, data: bytes) -> None:
        os.write(self.descriptor, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")


def refuse(code: int):
    def call(*arguments: object, **options: object) -> None:
        raise OSError(code, os.strerror(code))

    return call


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "cards.csv"
    path.write_bytes(b"the old export")
    return path


def assert_untouched(old: Path) -> None:
    assert old.read_bytes() == b"the old export"
    assert list(old.parent.iterdir()) == [old]


def test_a_full_disk(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fdopen", Full)
    with pytest.raises(ExportError, match="cannot be written: No space left on device") as caught:
        atomic.write(old, b"the new export")
    assert caught.value.where == str(old)
    assert_untouched(old)


@pytest.mark.parametrize(
    ("owner", "name", "code"),
    [(os, "fsync", errno.EIO), (Path, "chmod", errno.EPERM), (Path, "replace", errno.EXDEV)],
)
def test_a_step_that_fails(old: Path, monkeypatch: pytest.MonkeyPatch, owner: object, name: str, code: int) -> None:
    monkeypatch.setattr(owner, name, refuse(code))
    with pytest.raises(ExportError, match="cannot be written"):
        atomic.write(old, b"the new export")
    assert_untouched(old)


def test_an_interruption(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        atomic.write(old, b"the new export")
    assert_untouched(old)


def test_a_folder_that_takes_no_files(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal is simulated, since root may write anywhere."""
    monkeypatch.setattr(os, "open", refuse(errno.EACCES))
    with pytest.raises(ExportError, match="cannot be written: Permission denied"):
        atomic.write(old, b"the new export")
    monkeypatch.undo()
    assert_untouched(old)
