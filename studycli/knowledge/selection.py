"""What a learner types for a concept map or a concept, and what it means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from studycli.errors import UsageError
from studycli.knowledge.aliases import name_index
from studycli.model.concept import Concept, ConceptMap
from studycli.model.slug import unnumbered

_SHOWN = 5


def find_map(name: str, maps: Sequence[ConceptMap]) -> ConceptMap:
    """The map with this slug, title or path, else the one whose slug or title starts so; case doesn't count.

    A slug such as `04-attention` may be named without its number.

    Raises UsageError where there is none, or more than one.
    """
    wanted = name.strip().casefold()
    for found in (
        [found for found in maps if found.slug.casefold() == wanted],
        [found for found in maps if wanted in (found.title.casefold(), unnumbered(found.slug).casefold())],
        [found for found in maps if found.path.casefold() == wanted],
        [
            found
            for found in maps
            if any(text.casefold().startswith(wanted) for text in (found.slug, unnumbered(found.slug), found.title))
        ],
    ):
        if len(found) == 1 and wanted:
            return found[0]
        if len(found) > 1:
            raise UsageError(
                f"'{name}' names {len(found)} concept maps", hint=f"they are {_listed(m.path for m in found)}"
            )
    slugs = {
        text.casefold(): found.slug for found in maps for text in (found.title, unnumbered(found.slug), found.slug)
    }
    close = dict.fromkeys(slugs[text] for text in get_close_matches(wanted, slugs, n=3, cutoff=0.7))
    hint = f"is it {' or '.join(close)}?" if close else "studycli maps lists them; studycli add PATH brings more"
    raise UsageError(f"there is no concept map '{name}'", hint=hint)


def find_concept(name: str, concept_map: ConceptMap) -> Concept:
    """The concept with this id or name, by the rules that join names, else the only one that starts so.

    Raises UsageError where there is none, or more than one.
    """
    by_id = {concept.id: concept for concept in concept_map.concepts}
    if name in by_id:
        return by_id[name]
    if match := name_index(concept_map).find(name):
        return by_id[match.owner]
    wanted = name.strip().casefold()
    names = {text.casefold(): concept for concept in concept_map.concepts for text in (*concept.aliases, concept.name)}
    found = {concept.id: concept for text, concept in names.items() if wanted and text.startswith(wanted)}
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        hint = f"they are {_listed(concept.name for concept in found.values())}"
        raise UsageError(f"'{name}' begins {len(found)} concepts", where=concept_map.slug, hint=hint)
    close = dict.fromkeys(names[text].name for text in get_close_matches(wanted, names, n=3, cutoff=0.7))
    hint = f"is it {' or '.join(close)}?" if close else f"studycli map {concept_map.slug} shows all of them"
    raise UsageError(f"there is no concept '{name}'", where=concept_map.slug, hint=hint)


def _listed(names: Iterable[str]) -> str:
    shown = list(names)
    return ", ".join(shown[:_SHOWN]) + (f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else "")
