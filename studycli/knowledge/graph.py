"""The graph that a concept map's relationships make: neighbours, prerequisites, centrality, pathways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from studycli.model.concept import ConceptMap, CriticalPath, DiagramEdge, Pathway, Relationship


class Neighbours(NamedTuple):
    """The relationships that lead to a concept and from it, and the diagram's edges between other pairs."""

    incoming: tuple[Relationship, ...]
    outgoing: tuple[Relationship, ...]
    drawn: tuple[DiagramEdge, ...]


class Degree(NamedTuple):
    """How many relationships lead to a concept, from it, and both together."""

    incoming: int
    outgoing: int
    total: int


class Passage(NamedTuple):
    """A pathway through a concept; `position` is the 0-based step where it first comes."""

    pathway: Pathway | CriticalPath
    position: int


def neighbours(concept_map: ConceptMap, concept: str) -> Neighbours:
    """What a concept id is related to; `drawn` are edges of pairs that the matrix doesn't relate in any direction."""
    incoming = tuple(row for row in concept_map.relationships if row.target == concept)
    outgoing = tuple(row for row in concept_map.relationships if row.source == concept)
    known = {row.source for row in incoming} | {row.target for row in outgoing}
    drawn = tuple(
        edge
        for edge in concept_map.diagram_edges
        if concept in (edge.source, edge.target) and not {edge.source, edge.target} - {concept} <= known
    )
    return Neighbours(incoming, outgoing, drawn)


def requirements(concept_map: ConceptMap, concept: str) -> tuple[str, ...]:
    """The ids that 'requires' relationships demand before a concept, nearest first, each once."""
    needs: dict[str, list[str]] = {}
    for row in concept_map.relationships:
        if row.requires:
            needs.setdefault(row.source, []).append(row.target)
    found: dict[str, None] = {}
    waiting = list(needs.get(concept, ()))
    for other in waiting:
        if other not in found and other != concept:
            found[other] = None
            waiting += needs.get(other, ())
    return tuple(found)


def prerequisites(concept_map: ConceptMap, concept: str) -> tuple[str, ...]:
    """The ids to know before a concept: what it requires, then the earlier steps of each pathway through it."""
    found = dict.fromkeys(requirements(concept_map, concept))
    for passage in pathways_through(concept_map, concept):
        if isinstance(passage.pathway, Pathway):
            earlier = passage.pathway.step_concepts[: passage.position]
            found.update(dict.fromkeys(other for step in earlier for other in step))
    found.pop(concept, None)
    return tuple(found)


def nearby(concept_map: ConceptMap, concept: str) -> Iterator[str]:
    """A concept id, then the others that relationships or arrows join to it, in either direction, nearest first."""
    edges: list[Relationship | DiagramEdge] = [*concept_map.relationships, *concept_map.diagram_edges]
    beside: dict[str, dict[str, None]] = {}
    for edge in edges:
        beside.setdefault(edge.source, {})[edge.target] = None
        beside.setdefault(edge.target, {})[edge.source] = None
    waiting = {concept: None}
    seen = {concept}
    while waiting:
        yield from waiting
        waiting = {other: None for near in waiting for other in beside.get(near, ()) if other not in seen}
        seen |= waiting.keys()


def centrality(concept_map: ConceptMap) -> dict[str, Degree]:
    """Each concept id's degree in the matrix, or in the diagram of a map without one, the most connected first."""
    edges = concept_map.relationships or concept_map.diagram_edges
    incoming = Counter(edge.target for edge in edges)
    outgoing = Counter(edge.source for edge in edges)
    degrees = {
        concept.id: Degree(incoming[concept.id], outgoing[concept.id], incoming[concept.id] + outgoing[concept.id])
        for concept in concept_map.concepts
    }
    return dict(sorted(degrees.items(), key=lambda item: -item[1].total))


def pathways_through(concept_map: ConceptMap, concept: str) -> tuple[Passage, ...]:
    """The pathways, then the critical paths, with a step that names a concept."""
    paths: list[Pathway | CriticalPath] = [*concept_map.pathways, *concept_map.critical_paths]
    found = []
    for path in paths:
        position = next((place for place, step in enumerate(path.step_concepts) if concept in step), None)
        if position is not None:
            found.append(Passage(path, position))
    return tuple(found)
