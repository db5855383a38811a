"""Markdown drawn for a terminal: headings, lists, code, tables, quotes; nothing of it is interpreted."""

from __future__ import annotations

from collections.abc import Iterable

from markdown_it.tree import SyntaxTreeNode
from rich.console import Console, ConsoleOptions, Group, JustifyMethod, RenderableType, RenderResult
from rich.rule import Rule
from rich.segment import Segment
from rich.text import Text

from studycli.documents.dialect import source
from studycli.render.code import Code
from studycli.render.inline import inline
from studycli.render.latex import Notation
from studycli.render.safe import clean
from studycli.render.table import DocumentTable
from studycli.render.tree import parse

_TEXT_WIDTH = 100
_BULLETS = "•◦▪"
_JUSTIFY: dict[str, JustifyMethod] = {"text-align:right": "right", "text-align:center": "center"}


def render_markdown(text: str, *, latex: Notation = "source") -> RenderableType:
    """`text` (Markdown) as a renderable, with formulas as `latex` says.

    Too deeply nested Markdown is shown as its source.
    """
    tree = parse(text, latex)
    return Text(clean(text)) if tree is None else _spaced(_blocks(tree))


class _Column:
    """Text kept to a width that the eye can follow on a wide terminal."""

    def __init__(self, text: Text) -> None:
        self.text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.overflow = "fold"
        yield from console.render(self.text, options.update(width=min(options.max_width, _TEXT_WIDTH)))


class _Hanging:
    """Content beside a mark: the mark on its first line, `rest` on the others."""

    def __init__(self, first: str, rest: str, content: RenderableType, style: str = "") -> None:
        self.first = first
        self.rest = rest
        self.content = content
        self.style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        style = console.get_style(self.style) if self.style else None
        inner = options.update(width=max(options.max_width - len(self.first), 4))
        for number, line in enumerate(console.render_lines(self.content, inner, pad=False)):
            yield Segment(self.rest if number else self.first, style)
            yield from line
            yield Segment.line()


def _blocks(node: SyntaxTreeNode, depth: int = 0) -> list[RenderableType]:
    return [block for child in node.children if (block := _block(child, depth)) is not None]


def _spaced(blocks: Iterable[RenderableType], blank: bool = True) -> Group:
    parts: list[RenderableType] = []
    for block in blocks:
        if parts and blank:
            parts.append(Text())
        parts.append(block)
    return Group(*parts)


def _block(node: SyntaxTreeNode, depth: int) -> RenderableType | None:
    match node.type:
        case "heading":
            return _Column(_heading(node))
        case "fence" | "code_block":
            return Code(node.content, node.info)
        case "math_block":
            return Code(source(node.content, node.markup))
        case "formula_block":
            return Code(node.content)
        case "bullet_list" | "ordered_list":
            return _list(node, depth)
        case "blockquote":
            return _Hanging("▌ ", "▌ ", _spaced(_blocks(node, depth)), "dim")
        case "hr":
            return Rule(style="dim")
        case "table":
            return _table(node)
        case _:
            text = inline(node.children[0]) if node.children else Text(clean(node.content))
            return _Column(text) if text.plain.strip() else None


def _heading(node: SyntaxTreeNode) -> Text:
    text = inline(node.children[0] if node.children else None)
    text.style = "bold underline" if node.tag in ("h1", "h2") else "bold"
    return text


def _list(node: SyntaxTreeNode, depth: int) -> Group:
    start = node.attrs.get("start", 1)
    first = start if isinstance(start, int) else 1
    width = len(str(first + len(node.children) - 1))
    items: list[RenderableType] = []
    for number, item in enumerate(node.children, first):
        ordered = node.type == "ordered_list"
        mark = f"{number:>{width}}. " if ordered else f"{_BULLETS[min(depth, len(_BULLETS) - 1)]} "
        content = _spaced(_blocks(item, depth + 1), blank=_is_loose(item))
        items.append(_Hanging(mark, " " * len(mark), content))
    return _spaced(items, blank=any(_is_loose(item) for item in node.children))


def _is_loose(item: SyntaxTreeNode) -> bool:
    """A list item is loose where a blank line parts its paragraphs; markdown-it hides the paragraphs of a tight one."""
    return any(child.type == "paragraph" and not child.hidden for child in item.children)


def _table(node: SyntaxTreeNode) -> DocumentTable:
    rows = [row for part in node.children for row in part.children]
    justify = [_JUSTIFY.get(str(cell.attrs.get("style")), "left") for cell in rows[0].children]
    cells = [[inline(cell.children[0]) for cell in row.children] for row in rows]
    return DocumentTable(cells[0], cells[1:], justify)
