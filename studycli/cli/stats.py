"""stats: what the log says about a year of study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from studycli.cli import output
from studycli.cli.diagnostics import say
from studycli.errors import ExportError, UsageError
from studycli.review import wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studycli.model.statistics import Statistics

commands = typer.Typer()

_NARROWEST = 40
_MOST = 10
_SUFFIX = ".html"


@commands.command()
def stats(
    decks: Annotated[
        list[str] | None, typer.Argument(metavar="DECK", help="Decks by name, or documents by path; else all.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the statistics as JSON.")] = False,
    save: Annotated[
        str | None, typer.Option("--save", metavar="FILE.html", help="Write them as a page that works offline.")
    ] = None,
) -> None:
    """Show days, retention, what will be due, ease factors, intervals and hours, of the last 365 days."""
    from studycli.cli.context import open_collection

    path = None if save is None else _page(save)
    with open_collection() as collection:
        statistics = collection.statistics(decks or ())
    if path is not None:
        _save(statistics, decks or (), path)
    if json:
        output.print_json(statistics.model_dump(mode="json"))
    elif path is None:
        _show(statistics, decks or ())


def _page(name: str) -> Path:
    """The path of the page, before anything is read for it. Raises UsageError and ExportError."""
    from studycli.demos.echo import brief

    path = Path(name)
    if path.suffix.lower() != _SUFFIX:
        hint = f"it may be {brief(path.stem) or 'stats'}{_SUFFIX}"
        raise UsageError(f"'{brief(name)}' is no name for a page", where="--save", hint=hint)
    try:
        path.is_file()
    except (OSError, ValueError) as error:
        message = f"'{brief(name)}' cannot be written: {getattr(error, 'strerror', None) or error}"
        raise ExportError(message, where="--save", hint="choose another name") from error
    return path


def _save(statistics: Statistics, names: Sequence[str], path: Path) -> None:
    from studycli.exchange import atomic
    from studycli.render import statistics_html
    from studycli.render.safe import one_line

    replaced = path.is_file()
    atomic.write(path, statistics_html.draw(statistics, names))
    say(f"statistics written to {one_line(str(path))}{', in place of an earlier file' if replaced else ''}")


def _show(statistics: Statistics, names: Sequence[str]) -> None:
    if not statistics.answers and not any(span.cards for span in statistics.intervals):
        start = f"Start with: {wording.review_command(names)}"
        add = "There are no cards yet. Add your documents with: studycli add PATH"
        waiting = any(statistics.by_status.values())
        output.print_lines(["Nothing was answered yet, so there is nothing to count.", start if waiting else add])
        return
    from studycli.render.statistics import everything

    console = output.console()
    console.print(everything(statistics, max(console.width, _NARROWEST), _MOST), soft_wrap=True)
