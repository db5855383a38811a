"""Mermaid `graph` and `flowchart` diagrams: nodes, subgraphs and edges, read in one pass.

The grammar is that of Mermaid 11's flowcharts. A statement that it does not know becomes a problem with its line;
the rest of the diagram is still read.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from studycli.documents.excerpt import excerpt
from studycli.documents.mermaid_line import Link, NodeMention, StatementError, StatementScanner
from studycli.model.problem import Problem, Severity

MAX_PROBLEMS = 100
MAX_EDGES = 100_000  # `A & B --> C & D` multiplies, so a small hostile diagram could ask for billions

_HEADER = re.compile(r"^(?:graph|flowchart(?:-elk)?)\b[ \t]*(TB|TD|BT|RL|LR|BR|[<>^v](?=\s|;|$))?[ \t]*;?")
_IGNORED = re.compile(r"^(?:classDef|class|style|linkStyle|click|direction|accTitle|accDescr|title)(?=[\s:{])")
_NOT_KEYWORD = re.compile(r"^\w+\s+(?:[<xo]?(?:--|==|-\.)|~~~|&\s)")
_SUBGRAPH = re.compile(r"^subgraph(?:\s+(.*))?$", re.DOTALL)
_SUBGRAPH_TITLE = re.compile(r"^(?P<id>[^\s\[(\"]+)[ \t]*[\[(](?P<title>.*)[\])]$", re.DOTALL)
_END = re.compile(r"^end(?=\s|;|%%|$)[ \t]*")
_BREAK = re.compile(r"<br[ \t]*/?>|\\n", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_ENTITY = re.compile(r"#(\w{1,10});")
_ICON = re.compile(r"\bfa[bklrs]?:fa-[\w-]+\s*")
_MULTILINE = (('"`', '`"'), ("@{", "}"), ("accDescr {", "}"))


@dataclass(slots=True)
class DiagramNode:
    """A node: its id, its label (the id where it has none), the title of its subgraph, its 1-based line."""

    id: str
    label: str
    group: str | None
    line: int
    labelled: bool = False


@dataclass(slots=True)
class Arrow:
    """An edge between two node ids; `drawn` is the arrow as written."""

    source: str
    target: str
    label: str | None
    drawn: str
    both: bool
    line: int


@dataclass(slots=True)
class Diagram:
    """What a Mermaid diagram draws. `subgraphs` maps each subgraph's id to its title."""

    nodes: dict[str, DiagramNode] = field(default_factory=dict)
    edges: list[Arrow] = field(default_factory=list)
    subgraphs: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def is_flowchart(text: str) -> bool:
    """Whether the first line that is neither blank, comment nor front matter starts a graph or flowchart."""
    return any(_HEADER.match(line) for _, line in _first_line(_logical_lines(text)))


def diagram_type(text: str) -> str:
    """The word that starts the diagram, such as 'flowchart' or 'mindmap'; '' when it is empty."""
    return next((line.split()[0] for _, line in _first_line(_logical_lines(text))), "")


def clean_label(text: str) -> str:
    """A label as plain text: quotes, markup, line breaks and entities resolved."""
    label = text.strip()
    if len(label) > 1 and label[0] == label[-1] == '"':
        label = label[1:-1].strip()
    if len(label) > 1 and label[0] == label[-1] == "`":
        label = label[1:-1].replace("**", "")
    label = _TAG.sub("", _BREAK.sub(" ", label))
    label = html.unescape(_ENTITY.sub(_entity, label))
    return " ".join(_ICON.sub("", label).split())


def _entity(match: re.Match[str]) -> str:
    name = match[1]
    return f"&#{name};" if name.isdigit() else f"&{name};"


def parse(text: str, first_line: int = 1) -> Diagram:
    """Read a diagram whose first line is line `first_line` (1-based) of its document."""
    return _Reader(first_line).read(text)


def _logical_lines(text: str) -> list[tuple[int, str]]:
    """Stripped lines with their 0-based numbers; a Markdown string or `@{ }` over several lines is joined to one."""
    lines = text.split("\n")
    found: list[tuple[int, str]] = []
    never_closed: set[str] = set()
    number = 0
    while number < len(lines):
        start, line = number, lines[number]
        for opening, closing in _MULTILINE:
            at = line.rfind(opening)
            if at < 0 or closing in line[at + len(opening) :] or opening in never_closed:
                continue
            last = next((n for n in range(number + 1, len(lines)) if closing in lines[n]), None)
            if last is None:
                never_closed.add(opening)
                continue
            line = " ".join([line, *(extra.strip() for extra in lines[number + 1 : last + 1])])
            number = last
            break
        found.append((start, line.strip()))
        number += 1
    return found


