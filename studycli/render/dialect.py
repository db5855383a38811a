"""The Markdown that decks are written in: CommonMark with tables and LaTeX, and with HTML as plain text."""

from __future__ import annotations

import re
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from studycli.render.safe import clean

_MAX_NESTING = 60
_LONGEST_SEARCH = 2000  # characters or lines; a mark that never closes must not make a hostile document slow
_LITERAL_PIPE = "\ufdd0"  # a noncharacter, which `clean` removes from every document
_DELIMITER_ROW = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?")
_BREAK = re.compile(r"<br\s{0,9}/?>", re.IGNORECASE)
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")


def parse(text: str) -> SyntaxTreeNode | None:
    """The syntax tree of cleaned `text`; None where it is nested too deeply for a tree (60 levels)."""
    tokens = _parser().parse(_protect_pipes(clean(text)))
    if any(token.level >= _MAX_NESTING - 1 for token in tokens):
        return None
    _restore_pipes(tokens)
    return SyntaxTreeNode(tokens)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": _MAX_NESTING}).enable(["table", "strikethrough"])
    parser.block.ruler.before("fence", "math_block", _math_block, {"alt": ["paragraph", "blockquote", "list"]})
    parser.block.ruler.before("fence", "comment", _comment_block, {"alt": ["paragraph", "blockquote", "list"]})
    parser.inline.ruler.before("escape", "math", _math)
    parser.inline.ruler.before("escape", "hidden_html", _hidden_html)
    return parser


def _math(state: StateInline, silent: bool) -> bool:
    """`$x$` and `$$x$$`, their source kept as written. A dollar before a blank or after one closes nothing."""
    start = state.pos
    if state.src[start] != "$":
        return False
    mark = "$$" if state.src.startswith("$$", start) else "$"
    inner = start + len(mark)
    limit = min(state.posMax, inner + _LONGEST_SEARCH)
    close = state.src.find(mark, inner, limit)
    while close > 0 and state.src[close - 1] == "\\":
        close = state.src.find(mark, close + 1, limit)
    if close <= inner:
        return False
    end = close + len(mark)
    if mark == "$" and (
        state.src[inner].isspace() or state.src[close - 1].isspace() or state.src[end : end + 1].isdigit()
    ):
        return False
    if not silent:
        state.push("math_inline", "", 0).content = state.src[start:end]
    state.pos = end
    return True


def _math_block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Lines from one that begins with `$$` to one that ends with it."""
    if state.is_code_block(start_line):
        return False
    first = _line(state, start_line)
    if not first.startswith("$$"):
        return False
    last = start_line
    if not (len(first) > 3 and first.rstrip().endswith("$$")):
        last += 1
        end_line = min(end_line, start_line + _LONGEST_SEARCH)
        while last < end_line and "$$" not in _line(state, last):
            last += 1
        if last == end_line or not _line(state, last).rstrip().endswith("$$"):
            return False
    if not silent:
        token = state.push("math_block", "", 0)
        token.content = state.getLines(start_line, last + 1, state.blkIndent, False)
        token.map = [start_line, last + 1]
        state.line = last + 1
    return True


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
    end = state.src.find("-->", state.pos, min(state.posMax, state.pos + _LONGEST_SEARCH))
    if end < 0:
        return False
    state.pos = end + 3
    return True


def _comment_block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """An HTML comment of whole lines is not shown."""
    if state.is_code_block(start_line) or not _line(state, start_line).startswith("<!--"):
        return False
    # A search that failed is remembered, so that a thousand openings without an end cost no more than one.
    low, high = state.env.get("unclosed_comment", (end_line, -1))
    if low <= start_line and end_line <= high:
        return False
    for line in range(start_line, end_line):
        _, closed, after = _line(state, line).partition("-->")
        if closed:
            if after.strip():
                return False
            if not silent:
                state.line = line + 1
            return True
    state.env["unclosed_comment"] = (start_line, end_line)
    return False


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _protect_pipes(text: str) -> str:
    """Hide the pipes of table rows that cannot be borders, so that no cell is cut at them or dropped.

    GFM ends a cell at every bare pipe, in code too, and drops the cells beyond the header's. Only rows with too many
    cells are touched.
    """
    lines = text.split("\n")
    columns = 0
    for index, line in enumerate(lines):
        if "|" not in line:
            columns = 0
        elif index and not columns and "|" in lines[index - 1] and _is_delimiter_row(line):
            columns = len(_borders(line)) + 1
            lines[index - 1] = _protect_row(lines[index - 1], columns)
        elif columns:
            lines[index] = _protect_row(line, columns)
    return "\n".join(lines)


def _is_delimiter_row(line: str) -> bool:
    return _DELIMITER_ROW.fullmatch(line.strip(" \t>")) is not None


def _borders(row: str) -> list[int]:
    """The positions of the bare pipes between the cells of a row."""
    found = [i for i, character in enumerate(row) if character == "|" and not _escaped(row, i)]
    if found and not row[: found[0]].strip(" >"):
        found = found[1:]
    if found and not row[found[-1] + 1 :].strip():
        found = found[:-1]
    return found


def _escaped(row: str, position: int) -> bool:
    return position > 0 and row[position - 1] == "\\"


def _protect_row(row: str, columns: int) -> str:
    wanted = columns - 1
    borders = _borders(row)
    if len(borders) <= wanted:
        return row
    in_code = set(borders) & {i for span in _CODE_SPAN.finditer(row) for i in range(*span.span())}
    tight = {i for i in borders if not (row[i - 1].isspace() and row[i + 1 : i + 2].isspace())}
    kept = borders
    for literal in (in_code, in_code | tight):
        candidate = [i for i in borders if i not in literal]
        if len(candidate) >= wanted:
            kept = candidate
    hidden = set(borders) - set(kept[:wanted])
    return "".join(_LITERAL_PIPE if i in hidden else character for i, character in enumerate(row))


def _restore_pipes(tokens: list[Token]) -> None:
    for token in tokens:
        token.content = token.content.replace(_LITERAL_PIPE, "|")
        token.info = token.info.replace(_LITERAL_PIPE, "|")
        for name, value in token.attrs.items():
            if isinstance(value, str):
                token.attrs[name] = value.replace("%EF%B7%90", "%7C").replace(_LITERAL_PIPE, "|")
        if token.children:
            _restore_pipes(token.children)
