"""Markdown to an outline: headings in a tree, with the fenced blocks, tables and fields of each section.

One pass over the lines decides what each line is; everything else reads those kinds. It knows CommonMark's
rules for fences, headings and thematic breaks, with one deliberate difference: `---` under a line of text is a
rule, never a setext heading, because decks put such rules between cards.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property


class Kind(IntEnum):
    """What one line is."""

    TEXT = 0
    BLANK = 1
    HEADING = 2
    RULE = 3
    TABLE = 4
    FENCE = 5  # the opening or closing line of a fenced block
    CODE = 6  # a line inside a fenced block
    COMMENT = 7  # a line that holds an HTML comment and nothing else


@dataclass(slots=True)
class Fence:
    """A fenced block: its lines are `start` (the opening fence) to `end` (the closing one), 0-based, inclusive."""

    start: int
    end: int
    language: str
    closed: bool
    text: str


@dataclass(slots=True)
class TableBlock:
    """A table: header cells, rows of cells (padded to the header's width), and the 0-based line of each row."""

    start: int
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    row_lines: list[int]

    def column(self, *names: str) -> int | None:
        """The index of the first column with one of these names (see `plain`), or None."""
        return next((self._index[name] for name in names if name in self._index), None)

    @property
    def _index(self) -> dict[str, int]:
        index: dict[str, int] = {}
        for position, name in enumerate(self.header):
            index.setdefault(plain(name), position)
        return index


@dataclass(slots=True)
class Field:
    """A `**Name:** value` line; `line` is 0-based, `end` the last line of its value."""

    name: str
    key: str
    value: str
    line: int
    end: int


@dataclass(slots=True)
class Node:
    """A section. Its own lines are `start`..`body_end`, those with its subsections `start`..`end` (0-based, inclusive).

    Level 0 is the document itself; for it `start` is 0 and there is no heading line, else `start` is the heading.
    """

    level: int
    title: str
    start: int
    body_end: int = -1
    end: int = -1
    children: list[Node] = field(default_factory=list)
    parent: Node | None = field(default=None, repr=False)

    @property
    def body_start(self) -> int:
        """The first line under the heading (0-based)."""
        return self.start if self.level == 0 else self.start + 1

    @property
    def key(self) -> str:
        """The title as a comparable key (see `plain`)."""
        return plain(self.title)

    def walk(self) -> Iterator[Node]:
        """This node and everything under it, in reading order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))


_FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})(.*)$")
_HEADING = re.compile(r"^ {0,3}(#{1,6})(?=[ \t]|$)(.*)$")
_RULE = re.compile(r"^ {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$")
_ROW_MARK = re.compile(r"\\.|`+|\|")
_DELIMITER_CELL = re.compile(r"^:?-+:?$")
_COMMENT = re.compile(r"^\s*<!--(?:(?!-->).)*-->\s*$")
_EMPHASIS = re.compile(r"[*_`]+")
_NOT_WORD = re.compile(r"[^\w]+")
_FIELD = re.compile(r"^[ ]{0,3}(?:[-*][ \t]+)?\*\*(?P<name>[^*\n]{1,80}?)(?::\*\*|\*\*[ \t]*:)[ \t]*(?P<value>.*)$")
_FIELD_INSIDE = re.compile(r"\*\*([^*\n|]{1,80}?)(?::\*\*|\*\*:)")
_BETWEEN_FIELDS = "|·•"


def _heading_title(rest: str) -> str:
    """A heading's text without its closing `#`s (which count only after a space)."""
    title = rest.strip()
    bare = title.rstrip("#")
    return bare.rstrip() if not bare or bare[-1] in " \t" else title


def plain(text: str) -> str:
    """A name as a comparable key: no emphasis, case or punctuation ('**Bloom's Level:**' -> 'blooms level')."""
    bare = _EMPHASIS.sub("", text).replace("'", "").replace("\u2019", "").casefold()
    return _NOT_WORD.sub(" ", bare).strip()


def split_row(line: str) -> list[str]:
    """The cells of a table row. A `|` inside a code span or after a backslash belongs to its cell."""
    body = line.strip()
    if "\\" not in body and "`" not in body:
        body = body[1:] if body.startswith("|") else body
        return [cell.strip() for cell in (body[:-1] if body.endswith("|") else body).split("|")]
    bars = _cell_bars(body)
    cells = [body[start + 1 : end] for start, end in zip([-1, *bars], [*bars, len(body)], strict=True)]
    if bars and bars[0] == 0:
        cells = cells[1:]
    if bars and bars[-1] == len(body) - 1 and len(cells) > 1:
        cells = cells[:-1]
    return [cell.strip().replace("\\|", "|") for cell in cells]


def _cell_bars(body: str) -> list[int]:
    """Where the `|` stand that separate cells, outside code spans."""
    marks = list(_ROW_MARK.finditer(body))
    runs: dict[int, list[int]] = {}
    for mark in marks:
        if mark[0][0] == "`":
            runs.setdefault(len(mark[0]), []).append(mark.start())
    bars: list[int] = []
    inside_until = -1
    for mark in marks:
        if mark.start() < inside_until:
            continue
        if mark[0] == "|":
            bars.append(mark.start())
        elif mark[0][0] == "`":
            same = runs[len(mark[0])]
            following = bisect_right(same, mark.start())
            if following < len(same):
                inside_until = same[following] + len(mark[0])
    return bars


def _opens_inside(fence: Fence, opening: str) -> bool:
    mark = opening.lstrip()[:3]
    run = len(opening.lstrip()) - len(opening.lstrip().lstrip(mark[0]))
    inner = re.compile(rf"^[ \t]*{re.escape(mark[0])}{{{run},}}[ \t]*[^\s{re.escape(mark[0])}]", re.MULTILINE)
    return inner.search(fence.text) is not None


class Outline:
    """The lines of a document, what each is, and the tree of its sections.

    `nested_fences` is true where a fence was left open unless fences of equal length are read as nested.
    """

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.nested_fences = False
        self.kinds: list[Kind] = []
        self.fences: list[Fence] = []
        self.headings: list[tuple[int, int, str]] = []  # (0-based line, level, title)
        self._scan()
        if self._may_nest():
            self._read_nested()

    def _may_nest(self) -> bool:
        """Whether a block holds the opening of another that is just as long as its own."""
        return any(_opens_inside(fence, self.lines[fence.start]) for fence in self.fences)

    def _read_nested(self) -> None:
        """Read fences of equal length as nested, if all of them close so and less of the document is taken for code."""
        strict = (self.kinds, self.fences, self.headings)
        closed, hidden = self.fences[-1].closed, self._hidden()
        self.nested_fences = True
        self._scan()
        if not self.fences[-1].closed or (closed and self._hidden() >= hidden):
            self.nested_fences = False
            self.kinds, self.fences, self.headings = strict

    def _hidden(self) -> int:
        """How many lines inside code look like a heading or the side of a card."""
        return sum(bool(_LOOKS_LIKE_TEXT.match(line)) for fence in self.fences for line in fence.text.split("\n"))

    def _scan(self) -> None:
        self.kinds, self.fences, self.headings = [], [], []
        lines, kinds = self.lines, self.kinds
        number, total = 0, len(lines)
        while number < total:
            line = lines[number]
            stripped = line.strip()
            first = stripped[:1]
            if not first:
                kinds.append(Kind.BLANK)
            elif first in "`~" and (opening := _FENCE.match(line)) and self._opens(opening):
                number = self._fence(number, opening)
            elif first == "#" and (heading := _HEADING.match(line)):
                self.headings.append((number, len(heading[1]), _heading_title(heading[2])))
                kinds.append(Kind.HEADING)
            elif first in "-*_" and _RULE.match(line):
                kinds.append(Kind.RULE)
            elif "|" in line and number + 1 < total and self._starts_table(number):
                number = self._table(number)
            elif first == "<" and _COMMENT.match(line):
                kinds.append(Kind.COMMENT)
            else:
                kinds.append(Kind.TEXT)
            number += 1

    @staticmethod
    def _opens(match: re.Match[str]) -> bool:
        return not (match[2][0] == "`" and "`" in match[3])

    def _fence(self, start: int, opening: re.Match[str]) -> int:
        """Record the fenced block that opens at `start`; return its last line."""
        indent = len(opening[1])
        end = self._fence_end(start, opening[2])
        closed = end < len(self.lines)
        last = end if closed else len(self.lines) - 1
        content = self.lines[start + 1 : end]
        if indent:
            content = [text[min(indent, len(text) - len(text.lstrip(" \t"))) :] for text in content]
        self.fences.append(Fence(start, last, opening[3].strip(), closed, "\n".join(content)))
        self.kinds.append(Kind.FENCE)
        self.kinds.extend([Kind.CODE] * (end - start - 1))
        if closed:
            self.kinds.append(Kind.FENCE)
        return last

    def _fence_end(self, start: int, mark: str) -> int:
        """The line that closes the fence `mark` opened at `start`, or the number of lines when none does."""
        depth = 1
        for number in range(start + 1, len(self.lines)):
            line = self.lines[number].strip()
            if not line.startswith(mark):
                continue
            rest = line.lstrip(mark[0])
            if not rest:
                depth -= 1
                if not depth:
                    return number
            elif self.nested_fences and "`" not in rest:
                depth += 1
        return len(self.lines)

    def _starts_table(self, number: int) -> bool:
        delimiter = self.lines[number + 1].strip()
        if "-" not in delimiter or delimiter.strip("|-: \t") or not (":" in delimiter or "|" in delimiter):
            return False
        cells = split_row(delimiter)
        return all(map(_DELIMITER_CELL.match, cells)) and len(split_row(self.lines[number])) == len(cells)

    def _table(self, number: int) -> int:
        lines = self.lines
        last = number + 1
        while last + 1 < len(lines) and "|" in lines[last + 1] and not _ENDS_TABLE.match(lines[last + 1]):
            last += 1
        self.kinds.extend([Kind.TABLE] * (last - number + 1))
        return last

    @cached_property
    def root(self) -> Node:
        """The tree of sections. Each node ends before the next heading of its level or above."""
        last = len(self.lines) - 1
        root = Node(0, "", 0, body_end=last, end=last)
        open_nodes = [root]
        for line, level, title in self.headings:
            open_nodes[-1].body_end = line - 1
            while open_nodes[-1].level >= level:
                open_nodes.pop().end = line - 1
            node = Node(level, title, line, parent=open_nodes[-1], body_end=last, end=last)
            open_nodes[-1].children.append(node)
            open_nodes.append(node)
        return root

    def text(self, start: int, end: int) -> str:
        """Lines `start`..`end` (0-based, inclusive) without blank lines and rules at either end."""
        while start <= end and self.kinds[start] in (Kind.BLANK, Kind.RULE):
            start += 1
        while end >= start and self.kinds[end] in (Kind.BLANK, Kind.RULE):
            end -= 1
        return "\n".join(self.lines[start : end + 1])

    def body(self, node: Node) -> str:
        """The Markdown directly under a section's heading."""
        return self.text(node.body_start, node.body_end)

    def fields(self, start: int, end: int) -> list[Field]:
        """The `**Name:** value` fields on lines `start`..`end`; several may share a line, and a value may wrap."""
        found: list[Field] = []
        number = start
        while number <= end:
            match = _FIELD.match(self.lines[number]) if self.kinds[number] == Kind.TEXT else None
            if not match:
                number += 1
                continue
            last = self._value_end(number, end)
            wrapped = [self.lines[extra].strip() for extra in range(number + 1, last + 1)]
            found += _split_fields(match["name"], " ".join([match["value"], *wrapped]).strip(), number, last)
            number = last + 1
        return found

    def _value_end(self, number: int, end: int) -> int:
        last = number
        while last < end and self.kinds[last + 1] == Kind.TEXT and not _STARTS_BLOCK.match(self.lines[last + 1]):
            last += 1
        return last

    def headings_in(self, start: int, end: int) -> list[tuple[int, int, str]]:
        """The headings on lines `start`..`end` as (0-based line, level, title)."""
        first = bisect_left(self.headings, start, key=lambda heading: heading[0])
        last = bisect_right(self.headings, end, key=lambda heading: heading[0])
        return self.headings[first:last]

    def fences_in(self, start: int, end: int) -> list[Fence]:
        """The fenced blocks that open on lines `start`..`end`."""
        first = bisect_left(self.fences, start, key=lambda fence: fence.start)
        last = bisect_right(self.fences, end, key=lambda fence: fence.start)
        return self.fences[first:last]

    def tables(self, start: int, end: int) -> list[TableBlock]:
        """The tables on lines `start`..`end`."""
        found: list[TableBlock] = []
        number = start
        while number <= end:
            if self.kinds[number] != Kind.TABLE:
                number += 1
                continue
            header = tuple(split_row(self.lines[number]))
            table = TableBlock(number, header, [], [])
            number += 2
            while number <= end and self.kinds[number] == Kind.TABLE and not self._new_table(number):
                cells = split_row(self.lines[number])
                cells = [*cells[: len(header)], *[""] * (len(header) - len(cells))]
                table.rows.append(tuple(cells))
                table.row_lines.append(number)
                number += 1
            found.append(table)
        return found

    def _new_table(self, number: int) -> bool:
        return number + 1 < len(self.lines) and self.kinds[number + 1] == Kind.TABLE and self._starts_table(number)

    def items(self, start: int, end: int) -> list[tuple[int, str]]:
        """The list items on lines `start`..`end` as (0-based line, text), wrapped lines joined."""
        found: list[tuple[int, str]] = []
        for number in range(start, end + 1):
            if self.kinds[number] != Kind.TEXT:
                continue
            match = _ITEM.match(self.lines[number])
            if match:
                found.append((number, match[1].strip()))
            elif found and self.lines[number].startswith((" ", "\t")) and self.kinds[number - 1] == Kind.TEXT:
                found[-1] = (found[-1][0], f"{found[-1][1]} {self.lines[number].strip()}")
        return found


_ENDS_TABLE = re.compile(r"^ {0,3}(?:#{1,6}[ \t]|>|```|~~~|[-*+][ \t]|\d{1,9}[.)][ \t])")
_LOOKS_LIKE_TEXT = re.compile(r"^ {0,3}(?:#{2,6}[ \t]|\*\*\[?(?:FRONT|BACK)\b)")
_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+(.*)$")
_STARTS_BLOCK = re.compile(r"^[ \t]*(?:[-*+][ \t]|\d{1,9}[.)][ \t]|>|\*\*[^*\n]{1,80}?(?::\*\*|\*\*[ \t]*:)|\*\*\[)")


def _split_fields(name: str, value: str, line: int, end: int) -> list[Field]:
    """Split `Easy | **Bloom's Level:** Remember` into the fields that share the line."""
    names, values, start = [name], [], 0
    for match in _FIELD_INSIDE.finditer(value):
        if not _between_fields(value, start, match.start()):
            continue
        values.append(value[start : match.start()].rstrip("|·• \t"))
        names.append(match[1])
        start = match.end()
    values.append(value[start:])
    return [
        Field(title.strip(), plain(title), text.strip(), line, end) for title, text in zip(names, values, strict=True)
    ]


def _between_fields(value: str, start: int, end: int) -> bool:
    """Whether a field may begin at `end`: at the very start, or after a sign that parts fields."""
    position = end
    while position > start and value[position - 1] in " \t":
        position -= 1
    return position == start or value[position - 1] in _BETWEEN_FIELDS
