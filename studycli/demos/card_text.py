"""Card text: what a reader of a card's Markdown sees, as plain text that a demo can compute on."""

from __future__ import annotations

from markdown_it.token import Token

from studycli.demos import words
from studycli.documents import dialect
from studycli.render.latex import to_unicode


def seen(markdown: str) -> str:
    """The text without marks, link targets and comments, its formulas as they are read, each on one line.

    Of a very long text, the end, of which no demo reads any token, stays as it was written.
    """
    head, rest = words.cut(markdown)
    return "\n".join(filter(None, map(_seen, dialect.parse(head)))) + rest


def _seen(token: Token) -> str:
    if token.type in ("text", "code_inline", "code_block", "fence"):
        return token.content
    if token.type in ("math_inline", "math_block"):
        return to_unicode(token.content) or token.content
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    return "".join(map(_seen, token.children or ()))
