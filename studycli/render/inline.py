"""Markdown within a line -> Rich text: emphasis, code, links, images, line breaks."""

from __future__ import annotations

from markdown_it.tree import SyntaxTreeNode
from rich.style import Style
from rich.text import Text

from studycli.documents.dialect import source
from studycli.render.safe import clean

_STYLES = {
    "strong": Style(bold=True),
    "em": Style(italic=True),
    "s": Style(strike=True),
    "code_inline": Style(color="cyan"),
    "math_inline": Style(color="cyan"),
    "formula_inline": Style(color="cyan"),
}
_URL_STYLE = Style(underline=True)


def inline(node: SyntaxTreeNode | None, *, marks: bool = False, addresses: bool = True) -> Text:
    """The text of a block's content. `marks` keeps the signs that colour stands for: backticks around code.

    Soft breaks are line breaks, since decks write fields one under another. Links show their address after their
    text, unless `addresses` is off; images show their alternative text.
    """
    text = Text()
    for child in node.children if node is not None else []:
        _append(text, child, Style.null(), marks, addresses)
    return text


def _append(text: Text, node: SyntaxTreeNode, style: Style, marks: bool, addresses: bool) -> None:
    style += _STYLES.get(node.type, Style.null())
    if node.type in ("softbreak", "hardbreak"):
        text.append("\n")
    elif node.type == "code_inline":
        content = clean(node.content).replace("\n", " ")
        text.append(f"{node.markup}{content}{node.markup}" if marks else content, style)
    elif node.type == "math_inline":
        text.append(clean(source(node.content, node.markup)), style)
    elif node.type == "image":
        text.append(f"[image: {clean(node.content)}]" if node.content else "[image]", style)
    elif node.type == "link":
        _append_link(text, node, style, marks, addresses)
    elif node.children:
        for child in node.children:
            _append(text, child, style, marks, addresses)
    else:
        text.append(clean(node.content), style)


def _append_link(text: Text, node: SyntaxTreeNode, style: Style, marks: bool, addresses: bool) -> None:
    start = len(text)
    for child in node.children:
        _append(text, child, style, marks, addresses)
    address = clean(str(node.attrs.get("href", "")))
    shown = text.plain[start:]
    if addresses and address and address not in (shown, f"mailto:{shown}"):
        text.append(" (" if shown else "(", style)
        text.append(address, style + _URL_STYLE)
        text.append(")", style)
