"""claims: what cards state, measured."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from studycli.cli import diagnostics, output
from studycli.demos.echo import brief
from studycli.errors import UsageError
from studycli.review import wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studycli.collection import Collection
    from studycli.demos.claims.running import Outcome
    from studycli.demos.quantities.quantity import Quantity, Slot
    from studycli.model.review import StudyCard

commands = typer.Typer()

_KINDS = {
    "integer": "a whole number",
    "number": "a number",
    "numbers": "a row such as [2, 1, 0]",
    "word": "a text",
    "switch": "true or false",
}
_CARD = re.compile(r".*:[0-9]+(?:/[a-z0-9]+)?|[0-9a-f-]{4,36}", re.IGNORECASE | re.DOTALL)


class _Claimed(NamedTuple):
    """A claim that was run, and its card."""

    study: StudyCard
    outcome: Outcome

    @property
    def mark(self) -> str:
        """holds, FAILS, or ERROR where nothing could be measured."""
        if self.outcome.error is not None:
            return "ERROR"
        return "holds" if self.outcome.claim.holds else "FAILS"


@commands.command()
def claims(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="DECK|CARD",
            help="Decks by name, documents by path, or cards by id or DECK:NUMBER; else all.",
        ),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List what a card can claim, instead.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Measure what cards claim. Exit code 3 if a claim fails, or cannot be measured."""
    if listed:
        if names:
            raise UsageError("--list is of all that can be claimed", hint="leave the names out, or --list")
        return _list(as_json)
    from studycli.cli.context import open_collection

    with open_collection() as collection:
        cards = [study for study in _select(collection, names or ()) if study.card.claims]
        done, stopped = _run(cards, collection)
    if as_json:
        output.print_json([_as_dict(claimed) for claimed in done])
    elif done:
        _print(done)
    elif not stopped:
        print("These cards claim nothing. What a card can claim: studycli claims --list")
    total = sum(len(study.card.claims) for study in cards)
    return _conclude(done, f"stopped after {len(done)} of {wording.count(total, 'claim')}" if stopped else None)


def _select(collection: Collection, names: Sequence[str]) -> list[StudyCard]:
    """The cards of these decks and documents, and the cards that are named, each once. Raises UsageError."""
    if not names:
        return collection.select()
    found: dict[str, StudyCard] = {}
    for name in names:
        found |= {study.id: study for study in _named(collection, name)}
    return list(found.values())


def _named(collection: Collection, name: str) -> list[StudyCard]:
    try:
        return collection.select([name])
    except UsageError:
        if _CARD.fullmatch(name) is None or Path(name).exists():
            raise
        return [collection.card(name)]


def _run(cards: Sequence[StudyCard], collection: Collection) -> tuple[list[_Claimed], bool]:
    """What was measured, and whether the learner stopped it before the end."""
    if not cards:
        return [], False
    from studycli.demos.claims.running import Runner

    runner = Runner(collection.maps)
    done: list[_Claimed] = []
    total = sum(len(study.card.claims) for study in cards)
    try:
        with diagnostics.waiting(f"loading, then measuring {wording.count(total, 'claim')} …") as show:
            for study in cards:
                if done:  # until then, loading torch takes most of the time
                    show(f"measuring {len(done) + 1} of {total}: {wording.place(study)} …")
                for outcome in runner.run(study.card):
                    done.append(_Claimed(study, outcome))
    except KeyboardInterrupt:
        return done, True
    return done, False


def _as_dict(claimed: _Claimed) -> dict[str, Any]:
    """Exactly the keys that scripts rely on; `deck:card` names the card as commands take it."""
    return claimed.outcome.claim.model_dump(mode="json") | {
        "card": claimed.study.card.number,
        "deck": claimed.study.deck,
    }


