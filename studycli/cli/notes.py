"""note and notes: what the learner wrote about cards and concepts."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studycli.cli import output
from studycli.cli.diagnostics import say
from studycli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studycli.collection import Collection
    from studycli.model.note import Note
    from studycli.model.review import StudyCard

commands = typer.Typer()

Json = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]


@commands.command()
def note(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CARD] [TEXT]", help="A card (not with --concept), and the new note; - reads stdin."),
    ] = None,
    concept: Annotated[str | None, typer.Option(metavar="NAME", help="A concept's note, not a card's.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the note away.")] = False,
    json: Json = False,
) -> None:
    """Show or write your note on a card or a concept; it is Markdown.

    studycli note CARD shows it, studycli note CARD TEXT writes it in place of what was there.
    """
    from studycli.cli.context import open_collection

    card, text = _what(words or [], concept)
    if remove and text is not None:
        raise UsageError("--remove takes a note away, so it takes no text", hint="give one or the other")
    with open_collection() as collection:
        about = _about(collection, card, concept)
        store = collection.repository
        if text is None and not remove:
            _show(store.note(**about), json)
            return
        from studycli import clock

        had = store.note(**about) is not None
        written = "" if text is None else _written(text)
        kept = store.save_note(written, **about, at=clock.now())
        if json:
            output.print_json(_data(kept) if kept is not None else None)
        say("note written" if kept is not None else "note taken away" if had else "there was no note")


@commands.command()
def notes(json: Json = False) -> None:
    """List your notes: those on cards, then those on concepts."""
    from studycli.cli.context import open_collection

    with open_collection() as collection:
        found = collection.repository.notes()
        ids = [each.card_id for each in found if each.card_id is not None]
        by_id = {card_id: collection.repository.card(card_id, collection.today) for card_id in ids}
    if json:
        output.print_json([_data(each, by_id.get(each.card_id or "")) for each in found])
    elif found:
        _print_notes(found, by_id)
    else:
        print("There are no notes yet. Write one with: studycli note CARD TEXT")


def _what(words: Sequence[str], concept: str | None) -> tuple[str | None, str | None]:
    """The card that is named, if any, and the text, if any. Raises UsageError where that is not clear."""
    left = list(words)
    card = left.pop(0) if concept is None and left else None
    if concept is None and card is None:
        raise UsageError("a note on what?", hint="studycli note CARD, or studycli note --concept NAME")
    if len(left) > 1:
        raise UsageError("the note is more than one argument", hint="put its text in quotes, or give - and use stdin")
    return card, left[0] if left else None


def _written(text: str) -> str:
    return sys.stdin.buffer.read().decode("utf-8", "replace") if text == "-" else text


def _about(collection: Collection, card: str | None, concept: str | None) -> dict[str, Any]:
    if card is not None:
        return {"card_id": collection.card(card).id}
    return {"concept": _concept(collection, concept or "")}


def _concept(collection: Collection, name: str) -> str:
    """The name of a concept of a map, of a card or of an earlier note. Raises UsageError for any other."""
    from difflib import get_close_matches

    from studycli.knowledge.aliases import concept_lookup
    from studycli.model.concept_name import key

    maps = collection.maps()
    if (found := concept_lookup(maps)(name)) is not None:
        concept_map, wanted = found
        return next(concept.name for concept in concept_map.concepts if concept.id == wanted)
    noted = (each.concept for each in collection.repository.notes())
    others = {key(other): other for other in [*noted, *(card.card.concept for card in collection.select())] if other}
    if key(name) in others:
        return others[key(name)]
    names = [concept.name for concept_map in maps for concept in concept_map.concepts]
    known = {each.casefold(): each for each in [*names, *others.values()]}
    close = dict.fromkeys(known[each] for each in get_close_matches(name.casefold(), known, n=3, cutoff=0.7))
    hint = f"is it {' or '.join(close)}?" if close else "studycli maps lists the maps, studycli map NAME their concepts"
    raise UsageError(f"there is no concept '{name}'", hint=hint)


def _show(found: Note | None, json: bool) -> None:
    if json:
        output.print_json(_data(found) if found is not None else None)
    elif found is None:
        say("there is no note yet; give its text to write one")
    else:
        from studycli.render.markdown import render_markdown

        output.console().print(render_markdown(found.text))


def _data(each: Note, study: StudyCard | None = None) -> dict[str, Any]:
    data = each.model_dump(mode="json", exclude={"id"})
    return data if study is None else data | {"deck": study.deck, "number": study.card.number}


def _print_notes(found: Sequence[Note], by_id: dict[str, StudyCard]) -> None:
    from studycli.render.listing import Column
    from studycli.review import wording

    columns = [Column("About"), Column("Changed", drop=0), Column("Note", text=20)]
    rows = [
        (
            wording.place(by_id[each.card_id]) if each.card_id is not None else each.concept or "",
            f"{each.updated_at.astimezone():%Y-%m-%d}",
            each.text,
        )
        for each in found
    ]
    output.print_listing(columns, rows)
