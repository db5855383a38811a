"""Bytes to text: encodings, line ends, and the files that are no text."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from studycli.documents.text import MAX_BYTES, decode, read
from studycli.errors import DocumentError
from studycli.model.problem import Severity

TEXT = "# Größe\n\n→ naïve “words”, 注意, 🎯\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "utf-16-le"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16-be"),
        (b"\xff\xfe\0\0" + TEXT.encode("utf-32-le"), "utf-32-le"),
    ],
)
def test_unicode_with_and_without_a_byte_order_mark(data: bytes, encoding: str) -> None:
    decoded = decode(data)
    assert (decoded.text, decoded.encoding, decoded.problems) == (TEXT, encoding, ())


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_when_unmistakable(encoding: str) -> None:
    text = "# Cards about attention\n\nThe query asks – the key answers.\n"
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.encoding) == (text, encoding)


def test_utf16_without_a_mark_when_doubtful_is_refused() -> None:
    with pytest.raises(DocumentError, match="zero byte on line"):
        decode("# 注意\n\n注意力機構 one\n".encode("utf-16-le"))


def test_line_ends_become_newlines_and_nothing_else_ends_a_line() -> None:
    decoded = decode("a\r\nb\rc\x0cd\x0be\u2028f\u2029g\x85h\n".encode())
    assert decoded.text.split("\n") == ["a", "b", "c\x0cd\x0be\u2028f\u2029g\x85h", ""]


def test_windows_1252_with_a_warning() -> None:
    decoded = decode("Ein Käse für 3 € – “gut”\n".encode("cp1252"))
    assert (decoded.text, decoded.encoding) == ("Ein Käse für 3 € – “gut”\n", "windows-1252")
    (problem,) = decoded.problems
    assert problem.severity is Severity.WARNING
    assert "Windows-1252" in problem.message
    assert problem.hint


def test_a_few_bad_bytes_in_utf8_are_read_as_windows_1252_with_their_lines() -> None:
    decoded = decode("né → né\r\nä → ä\r\n".encode() + b"caf\xe9\r\n")
    assert decoded.text == "né → né\nä → ä\ncafé\n"
    (problem,) = decoded.problems
    assert problem.line == 3
    assert problem.message.endswith("line 3")


def test_lone_surrogates_in_utf16_are_reported_with_their_line() -> None:
    data = b"\xff\xfe" + "fine\n".encode("utf-16-le") + b"\x00\xd8" + " gone\n".encode("utf-16-le")
    decoded = decode(data)
    assert decoded.text == "fine\n\N{REPLACEMENT CHARACTER} gone\n"
    (problem,) = decoded.problems
    assert (problem.line, problem.severity) == (2, Severity.WARNING)


def test_half_a_character_at_the_end_of_utf16() -> None:
    assert decode(b"\xff\xfe" + "abc".encode("utf-16-le") + b"d").problems[0].severity is Severity.WARNING


def test_characters_lost_before_the_file_was_saved_are_reported() -> None:
    problems = decode("one\ntwo \N{REPLACEMENT CHARACTER}\n".encode()).problems
    assert [problem.line for problem in problems] == [2]


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n ", b"\xef\xbb\xbf", b"\xff\xfe", b"\xff\xfe \0\n\0"])
def test_empty(data: bytes) -> None:
    with pytest.raises(DocumentError, match="empty") as caught:
        decode(data)
    assert caught.value.hint


@pytest.mark.parametrize(
    "data",
    [
        b"# One\n\ntwo\0three\n",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1",
        bytes(range(256)) * 20,
        bytes(range(1, 32)) * 20,
        b"\xff\xfe" + "# a\0b\n".encode("utf-16-le"),
    ],
)
def test_binary(data: bytes) -> None:
    with pytest.raises(DocumentError, match="binary") as caught:
        decode(data)
    assert caught.value.hint


def test_the_line_of_a_zero_byte_is_told() -> None:
    with pytest.raises(DocumentError, match="line 3"):
        decode(b"# One\n\ntwo\0three\n")


def test_too_large_names_the_size_and_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "large.md"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    with pytest.raises(DocumentError) as caught:
        read(path)
    assert caught.value.where == str(path)
    assert "50.0 MB" in caught.value.message
    assert "16 MB" in caught.value.message
    assert "split" in (caught.value.hint or "")
    with pytest.raises(DocumentError, match="too large"):
        decode(b"a" * (MAX_BYTES + 1))


def test_a_line_of_a_megabyte() -> None:
    text = "word " * 200_000
    assert decode(text.encode()).text == text


def test_read_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "deck.md"
    path.write_bytes(TEXT.replace("\n", "\r\n").encode())
    assert read(path).text == TEXT
    path.write_bytes(b"")
    with pytest.raises(DocumentError) as caught:
        read(path)
    assert caught.value.where == str(path)


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="no such file") as caught:
        read(tmp_path / "none.md")
    assert caught.value.where == str(tmp_path / "none.md")
    with pytest.raises(DocumentError, match="folder"):
        read(tmp_path)
    with pytest.raises(DocumentError, match="cannot be read"):
        read(Path("nul\0byte.md"))
    os.mkfifo(tmp_path / "pipe.md")
    with pytest.raises(DocumentError, match="no regular file"):
        read(tmp_path / "pipe.md")
    (tmp_path / "loop.md").symlink_to(tmp_path / "loop.md")
    with pytest.raises(DocumentError, match="cannot be read"):
        read(tmp_path / "loop.md")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read any file")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "secret.md"
    path.write_text("# Secret\n")
    path.chmod(0)
    with pytest.raises(DocumentError, match="permission denied"):
        read(path)


def test_terminal_sequences_go_whole_with_a_warning() -> None:
    decoded = decode(b"# A\nred \x1b[31mtext\x1b[0m and \x1b]0;title\x07more\n")
    assert decoded.text == "# A\nred text and more\n"
    assert [problem.line for problem in decoded.problems] == [2]
