"""review: question, reveal, grade."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from studycli.cli import output
from studycli.errors import StoreError
from studycli.review import wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studycli.collection import Collection
    from studycli.review.session import Session

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
    from studycli.cli.context import open_collection

    with open_collection() as collection:
        gating = False if no_gating else None
        session = collection.session(decks or (), limit=limit, new=new, ahead=ahead, cram=cram, gating=gating)
        if session.next() is None:
            output.print_lines(wording.nothing_due(collection.select(decks or ()), collection.today, decks or ()))
            return
        interrupted = store_works = True
        try:
            _hold(session, collection, lines=plain or not _is_terminal())
            interrupted = False
        except KeyboardInterrupt:
            pass
        except StoreError:
            store_works = False
            raise
        finally:
            left = _left_today(collection, decks or ()) if store_works else 0
            done = wording.summary(session.summary(), collection.today, collection.settings.grading, decks or (), left)
            output.print_lines(["", *done])
        if interrupted:
            raise typer.Exit(130)


def _left_today(collection: Collection, names: Sequence[str]) -> int:
    """How many cards a review of these decks asks today, whatever the options of this one were."""
    question = collection.session(names).next()
    return question.remaining.total if question is not None else 0


def _is_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and not output.plain_terminal()


def _hold(session: Session, collection: Collection, *, lines: bool) -> None:
    from studycli.cli.dialogue import converse

    grading = collection.settings.grading
    if lines:
        from studycli.cli.lines import Lines

        converse(session, Lines(session, grading, collection.today), answers=collection.answers, maps=collection.maps)
        return
    from studycli.cli.keys import single_keys
    from studycli.cli.screen import Screen

    with single_keys(sys.stdin.fileno()) as keyboard:
        screen = Screen(session, output.console(), keyboard, grading, collection.today)
        converse(session, screen, answers=collection.answers, maps=collection.maps)
