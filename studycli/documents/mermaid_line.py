"""One line of a Mermaid flowchart: a scanner for its nodes and links.

Every search that finds nothing is remembered for the line, so that a hostile line costs time linear in its length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SPACE = re.compile(r"[ \t]*")
_ID = re.compile(
    r"(?:[^\s\[\](){}<>|\"&;@:~%=,.\-]"
    r"|-(?![->.])|\.(?!-)|=(?!=)|~(?!~~)|:(?!::)|%(?!%))+"
)
_PLAIN_LINK = re.compile(r"(?P<tail>[<xo]?)(?:--+(?P<head1>[-xo>])|==+(?P<head2>[=xo>])|-?\.+-(?P<head3>[xo>]?)|~~~+)")
_LINK_OPENS = re.compile(r"(?P<tail>[<xo]?)(?P<kind>--|==|-\.)")
_LINK_CLOSES = {
    "--": re.compile(r"--+(?P<head>[-xo>])"),
    "==": re.compile(r"==+(?P<head>[=xo>])"),
    "-.": re.compile(r"\.-(?P<head>[xo>]?)"),
}
_EDGE_ID = re.compile(r"([^\s@\"\[\](){}|&;]{1,80})@(?!\{)")
_CLASS = re.compile(r":::[\w-]+")
_ATTRIBUTE_LABEL = re.compile(r"\blabel[ \t]*:[ \t]*(?:\"([^\"]*)\"|'([^']*)'|([^,}\"']*))")
_REST = re.compile(r'(?:[^;"]++|"[^"]*+"?)*+;?')
_SHAPES = {  # opening -> closing; the longest opening first
    "(((": r"\)\)\)",
    "((": r"\)\)",
    "([": r"\]\)",
    "(-": r"-\)",
    "[[": r"\]\]",
    "[(": r"\)\]",
    "[/": r"[/\\]\]",
    "[\\": r"[/\\]\]",
    "[|": r"\|\]",
    "{{": r"\}\}",
    "[": r"\]",
    "(": r"\)",
    "{": r"\}",
    ">": r"\]",
}
_CLOSES = {opening: re.compile(closing) for opening, closing in _SHAPES.items()}
_CLOSES_QUOTED = {opening: re.compile(rf'"[ \t]*(?:{closing})') for opening, closing in _SHAPES.items()}
_BALANCED = {"[": re.compile(r"[\[\]]"), "(": re.compile(r"[()]"), "{": re.compile(r"[{}]")}


class StatementError(Exception):
    """A statement that does not follow the grammar."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(slots=True)
class NodeMention:
    """A node where a statement names it; `label` is raw, None where the statement gives none."""

    id: str
    label: str | None


@dataclass(slots=True)
class Link:
    """An arrow as drawn (without its text), its raw label, whether it has two heads, and its edge id."""

    drawn: str
    label: str | None
    both: bool
    id: str | None


