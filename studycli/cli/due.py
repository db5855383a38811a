"""due, and the overview that `studycli` alone shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from studycli.cli import output

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from studycli.collection import Collection
    from studycli.model.library import DeckSummary
    from studycli.model.review import StudyCard

commands = typer.Typer()

_NARROWEST_QUESTION = 20
_WELCOME = "Welcome to studycli: flashcards from Markdown, and transformers that compute what they claim."
_LOOK_AROUND = "Look around: studycli demo, studycli maps, studycli -h"


@commands.command()
def due(
    decks: Annotated[
        list[str] | None, typer.Argument(metavar="DECK", help="Decks by name, or documents by path; else all.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the due cards as JSON, as `cards --json` does.")] = False,
) -> None:
    """List the cards that are due today, the most overdue first, then those that come back today."""
    from studycli.cli.context import open_collection

    with open_collection() as collection:
        cards = collection.select(decks or ())
        due_cards = due_on(cards, collection.today)
        if json:
            from studycli.model.card_data import card_data

            output.print_json([card_data(card) for card in due_cards])
        elif due_cards:
            _print_cards(due_cards, collection.today, decks or ())
        else:
            output.print_lines(_next_steps(collection, decks or ()))


def due_on(cards: Sequence[StudyCard], today: date) -> list[StudyCard]:
    """The cards whose due day has come, then those that come back today, in the order of a review; no new ones."""
    from studycli.scheduler import queue

    plan = queue.build(cards, today, new_left=0, reviews_left=len(cards), gating=False)
    return [*plan.due, *plan.repeats]


def overview(as_json: bool = False) -> None:
    """What is due today, by deck, what is new, when the next card is due, and the command to type next."""
    from studycli.cli.context import open_collection

    with open_collection() as collection:
        decks = collection.decks()
        if as_json:
            summaries = [deck.model_dump(mode="json") for deck in decks]
            next_steps = _next_steps(collection, ()) if any(deck.cards for deck in decks) else []
            output.print_json({"today": collection.today.isoformat(), "decks": summaries, "next": next_steps})
            return
        is_new = not any(deck.learned for deck in decks)
        if is_new:
            output.print_lines([_WELCOME, ""])
        if not any(deck.cards for deck in decks):
            print("There is nothing to study yet. Add your documents with: studycli add PATH")
            print("The bundled decks come with: studycli add bundled")
            return
        _print_decks(decks)
        print()
        output.print_lines(_next_steps(collection, ()))
        if is_new:
            output.print_lines([_LOOK_AROUND])


def _next_steps(collection: Collection, names: Sequence[str]) -> list[str]:
    """What a review would ask now and how to start it, or when there is something again."""
    from studycli.review import wording

    question = collection.session(names, adopt=False).next()
    if question is None:
        return wording.nothing_due(collection.select(names), collection.today, names)
    left = question.remaining
    again = f", {left.repeats} again" if left.repeats else ""
    return [f"Today: {left.due} due, {left.new} new{again}.", f"Start with: {wording.review_command(names)}"]


def _print_decks(decks: Sequence[DeckSummary]) -> None:
    from rich.table import Table

    from studycli.render.safe import one_line

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Deck", overflow="fold")
    for name in ("Due", "New", "Learned", "Cards"):
        table.add_column(name, justify="right")
    table.add_column("Title", overflow="fold")
    for deck in decks:
        numbers = (deck.due, deck.new, deck.learned, deck.cards)
        table.add_row(one_line(deck.slug), *map(str, numbers), one_line(deck.title))
    output.console().print(table)


def _print_cards(cards: Sequence[StudyCard], today: date, names: Sequence[str]) -> None:
    from studycli.demos.computed.filling import asked
    from studycli.render.card import gist
    from studycli.render.safe import one_line
    from studycli.review import wording

    facts = [("Card", "Due", "Interval")]
    for card in cards:
        days = wording.interval(card.state.interval_days)
        facts.append((one_line(wording.place(card)), _when(card, today), days))
    _print_facts(facts, ["Question", *(gist(asked(card)) for card in cards)])
    again = sum(_comes_back(card, today) for card in cards)
    due_now = f"{wording.count(len(cards) - again, 'card')} due" + (f", {again} again" if again else "")
    print(f"\n{due_now}. Start with: {wording.review_command(names)}")


def _print_facts(facts: Sequence[tuple[str, str, str]], questions: Sequence[str]) -> None:
    """A table whose facts are never cut: the question is, and has a line of its own where the room is narrow."""
    from rich.cells import cell_len, set_cell_size
    from rich.text import Text

    console = output.console()
    widths = [max(map(cell_len, column)) for column in zip(*facts, strict=True)]
    beside = console.width - sum(widths) - 2 * len(widths) >= _NARROWEST_QUESTION
    for number, ((card, when, interval), question) in enumerate(zip(facts, questions, strict=True)):
        padded = set_cell_size(card, widths[0]), set_cell_size(when, widths[1]), interval.rjust(widths[2])
        row, style = "  ".join(padded), "" if number else "bold"
        if beside:
            row += f"  {question}"
        console.print(Text(row, style=style), no_wrap=beside, overflow="ellipsis" if beside else "fold")
        if not beside and number:
            console.print(Text(f"  {question}"), no_wrap=True, overflow="ellipsis")


def _when(card: StudyCard, today: date) -> str:
    from studycli.review import wording

    return "again" if _comes_back(card, today) else wording.overdue(card.state.due, today)


def _comes_back(card: StudyCard, today: date) -> bool:
    """True for a card that was reviewed today and only needs another pass."""
    return card.state.due is not None and card.state.due > today
