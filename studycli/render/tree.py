"""A document's Markdown as a tree to draw."""

from __future__ import annotations

from markdown_it.tree import SyntaxTreeNode

from studycli.documents import dialect
from studycli.render.safe import clean


def parse(text: str) -> SyntaxTreeNode | None:
    """The syntax tree of cleaned `text`; None where it is nested too deeply for a tree."""
    tokens = dialect.parse(clean(text))
    if any(token.level >= dialect.MAX_NESTING - 1 for token in tokens):
        return None
    return SyntaxTreeNode(tokens)
