"""The Markdown that documents are written in: CommonMark with tables, strikethrough and LaTeX, without HTML."""

from __future__ import annotations

import re
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from studycli.documents import pipes

MAX_NESTING = 60
_MAX_INLINE_MATH = 2000  # characters; a bound on the search for a closing mark keeps hostile lines linear
_MARKS = (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"))
_BLOCK_MARKS = (("$$", "$$"), ("\\[", "\\]"))
_TEX = re.compile(r"[\\^_={}+<>/*\n]")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_INTERRUPTS: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}


def parse(text: str) -> list[Token]:
    """The tokens of `text`.

    LaTeX comes as `math_inline` and `math_block` tokens: `content` without its marks, `markup` the opening mark.
    `<br>` is a hard break, comments vanish, and other HTML is text. Nesting ends at `MAX_NESTING`.
    """
    return _parser().parse(pipes.protect(text))


def source(content: str, markup: str) -> str:
    """LaTeX as it was written, with its marks: of a `math_inline` or `math_block` token."""
    return markup + content + dict(_MARKS)[markup]


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
    parser.block.ruler.before("fence", "math_block", _math_block, _INTERRUPTS)
    parser.block.ruler.before("fence", "comment_block", _comment_block, _INTERRUPTS)
    parser.inline.ruler.before("escape", "math_inline", _math_inline)
    parser.inline.ruler.before("autolink", "hidden_html", _hidden_html)
    parser.core.ruler.push("restore_pipes", lambda state: pipes.restore(state.tokens))
    return parser


def _math_inline(state: StateInline, silent: bool) -> bool:
    """`$x$`, `$$x$$`, `\\(x\\)` and `\\[x\\]`.

    As in Pandoc, no blank may stand inside a single dollar, and no letter or digit outside it: '$5 and $6' is money.
    `\\[CLS\\]` is an escaped bracket unless something in it is TeX.
    """
    source, start = state.src, state.pos
    opening, closing = next(((a, b) for a, b in _MARKS if source.startswith(a, start)), ("", ""))
    if not opening:
        return False
    inner = start + len(opening)
    close = _find_closing(source, closing, inner, min(state.posMax, inner + _MAX_INLINE_MATH))
    if close <= inner:
        return False
    end = close + len(closing)
    content = source[inner:close]
    if opening == "$" and (
        content != content.strip() or source[end : end + 1].isalnum() or source[max(start - 1, 0) : start].isalnum()
    ):
        return False
    if not content.strip() or content[0] == "$" or (opening == "\\[" and not _TEX.search(content)):
        return False
    if not silent:
        token = state.push("math_inline", "", 0)
        token.content, token.markup = content, opening
    state.pos = end
    return True


def _find_closing(source: str, mark: str, start: int, end: int) -> int:
    close = source.find(mark, start, end)
    while mark[0] == "$" and close > 0 and source[close - 1] == "\\":
        close = source.find(mark, close + 1, end)
    return close


def _math_block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Lines from one that begins with `$$` or `\\[` to the one that ends with its closing mark."""
    if state.is_code_block(start_line):
        return False
    first = _line(state, start_line)
    opening, closing = next(((a, b) for a, b in _BLOCK_MARKS if first.startswith(a)), ("", ""))
    if not opening:
        return False
    last = _closing_line(state, start_line, end_line, opening, closing)
    if last is None:
        return False
    body = state.getLines(start_line, last + 1, state.blkIndent, False).strip()[len(opening) : -len(closing)]
    if not body.strip() or (opening == "\\[" and not _TEX.search(body)):
        return False
    if not silent:
        token = state.push("math_block", "", 0)
        token.content, token.markup, token.map = body, opening, [start_line, last + 1]
        state.line = last + 1
    return True


def _closing_line(state: StateBlock, start: int, end: int, opening: str, closing: str) -> int | None:
    """The line that ends with the closing mark, if it is the first line to hold that mark.

    A search that failed is remembered, so that a thousand openings without an end cost no more than one.
    """
    failed = state.env.setdefault("unclosed_math", {})
    low, high = failed.get(closing, (end, -1))
    if low <= start and end <= high:
        return None
    for line in range(start, end):
        if line > start and not state.isEmpty(line) and state.sCount[line] < state.blkIndent:
            return None
        text = _line(state, line).rstrip()
        found = text.find(closing, len(opening) if line == start else 0)
        if found >= 0:
            return line if found == len(text) - len(closing) else None
    failed[closing] = (start, end)
    return None


def _hidden_html(state: StateInline, silent: bool) -> bool:
    """`<br>` breaks the line, as it must in a table cell; a comment is not shown. No other HTML means anything."""
    if state.src[state.pos] != "<":
        return False
    if matched := _BREAK.match(state.src, state.pos, state.posMax):
        if not silent:
            state.push("hardbreak", "br", 0)
        state.pos = matched.end()
        return True
    if not state.src.startswith("<!--", state.pos):
        return False
    end = state.src.find("-->", state.pos, min(state.posMax, state.pos + _MAX_INLINE_MATH))
    if end < 0:
        return False
    state.pos = end + 3
    return True


def _comment_block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """An HTML comment of whole lines is not shown."""
    if state.is_code_block(start_line) or not _line(state, start_line).startswith("<!--"):
        return False
    last = _closing_line(state, start_line, end_line, "<!--", "-->")
    if last is None:
        return False
    if not silent:
        state.line = last + 1
    return True


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
