"""serve: the review workspace in a browser."""

from __future__ import annotations

import importlib.util
import sys
from typing import Annotated

import typer

from studycli.cli import diagnostics, output
from studycli.errors import MissingError

commands = typer.Typer()


@commands.command()
def serve(
    decks: Annotated[
        list[str] | None, typer.Argument(metavar="DECK", help="Decks by name, or documents by path; else all.")
    ] = None,
    host: Annotated[str, typer.Option(metavar="HOST", help="Who may reach it: by default this machine alone.")] = (
        "127.0.0.1"
    ),
    port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65_535, help="The port; 0 takes any that is free.")
    ] = 8000,
) -> None:
    """Review in a browser: the same workspace, the same store. Ctrl-C ends it."""
    if importlib.util.find_spec("textual_serve") is None:
        raise MissingError("a browser needs textual-serve", hint="pip install 'studycli[web]'")
    from studycli.tui import web

    if not web.is_loopback(host):
        diagnostics.say(
            f"note: whoever reaches {host} can review as you, without a password "
            "(--host 127.0.0.1 keeps it on this machine)"
        )
    command = [sys.executable, "-m", "studycli", "review", "--", *(decks or ())]
    web.WorkspaceServer(command, host, port).run(_say_where)


def _say_where(address: str) -> None:
    output.print_lines([f"Your review is at {address} (Ctrl-C ends it)"])
    sys.stdout.flush()
