"""Rows and groups of a formula laid out: equations, matrices, cases; over several lines, or flat in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from studycli.render import latex_box
from studycli.render.latex_box import Box
from studycli.render.latex_pieces import ATOM, SUM, Piece, in_parentheses, join, level_of, piece
from studycli.render.latex_symbols import Kind

Rows = Sequence[Sequence[Sequence[Piece]]]
_TYPESET = {"``": "“", "''": "”", "---": "—", "--": "–"}


def equations(rows: Rows, flat: bool) -> Box:
    """Rows under each other, aligned at their `&`. Raises TooLargeError."""
    if len(rows) == 1 and len(rows[0]) == 1:
        return join(rows[0][0])
    if flat:
        return Box(("; ".join(_flat_row(row, " ") for row in rows),))
    boxes = [[join(cell) for cell in row] for row in rows]
    return latex_box.table(boxes, "l" if max(map(len, rows)) == 1 else "rl", " ")


def matrix(rows: Rows, brackets: str, flat: bool) -> Piece:
    """A matrix between `brackets`, two signs or none. Raises TooLargeError."""
    if flat:
        inner = "; ".join(_flat_row(row, ", ") for row in rows)
        signs = brackets or "[]"
        return piece(Kind.ORD, f"{signs[0]}{inner}{signs[1]}")
    body = latex_box.table([[join(cell) for cell in row] for row in rows], "c", "  ")
    return Piece(Kind.ORD, latex_box.fenced(body, brackets[0], brackets[1]) if brackets else body)


def cases(rows: Rows, right: bool, flat: bool) -> Piece:
    """Alternatives with a brace at their left, or at their right. Raises TooLargeError."""
    if flat:
        return piece(Kind.ORD, f"{{{'; '.join(_flat_row(row, ', ') for row in rows)}}}")
    body = latex_box.table([[join(cell) for cell in row] for row in rows], "l", "  ")
    return Piece(Kind.ORD, latex_box.fenced(body, "" if right else "{", "}" if right else ""))


def as_piece(box: Box) -> Piece:
    """A laid out part as a piece that stands for itself."""
    return Piece(Kind.ORD, box, SUM if len(box.lines) == 1 else ATOM)


def group(content: Sequence[Piece]) -> Piece:
    """What stands between braces: the one piece in them, or all of them as one."""
    shown = [item for item in content if item.kind is not Kind.SPACE]
    if len(shown) == 1 and len(content) == 1:
        is_operator = shown[0].kind in (Kind.PUNCT, Kind.REL, Kind.BIN)
        return replace(shown[0], kind=Kind.ORD) if is_operator else shown[0]
    return Piece(Kind.ORD, join(content), level_of(content), loose=bool(shown) and shown[-1].loose)


def closed(content: Sequence[Piece]) -> Piece:
    """What a script belongs to as a whole, in parentheses where it needs them."""
    item = group(content)
    return item if item.level == ATOM else piece(Kind.ORD, in_parentheses(line(content)))


def line(content: Sequence[Piece]) -> str:
    """The pieces in one line of text."""
    box = join(content)
    return box.lines[0] if len(box.lines) == 1 else " ".join(box.lines)


def typeset(words: str) -> str:
    """Text with the quotes and dashes that LaTeX makes of two or three signs."""
    for written, meant in _TYPESET.items():
        words = words.replace(written, meant)
    return words


def _flat_row(row: Sequence[Sequence[Piece]], gap: str) -> str:
    return gap.join(filter(None, (line(cell).strip() for cell in row)))
