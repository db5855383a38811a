"""A document's bytes as lines that correspond to those of its text, so that some can be changed and the rest kept."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import product
from typing import NamedTuple

from studycli.documents import text as text_reader

_MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_MISREAD_AS = ("sloppy-windows-1252", "sloppy-windows-1254", "mac_roman", "latin-1")
_COMPARED = 1_000_000  # pairs of lines; where there are more, the lines between the first and last change are all new
_EVIDENCE = 200  # repaired lines that are looked at

Reading = tuple[str, ...]
"""The code pages that UTF-8 was read as before it was saved, in order; () for healthy text."""


class Line(NamedTuple):
    """One line: its bytes without its end, the bytes of its end, and the line as it was understood."""

    content: bytes
    end: bytes
    text: str


@dataclass(frozen=True)
class RawDocument:
    """A document's lines in bytes and text, what stands before them, and their encoding."""

    mark: bytes
    encoding: str
    lines: tuple[Line, ...]

    @property
    def line_end(self) -> bytes:
        """The end that most lines have."""
        counts = Counter(line.end for line in self.lines if line.end)
        return counts.most_common(1)[0][0] if counts else "\n".encode(self.encoding)

    def data(self, lines: Sequence[Line]) -> bytes:
        """The document's bytes with these lines instead of its own."""
        return self.mark + b"".join(part for line in lines for part in (line.content, line.end))


def read(data: bytes) -> RawDocument:
    """The lines of a document. Raises DocumentError as the reader of documents does, and ValueError where the bytes
    don't correspond to lines of its text.
    """
    decoded = text_reader.decode(data)
    mark = _MARKS.get(decoded.encoding, b"")
    mark = mark if mark and data.startswith(mark) else b""
    # One character a byte: neither a line end nor anything else changes on the way there and back.
    codec = "latin-1" if decoded.encoding in ("utf-8", "windows-1252") else decoded.encoding
    parts = _LINE.findall(data[len(mark) :].decode(codec))
    if len(parts) > 1 and not parts[-2][1]:
        parts.pop()  # the empty match behind a last line without an end
    texts = decoded.text.split("\n")
    lines = tuple(
        Line(content.encode(codec), end.encode(codec), text) for (content, end), text in zip(parts, texts, strict=True)
    )
    return RawDocument(mark, decoded.encoding, lines)


def written(document: RawDocument, start: int, end: int, texts: Sequence[str], reading: Reading) -> list[Line]:
    """Lines for `texts` in place of the lines `start` up to `end` (0-based, exclusive).

    A line that stays keeps its bytes; another is encoded, read wrongly as `reading` says, as its neighbours were. The
    last line ends as the last one ended before. Raises UnicodeError where the encoding has no such character.
    """
    old = document.lines[start:end]
    new = [Line(_encoded(text, document.encoding, reading), document.line_end, text) for text in texts]
    for here, there, size in _kept([line.text for line in old], list(texts)):
        new[there : there + size] = old[here : here + size]
    found = [line if line.end else line._replace(end=document.line_end) for line in new]
    found[-1] = found[-1]._replace(end=old[-1].end)
    return found


def _kept(old: list[str], new: list[str]) -> Iterator[tuple[int, int, int]]:
    """Runs of lines that stay, as (place in `old`, place in `new`, length)."""
    shorter = min(len(old), len(new))
    start = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    end = next((n for n in range(shorter - start) if old[-1 - n] != new[-1 - n]), shorter - start)
    yield 0, 0, start
    yield len(old) - end, len(new) - end, end
    middle, replaced = old[start : len(old) - end], new[start : len(new) - end]
    if len(middle) * len(replaced) <= _COMPARED:
        for match in SequenceMatcher(None, middle, replaced, autojunk=False).get_matching_blocks():
            yield match.a + start, match.b + start, match.size


def readings(document: RawDocument) -> list[Reading]:
    """How the document's text came to be, the likeliest first; the last is that nothing happened to it."""
    codec = "cp1252" if document.encoding == "windows-1252" else document.encoding
    damaged: list[tuple[str, str]] = []
    for line in document.lines:
        saved = line.content.decode(codec, "replace")
        if saved != line.text and len(damaged) < _EVIDENCE:
            damaged.append((line.text, saved))
    explained = {reading: sum(_misread(text, reading) == saved for text, saved in damaged) for reading in _ways()}
    likely = [reading for reading in _ways() if explained[reading]]
    return [*sorted(likely, key=lambda reading: -explained[reading])[:2], ()] if damaged else [()]


def _encoded(text: str, encoding: str, reading: Reading) -> bytes:
    return (_misread(text, reading) or text).encode("cp1252" if encoding == "windows-1252" else encoding)


def _misread(text: str, reading: Reading) -> str | None:
    """`text` as it looks after its UTF-8 was read as each code page in turn; None where one can't read it."""
    if reading:
        import ftfy.bad_codecs  # noqa: F401  registers the sloppy code pages
    try:
        for page in reading:
            text = text.encode().decode(page)
    except UnicodeError:
        return None
    return text


@cache
def _ways() -> tuple[Reading, ...]:
    return tuple((page,) for page in _MISREAD_AS) + tuple(product(_MISREAD_AS, repeat=2))
