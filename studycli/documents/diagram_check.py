"""The diagram of a concept map against its relationship matrix."""

from __future__ import annotations

from collections import defaultdict

from studycli.documents.excerpt import capped, excerpt
from studycli.model.concept import ConceptMap, DiagramEdge
from studycli.model.concept_name import key
from studycli.model.problem import Problem, Severity


def check(concept_map: ConceptMap) -> list[Problem]:
    """Edges that the matrix lacks or names otherwise, and rows that the diagram lacks; nothing where one is missing."""
    if not concept_map.diagram_edges or not concept_map.relationships:
        return []
    names = {concept.id: excerpt(concept.name) for concept in concept_map.concepts}
    types: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in concept_map.relationships:
        types[row.source, row.target].append(row.type)
    found = [problem for edge in concept_map.diagram_edges if (problem := _edge(edge, types, names))]
    return capped(found) + capped(_rows(concept_map, names))


def _edge(edge: DiagramEdge, types: dict[tuple[str, str], list[str]], names: dict[str, str]) -> Problem | None:
    source, target = names[edge.source], names[edge.target]
    hint = "add the row to the matrix, or remove the arrow"
    if edge.source == edge.target:
        message = f"this arrow leads from '{source}' to itself"
        return Problem(severity=Severity.WARNING, line=edge.line, message=message, hint="name the other concept")
    rows = types.get((edge.source, edge.target), [])
    reverse = types.get((edge.target, edge.source), [])
    rows = rows + reverse if edge.both else rows
    shown = f"'{source}' {edge.arrow} '{target}'"
    if not rows and reverse:
        message = f"the diagram has {shown}, the matrix the other way round ({target} {excerpt(reverse[0])} {source})"
        return Problem(severity=Severity.WARNING, line=edge.line, message=message, hint="turn one of them")
    if not rows:
        message = f"the diagram's {shown} is missing from the matrix"
        return Problem(severity=Severity.WARNING, line=edge.line, message=message, hint=hint)
    if edge.label and not any(_agree(edge.label, given) for given in rows):
        message = f"the diagram labels {shown} '{excerpt(edge.label)}', the matrix '{excerpt(rows[0])}'"
        return Problem(severity=Severity.WARNING, line=edge.line, message=message, hint="use one word for it")
    return None


def _agree(label: str, given: str) -> bool:
    """Whether two words for a relationship are one: 'variant' and 'variant-of', 'is' and 'is-a'."""
    one, other = sorted((key(label), key(given)), key=len)
    return not one or other.startswith(one)


def _rows(concept_map: ConceptMap, names: dict[str, str]) -> list[Problem]:
    drawn = {(edge.source, edge.target) for edge in concept_map.diagram_edges}
    drawn |= {(edge.target, edge.source) for edge in concept_map.diagram_edges}  # a turned arrow is reported as such
    nodes = {concept.id for concept in concept_map.concepts if "diagram" in concept.origins}
    found = []
    for row in concept_map.relationships:
        if (row.source, row.target) in drawn or row.source == row.target:
            continue
        absent = [f"'{names[end]}'" for end in (row.source, row.target) if end not in nodes]
        why = f" ({' and '.join(absent)} {'is' if len(absent) == 1 else 'are'} no node of it)" if absent else ""
        message = f"'{names[row.source]}' {excerpt(row.type)} '{names[row.target]}' is missing from the diagram{why}"
        hint = "draw it, unless the diagram is meant to show less"
        found.append(Problem(severity=Severity.INFO, line=row.line, message=message, hint=hint))
    return found
