"""The centrality index of a concept map against its relationships."""

from __future__ import annotations

import re
from collections import Counter

from studycli.documents.close_names import closest
from studycli.documents.excerpt import capped, excerpt
from studycli.model.concept import Centrality, ConceptMap
from studycli.model.problem import Problem, Severity

_AT_LEAST = re.compile(r"(\d{1,6})[ \t]*(?:\+|or (?:more|above))|(?:>=|≥|at least)[ \t]*(\d{1,6})")
_FROM_TO = re.compile(r"(\d{1,6})[ \t]*(?:-|–|—|to)[ \t]*(\d{1,6})")
_FIGURES = ("incoming", "outgoing", "total")


def check(concept_map: ConceptMap) -> list[Problem]:
    """Figures that the matrix (or, without one, the diagram) contradicts, names that no concept has, wrong bands."""
    edges = concept_map.relationships or concept_map.diagram_edges
    place = "matrix" if concept_map.relationships else "diagram"
    incoming = Counter(edge.target for edge in edges)
    outgoing = Counter(edge.source for edge in edges)
    found: list[Problem] = []
    for row in concept_map.centrality:
        if not row.concepts:
            message = f"the index lists '{excerpt(row.concept)}', which no concept of the map is called"
            hint = closest(row.concept, concept_map) or "use the concept's name, or relate it to another"
            found.append(Problem(severity=Severity.WARNING, line=row.line, message=message, hint=hint))
        counted = {
            "incoming": sum(incoming[concept] for concept in row.concepts),
            "outgoing": sum(outgoing[concept] for concept in row.concepts),
        }
        counted["total"] = counted["incoming"] + counted["outgoing"]
        found += _sum(row)
        if row.concepts and edges:
            found += _figures(row, counted, place)
            found += _band(row, counted["total"])
        elif row.total is not None:
            found += _band(row, row.total)
    return capped(found)


def _sum(row: Centrality) -> list[Problem]:
    if row.incoming is None or row.outgoing is None or row.total in (None, row.incoming + row.outgoing):
        return []
    message = (
        f"'{excerpt(row.concept)}': {row.incoming} incoming and {row.outgoing} outgoing are not {row.total} in total"
    )
    return [Problem(severity=Severity.WARNING, line=row.line, message=message, hint="correct the row")]


def _figures(row: Centrality, counted: dict[str, int], place: str) -> list[Problem]:
    given = {name: figure for name in _FIGURES if (figure := getattr(row, name)) is not None}
    wrong = [name for name, figure in given.items() if figure != counted[name]]
    if not wrong:
        return []
    declared = ", ".join(f"{given[name]} {_word(name)}" for name in wrong)
    held = ", ".join(f"{counted[name]} {_word(name)}" for name in wrong)
    message = f"the index gives '{excerpt(row.concept)}' {declared}; the {place} has {held}"
    return [
        Problem(severity=Severity.WARNING, line=row.line, message=message, hint=f"correct the index or the {place}")
    ]


def _word(name: str) -> str:
    return "in total" if name == "total" else name


def _band(row: Centrality, counted: int) -> list[Problem]:
    limits = band_limits(row.band or "")
    total = counted if row.total is None else row.total
    if limits is None or (limits[0] <= total and (limits[1] is None or total <= limits[1])):
        return []
    connections = f"{total} connection{'' if total == 1 else 's'}"
    message = f"'{excerpt(row.concept)}' stands under '{excerpt(row.band or '')}' with {connections}"
    return [
        Problem(severity=Severity.WARNING, line=row.line, message=message, hint="move it to the list it belongs to")
    ]


def band_limits(title: str) -> tuple[int, int | None] | None:
    """'High Centrality (6+ connections)' -> (6, None); 'Low (1-2)' -> (1, 2); None where no limits are given."""
    if match := _FROM_TO.search(title):
        return int(match[1]), int(match[2])
    if match := _AT_LEAST.search(title):
        return int(match[1] or match[2]), None
    return None
