"""review: question, reveal, grade."""

from __future__ import annotations

from typing import Annotated

import typer

from studycli.cli.workspace import Wanted, is_terminal, open_workspace, say_farewell
from studycli.errors import StoreError

commands = typer.Typer()


@commands.command()
def review(
    decks: Annotated[
        list[str] | None, typer.Argument(metavar="DECK", help="Decks by name, or documents by path; else all.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many cards.")] = None,
    new: Annotated[int | None, typer.Option(min=0, help="At most so many new cards.")] = None,
    ahead: Annotated[int, typer.Option(min=0, max=36_500, metavar="DAYS", help="Also cards due in so many days.")] = 0,
    cram: Annotated[bool, typer.Option("--cram", help="All cards, due or not; changes no schedule.")] = False,
    no_gating: Annotated[
        bool, typer.Option("--no-gating", help="New cards need not wait for the cards before them.")
    ] = False,
    plain: Annotated[bool, typer.Option("--plain", help="Lines of text, for a pipe or a screen reader.")] = False,
) -> None:
    """Review what is due: question, answer, grade."""
    gating = False if no_gating else None
    wanted = Wanted(tuple(decks or ()), limit, new, ahead, cram, gating)
    if plain or not is_terminal():
        _converse(wanted)
    else:
        open_workspace(wanted)


def _converse(wanted: Wanted) -> None:
    """The review as a dialogue, line by line."""
    from studycli.cli import diagnostics
    from studycli.cli.context import open_collection
    from studycli.cli.dialogue import converse
    from studycli.cli.lines import Lines

    with open_collection() as collection:
        session = wanted.session(collection)
        if session.next() is None:
            say_farewell(session.summary(), False, collection, wanted, store_works=True)
            return
        if reason := wanted.held_back(collection):
            diagnostics.say(reason)
        interrupted = store_works = True
        try:
            face = Lines(session, collection.settings.grading, collection.today)
            converse(session, face, answers=collection.answers, maps=collection.maps)
            interrupted = False
        except KeyboardInterrupt:
            pass
        except StoreError:
            store_works = False
            raise
        finally:
            has_next = session.next() is not None
            say_farewell(session.summary(), has_next, collection, wanted, store_works=store_works)
        if interrupted:
            raise typer.Exit(130)
