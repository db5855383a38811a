"""search: cards, notes and concepts by their words, and cards by where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from studycli.cli import output

if TYPE_CHECKING:
    from studycli.model.search import SearchHit, SearchResult

commands = typer.Typer()

_HELP = """Find cards, notes and concepts: the best first, or cards in document order where only filters are given.

Words must all be there; "..." is a phrase, -x leaves out, `or` stands between two searches.

Filters: deck:NAME concept:NAME tag:NAME difficulty:hard level:apply is:due has:note in:notes, and
ease<2 interval>=21 lapses>3 reps=0 due<=7 due<2026-12-01.

Put the query in single quotes: studycli search 'softmax -mask concept:"Multi-head attention" ease<2'
"""
_PAGE = 20


@commands.command(help=_HELP, context_settings={"ignore_unknown_options": True})
def search(
    query: Annotated[list[str], typer.Argument(metavar="QUERY...", help="What to look for.")],
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="How many hits to show at most.")] = _PAGE,
    json: Annotated[bool, typer.Option("--json", help="Print the hits as JSON.")] = False,
) -> None:
    """Find cards, notes and concepts."""
    from studycli.cli.context import open_collection

    with open_collection() as collection:
        result = collection.search(" ".join(query), limit=limit)
        if json:
            from studycli.model.search import hit_data

            output.print_json([hit_data(hit) for hit in result.hits])
        elif result.hits:
            _print(result)
        else:
            print("Nothing was found. Fewer or shorter words find more; studycli search -h tells of filters.")


def _print(result: SearchResult) -> None:
    from studycli.demos.computed.filling import asked
    from studycli.render.card import gist
    from studycli.render.search import Hits
    from studycli.review.excerpt import marked

    console = output.console()
    titles = {hit.card.id: marked(gist(asked(hit.card)), result.query) for hit in result.hits if hit.card is not None}
    console.print(Hits(result.hits, titles, plain=output.plain_terminal()), soft_wrap=True)
    print()
    output.print_lines([_summary(result), *_next_step(result.hits[0])])


def _summary(result: SearchResult) -> str:
    shown = len(result.hits)
    if shown == result.total:
        return f"{result.total:,} found."
    return f"{shown:,} of {result.total:,} shown. More: --limit {min(result.total, 5 * shown)}"


def _next_step(hit: SearchHit) -> list[str]:
    """The command that shows the first hit whole."""
    import shlex

    if hit.concept_id is not None and hit.map_slug is not None:
        return [f"Look at one: studycli map {shlex.quote(hit.map_slug)} --concept {shlex.quote(hit.concept_id)}"]
    if hit.card is None:
        return []
    return [f"Look at one: studycli card {shlex.quote(f'{hit.card.deck}:{hit.card.card.place}')}"]
