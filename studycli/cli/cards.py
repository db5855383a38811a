"""decks, cards and card: what there is to learn, and where each card stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from studycli.cli import output
from studycli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studycli.model.review import Review, StudyCard

commands = typer.Typer()

Json = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
_SHORT_ID = 8


@commands.command()
def decks(json: Json = False) -> None:
    """List the decks, with what is new and due today."""
    from studycli.cli.context import open_collection

    with open_collection() as collection:
        listed = collection.decks()
    if json:
        output.print_json([deck.model_dump(mode="json") for deck in listed])
        return
    if not listed:
        _say_no_decks()
        return
    from studycli.render.listing import Column

    names = ("Due", "New", "Learned", "Cards", "Suspended")
    counts = [Column(name, number=True, drop=drop) for name, drop in zip(names, (5, 4, 2, 3, 1), strict=True)]
    rows = [
        (deck.slug, *map(str, (deck.due, deck.new, deck.learned, deck.cards, deck.suspended)), deck.title)
        for deck in listed
    ]
    output.print_listing([Column("Deck"), *counts, Column("Title", text=12, drop=0)], rows)


@commands.command()
def cards(
    deck: Annotated[
        list[str] | None, typer.Argument(metavar="DECK", help="Decks by name, or documents by path; else all.")
    ] = None,
    status: Annotated[
        str | None, typer.Option(metavar="STATUS", help="Only new, learning, review, buried, suspended or archived.")
    ] = None,
    flagged: Annotated[bool, typer.Option("--flagged", help="Only those that you flagged.")] = False,
    json: Json = False,
) -> None:
    """List cards and where they stand."""
    from studycli.cli.context import open_collection
    from studycli.model.card_data import card_data
    from studycli.model.review import Status

    words = [word.value for word in Status]
    if status is not None and status not in words:
        raise UsageError(f"'{status}' is no status", where="--status", hint=f"it is one of {', '.join(words)}")
    with open_collection() as collection:
        listed = collection.select(deck or (), archived=status == Status.ARCHIVED)
        if status is not None:
            listed = [card for card in listed if card.status == status]
        if flagged:
            listed = [card for card in listed if card.flagged]
        if json:
            output.print_json([card_data(card) for card in listed])
        elif listed:
            _print_cards(listed)
        elif status is not None or flagged:
            words = [*([status] if status is not None else []), *(["flagged"] if flagged else [])]
            print(f"There is no card that is {' and '.join(words)}. All cards: studycli cards")
        else:
            _say_no_decks()


@commands.command()
def card(
    name: Annotated[str, typer.Argument(metavar="CARD", help="A card's id, the beginning of it, or DECK:NUMBER.")],
    history: Annotated[bool, typer.Option("--history", help="Show every grade it got.")] = False,
    json: Json = False,
) -> None:
    """Show one card, whole."""
    from studycli.cli.context import open_collection
    from studycli.model.card_data import card_data

    with open_collection() as collection:
        study = collection.card(name)
        reviews = collection.repository.history(study.id)
        note = collection.repository.note(study.id)
        if json:
            output.print_json(card_data(study, reviews, note))
            return
        from rich.text import Text

        from studycli.demos.computed.filling import answered
        from studycli.render.card import render_back, render_checks, render_front
        from studycli.render.markdown import render_markdown
        from studycli.render.safe import one_line
        from studycli.review import wording

        console = output.console()
        shown = answered(study, collection.answers(study.id))
        console.print(render_front(shown))
        console.print()
        console.print(render_back(shown))
        console.print()
        if checks := render_checks(study.card):
            console.print(checks)
            console.print()
        if note is not None:
            console.print(Text("Your note", style="bold"))
            console.print(render_markdown(note.text))
            console.print()
        ease = f"ease {study.state.ease_factor:.2f}, lapses {study.state.lapses}"
        flag = "flagged; " if study.flagged else ""
        console.print(Text(f"{flag}{wording.standing(study, collection.today)}; {ease}"))
        console.print(Text(f"id {study.id}"))
        console.print(Text(f"{one_line(study.path)}:{study.card.line}", overflow="fold"))
        if history:
            console.print()
            if reviews:
                _print_history(reviews)
            else:
                console.print(Text("No grade yet. Start with: studycli review"))


def _print_cards(listed: Sequence[StudyCard]) -> None:
    from itertools import groupby

    from rich.text import Text

    from studycli.demos.computed.filling import asked
    from studycli.render.card import gist
    from studycli.render.listing import Column
    from studycli.render.safe import one_line

    columns = [
        Column("Id"),
        Column("No.", number=True, drop=2),
        Column("Status", drop=1),
        Column("Due", drop=0),
        Column("Question", text=24),
    ]
    console = output.console()
    for place, (slug, group) in enumerate(groupby(listed, key=lambda card: card.deck)):
        of_deck = list(group)
        title = one_line(of_deck[0].deck_title)
        if place:
            console.print()
        console.print(Text(f"{one_line(slug)} · {title}", style="bold"), no_wrap=True, overflow="ellipsis")
        rows = []
        for card in of_deck:
            due = card.state.due.isoformat() if card.state.due else "-"
            standing = f"{card.status.value}{', flagged' if card.flagged else ''}"
            rows.append((card.id[:_SHORT_ID], card.card.place, standing, due, gist(asked(card))))
        output.print_listing(columns, rows)


def _print_history(reviews: Sequence[Review]) -> None:
    from studycli.render.listing import Column

    columns = [
        Column("When"),
        Column("What"),
        Column("Grade", number=True),
        Column("Seconds", number=True, drop=0),
        Column("Interval", number=True, drop=2),
        Column("Ease", number=True, drop=1),
        Column("Due", drop=3),
    ]
    undone = {review.undoes for review in reviews}
    rows = []
    for review in reviews:
        what = f"{review.kind.value}{' (undone)' if review.id in undone else ''}"
        grade = "-" if review.quality is None else str(review.quality)
        when = f"{review.reviewed_at.astimezone():%Y-%m-%d %H:%M}"
        after = review.after
        due = after.due.isoformat() if after.due else "new"
        schedule = (f"{after.interval_days} d", f"{after.ease_factor:.2f}", due)
        rows.append((when, what, grade, f"{review.seconds:.0f}", *schedule))
    output.print_listing(columns, rows)


def _say_no_decks() -> None:
    print("There are no cards yet. Add your documents with: studycli add PATH")
    print("The bundled decks come with: studycli add bundled")
