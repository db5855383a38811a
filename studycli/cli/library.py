"""add, remove, sources, sync and verify: what the learner studies from, and whether the store is sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from studycli.cli import diagnostics, output
from studycli.review.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studycli.model.library import CardChange, Source, SyncReport

commands = typer.Typer()

Json = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]


@commands.command()
def add(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Folders or documents, or 'bundled'.")],
) -> None:
    """Study from these folders or documents too."""
    from studycli.cli.context import open_collection, tell_losses

    with open_collection() as collection:
        for path in paths:
            report = collection.add(path)
            diagnostics.say(f"added {path}: {_counts(report) or 'nothing new in it'}{_unread(report, path)}")
            tell_losses(report)


@commands.command()
def remove(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Sources as listed, or 'bundled'.")],
) -> None:
    """Take sources away. Their cards keep their history, and come back with them."""
    from studycli.cli.context import open_collection

    with open_collection() as collection:
        for path in paths:
            report = collection.remove(path)
            diagnostics.say(f"removed {path}: {_counts(report) or 'no card was only there'}")


@commands.command()
def sources(json: Json = False) -> None:
    """List your sources."""
    from studycli.cli.context import open_collection

    with open_collection() as collection:
        listed = collection.sources()
    if json:
        output.print_json([source.model_dump(mode="json") for source in listed])
        return
    if not listed:
        print("You have no sources. Add your documents with: studycli add PATH")
        print("The bundled decks come with: studycli add bundled")
        return
    from rich.table import Table

    from studycli.render.safe import one_line

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Source", overflow="fold")
    table.add_column("Documents", justify="right", no_wrap=True)
    table.add_column("Cards", justify="right", no_wrap=True)
    table.add_column("")
    for source in listed:
        table.add_row(one_line(source.name), str(source.documents), str(source.cards), _standing(source))
    output.console().print(table)


@commands.command()
def sync(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    json: Json = False,
) -> None:
    """Bring changed documents of all sources into the store."""
    from studycli.cli.context import open_collection

    with open_collection(sync=False) as collection:
        report = collection.sync(dry_run=dry_run)
        known = {card.id: card for card in collection.select(archived=True)} if report.ambiguous else {}
    if json:
        output.print_json(report.model_dump(mode="json"))
        return
    from rich.text import Text

    from studycli.render.safe import one_line

    console = output.console()
    for line in _lines(report):
        console.print(Text(line), no_wrap=True, overflow="ellipsis")
    for doubt in report.ambiguous:
        console.print(Text(one_line(f"{doubt.card.place} starts anew: {doubt.reason}. It may be one of:")))
        for candidate in doubt.candidates:
            front = one_line(known[candidate].card.front) if candidate in known else ""
            console.print(Text(f"  {candidate}  {front}".rstrip()), no_wrap=True, overflow="ellipsis")
    if report.ambiguous:
        print("Unclear cards may be new, or ones that you know in other words, so they start without a history.")
        print("To give one an old history, write <!-- id: ... --> with the old id under its heading.")
    if report.archived_reviewed:
        lost = count(len(report.archived_reviewed), "archived card")
        print(f"{lost} had been reviewed; the history stays. They are in: studycli cards --status archived")
    what = _counts(report) or "nothing changed"
    documents = f"{report.documents} document{'' if report.documents == 1 else 's'}"
    print(f"{documents}, {report.read} read: {what}{' (dry run: nothing was written)' if dry_run else ''}")


@commands.command()
def verify(json: Json = False) -> None:
    """Check that replaying the review log gives the stored state of every card. Exit code 1 if not."""
    from studycli.cli.context import open_collection
    from studycli.errors import StoreError

    with open_collection(sync=False) as collection:
        reviewed = len(collection.repository.reviewed_ids())
        wrong = collection.verify()
    if json:
        output.print_json({"reviewed": reviewed, "wrong": wrong})
    elif not wrong:
        print(f"{reviewed} reviewed card{'' if reviewed == 1 else 's'}: every state follows from its log")
    if wrong:
        message = f"the stored state of {len(wrong)} of {reviewed} reviewed cards does not follow from its log"
        raise StoreError(message, hint=f"look at one with: studycli card {wrong[0]} --history")


def _changes(report: SyncReport) -> Iterator[tuple[str, tuple[CardChange, ...]]]:
    yield "added", report.added
    yield "changed", report.changed
    yield "moved", report.moved
    yield "archived", report.archived
    yield "restored", report.restored


def _lines(report: SyncReport) -> Iterator[str]:
    from studycli.render.safe import one_line

    for word, cards in _changes(report):
        for card in cards:
            origin = f" (from {card.from_deck})" if card.from_deck else ""
            place = one_line(f"{card.place}{origin}")
            yield f"{word:9}{card.id[:8]}  {place}  {one_line(card.front)}"


def _counts(report: SyncReport) -> str:
    """'3 cards added, 1 changed', empty where nothing was."""
    found = [(len(cards), word) for word, cards in _changes(report) if cards]
    found += [(len(report.ambiguous), "unclear")] if report.ambiguous else []
    first = [f"{count(number, 'card')} {word}" for number, word in found[:1]]
    return ", ".join([*first, *(f"{number} {word}" for number, word in found[1:])])


def _unread(report: SyncReport, source: str) -> str:
    """How many files of a source could not be read, as the end of a sentence."""
    place = Path(source).expanduser().resolve()
    number = len({problem.path for problem in report.problems if Path(problem.path).is_relative_to(place)})
    return f", {count(number, 'file')} could not be read" if number else ""


def _standing(source: Source) -> str:
    if source.switched_off:
        return "switched off"
    return "" if source.available else "not there now"
