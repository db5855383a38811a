"""The pathways of a concept map against its concepts, and against each other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from studycli.documents.close_names import closest
from studycli.documents.cycle import find_cycle
from studycli.documents.excerpt import MAX_REPORTED, excerpt
from studycli.documents.numbers import integers
from studycli.model.concept import ConceptMap, CriticalPath, Pathway
from studycli.model.concept_name import key
from studycli.model.problem import Problem, Severity

_NUMBER = re.compile(r"\bpath(?:way)?[ \t]*(\d{1,4})\b", re.IGNORECASE)
_MENTION = re.compile(r"\bpath(?:way)?s?[ \t]+(\d[\d \t,&–—-]{0,40}(?:and[ \t]+\d{1,4})?)", re.IGNORECASE)


def check(concept_map: ConceptMap) -> list[Problem]:
    """Steps that no concept is called, pathways without steps, prerequisites that name no pathway, circles."""
    found: list[Problem] = []
    paths: list[Pathway | CriticalPath] = [*concept_map.pathways, *concept_map.critical_paths]
    for path in paths:
        found += _steps(path, concept_map)
        if len(found) > MAX_REPORTED:
            break
    numbers = _numbers(concept_map.pathways)
    for pathway in concept_map.pathways:
        for number in mentioned(pathway.prerequisites):
            if number not in numbers:
                message = f"'{excerpt(pathway.title)}' requires pathway {number}, which the map does not have"
                hint = f"the map has pathways {', '.join(map(str, sorted(numbers)[:20]))}"
                found.append(Problem(severity=Severity.WARNING, line=pathway.line, message=message, hint=hint))
    return found + _circle(concept_map.pathways, numbers)


def _steps(path: Pathway | CriticalPath, concept_map: ConceptMap) -> list[Problem]:
    if not path.steps:
        hint = "write them as A → B → C, or as a numbered list"
        message = f"'{excerpt(path.title)}' has no steps"
        return [Problem(severity=Severity.WARNING, line=path.line, message=message, hint=hint)]
    found = []
    for step, concepts in zip(path.steps, path.step_concepts, strict=True):
        if not concepts:
            message = f"no concept of the map is called '{excerpt(step)}', a step of '{excerpt(path.title)}'"
            hint = closest(step, concept_map) or "name a concept of the map, or add this one to it"
            found.append(Problem(severity=Severity.WARNING, line=path.steps_line, message=message, hint=hint))
    return found[:MAX_REPORTED]


def mentioned(prerequisites: Sequence[str]) -> list[int]:
    """The numbers of the pathways that prerequisites name: 'Pathways 1-3 (all of it)' -> [1, 2, 3]."""
    found: dict[int, None] = {}
    for text in prerequisites:
        for match in _MENTION.finditer(text):
            found.update(dict.fromkeys(integers(match[1])[:100]))
    return list(found)


def _numbers(pathways: Sequence[Pathway]) -> dict[int, int]:
    """Each pathway's number, from its title or else its place, with its position."""
    numbers: dict[int, int] = {}
    for position, pathway in enumerate(pathways):
        match = _NUMBER.search(pathway.title)
        numbers.setdefault(int(match[1]) if match else position + 1, position)
    return numbers


def _circle(pathways: Sequence[Pathway], numbers: dict[int, int]) -> list[Problem]:
    titles = {key(_bare(pathway.title)): position for position, pathway in enumerate(pathways)}
    needs: dict[int, list[int]] = {}
    for position, pathway in enumerate(pathways):
        named = [numbers[number] for number in mentioned(pathway.prerequisites) if number in numbers]
        named += [titles[key(text)] for text in pathway.prerequisites if key(text) in titles]
        needs[position] = named
    circle = find_cycle(needs)
    if not circle:
        return []
    shown = " → ".join(f"'{excerpt(pathways[position].title)}'" for position in [*circle, circle[0]][:8])
    message = f"these pathways require each other in a circle: {shown}"
    line = pathways[circle[-1]].line
    return [Problem(severity=Severity.WARNING, line=line, message=message, hint="remove one of the prerequisites")]


def _bare(title: str) -> str:
    return _NUMBER.sub("", title).strip(" :–—-")
