"""A concept map drawn for a terminal: groups, relationships, pathways; or one concept and what is around it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from studycli.knowledge import graph
from studycli.model.concept import Concept, ConceptMap, CriticalPath, Pathway
from studycli.model.concept_name import Rule
from studycli.render.safe import one_line

_TWO_COLUMNS = 150  # from this width on, groups and relationships stand in two columns
_MOST_CONNECTED = 5
_NAME_WIDTH = 30
_TYPE_WIDTH = 22
_STRONG, _MEDIUM, _WEAK, _OTHER_ARROW = "━━▶", "──▶", "┄┄▶", "──▶"
_ARROWS = {
    **dict.fromkeys(("very strong", "strong", "high"), _STRONG),
    **dict.fromkeys(("medium", "moderate"), _MEDIUM),
    **dict.fromkeys(("weak", "low"), _WEAK),
}
_WORD = re.compile(r"[\w-]+")
_Row = tuple[str, str | None, str]  # type of the relationship, strength, the names it leads to


def render(concept_map: ConceptMap, width: int) -> RenderableType:
    """The whole map, for a terminal of `width` columns. An arrow's weight shows a relationship's strength."""
    columns = 2 if width >= _TWO_COLUMNS else 1
    parts: list[RenderableType] = [*_head(concept_map)]
    parts += _section("Concepts", _groups(concept_map), columns)
    parts += _section("Relationships", _relationships(concept_map), columns, gap=False)
    if legend := _legend(concept_map):
        parts += [Text(legend, style="dim"), Text()]
    parts += _section("Pathways", [_path(path) for path in concept_map.pathways], columns)
    parts += _section("Critical path", [_path(path) for path in concept_map.critical_paths], columns)
    return Group(*parts)


def render_concept(concept_map: ConceptMap, concept: Concept) -> RenderableType:
    """One concept: what it is, what it is related to, what comes before it and which pathways pass through it."""
    names = _names(concept_map)
    around = graph.neighbours(concept_map, concept.id)
    required = graph.requirements(concept_map, concept.id)
    earlier = [other for other in graph.prerequisites(concept_map, concept.id) if other not in required]
    parts: list[RenderableType] = [_bold(concept.name)]
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    for label, value in (
        ("map", concept_map.title),
        ("group", concept.group),
        ("also called", ", ".join(_other_names(concept_map, concept))),
        ("is", concept.definition),
        ("know first", ", ".join(names[other] for other in required)),
        ("comes after", f"{', '.join(names[other] for other in earlier)} (in its pathways)" if earlier else None),
    ):
        if value:
            facts.add_row(label, _text(value))
    parts += [facts, Text()]
    from_it = [(row.type, row.strength, names[row.target]) for row in around.outgoing]
    to_it = [(row.type, row.strength, names[row.source]) for row in around.incoming]
    for title, rows, backwards in ((f"From {concept.name}", from_it, False), (f"To {concept.name}", to_it, True)):
        if rows:
            parts += [_heading(title), _around(rows, backwards=backwards), Text()]
    if around.drawn:
        parts.append(_heading("In the diagram only"))
    for edge in around.drawn:
        label = f": {edge.label}" if edge.label else ""
        parts.append(_indented(_text(f"{names[edge.source]} {edge.arrow} {names[edge.target]}{label}")))
    parts += [Text()] if around.drawn else []
    passages = graph.pathways_through(concept_map, concept.id)
    if passages:
        parts.append(_heading("Pathways"))
    for path, position in passages:
        parts += [_indented(_passage(path, position)), Text()]
    return Group(*parts)


def _head(concept_map: ConceptMap) -> list[RenderableType]:
    counts = (
        (len(concept_map.concepts), "concept"),
        (len(concept_map.relationships) or len(concept_map.diagram_edges), "relationship"),
        (len(concept_map.pathways), "pathway"),
    )
    shown = " · ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts)
    names = _names(concept_map)
    degrees = list(graph.centrality(concept_map).items())[:_MOST_CONNECTED]
    connected = ", ".join(f"{names[concept]} {degree.total}" for concept, degree in degrees if degree.total)
    head: list[RenderableType] = [
        _bold(concept_map.title),
        Text(shown, style="dim"),
        Text(one_line(concept_map.path), style="dim"),
    ]
    if connected:
        head.append(_text(f"most connected: {connected}"))
    return [*head, Text()]


def _section(title: str, blocks: Sequence[RenderableType], columns: int, *, gap: bool = True) -> list[RenderableType]:
    """A titled section. Its blocks run down one column, then down the next, with a `gap` between them."""
    if not blocks:
        return []
    spaced = [Group(block, Text()) if gap else block for block in blocks]
    after = [] if gap else [Text()]
    if columns == 1:
        return [_heading(title), *map(_indented, spaced), *after]
    grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
    half = (len(spaced) + 1) // 2
    for _ in range(2):
        grid.add_column(ratio=1)
    grid.add_row(Group(*spaced[:half]), Group(*spaced[half:]))
    return [_heading(title), _indented(grid), *after]


def _groups(concept_map: ConceptMap) -> list[RenderableType]:
    """One block for each group of concepts; those in no group come last."""
    groups: dict[str | None, list[Concept]] = defaultdict(list)
    for concept in concept_map.concepts:
        groups[concept.group].append(concept)
    loose = groups.pop(None, [])
    width = _widest(concept_map.concepts)
    blocks = [_group(title or "", members, width) for title, members in groups.items()]
    if loose:
        blocks.append(_group("Others" if blocks else "", loose, width))
    return blocks


def _group(title: str, members: Sequence[Concept], width: int) -> RenderableType:
    if not any(concept.definition for concept in members):
        return Group(*[_title(title)] * bool(title), _bold(", ".join(concept.name for concept in members)))
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=width, overflow="fold")
    grid.add_column(ratio=1, overflow="fold")
    for concept in members:
        grid.add_row(_bold(concept.name), _text(concept.definition or ""))
    return Group(_title(title), grid) if title else grid


def _widest(concepts: Iterable[Concept]) -> int:
    return min(_NAME_WIDTH, max((cell_len(one_line(concept.name)) for concept in concepts), default=1))


def _relationships(concept_map: ConceptMap) -> list[RenderableType]:
    """One block for each source, in the order of the concepts."""
    names = _names(concept_map)
    rows: dict[str, list[_Row]] = defaultdict(list)
    for row in concept_map.relationships:
        rows[row.source].append((row.type, row.strength, names[row.target]))
    if not rows:
        for edge in concept_map.diagram_edges:
            rows[edge.source].append((edge.label or "", None, names[edge.target]))
    sources = [concept for concept in concept_map.concepts if concept.id in rows]
    width = _widest(sources)
    types = max((cell_len(one_line(kind)) for found in rows.values() for kind, _, _ in found), default=1)
    return [_source(concept.name, rows[concept.id], width, min(types, _TYPE_WIDTH)) for concept in sources]


def _source(name: str, rows: Iterable[_Row], width: int, types: int) -> RenderableType:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=width, overflow="fold")
    grid.add_column(width=types, overflow="fold")
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    for number, (kind, strength, found) in enumerate(_merged(rows)):
        grid.add_row(_bold("" if number else name), _text(kind), _arrow(strength), _text(found))
    return grid


def _around(rows: Iterable[_Row], *, backwards: bool = False) -> RenderableType:
    """The relationships of one concept; `backwards` turns the arrows to it."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(max_width=_NAME_WIDTH, overflow="fold")
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    for kind, strength, found in _merged(rows):
        grid.add_row(_text(kind), _arrow(strength, backwards=backwards), _text(found))
    return _indented(grid)