def _first_line(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The lines from the diagram's header on, at most one: front matter, comments and blanks are before it."""
    position = 0
    while position < len(lines):
        line = lines[position][1]
        if line == "---":
            closing = next((n for n in range(position + 1, len(lines)) if lines[n][1] == "---"), None)
            position = len(lines) if closing is None else closing
        elif line and not line.startswith("%%"):
            return [lines[position]]
        position += 1
    return []


class _Reader:
    """Builds a Diagram from the statements of its lines."""

    def __init__(self, first_line: int) -> None:
        self.diagram = Diagram()
        self.first_line = first_line
        self.open: list[tuple[str, int]] = []  # (subgraph id, line)
        self.edge_ids: set[str] = set()
        self.full = False
        self.unreported = 0

    def read(self, text: str) -> Diagram:
        lines = _logical_lines(text)
        header = _first_line(lines)
        if not header or not (match := _HEADER.match(header[0][1])):
            return self.diagram
        self._line(header[0][0] + self.first_line, header[0][1][match.end() :].strip())
        for number, line in lines:
            if number > header[0][0]:
                self._line(number + self.first_line, line)
        for identifier, opened in self.open:
            title = self.diagram.subgraphs[identifier]
            self._problem(opened, f"subgraph '{excerpt(title)}' has no 'end'", "end it where its nodes end")
        self._name_subgraph_nodes()
        if self.unreported:
            message = f"the diagram has {self.unreported} more problems like these"
            start = header[0][0] + self.first_line
            hint = "is it a Mermaid flowchart at all?"
            self.diagram.problems.append(Problem(severity=Severity.WARNING, line=start, message=message, hint=hint))
        return self.diagram

    def _problem(self, line: int, message: str, hint: str) -> None:
        if len(self.diagram.problems) >= MAX_PROBLEMS:
            self.unreported += 1
            return
        self.diagram.problems.append(Problem(severity=Severity.WARNING, line=line, message=message, hint=hint))

    def _line(self, number: int, line: str) -> None:
        if match := _SUBGRAPH.match(line):
            self._subgraph(number, (match[1] or "").strip())
            return
        if line.startswith("}") and not line[1:].strip():
            return
        scanner = StatementScanner(line)
        while scanner.more():
            try:
                self._statement(number, scanner)
            except StatementError as error:
                shown = excerpt(line[scanner.statement_start : scanner.statement_start + 61])
                self._problem(number, f"the diagram's line '{shown}' is not understood: {error}", error.hint)
                scanner.recover()

    def _statement(self, number: int, scanner: StatementScanner) -> None:
        rest = scanner.ahead(80)
        if match := _END.match(rest):
            scanner.skip(match.end())
            if self.open:
                self.open.pop()
            else:
                self._problem(number, "an 'end' without a subgraph", "remove it, or open the subgraph")
        elif (word := _IGNORED.match(rest)) and not _NOT_KEYWORD.match(rest):
            if word[0] in ("accTitle", "accDescr", "title"):
                scanner.skip(len(scanner.line))
            scanner.recover()
        else:
            self._chain(number, scanner)

    def _chain(self, number: int, scanner: StatementScanner) -> None:
        """`A & B -->|label| C --> D`: every node of one group is linked with every node of the next.

        The whole statement is read before any of it counts, so that one which fails leaves nothing behind.
        """
        groups, links = [scanner.node_group()], []
        while (link := scanner.link()) is not None:
            links.append(link)
            groups.append(scanner.node_group())
        self.edge_ids.update(link.id for link in links if link.id)
        names = [self._mentions(number, group) for group in groups]
        for left, link, right in zip(names, links, names[1:], strict=False):
            if not link.drawn.startswith("~"):
                self._edges(number, left, link, right)

    def _edges(self, number: int, left: list[str], link: Link, right: list[str]) -> None:
        room = MAX_EDGES - len(self.diagram.edges)
        if len(left) * len(right) > room:
            if not self.full:
                self._problem(number, f"the diagram has more than {MAX_EDGES} edges; the rest is left out", "split it")
            self.full = True
            return
        label = clean_label(link.label) if link.label else None
        self.diagram.edges += [
            Arrow(source, target, label or None, link.drawn, link.both, number) for source in left for target in right
        ]

    def _mentions(self, number: int, mentions: list[NodeMention]) -> list[str]:
        group = self.diagram.subgraphs[self.open[-1][0]] if self.open else None
        for mention in mentions:
            if mention.id in self.edge_ids:
                continue
            node = self.diagram.nodes.get(mention.id)
            if node is None:
                node = self.diagram.nodes[mention.id] = DiagramNode(mention.id, mention.id, group, number)
            node.group = node.group or group
            label = clean_label(mention.label) if mention.label else ""
            if not label:
                continue
            if node.labelled and node.label != label:
                message = f"node '{excerpt(mention.id)}' is '{excerpt(node.label)}' and also '{excerpt(label)}'"
                self._problem(number, message, "give each node one label; the last one counts")
            node.label, node.labelled = label, True
        return [mention.id for mention in mentions if mention.id not in self.edge_ids]

    def _subgraph(self, number: int, header: str) -> None:
        header = header.split("%%", 1)[0].rstrip("; \t")
        match = _SUBGRAPH_TITLE.match(header)
        title = clean_label(match["title"] if match else header)
        identifier = match["id"] if match else clean_label(header) or f"subgraph {number}"
        self.diagram.subgraphs[identifier] = title or identifier
        self.open.append((identifier, number))

    def _name_subgraph_nodes(self) -> None:
        """An edge may end at a subgraph: its node then bears the subgraph's title."""
        for identifier, title in self.diagram.subgraphs.items():
            node = self.diagram.nodes.get(identifier)
            if node is not None and not node.labelled:
                node.label = title
