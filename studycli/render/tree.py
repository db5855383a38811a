"""A document's Markdown as a tree to draw."""

from __future__ import annotations

from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from studycli.documents import dialect
from studycli.render.latex import Notation, to_unicode
from studycli.render.safe import clean


def parse(text: str, latex: Notation = "source") -> SyntaxTreeNode | None:
    """The syntax tree of cleaned `text`; None where it is nested too deeply for a tree.

    With `latex` as Unicode, a formula that can be read is a `formula_inline` or `formula_block`, its text in Unicode.
    """
    tokens = dialect.parse(clean(text))
    if any(token.level >= dialect.MAX_NESTING - 1 for token in tokens):
        return None
    if latex == "unicode":
        _read_formulas(tokens)
    return SyntaxTreeNode(tokens)


def _read_formulas(tokens: list[Token]) -> None:
    for token in tokens:
        if token.type in ("math_inline", "math_block"):
            shown = to_unicode(token.content, block=token.type == "math_block")
            if shown is not None:
                token.type, token.content = token.type.replace("math", "formula"), shown
        elif token.children:
            _read_formulas(token.children)
