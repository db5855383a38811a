"""maps and map: concept maps, listed and drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studycli.cli import diagnostics, output
from studycli.errors import UsageError

if TYPE_CHECKING:
    from studycli.model.concept import Concept, ConceptMap

commands = typer.Typer()


@commands.command()
def maps(
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List the concept maps of all sources."""
    listed: list[dict[str, Any]] = [
        {
            "slug": found.slug,
            "title": found.title,
            "path": found.path,
            "concepts": len(found.concepts),
            "relationships": len(found.relationships),
            "pathways": len(found.pathways),
        }
        for found in _maps()
    ]
    if as_json:
        output.print_json(listed)
        return
    if not listed:
        diagnostics.say("there are no concept maps; studycli add PATH brings some")
        return
    from studycli.render.listing import Column

    names = ("Concepts", "Relationships", "Pathways")
    counts = [Column(name, number=True, drop=drop) for name, drop in zip(names, (3, 1, 0), strict=True)]
    rows = [
        (found["slug"], str(found["concepts"]), str(found["relationships"]), str(found["pathways"]), found["title"])
        for found in listed
    ]
    output.print_listing([Column("Map"), *counts, Column("Title", text=12, drop=2)], rows)


@commands.command("map")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A map's name or title, the start of it, or a path.")],
    concept: Annotated[
        str | None, typer.Option("--concept", metavar="NAME", help="Only one concept and around it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the map as JSON.")] = False,
) -> None:
    """Draw a concept map: its concepts, relationships and pathways."""
    from studycli.knowledge.selection import find_concept, find_map

    path = Path(name).expanduser()
    found = _read(path) if path.is_file() else find_map(name, _maps())
    chosen = find_concept(concept, found) if concept is not None else None
    if as_json:
        output.print_json(found.model_dump(mode="json") if chosen is None else _concept_data(found, chosen))
        return
    from studycli.render.concept_map import render, render_concept

    console = output.console()
    console.print(render(found, console.width) if chosen is None else render_concept(found, chosen))


def _maps() -> list[ConceptMap]:
    from studycli.cli.context import open_collection

    with open_collection() as collection:
        return collection.maps()


def _read(path: Path) -> ConceptMap:
    from studycli.documents.load import kind_of, load
    from studycli.model.concept import ConceptMap

    document = load(path)
    if not isinstance(document, ConceptMap):
        kind = kind_of(document)
        raise UsageError(
            f"this is no concept map but {kind}", where=str(path), hint="studycli inspect shows any document"
        )
    return document


def _concept_data(concept_map: ConceptMap, concept: Concept) -> dict[str, Any]:
    from studycli.knowledge import graph

    around = graph.neighbours(concept_map, concept.id)
    return {
        "map": concept_map.slug,
        "concept": concept.model_dump(mode="json"),
        "outgoing": [row.model_dump(mode="json") for row in around.outgoing],
        "incoming": [row.model_dump(mode="json") for row in around.incoming],
        "diagram_only": [edge.model_dump(mode="json") for edge in around.drawn],
        "prerequisites": list(graph.prerequisites(concept_map, concept.id)),
        "pathways": [
            {"title": passage.pathway.title, "step": passage.position + 1, "steps": len(passage.pathway.steps)}
            for passage in graph.pathways_through(concept_map, concept.id)
        ],
    }
