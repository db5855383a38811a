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


_SUFFIXES = {Format.ANKI: "apkg", Format.CSV: "csv", Format.TSV: "tsv", Format.JSON: "json"}
_NAMES = {Format.ANKI: "an Anki package", Format.CSV: "CSV", Format.TSV: "TSV", Format.JSON: "JSON"}


class FormChoice(StrEnum):
    """The brief form of a card that its document gives, or the full one."""

    BRIEF = "brief"
    FULL = "full"


@commands.command()
def export(
    to: Annotated[str | None, typer.Argument(metavar="FORMAT", help="anki, csv, tsv or json.")] = None,
    decks: Annotated[list[str] | None, typer.Argument(metavar="DECK", help="Decks; all without any.")] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="The file; - is stdout, the default but for anki (DECK.apkg)."
        ),
    ] = None,
    form: Annotated[
        FormChoice | None, typer.Option(metavar="FORM", help="csv and tsv: full or brief sides.  [default: full]")
    ] = None,
) -> None:
    """Write cards for Anki, a spreadsheet, or another program.

    anki is a package, csv for spreadsheets, tsv for Anki's text import, json everything.

    The file is replaced in one step, or not at all. A second Anki import updates the notes and keeps their progress.
    """
    format_ = _format(to)
    _check_options(format_, output, form)
    from studycli.cli.context import open_collection

    with open_collection() as collection:
        cards = collection.select(decks or ())
        if not cards:
            raise ExportError(
                "there are no cards to export",
                where=", ".join(decks or ()) or None,
                hint="`studycli decks` lists what there is, `studycli add PATH` brings in documents",
            )
        data, summary = _encode(format_, _computed(format_, cards), form, collection)
    slugs = list(dict.fromkeys(item.deck for item in cards))
    target = output or (_package_name(slugs) if format_ is Format.ANKI else "-")
    replaced = target != "-" and Path(target).is_file()
    _deliver(target, data)
    if target == "-":
        say(summary)
    else:
        of = f" of {', '.join(slugs)}" if len(slugs) > 1 else ""
        say(f"{summary}{of} written to {target}{', in place of an earlier file' if replaced else ''}")


def _format(word: str | None) -> Format:
    hint = "studycli export FORMAT [DECK]... [-o FILE], where FORMAT is anki, csv, tsv or json"
    if word is None:
        raise UsageError("what shall the cards become?", hint=hint)
    if word not in list(Format):
        raise UsageError(f"cards cannot be written as '{word}'", hint=hint)
    return Format(word)


def _check_options(to: Format, output: str | None, form: FormChoice | None) -> None:
    if to is Format.ANKI and output == "-":
        raise UsageError("an Anki package is no text for stdout", hint="name a file: -o cards.apkg")
    if form is not None and to not in (Format.CSV, Format.TSV):
        raise UsageError(f"--form means nothing to {to}", hint="it is for csv and tsv")
    if output == "":
        raise UsageError("-o needs the name of a file", hint="or - for stdout")
    if output not in (None, "-"):
        _check_suffix(to, Path(output or ""))


def _check_suffix(to: Format, path: Path) -> None:
    """Anki opens no package with another name; a name that promises another format would mislead whoever opens it."""
    suffix = path.suffix.lower()
    if suffix == f".{_SUFFIXES[to]}" or (path.exists() and not path.is_file()):
        return
    other = next((each for each, own in _SUFFIXES.items() if suffix == f".{own}"), None)
    if to is Format.ANKI or other is not None:
        wanted = path.with_suffix(f".{_SUFFIXES[to]}").name
        instead = f", or studycli export {other}" if other else ""
        raise UsageError(f"{path.name} is no name for {_NAMES[to]}", where="-o", hint=f"-o {wanted}{instead}")


def _encode(to: Format, cards: list[StudyCard], form: FormChoice | None, collection: Collection) -> tuple[bytes, str]:
    """The bytes of the file, and a line that says what is in it."""
    from studycli import clock

    notes = collection.repository.notes()
    written = {note.card_id: note.text for note in notes if note.card_id is not None}
    match to:
        case Format.ANKI:
            from studycli.exchange import anki, cloze

            data, made = anki.package(cards, clock.now(), written)
            return data, _notes(made, len(cloze.together(cards)))
        case Format.TSV:
            from studycli.exchange import tsv

            data, made = tsv.write(cards, _form(form, cards), written)
            return data, _notes(made, len(cards))
        case Format.CSV:
            from studycli.exchange import csv

            return csv.write(cards, _form(form, cards), written), _count(len(cards), "card")
        case Format.JSON:
            from studycli.exchange import json

            history = {item.id: collection.repository.history(item.id) for item in cards}
            return json.write(cards, clock.now(), history, notes), _count(len(cards), "card")


def _computed(to: Format, cards: list[StudyCard]) -> list[StudyCard]:
    """The cards with one draw of numbers filled in where they compute; JSON keeps what their documents say."""
    from studycli.demos.computed import filling

    drawn = sum(filling.is_computed(item.card) for item in cards)
    if to is Format.JSON or not drawn:
        return cards
    say(f"{_count(drawn, 'card')} with computed numbers: one example of each is written")
    filled = [filling.answered(item) for item in cards]
    if lacking := sum(map(filling.lacks_an_answer, cards, filled)):
        say(
            f"warning: {_count(lacking, 'card')} without the answer, which could not be computed: the file says why in "
            "its place (studycli check tells what to mend)"
        )
    return filled


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


def _package_name(slugs: list[str]) -> str:
    return f"{slugs[0] if len(slugs) == 1 else 'studycli'}.apkg"


def _deliver(target: str, data: bytes) -> None:
    if target != "-":
        from studycli.exchange import atomic

        atomic.write(Path(target), data)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
