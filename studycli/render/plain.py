"""Markdown as plain lines for a pipe or a screen reader: no boxes, no colour, no wrapping."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from markdown_it.tree import SyntaxTreeNode

from studycli.documents.dialect import source
from studycli.render.inline import inline
from studycli.render.latex import Notation
from studycli.render.safe import clean
from studycli.render.tree import parse


def plain_markdown(text: str, *, latex: Notation = "source") -> str:
    """`text` (Markdown) without its marks. Code keeps its backticks and its indentation; a table's row is a record.

    A record says `Column: value` for each cell, which reads well aloud and is found by a search in a pipe. Formulas
    are shown as `latex` says.
    """
    tree = parse(text, latex)
    return clean(text) if tree is None else "\n".join(_spaced(map(_block, tree.children)))


def _spaced(blocks: Iterable[list[str]], blank: bool = True) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        if lines and block and blank:
            lines.append("")
        lines += block
    return lines


def _block(node: SyntaxTreeNode) -> list[str]:
    match node.type:
        case "fence" | "code_block" | "formula_block":
            return _indented(node.content)
        case "math_block":
            return _indented(source(node.content, node.markup))
        case "bullet_list" | "ordered_list":
            return list(_list(node))
        case "blockquote":
            return [f"> {line}".rstrip() for line in _spaced(map(_block, node.children))]
        case "hr":
            return ["---"]
        case "table":
            return list(_table(node))
        case _:
            content = node.children[0] if node.children else None
            return [line for line in inline(content, marks=True).plain.split("\n") if line.strip()]


def _indented(text: str) -> list[str]:
    return [f"    {line}".rstrip() for line in clean(text).rstrip("\n").split("\n")]


def _list(node: SyntaxTreeNode) -> Iterator[str]:
    start = node.attrs.get("start", 1)
    for number, item in enumerate(node.children, start if isinstance(start, int) else 1):
        mark = f"{number}. " if node.type == "ordered_list" else "- "
        for index, line in enumerate(_spaced(map(_block, item.children), blank=False) or [""]):
            yield (mark + line if index == 0 else " " * len(mark) + line).rstrip()


def _table(node: SyntaxTreeNode) -> Iterator[str]:
    rows = [
        [inline(cell.children[0], marks=True).plain for cell in row.children]
        for part in node.children
        for row in part.children
    ]
    header, *body = rows
    if not body:
        yield ", ".join(header)
    for number, row in enumerate(body):
        if number:
            yield ""
        for heading, cell in zip(header, row, strict=True):
            yield f"{heading}: {cell}" if heading else cell
