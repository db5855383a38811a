"""A concept map document: its diagram, tables, hierarchy and pathways as one map of joined concepts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from studycli.documents import hierarchy, pathways
from studycli.documents.concept_names import ConceptNames, Origin
from studycli.documents.excerpt import excerpt
from studycli.documents.map_draft import MapDraft, gather
from studycli.documents.outline import Outline
from studycli.model.concept import (
    Centrality,
    ConceptMap,
    CriticalPath,
    DiagramEdge,
    HierarchyNode,
    Pathway,
    Relationship,
)
from studycli.model.problem import Problem, Severity


def parse(outline: Outline, path: str, problems: Sequence[Problem] = ()) -> ConceptMap:
    """Understand a concept map. `problems` are those found before; those found here follow them.

    Concepts come from the diagram, the definitions and the matrix; hierarchy, pathways and the centrality index
    refer to them.
    """
    draft = gather(outline)
    names = ConceptNames()
    node_numbers = [_add_nodes(names, draft, position) for position in range(len(draft.diagrams))]
    _add_definitions(names, draft)
    rows = [
        (row, names.add(row.source, Origin.MATRIX, row.line), names.add(row.target, Origin.MATRIX, row.line))
        for row in draft.relations
        if _is_whole(draft, row.source, row.target, row.line)
    ]
    for _, source, target in rows:
        names.relate(source, target)
    names.join()
    relationships = tuple(
        Relationship(
            source=names.id_of(source),
            target=names.id_of(target),
            type=row.type,
            strength=row.strength,
            category=row.category,
            notes=row.notes,
            line=row.line,
        )
        for row, source, target in rows
    )
    edges = tuple(
        DiagramEdge(
            source=names.id_of(numbers[arrow.source]),
            target=names.id_of(numbers[arrow.target]),
            label=arrow.label,
            arrow=arrow.drawn,
            both=arrow.both,
            line=arrow.line,
        )
        for diagram, numbers in zip(draft.diagrams, node_numbers, strict=True)
        for arrow in diagram.edges
    )
    centrality = tuple(
        Centrality(
            concept=row.name,
            concepts=names.find_all(row.name),
            band=band,
            incoming=row.incoming,
            outgoing=row.outgoing,
            total=row.total,
            role=row.role,
            line=row.line,
        )
        for band, row in draft.index
    )
    found_pathways = tuple(_pathway(names, found) for found in draft.pathways)
    critical_paths = tuple(_critical_path(names, found) for found in draft.critical_paths)
    concepts = names.concepts()  # before the hierarchy: its entries are headings rather than other names
    found_hierarchy = tuple(_hierarchy_node(names, entry) for entry in draft.trees)
    stem = PurePath(path).stem
    declared = {name: draft.totals.get(name, (None, 0)) for name in ("concepts", "relationships")}
    return ConceptMap(
        path=path,
        slug=stem,
        title=draft.title or stem,
        source=draft.header.get("source"),
        subject_area=draft.header.get("subject_area"),
        date=draft.header.get("date"),
        declared_concepts=declared["concepts"][0],
        declared_concepts_line=declared["concepts"][1],
        declared_relationships=declared["relationships"][0],
        declared_relationships_line=declared["relationships"][1],
        concepts=concepts,
        joins=names.joins(),
        relationships=relationships,
        diagram_edges=edges,
        hierarchy=found_hierarchy,
        centrality=centrality,
        pathways=found_pathways,
        critical_paths=critical_paths,
        cross_lesson=tuple(draft.cross_lesson),
        recommendations=tuple(draft.recommendations),
        fields=draft.fields,
        other_sections=tuple(draft.other_sections),
        problems=(*problems, *draft.problems),
    )


def _add_nodes(names: ConceptNames, draft: MapDraft, position: int) -> dict[str, int]:
    """Add the nodes of a diagram; its node ids with the numbers of their names."""
    diagram = draft.diagrams[position]
    numbers = {node.id: names.add_node(node.label, node.id, node.group, node.line) for node in diagram.nodes.values()}
    for arrow in diagram.edges:
        names.relate(numbers[arrow.source], numbers[arrow.target])
    return numbers


def _add_definitions(names: ConceptNames, draft: MapDraft) -> None:
    for row in draft.definitions:
        if not names.define(row.name, row.definition, row.category, row.line):
            message = f"'{excerpt(row.name)}' has two definitions; the first one counts"
            draft.report(Severity.WARNING, row.line, message, "keep one of them")


def _is_whole(draft: MapDraft, source: str, target: str, line: int) -> bool:
    if source and target:
        return True
    end = "From" if not source else "To"
    draft.report(Severity.ERROR, line, f"this relationship has no '{end}' concept, so it is left out", "name both ends")
    return False


def _hierarchy_node(names: ConceptNames, entry: hierarchy.Entry) -> HierarchyNode:
    children = tuple(_hierarchy_node(names, child) for child in entry.children)
    return HierarchyNode(name=entry.name, concept=names.find(entry.name), line=entry.line, children=children)


def _pathway(names: ConceptNames, found: pathways.Path) -> Pathway:
    return Pathway(
        title=found.title,
        goal=found.said.get("goal"),
        steps=found.steps,
        step_concepts=tuple(names.find_all(step) for step in found.steps),
        prerequisites=found.prerequisites(),
        duration=found.said.get("duration"),
        assessment=found.said.get("assessment"),
        fields=found.fields,
        line=found.line,
        steps_line=found.steps_line,
    )


def _critical_path(names: ConceptNames, found: pathways.Path) -> CriticalPath:
    return CriticalPath(
        title=found.title,
        steps=found.steps,
        step_concepts=tuple(names.find_all(step) for step in found.steps),
        rationale=found.said.get("rationale"),
        line=found.line,
        steps_line=found.steps_line,
    )
