"""What the sections of a concept map say, gathered by name before the names are joined to concepts."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field

from studycli.documents import hierarchy, map_lists, map_tables, mermaid, pathways
from studycli.documents.excerpt import excerpt
from studycli.documents.map_sections import Role, sections
from studycli.documents.numbers import first_integer
from studycli.documents.outline import Field, Kind, Node, Outline
from studycli.documents.pathways import Path
from studycli.model.deck import Table
from studycli.model.lesson import Section
from studycli.model.problem import Problem, Severity

_TITLE = re.compile(r"^(?:#\s*)?concept[ -]?map[ \t]*[:\-–—|][ \t]*(?=\S)", re.IGNORECASE)
_HEADER = {
    "source": "source",
    "sources": "source",
    "source material": "source",
    "subject area": "subject_area",
    "subject": "subject_area",
    "date": "date",
    "date generated": "date",
    "generated": "date",
    "created": "date",
}
_TOTALS = {
    "total concepts": "concepts",
    "concepts": "concepts",
    "number of concepts": "concepts",
    "concept count": "concepts",
    "total relationships": "relationships",
    "relationships": "relationships",
    "number of relationships": "relationships",
    "relationship count": "relationships",
}


@dataclass
class MapDraft:
    """A concept map by names. `totals` maps "concepts" and "relationships" to (declared number, 1-based line)."""

    title: str = ""
    header: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    totals: dict[str, tuple[int, int]] = field(default_factory=dict)
    diagrams: list[mermaid.Diagram] = field(default_factory=list)
    trees: list[hierarchy.Entry] = field(default_factory=list)
    relations: list[map_tables.RelationRow] = field(default_factory=list)
    index: list[tuple[str | None, map_tables.IndexRow]] = field(default_factory=list)
    definitions: list[map_tables.DefinitionRow] = field(default_factory=list)
    pathways: list[Path] = field(default_factory=list)
    critical_paths: list[Path] = field(default_factory=list)
    cross_lesson: list[Table] = field(default_factory=list)
    recommendations: list[str] = field(default_factory=list)
    other_sections: list[Section] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def report(self, severity: Severity, line: int, message: str, hint: str) -> None:
        """Note a problem at a 1-based line."""
        self.problems.append(Problem(severity=severity, line=line, message=message, hint=hint))


def gather(outline: Outline) -> MapDraft:
    """Everything that the document's sections say, in reading order."""
    draft = MapDraft()
    title = _title_node(outline.root)
    draft.title = _TITLE.sub("", title.title).strip() if title else ""
    hierarchies: list[Node] = []
    path_sections: set[int] = set()
    for node, role in sections(outline.root, title):
        if node.level == 0 or node is title:
            _header(draft, outline.fields(node.body_start, node.body_end))
        fences = outline.fences_in(node.body_start, node.body_end)
        drawn = [_diagram(draft, fence.text, fence.language, fence.start) for fence in fences]
        if role is Role.HIERARCHY:
            hierarchies.append(node)
        taken = _section(draft, outline, node, role, path_sections)
        if not taken and not any(drawn) and node.level and node is not title:
            draft.other_sections.append(_other(outline, node))
    _hierarchy(draft, outline, hierarchies)
    return draft


def _title_node(root: Node) -> Node | None:
    first = root.children[0] if root.children else None
    return first if first and (first.level == 1 or "concept map" in first.key) else None


def _header(draft: MapDraft, fields: list[Field]) -> None:
    for item in fields:
        if item.key in _TOTALS:
            _total(draft, item)
        elif item.key in _HEADER:
            draft.header.setdefault(_HEADER[item.key], item.value)
        else:
            draft.fields.setdefault(item.name, item.value)


def _total(draft: MapDraft, item: Field) -> None:
    number = first_integer(item.value)
    if number is None:
        hint = "write it as a figure, such as 28"
        draft.report(Severity.WARNING, item.line + 1, f"'{item.name}' has no number: '{excerpt(item.value)}'", hint)
    else:
        draft.totals.setdefault(_TOTALS[item.key], (number, item.line + 1))


def _diagram(draft: MapDraft, text: str, language: str, start: int) -> bool:
    """Read a fenced block that draws a diagram; False for any other."""
    named = language.split()[:1] == ["mermaid"]
    if mermaid.is_flowchart(text) and (named or not language):
        diagram = mermaid.parse(text, start + 2)
        draft.diagrams.append(diagram)
        draft.problems += diagram.problems
        return True
    if named:
        kind = mermaid.diagram_type(text) or "empty"
        hint = "relationships are read from 'graph' and 'flowchart' diagrams"
        draft.report(Severity.INFO, start + 1, f"this Mermaid diagram ('{excerpt(kind)}') is not read", hint)
    return False