class StatementScanner:
    """Reads the statements of one line from left to right."""

    def __init__(self, line: str) -> None:
        self.line = line
        self.position = 0
        self.statement_start = 0
        self._absent: set[object] = set()  # what is not found again from here to the end of the line

    def more(self) -> bool:
        """Move to the next statement; False at the end of the line or at a comment."""
        while self.position < len(self.line) and self.line[self.position] in "; \t\r":
            self.position += 1
        self.statement_start = self.position
        return self.position < len(self.line) and not self.line.startswith("%%", self.position)

    def ahead(self, count: int) -> str:
        """The next `count` characters."""
        return self.line[self.position : self.position + count]

    def skip(self, count: int) -> None:
        """Move on by `count` characters."""
        self.position += count

    def recover(self) -> None:
        """Leave the statement: move past the next `;` that is not inside quotes."""
        match = _REST.match(self.line, self.position)
        self.position = match.end() if match else len(self.line)

    def node_group(self) -> list[NodeMention]:
        """`A[label] & B`: one or more nodes."""
        found = [self._node()]
        while True:
            self._space()
            if not self.line.startswith("&", self.position):
                return found
            self.position += 1
            found.append(self._node())

    def link(self) -> Link | None:
        """The link that follows, or None where the statement ends. Raises StatementError for anything else."""
        self._space()
        if (
            self.position >= len(self.line)
            or self.line[self.position] == ";"
            or self.line.startswith("%%", self.position)
        ):
            return None
        edge_id = _EDGE_ID.match(self.line, self.position)
        if edge_id:
            self.position = edge_id.end()
        start = self.position
        match = _PLAIN_LINK.match(self.line, start)
        if match:
            self.position = match.end()
            head = match["head1"] or match["head2"] or match["head3"] or ""
            drawn, label = match[0], self._pipe_label()
            return Link(drawn, label, _two_headed(match["tail"], head), edge_id and edge_id[1])
        opening = _LINK_OPENS.match(self.line, start)
        if not opening:
            raise StatementError(f"an arrow was expected before '{self.ahead(20)}'", "write for example A -->|uses| B")
        return self._text_link(opening, edge_id and edge_id[1])

    def _text_link(self, opening: re.Match[str], edge_id: str | None) -> Link:
        """`-- text -->`, `== text ==>` or `-. text .->`."""
        begin = opening.end()
        self.position = begin
        self._space()
        search_from = begin
        if self.line.startswith('"', self.position):
            search_from = max(self._find('"', self.position + 1), begin)
        closing = self._search(_LINK_CLOSES[opening["kind"]], search_from)
        if closing is None:
            raise StatementError("the arrow's text has no end", "write -->|text| or -- text -->")
        text = self.line[begin : closing.start()].rstrip(". \t" if opening["kind"] == "-." else None)
        self.position = closing.end()
        drawn = opening["tail"] + ("-" if opening["kind"] == "-." else "") + closing[0]
        return Link(drawn, text, _two_headed(opening["tail"], closing["head"]), edge_id)

    def _pipe_label(self) -> str | None:
        self._space()
        if not self.line.startswith("|", self.position):
            return None
        begin = self.position + 1
        text_at = _end_of(_SPACE.match(self.line, begin), begin)
        quoted = self._find('"', text_at + 1) if self.line.startswith('"', text_at) else -1
        end = self._find("|", max(begin, quoted))
        if end < 0:
            raise StatementError("the label after the arrow has no closing '|'", "write -->|text|")
        self.position = end + 1
        return self.line[begin:end]

    def _node(self) -> NodeMention:
        self._space()
        match = _ID.match(self.line, self.position)
        if not match:
            raise StatementError(f"a node was expected before '{self.ahead(20)}'", "write for example A[Label]")
        self.position = match.end()
        label = self._shape(immediate=True)
        if self.line.startswith("@{", self.position):
            label = self._attributes() or label
        if style := _CLASS.match(self.line, self.position):
            self.position = style.end()
        return NodeMention(match[0], label)

    def _shape(self, immediate: bool) -> str | None:
        line, start = self.line, self.position
        opening = next((opening for opening in _SHAPES if line.startswith(opening, start)), None)
        if opening is None:
            after = _end_of(_SPACE.match(line, start), start)
            if immediate and after > start and line[after : after + 1] in ("[", "(", "{"):
                self.position = after
                return self._shape(immediate=False)
            return None
        begin = start + len(opening)
        text_at = _end_of(_SPACE.match(line, begin), begin)
        if line.startswith('"', text_at):
            closing = self._search(_CLOSES_QUOTED[opening], text_at + 1)
            end = closing.start() + 1 if closing else 0
        else:
            closing = self._balancing(opening, begin) or self._search(_CLOSES[opening], begin)
            end = closing.start() if closing else 0
        if closing is None:
            raise StatementError(f"the label after '{opening}' is not closed", 'put it in quotes: A["label"]')
        self.position = closing.end()
        return line[begin:end]

    def _balancing(self, opening: str, begin: int) -> re.Match[str] | None:
        """The bracket that ends an unquoted label with brackets of its own, as in `A(Softmax (by row))`."""
        brackets = _BALANCED.get(opening)
        if brackets is None or brackets in self._absent:
            return None
        depth = 1
        for match in brackets.finditer(self.line, begin):
            depth += 1 if match[0] == opening else -1
            if not depth:
                return match
        self._absent.add(brackets)
        return None

    def _attributes(self) -> str | None:
        begin = position = self.position + 2
        while True:
            end = self._find("}", position)
            if end < 0:
                raise StatementError("'@{' has no closing '}'", 'write A@{ label: "text" }')
            quote = self.line.find('"', position, end)
            closing = self._find('"', quote + 1) if quote >= 0 else -1
            if closing < 0:
                break
            position = closing + 1
        self.position = end + 1
        match = _ATTRIBUTE_LABEL.search(self.line, begin, end)
        return next((group for group in match.groups() if group is not None), None) if match else None

    def _space(self) -> None:
        self.position = _end_of(_SPACE.match(self.line, self.position), self.position)

    def _find(self, token: str, start: int) -> int:
        if ("find", token) in self._absent:
            return -1
        found = self.line.find(token, start)
        if found < 0:
            self._absent.add(("find", token))
        return found

    def _search(self, pattern: re.Pattern[str], start: int) -> re.Match[str] | None:
        if pattern in self._absent:
            return None
        found = pattern.search(self.line, start)
        if found is None:
            self._absent.add(pattern)
        return found


def _end_of(match: re.Match[str] | None, otherwise: int) -> int:
    return match.end() if match else otherwise


def _two_headed(tail: str, head: str) -> bool:
    return bool(tail) and head in ("<", ">", "x", "o")
