"""Bytes to text: the encoding, line ends, and the repair of text that was decoded wrongly before it was saved."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from studycli.documents.lines import line_numbers, listed
from studycli.documents.mojibake import repair
from studycli.errors import DocumentError
from studycli.model.problem import Problem, Severity

MAX_BYTES = 16 * 1024 * 1024

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SNIFFED = 4096  # bytes looked at to tell UTF-16 without a byte order mark
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_TERMINAL = re.compile(r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b\n]{0,999}(?:\x07|\x1b\\)|[@-Z\\^_])")
_CONTROLS_ALLOWED = 4  # in a short file
_CONTROL_SHARE = 100  # and one in so many characters in a long one
_ESCAPED = re.compile("[\udc80-\udcff]")  # what `surrogateescape` makes of a byte that isn't UTF-8
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_GONE = re.compile("\N{REPLACEMENT CHARACTER}")
_SAVE = "save it as UTF-8"


@dataclass(frozen=True)
class Decoded:
    """A document's text with `\\n` line ends, the encoding of its bytes, and what was wrong with them."""

    text: str
    encoding: str
    problems: tuple[Problem, ...]


def read(path: Path) -> Decoded:
    """The text of a file. Raises DocumentError (with the path as `where`) when it can't be read as one."""
    where = str(path)
    try:
        return decode(_bytes(path))
    except FileNotFoundError as error:
        raise DocumentError("there is no such file", where=where, hint="check the path") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentError(f"it cannot be read: {reason.lower()}", where=where, hint="check the file") from error
    except DocumentError as error:
        raise DocumentError(error.message, where=where, hint=error.hint) from error


def decode(data: bytes) -> Decoded:
    """The text in some bytes. Raises DocumentError when they are empty, binary, or more than `MAX_BYTES`.

    UTF-8, UTF-16 and UTF-32 with a byte order mark, UTF-8 and unmistakable UTF-16 without, else Windows-1252 with a
    warning. A byte order mark is dropped; CRLF and CR become `\\n`, and no other character ends a line.
    """
    if len(data) > MAX_BYTES:
        raise _too_large(len(data))
    mark, encoding = next(((mark, name) for mark, name in _BOMS if data.startswith(mark)), (b"", ""))
    body = data[len(mark) :]
    encoding = encoding or _unmarked_utf16(body) or "utf-8"
    if encoding == "utf-8":
        text, encoding, problems = _utf8_or_windows(body)
    else:
        text, problems = _wide(body, encoding)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text, escapes = _without_escapes(text)
    _refuse_empty_or_binary(text)
    repaired, repairs = repair(text)
    return Decoded(repaired, encoding, (*problems, *escapes, *repairs, *([] if problems else _gone(repaired))))


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise DocumentError("this is a folder, not a document", hint="name a Markdown file in it")
    if path.exists() and not path.is_file():
        raise DocumentError("this is no regular file", hint="name a Markdown file")
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _too_large(max(len(data), path.stat().st_size))
    return data


def _unmarked_utf16(body: bytes) -> str | None:
    """UTF-16 of mostly Latin text: nearly every second byte is zero, and hardly any of the others."""
    head = body[:_SNIFFED]
    half = len(head) // 2
    if not half or len(body) % 2:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd * 10 >= half * 7 and even * 50 <= half:
        return "utf-16-le"
    if even * 10 >= half * 7 and odd * 50 <= half:
        return "utf-16-be"
    return None


def _wide(body: bytes, encoding: str) -> tuple[str, list[Problem]]:
    try:
        return body.decode(encoding), []
    except UnicodeDecodeError:
        text = body.decode(encoding, "replace")
    return text, [_at(text, _GONE, f"the file is damaged {encoding.upper()}, and characters are missing", _SAVE)]


def _utf8_or_windows(body: bytes) -> tuple[str, str, list[Problem]]:
    """UTF-8; with some bad bytes in it, these as Windows-1252; with more of them than good characters, all of it."""
    try:
        return body.decode("utf-8"), "utf-8", []
    except UnicodeDecodeError:
        escaped = body.decode("utf-8", "surrogateescape")
    bad = len(_ESCAPED.findall(escaped))
    if bad > len(_NON_ASCII.findall(escaped)) - bad:
        message = "the file is not UTF-8; it was read as Windows-1252, so check its accents and signs"
        problem = Problem(severity=Severity.WARNING, line=0, message=message, hint=_SAVE)
        return body.decode("cp1252", "replace"), "windows-1252", [problem]
    text = _ESCAPED.sub(lambda it: it[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace"), escaped)
    return text, "utf-8", [_at(escaped, _ESCAPED, f"{bad} bytes are not UTF-8 and were read as Windows-1252", _SAVE)]


def _refuse_empty_or_binary(text: str) -> None:
    if not text.strip():
        raise DocumentError("the file is empty", hint="write a deck, a concept map or a lesson in it, or remove it")
    zero = text.find("\0")
    if zero >= 0:
        raise _binary(f"a zero byte on line {line_numbers(text, [zero])[0]}")
    controls = len(_CONTROL.findall(text))
    if controls > _CONTROLS_ALLOWED and controls * _CONTROL_SHARE > len(text):
        raise _binary(f"{controls} control characters")


def _without_escapes(text: str) -> tuple[str, list[Problem]]:
    """Terminal sequences go whole, so that nothing of them is left to read; a warning names their lines."""
    if "\x1b" not in text or not _TERMINAL.search(text):
        return text, []
    message = "terminal escape sequences were left out"
    return _TERMINAL.sub("", text), [_at(text, _TERMINAL, message, "remove them from the document")]


def _gone(text: str) -> list[Problem]:
    """A warning about characters that were lost before the file was saved."""
    count = text.count("\N{REPLACEMENT CHARACTER}")
    message = f"{count} characters were lost before the file was saved and show as \N{REPLACEMENT CHARACTER}"
    return [_at(text, _GONE, message, "type them again")] if count else []


def _at(text: str, pattern: re.Pattern[str], message: str, hint: str) -> Problem:
    """A warning with the lines on which the pattern is found."""
    lines = line_numbers(text.replace("\r\n", "\n").replace("\r", "\n"), pattern)
    return Problem(severity=Severity.WARNING, line=lines[0], message=f"{message}: {listed(lines)}", hint=hint)


def _binary(found: str) -> DocumentError:
    hint = "if it should be text, save it as UTF-8"
    return DocumentError(f"this is a binary file, not a text document: it has {found}", hint=hint)


def _too_large(size: int) -> DocumentError:
    limit = MAX_BYTES // (1024 * 1024)
    return DocumentError(
        f"the file is too large: {size / (1024 * 1024):.1f} MB, and documents may have {limit} MB",
        hint="split it into several documents",
    )