def _print(done: Sequence[_Claimed]) -> None:
    from rich.text import Text

    from studycli.render.card import gist
    from studycli.render.claims import render_card
    from studycli.render.safe import one_line

    console = output.console()
    for place, (slug, group) in enumerate(groupby(done, key=lambda claimed: claimed.study.deck)):
        of_deck = list(group)
        if place:
            console.print()
        title = one_line(of_deck[0].study.deck_title)
        console.print(Text(f"{one_line(slug)} · {title}", style="bold"), no_wrap=True, overflow="ellipsis")
        for _, of_card in groupby(of_deck, key=lambda claimed: claimed.study.id):
            rows = list(of_card)
            study = _asked(rows[0].study)
            asks = f"card {study.card.place}: {gist(study)}"
            console.print(render_card(asks, [(row.mark, row.outcome.claim) for row in rows]))


def _asked(study: StudyCard) -> StudyCard:
    from studycli.demos.computed.filling import asked

    return asked(study)


def _conclude(done: Sequence[_Claimed], stopped: str | None) -> None:
    """Say on stderr what could not be measured and how many hold; exit code 3 unless all do, 130 where it stopped."""
    if not done and stopped is None:
        return
    for claimed in done:
        if (error := claimed.outcome.error) is not None:
            hint = f" ({error.hint})" if error.hint else ""
            place = wording.place(claimed.study)
            of = f"'{brief(claimed.outcome.claim.name)}'"
            of = "" if error.message.startswith(of) else f"{of}: "
            diagnostics.say(f"error: {place}: {of}{error.message}{hint}")
    if done:
        diagnostics.say(_counts(done))
    if stopped is not None:
        diagnostics.say(stopped)
        raise typer.Exit(130)
    if any(claimed.mark != "holds" for claimed in done):
        raise typer.Exit(3)


def _counts(done: Sequence[_Claimed]) -> str:
    """'3 claims of 2 cards: 1 holds, 1 fails, 1 cannot be measured'."""
    of = wording.count(len({claimed.study.id for claimed in done}), "card")
    words = {"holds": ("holds", "hold"), "FAILS": ("fails", "fail"), "ERROR": ("cannot be measured",) * 2}
    marks = Counter(claimed.mark for claimed in done)
    counts = [
        f"{marks[mark]} {one if marks[mark] == 1 else more}" for mark, (one, more) in words.items() if marks[mark]
    ]
    return f"{wording.count(len(done), 'claim')} of {of}: {', '.join(counts)}"


def _list(as_json: bool) -> None:
    from studycli.demos.catalogue import ALL
    from studycli.demos.quantities.catalogue import QUANTITIES

    if as_json:
        demos = [{"demo": demo.name, "claims": demo.claims} for demo in ALL]
        return output.print_json({"demos": demos, "quantities": [_quantity_dict(each) for each in QUANTITIES.values()]})
    from studycli.render.claims import render_choice

    makers = [(demo.name, demo.claims) for demo in ALL if demo.claims]
    return output.console().print(render_choice(makers, [_quantity_words(each) for each in QUANTITIES.values()]))


def _quantity_dict(quantity: Quantity) -> dict[str, Any]:
    facts = ("name", "kind", "meaning", "default", "choices")
    arguments = [{fact: getattr(slot, fact) for fact in facts} for slot in quantity.slots]
    return {"name": quantity.name, "summary": quantity.summary, "unit": quantity.unit, "arguments": arguments}


def _quantity_words(quantity: Quantity) -> tuple[str, str, list[str]]:
    """The quantity's form, what it is, and its arguments."""
    form = ", ".join(
        slot.name if slot.default is None else f"{slot.name}={_written(slot.default)}" for slot in quantity.slots
    )
    unit = f", in {quantity.unit}" if quantity.unit not in quantity.summary else ""
    arguments = [f"{slot.name}: {slot.meaning} ({_allowed(slot)})" for slot in quantity.slots]
    return f"{quantity.name}({form})", f"{quantity.summary}{unit}", arguments


def _allowed(slot: Slot) -> str:
    return f"one of {', '.join(slot.choices)}" if slot.choices else _KINDS[slot.kind]


def _written(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)