def _merged(rows: Iterable[_Row]) -> Iterator[_Row]:
    """Rows of one type and strength as one; a strength that no arrow shows stands in words."""
    merged: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for kind, strength, name in rows:
        merged[kind, strength].append(name)
    for (kind, strength), found in merged.items():
        words = f" ({strength})" if strength and one_line(strength).casefold() not in _ARROWS else ""
        yield kind, strength, ", ".join(found) + words


def _arrow(strength: str | None, *, backwards: bool = False) -> Text:
    arrow = _ARROWS.get(one_line(strength or "").casefold(), _OTHER_ARROW)
    return Text("◀" + arrow[:-1] if backwards else arrow, style="dim")


def _legend(concept_map: ConceptMap) -> str:
    strengths = dict.fromkeys(one_line(row.strength or "").casefold() for row in concept_map.relationships)
    return "  ".join(f"{_ARROWS[strength]} {strength}" for strength in strengths if strength in _ARROWS)


def _path(path: Pathway | CriticalPath) -> RenderableType:
    said: tuple[tuple[str, str | None], ...]
    if isinstance(path, Pathway):
        needs = ", ".join(path.prerequisites)
        said = (("goal", path.goal), ("needs", needs), ("takes", path.duration), ("test", path.assessment))
    else:
        said = (("goal", None), ("why", path.rationale))
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(ratio=1)
    for label, value in said[:1]:
        if value:
            grid.add_row(label, _lines(value))
    if path.steps:
        grid.add_row("steps", _Steps(path.steps))
    for label, value in said[1:]:
        if value:
            grid.add_row(label, _lines(value))
    return Group(_title(path.title), grid)


class _Steps:
    """Steps with arrows between them; a line breaks before an arrow rather than inside a name."""

    def __init__(self, steps: Sequence[str], here: int | None = None) -> None:
        self._steps = [one_line(step) for step in steps]
        self._here = here

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines that fit into the width."""
        line = Text()
        for position, step in enumerate(self._steps):
            name = Text(f"[{step}]", style="bold") if position == self._here else Text(step)
            piece = Text.assemble((" → ", "dim"), name) if position else name
            if line and line.cell_len + piece.cell_len > options.max_width:
                yield line
                line = Text.assemble(("→ ", "dim"), name)
            else:
                line.append_text(piece)
        yield line


def _passage(path: Pathway | CriticalPath, position: int) -> RenderableType:
    place = f"{one_line(path.title)}, step {position + 1} of {len(path.steps)}"
    return Group(Text(place), _Steps(path.steps, position))


def _other_names(concept_map: ConceptMap, concept: Concept) -> list[str]:
    """The aliases of a concept without the node ids that only the diagram's source shows."""
    ids = {join.name for join in concept_map.joins if join.concept == concept.id and join.rule == Rule.NODE_ID}
    said = [other.definition or "" for other in concept_map.concepts]
    paths: list[Pathway | CriticalPath] = [*concept_map.pathways, *concept_map.critical_paths]
    said += [step for path in paths for step in path.steps]
    words = {word for text in said for word in _WORD.findall(text)}
    return [name for name in concept.aliases if name not in ids or name in words]


def _names(concept_map: ConceptMap) -> dict[str, str]:
    return {concept.id: one_line(concept.name) for concept in concept_map.concepts}


def _heading(title: str) -> Text:
    return _text(title, "bold underline")


def _indented(part: RenderableType) -> Padding:
    return Padding(part, (0, 0, 0, 2))


def _title(value: str) -> Text:
    return _text(value, "bold cyan")


def _bold(value: str) -> Text:
    return _text(value, "bold")


def _text(value: str, style: str = "") -> Text:
    return Text(one_line(value), style=style)


def _lines(value: str) -> Text:
    return Text("\n".join(one_line(line.replace("**", "")) for line in value.split("\n")))
