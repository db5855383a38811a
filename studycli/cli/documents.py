"""inspect and check: what was understood of a document, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studycli.cli import diagnostics, output
from studycli.errors import UsageError

if TYPE_CHECKING:
    from studycli.documents.load import Document
    from studycli.model.problem import Problem

commands = typer.Typer()


@commands.command()
def inspect(
    name: Annotated[str, typer.Argument(metavar="PATH", help="A document, or a folder of documents.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print what was understood as JSON.")] = False,
) -> None:
    """Show what was understood of a document."""
    from studycli.documents import check
    from studycli.model.problem import Problem

    path = _path(name)
    documents = []
    failed = False
    for place, document in check.read_all([path]):
        if isinstance(document, Problem):
            failed = True
            diagnostics.problem(place, document)
        else:
            documents.append((document, check.problems_of(document)))
    if as_json:
        data = [_as_dict(document, problems) for document, problems in documents]
        if path.is_dir():
            output.print_json(data)
        elif data:
            output.print_json(data[0])
    else:
        from studycli.render import inspection

        console = output.console()
        for document, problems in documents:
            console.print(inspection.render(document, problems))
    if failed:
        raise typer.Exit(3)


def _path(name: str) -> Path:
    """The path that was named. An empty one would be the current folder, which nobody means by it."""
    if not name.strip():
        raise UsageError("the path is empty", hint="name a folder or a document; . is the current folder")
    return Path(name)


def _as_dict(document: Document, problems: list[Problem]) -> dict[str, Any]:
    from studycli.documents.load import kind_of

    data = document.model_dump(mode="json")
    found = [problem.model_dump(mode="json") for problem in problems]
    head = {"path": data.pop("path"), "kind": kind_of(document), "title": data.pop("title"), "problems": found}
    return head | {key: value for key, value in data.items() if key != "problems"}


@commands.command()
def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH", help="Documents or folders; without one, all of your sources."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the problems as JSON.")] = False,
) -> None:
    """List every problem in documents as `file:line: what, hint`. Exit code 3 if one of them is an error."""
    from studycli.documents import check as checker
    from studycli.model.problem import Problem

    found: list[tuple[str, Problem]] = []
    documents: list[Document] = []
    order: dict[str, int] = {}
    for name, document in checker.read_all([_path(name) for name in names] if names else _sources()):
        order.setdefault(name, len(order))
        if isinstance(document, Problem):
            found.append((name, document))
            continue
        documents.append(document)
        found += [(name, problem) for problem in checker.problems_of(document)]
    found += _unknown_concepts(documents)
    found += _what_cannot_run(documents)
    found.sort(key=lambda item: (order[item[0]], item[1].line))
    if as_json:
        output.print_json([{"path": name} | problem.model_dump(mode="json") for name, problem in found])
    else:
        for name, problem in found:
            typer.echo(diagnostics.problem_line(name, problem))
        diagnostics.say(_summary(len(documents), [problem for _, problem in found]))
    if any(problem.severity == "error" for _, problem in found):
        raise typer.Exit(3)


def _unknown_concepts(documents: list[Document]) -> list[tuple[str, Problem]]:
    """Concepts of cards that none of the checked maps knows; nothing where no map is checked."""
    from studycli.documents.check import unknown_concepts
    from studycli.knowledge.aliases import concept_lookup
    from studycli.model.concept import ConceptMap

    maps = [document for document in documents if isinstance(document, ConceptMap)]
    return unknown_concepts(documents, concept_lookup(maps)) if maps else []


def _what_cannot_run(documents: list[Document]) -> list[tuple[str, Problem]]:
    """Demos, claims and computed numbers of cards that cannot be run as they are written."""
    from studycli.demos import field_check
    from studycli.model.deck import Deck

    return field_check.problems([document for document in documents if isinstance(document, Deck)])


def _sources() -> list[Path]:
    from studycli.cli.context import open_collection

    with open_collection(sync=False) as collection:
        return collection.source_paths()


def _summary(documents: int, problems: list[Problem]) -> str:
    checked = f"{documents} document{'' if documents == 1 else 's'} checked"
    if not problems:
        return f"{checked}, nothing found"
    counts = [(sum(problem.severity == name for problem in problems), name) for name in ("error", "warning", "info")]
    words = [f"{n} {name if name == 'info' or n == 1 else name + 's'}" for n, name in counts if n]
    return f"{checked}: {', '.join(words)}"