def _section(draft: MapDraft, outline: Outline, node: Node, role: Role | None, path_sections: set[int]) -> bool:
    """Take what one section's own text says; False when nothing of it was understood."""
    start, end = node.body_start, node.body_end
    if role is Role.CROSS_LESSON:
        _cross_lesson(draft, outline, node)
        return True
    if role is Role.RECOMMENDATIONS:
        items = [text for _, text in outline.items(start, end)]
        body = outline.body(node)
        draft.recommendations += items or ([body] if body else [])
        return True
    taken = _tables(draft, outline, node, role)
    if role in (Role.PATHWAYS, Role.CRITICAL_PATH):
        if node.parent is None or id(node.parent) not in path_sections:
            into = draft.pathways if role is Role.PATHWAYS else draft.critical_paths
            into += pathways.read(outline, node)
        path_sections.add(id(node))
        return True
    if role is Role.DEFINITIONS:
        draft.definitions += map_lists.definition_items(outline, start, end)
    elif role is Role.CENTRALITY:
        _index_lists(draft, outline, node)
    totals = [item for item in outline.fields(start, end) if item.key in _TOTALS] if node.level else []
    for item in totals:
        _total(draft, item)
    return taken or role is not None


def _tables(draft: MapDraft, outline: Outline, node: Node, role: Role | None) -> bool:
    """Take the tables of a section that say something about concepts; True when every one was taken."""
    tables = outline.tables(node.body_start, node.body_end)
    untaken = 0
    bands: list[tuple[int, str]] = []
    for table in tables:
        relations = map_tables.relations(table)
        paths = pathways.from_table(table) if role in (Role.PATHWAYS, Role.CRITICAL_PATH) else None
        rows = map_tables.index_rows(table)
        definitions = map_tables.definitions(table, of_definitions=role is Role.DEFINITIONS)
        if relations is not None:
            draft.relations += relations
        elif paths is not None:
            (draft.pathways if role is Role.PATHWAYS else draft.critical_paths).extend(paths)
        elif rows is not None or definitions is not None:
            bands = bands or _bands(outline, node)
            band = bands[bisect_left(bands, (table.start, "")) - 1][1]
            draft.index += [(band, row) for row in rows or ()]
            draft.definitions += definitions or ()
        else:
            untaken += 1
    if untaken and role is not None:
        draft.other_sections.append(_other(outline, node))
    return bool(tables) and not untaken


def _bands(outline: Outline, node: Node) -> list[tuple[int, str]]:
    """The section's title and the bold lines in it, such as 'High Centrality (6+ connections)', by line."""
    fields = outline.fields(node.body_start, node.body_end)
    return [(node.body_start - 1, node.title), *((item.line, item.name) for item in fields if not item.value)]


def _index_lists(draft: MapDraft, outline: Outline, node: Node) -> None:
    bands = _bands(outline, node)
    ends = [*(line for line, _ in bands[1:]), node.body_end + 1]
    for (line, band), following in zip(bands, ends, strict=True):
        draft.index += [(band, row) for row in map_lists.index_items(outline, line + 1, following - 1)]


def _cross_lesson(draft: MapDraft, outline: Outline, node: Node) -> None:
    start, end = node.body_start, node.body_end
    for table in outline.tables(start, end):
        rows = tuple(table.rows)
        draft.cross_lesson.append(Table(title=node.title, header=table.header, rows=rows, line=table.start + 1))
    items = outline.items(start, end)
    if items:
        rows = tuple((text,) for _, text in items)
        draft.cross_lesson.append(Table(title=node.title, header=("Connection",), rows=rows, line=items[0][0] + 1))


def _hierarchy(draft: MapDraft, outline: Outline, nodes: list[Node]) -> None:
    """Read the tree of the hierarchy sections; without such a section, the first block that draws a tree."""
    blocks = [_tree_lines(outline, node) for node in nodes]
    if not any(blocks):
        fences = (fence for fence in outline.fences if hierarchy.is_tree(fence.text.split("\n")))
        fence = next(fences, None)
        blocks = [list(enumerate(fence.text.split("\n"), fence.start + 2))] if fence else []
    for lines in blocks:
        trees, too_deep = hierarchy.read(lines)
        draft.trees += trees
        if too_deep is not None:
            message = f"the hierarchy is more than {hierarchy.MAX_DEPTH} levels deep; deeper entries stand at the last"
            draft.report(Severity.WARNING, too_deep, message, "split the hierarchy")


def _tree_lines(outline: Outline, node: Node) -> list[tuple[int, str]]:
    fences = outline.fences_in(node.body_start, node.body_end)
    drawn = [fence for fence in fences if not mermaid.is_flowchart(fence.text)]
    if drawn:
        return [pair for fence in drawn for pair in enumerate(fence.text.split("\n"), fence.start + 2)]
    text = [number for number in range(node.body_start, node.body_end + 1) if outline.kinds[number] == Kind.TEXT]
    lines = [(number + 1, outline.lines[number]) for number in text]
    listed = {line + 1 for line, _ in outline.items(node.body_start, node.body_end)}
    return lines if hierarchy.is_tree(line for _, line in lines) else [pair for pair in lines if pair[0] in listed]


def _other(outline: Outline, node: Node) -> Section:
    path: list[str] = []
    above = node.parent
    while above is not None and above.level and len(path) < 6:
        path.insert(0, above.title)
        above = above.parent
    return Section(level=node.level, title=node.title, line=node.start + 1, text=outline.body(node), path=tuple(path))
