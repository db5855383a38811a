"""What a concept map declares against what it holds."""

from __future__ import annotations

from collections import defaultdict

from studycli.documents import diagram_check, index_check, pathway_check
from studycli.documents.cycle import find_cycle
from studycli.documents.excerpt import capped, excerpt
from studycli.model.concept import ConceptMap, Relationship
from studycli.model.concept_name import key
from studycli.model.problem import Problem, Severity


def check(concept_map: ConceptMap) -> list[Problem]:
    """Every difference, by line. The problems found while reading the map are not among them."""
    found = [
        *_totals(concept_map),
        *_rows(concept_map),
        *_requirements(concept_map),
        *_definitions(concept_map),
        *diagram_check.check(concept_map),
        *index_check.check(concept_map),
        *pathway_check.check(concept_map),
    ]
    return sorted(found, key=lambda problem: problem.line)


def _totals(concept_map: ConceptMap) -> list[Problem]:
    found = []
    held = len(concept_map.concepts)
    if not held:
        hint = "draw a Mermaid flowchart, or write a table with the columns From, To and Relationship"
        message = "the map holds no concepts"
        found.append(Problem(severity=Severity.ERROR, line=0, message=message, hint=hint))
    declared = concept_map.declared_concepts
    if declared is not None and held and declared != held:
        counts = {origin: sum(origin in c.origins for c in concept_map.concepts) for origin in _ORIGINS}
        parts = ", ".join(f"{count} of them {_ORIGINS[origin]}" for origin, count in counts.items() if count)
        message = f"the map declares {declared} concepts but holds {held} ({parts})"
        hint = "correct 'Total Concepts', or give each concept one name everywhere"
        line = concept_map.declared_concepts_line
        found.append(Problem(severity=Severity.ERROR, line=line, message=message, hint=hint))
    declared, held = concept_map.declared_relationships, len(concept_map.relationships)
    place = "the matrix"
    if not held:
        held, place = len(concept_map.diagram_edges), "the diagram"
    if declared is not None and declared != held:
        message = f"the map declares {declared} relationships but {place} holds {held}"
        line = concept_map.declared_relationships_line
        hint = "correct 'Total Relationships', or add what is missing"
        found.append(Problem(severity=Severity.ERROR, line=line, message=message, hint=hint))
    return found


_ORIGINS = {"diagram": "in the diagram", "definition": "defined", "matrix": "in the matrix"}


def _rows(concept_map: ConceptMap) -> list[Problem]:
    """Rows of the matrix that relate a concept to itself, or say the same twice."""
    found = []
    names = {concept.id: excerpt(concept.name) for concept in concept_map.concepts}
    first: dict[tuple[str, str, str], int] = {}
    for row in concept_map.relationships:
        shown = f"{names[row.source]} {excerpt(row.type)} {names[row.target]}"
        if row.source == row.target:
            message = f"this row relates '{names[row.source]}' to itself"
            hint = "name the other concept; `studycli inspect` shows which names were joined"
            found.append(Problem(severity=Severity.WARNING, line=row.line, message=message, hint=hint))
        earlier = first.setdefault((row.source, row.target, key(row.type)), row.line)
        if earlier != row.line:
            message = f"'{shown}' stands in line {earlier} already"
            found.append(Problem(severity=Severity.WARNING, line=row.line, message=message, hint="remove one row"))
    return capped(found)


def _requirements(concept_map: ConceptMap) -> list[Problem]:
    """A circle of concepts that each require the next, so that a learner could start nowhere."""
    needs: dict[str, list[str]] = defaultdict(list)
    rows: dict[tuple[str, str], Relationship] = {}
    for row in concept_map.relationships:
        if row.requires and row.source != row.target:
            needs[row.source].append(row.target)
            rows.setdefault((row.source, row.target), row)
    circle = find_cycle(needs)
    if not circle:
        return []
    names = {concept.id: excerpt(concept.name) for concept in concept_map.concepts}
    message = f"these concepts require each other in a circle: {' → '.join(names[c] for c in [*circle, circle[0]][:8])}"
    line = max(rows[pair].line for pair in zip(circle, [*circle[1:], circle[0]], strict=True))
    return [Problem(severity=Severity.WARNING, line=line, message=message, hint="turn or remove one of the rows")]


def _definitions(concept_map: ConceptMap) -> list[Problem]:
    """Concepts that nothing defines, and definitions of what the map never relates."""
    found = []
    if not any(concept.definition for concept in concept_map.concepts):
        return []
    related = bool(concept_map.relationships or concept_map.diagram_edges)
    for concept in concept_map.concepts:
        if concept.definition is None:
            message, hint = f"'{excerpt(concept.name)}' has no definition", "add it to the definitions"
            found.append(Problem(severity=Severity.INFO, line=concept.line, message=message, hint=hint))
        elif concept.origins == ("definition",) and related:
            message = f"'{excerpt(concept.name)}' is defined but stands in neither the diagram nor the matrix"
            hint = "relate it to a concept, or use the name it has there"
            found.append(Problem(severity=Severity.WARNING, line=concept.line, message=message, hint=hint))
    return capped(found)
