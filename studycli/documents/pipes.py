"""Table rows with more `|` than borders: the pipes of `|i-j|` and of code stay in their cells."""

from __future__ import annotations

import re

from markdown_it.token import Token

_LITERAL = "\ufdd0"  # a noncharacter, which no document holds after `text.clean`
_DELIMITER_ROW = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?")
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.{1,2000}?)(?<!`)\1(?!`)")
_BARE_PIPE = re.compile(r"(?<!\\)\|")


def protect(text: str) -> str:
    """Hide the pipes that cannot be borders, in rows that have more cells than their table's header.

    GFM ends a cell at every bare pipe, in code too, and drops the cells beyond the header's: words would be lost.
    """
    lines = text.split("\n")
    columns = 0
    for index, line in enumerate(lines):
        if "|" not in line:
            columns = 0
        elif index and "-" in line and "|" in lines[index - 1] and _DELIMITER_ROW.fullmatch(line.strip(" \t>")):
            columns = len(_borders(line)) + 1
            lines[index - 1] = _protect_row(lines[index - 1], columns)
        elif columns:
            lines[index] = _protect_row(line, columns)
    return "\n".join(lines)


def restore(tokens: list[Token]) -> None:
    """Bring the hidden pipes back, in place."""
    for token in tokens:
        token.content = token.content.replace(_LITERAL, "|")
        token.info = token.info.replace(_LITERAL, "|")
        for name, value in token.attrs.items():
            if isinstance(value, str):
                token.attrs[name] = value.replace("%EF%B7%90", "%7C").replace(_LITERAL, "|")
        restore(token.children or [])


def _borders(row: str) -> list[int]:
    """Where the bare pipes between cells stand; those around the row are none."""
    found = [match.start() for match in _BARE_PIPE.finditer(row)]
    if found and not row[: found[0]].strip(" >"):
        found = found[1:]
    if found and not row[found[-1] + 1 :].strip():
        found = found[:-1]
    return found


def _protect_row(row: str, columns: int) -> str:
    """Of surplus pipes, those in code go first, then those without a blank on both sides, then the last ones."""
    wanted = columns - 1
    borders = _borders(row)
    if len(borders) <= wanted:
        return row
    code = [match.span() for match in _CODE_SPAN.finditer(row)]
    outside = [i for i in borders if not any(start < i < end for start, end in code)]
    loose = [i for i in outside if row[i - 1].isspace() and row[i + 1 : i + 2].isspace()]
    kept = next((some for some in (loose, outside) if len(some) >= wanted), borders)
    hidden = set(borders) - set(kept[:wanted])
    return "".join(_LITERAL if i in hidden else character for i, character in enumerate(row))
