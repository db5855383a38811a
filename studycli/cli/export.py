"""export: cards to Anki, CSV, TSV and JSON."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from studycli.cli.diagnostics import say
from studycli.errors import ExportError, UsageError

if TYPE_CHECKING:
    from studycli.collection import Collection
    from studycli.exchange.form import Form
    from studycli.model.review import StudyCard

commands = typer.Typer()


class Format(StrEnum):
    """What the cards become."""

    ANKI = "anki"
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"


class FormChoice(StrEnum):
    """The brief form of a card that its document gives, or the full one."""

    BRIEF = "brief"
    FULL = "full"


@commands.command()
def export(
    to: Annotated[Format, typer.Argument(metavar="anki|csv|tsv|json", help="What to write.", show_choices=False)],
    decks: Annotated[list[str] | None, typer.Argument(metavar="DECK", help="Decks; all without any.")] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="The file; - is stdout, the default but for anki (DECK.apkg)."
        ),
    ] = None,
    form: Annotated[FormChoice | None, typer.Option(help="csv and tsv: full or brief sides.  [default: full]")] = None,
) -> None:
    """Write cards for Anki, a spreadsheet, or another program.

    anki is a package, csv for spreadsheets, tsv for Anki's text import, json everything.

    The file is replaced in one step, or not at all. A second Anki import updates the notes and keeps their progress.
    """
    _check_options(to, output, form)
    from studycli.cli.context import open_collection

    with open_collection() as collection:
        cards = collection.select(decks or ())
        if not cards:
            raise ExportError(
                "there are no cards to export",
                where=", ".join(decks or ()) or None,
                hint="`studycli decks` lists what there is, `studycli add PATH` brings in documents",
            )
        data, summary = _encode(to, cards, form, collection)
    target = output or (_package_name(cards) if to is Format.ANKI else "-")
    _deliver(target, data)
    say(summary if target == "-" else f"{summary} written to {target}")


def _check_options(to: Format, output: str | None, form: FormChoice | None) -> None:
    if to is Format.ANKI and output == "-":
        raise UsageError("an Anki package is no text for stdout", hint="name a file: -o cards.apkg")
    if form is not None and to not in (Format.CSV, Format.TSV):
        raise UsageError(f"--form means nothing to {to}", hint="it is for csv and tsv")
    if output == "":
        raise UsageError("-o needs the name of a file", hint="or - for stdout")


def _encode(to: Format, cards: list[StudyCard], form: FormChoice | None, collection: Collection) -> tuple[bytes, str]:
    """The bytes of the file, and a line that says what is in it."""
    from studycli import clock

    match to:
        case Format.ANKI:
            from studycli.exchange import anki

            data, notes = anki.package(cards, clock.now())
            return data, _notes(notes, len(cards))
        case Format.TSV:
            from studycli.exchange import tsv

            data, notes = tsv.write(cards, _form(form, cards))
            return data, _notes(notes, len(cards))
        case Format.CSV:
            from studycli.exchange import csv

            return csv.write(cards, _form(form, cards)), _count(len(cards), "card")
        case Format.JSON:
            from studycli.exchange import json

            history = {item.id: collection.repository.history(item.id) for item in cards}
            return json.write(cards, clock.now(), history), _count(len(cards), "card")


def _form(choice: FormChoice | None, cards: list[StudyCard]) -> Form:
    from studycli.exchange.form import Form, without_brief_form

    form = Form(choice or Form.FULL)
    if form is Form.BRIEF and (missing := without_brief_form(cards)):
        say(f"{_count(missing, 'card')} without a brief form: taken in full")
    return form


def _notes(notes: int, cards: int) -> str:
    left_out = f" ({_count(cards - notes, 'card')} without a question left out)" if notes < cards else ""
    return _count(notes, "note") + left_out


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _package_name(cards: list[StudyCard]) -> str:
    slugs = {item.deck for item in cards}
    return f"{slugs.pop() if len(slugs) == 1 else 'studycli'}.apkg"


def _deliver(target: str, data: bytes) -> None:
    if target != "-":
        from studycli.exchange import atomic

        atomic.write(Path(target), data)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
