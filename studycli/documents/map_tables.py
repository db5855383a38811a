"""The tables of a concept map: relationship matrix, centrality index and definitions, told by their columns."""

from __future__ import annotations

import re
from dataclasses import dataclass

from studycli.documents.numbers import first_integer
from studycli.documents.outline import TableBlock

_FROM = ("from concept", "from", "source concept", "source", "concept a", "concept 1", "subject", "start")
_TO = ("to concept", "to", "target concept", "target", "concept b", "concept 2", "object", "end")
_RELATION = ("relationship type", "relationship", "relation type", "relation", "link", "label", "verb", "predicate")
_CATEGORY = ("type", "category", "kind")
_STRENGTH = ("strength", "weight", "importance")
_NOTES = ("notes", "note", "description", "comment", "comments", "explanation", "rationale", "why")
_CONCEPT = ("concept", "concept name", "term", "key term", "name", "node", "key concept")
_INCOMING = ("incoming", "in", "in degree", "indegree", "inbound", "incoming connections")
_OUTGOING = ("outgoing", "out", "out degree", "outdegree", "outbound", "outgoing connections")
_TOTAL = ("total", "total connections", "connections", "degree", "connection count", "count", "links", "centrality")
_ROLE = ("role", "significance", "why", "notes", "note", "importance")
_DEFINITION = ("definition", "one line definition", "short definition", "brief definition", "quick definition")
_MEANING = ("description", "meaning", "explanation", "summary")
_GROUP = ("group", "category", "cluster", "area", "topic")
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")


def cell_text(cell: str) -> str:
    """A cell's text without emphasis, code marks and link targets."""
    return _LINK.sub(r"\1", cell.replace("**", "").replace("`", "")).strip().strip("*").strip()


@dataclass(slots=True)
class RelationRow:
    """A row of the relationship matrix, by names; `line` is 1-based."""

    source: str
    target: str
    type: str
    strength: str | None
    category: str | None
    notes: str | None
    line: int


@dataclass(slots=True)
class IndexRow:
    """A row of the centrality index, by name."""

    name: str
    incoming: int | None
    outgoing: int | None
    total: int | None
    role: str | None
    line: int


@dataclass(slots=True)
class DefinitionRow:
    """A row of the definitions."""

    name: str
    definition: str
    category: str | None
    line: int


def relations(table: TableBlock) -> list[RelationRow] | None:
    """The rows of a relationship matrix; None when the table is none."""
    source, target = table.column(*_FROM), table.column(*_TO)
    relation, category = table.column(*_RELATION), table.column(*_CATEGORY)
    if source is None or target is None or (relation is None and category is None):
        return None
    if relation is None:
        relation, category = category, None
    strength, notes = table.column(*_STRENGTH), table.column(*_NOTES)
    return [
        RelationRow(
            source=_cell(row, source) or "",
            target=_cell(row, target) or "",
            type=_cell(row, relation) or "",
            strength=_cell(row, strength),
            category=_cell(row, category),
            notes=_cell(row, notes),
            line=line + 1,
        )
        for row, line in zip(table.rows, table.row_lines, strict=True)
    ]


def index_rows(table: TableBlock) -> list[IndexRow] | None:
    """The rows of a centrality or concept index; None when the table has no figures about concepts."""
    concept, total = table.column(*_CONCEPT), table.column(*_TOTAL)
    incoming, outgoing = table.column(*_INCOMING), table.column(*_OUTGOING)
    if concept is None or (incoming is None and outgoing is None and total is None):
        return None
    role = table.column(*_ROLE)
    return [
        IndexRow(name, _figure(row, incoming), _figure(row, outgoing), _figure(row, total), _cell(row, role), line + 1)
        for row, line in zip(table.rows, table.row_lines, strict=True)
        if (name := _cell(row, concept))
    ]


def definitions(table: TableBlock, *, of_definitions: bool) -> list[DefinitionRow] | None:
    """The rows of a definitions table; a mere 'Description' column counts `of_definitions` sections only."""
    concept = table.column(*_CONCEPT)
    meaning = table.column(*_DEFINITION, *(_MEANING if of_definitions else ()))
    if concept is None or meaning is None:
        return None
    group = table.column(*_GROUP)
    return [
        DefinitionRow(name, text, _cell(row, group), line + 1)
        for row, line in zip(table.rows, table.row_lines, strict=True)
        if (name := _cell(row, concept)) and (text := row[meaning].strip())
    ]


def _cell(row: tuple[str, ...], column: int | None) -> str | None:
    return cell_text(row[column]) or None if column is not None else None


def _figure(row: tuple[str, ...], column: int | None) -> int | None:
    return first_integer(row[column]) if column is not None else None
