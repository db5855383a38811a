"""The `studycli` command: global options, the list of commands."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from studycli import __version__
from studycli.cli import (
    cards,
    claims,
    demo,
    documents,
    due,
    engine,
    export,
    grade,
    library,
    maps,
    miniatures,
    notes,
    review,
    search,
    serve,
    stats,
    streams,
)
from studycli.cli.ending import ending
from studycli.errors import UsageError

app = typer.Typer(
    name="studycli",
    help="Study transformers from Markdown: review cards, export them, and see what they claim computed live.",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)


@app.callback(invoke_without_command=True)
def studycli(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and leave.")] = False,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="The database: a path or a sqlite:/// URL. [STUDYCLI_DATABASE]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Without a command: what is due today, as JSON.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the full traceback of an error.")] = False,
) -> None:
    """Study transformers from Markdown. Without a command: what is due today, and what to type next."""
    if version:
        typer.echo(f"studycli {__version__}")
        raise typer.Exit
    if database is not None:
        os.environ["STUDYCLI_DATABASE"] = database
    if context.invoked_subcommand is None:
        due.overview(as_json)
    elif as_json:
        raise UsageError("--json belongs after the command", hint=f"studycli {context.invoked_subcommand} --json")


for group in (review, serve, due, stats, grade, cards, search, notes, maps, demo, claims, export, documents, library):
    app.add_typer(group.commands)
engine.commands.add_typer(miniatures.commands)
app.add_typer(engine.commands, name="engine")


def hoist_global_options(arguments: list[str]) -> list[str]:
    """Move `--database URL` and `--debug` to the front, so that they may stand anywhere on the line."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word == "--debug" or word.startswith("--database="):
            front.append(word)
        elif word == "--database":
            front += [word, *([value] if (value := next(words, None)) is not None else [])]
        else:
            rest.append(word)
    return front + rest


def main(arguments: list[str] | None = None) -> None:
    """Run the program and exit with its code: 0 done, 1 failed, 2 usage, 3 documents, 4 missing, 130 interrupted."""
    given = hoist_global_options(sys.argv[1:] if arguments is None else arguments)
    streams.prepare()
    with ending(debug="--debug" in given):
        app(args=given, prog_name="studycli")
