"""A hint for a name that no concept has: the names that look like it."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import islice

from studycli.model.concept import ConceptMap
from studycli.model.concept_name import MAX_NAME

_COMPARED = 500  # comparing is slow, and a hint is worth only so much


def closest(name: str, concept_map: ConceptMap) -> str:
    """'did you mean ...?' with up to three concept names, or ''."""
    if len(name) > MAX_NAME:
        return ""
    known = [concept.name for concept in islice(concept_map.concepts, _COMPARED)]
    close = [other for other in known if name.casefold() in other.casefold() or other.casefold() in name.casefold()]
    close = [*close, *get_close_matches(name, known, n=3, cutoff=0.75)]
    shown = list(dict.fromkeys(close))[:3]
    return f"did you mean {' or '.join(repr(other) for other in shown)}?" if shown else ""
