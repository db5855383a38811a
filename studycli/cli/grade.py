"""grade, undo, and a card set aside, flagged or brought back: what a review does to a card, from a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from studycli.cli import output
from studycli.errors import ConflictError, StudyError, UsageError
from studycli.review import wording

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from studycli.collection import Collection
    from studycli.model.review import Review, StudyCard

commands = typer.Typer()

CardName = Annotated[
    str, typer.Argument(metavar="CARD", help="A card's id, the beginning of it, or DECK:NUMBER.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print the card as JSON.")]


@commands.command()
def grade(
    card: CardName,
    quality: Annotated[int, typer.Argument(metavar="QUALITY", help="0 (forgotten) to 5 (perfect).", min=0, max=5)],
    at: Annotated[str | None, typer.Option(metavar="TIME", help="When it was answered (ISO 8601); else now.")] = None,
    seconds: Annotated[float, typer.Option(min=0, max=86_400, help="How long the answer took.")] = 0.0,
    json: Json = False,
) -> None:
    """Grade one card: a full review, at a time of your choice."""
    from studycli.cli.context import open_collection

    with open_collection() as collection:
        instant = _instant(at, collection.settings.day_start_hour)
        study = collection.card(card)
        if study.archived:
            raise UsageError("this card is archived", where=study.id, hint="it is no longer in its document")
        _check_order(instant, collection.repository.history(study.id))
        try:
            collection.repository.record(_review(collection, study, quality, instant, seconds))
        except ConflictError as error:
            raise ConflictError(error.message, where=wording.place(study), hint="run it again") from error
        stays = f"; it stays {study.status.value}, so no review asks it" if study.set_aside else None
        _show(collection, study.id, json, f"graded {quality}", stays)


@commands.command()
def undo(json: Json = False) -> None:
    """Take back the last grade, also one of an earlier run."""
    from studycli import clock
    from studycli.cli.context import open_collection

    with open_collection() as collection:
        last = collection.repository.last_review()
        if last is None or last.id is None:
            raise StudyError("there is no grade to take back", hint="studycli review starts a review")
        now = clock.now()
        day = clock.study_day(now, collection.settings.day_start_hour)
        collection.repository.undo(last.id, now, day)
        _show(collection, last.card_id, json, f"took back grade {last.quality} of {_local(last.reviewed_at)}")


@commands.command()
def suspend(card: CardName, json: Json = False) -> None:
    """Suspend a card: no review asks it."""
    _mark(card, "suspended", True, json)


@commands.command()
def unsuspend(card: CardName, json: Json = False) -> None:
    """Bring back a suspended card."""
    _mark(card, "suspended", False, json)


@commands.command()
def bury(card: CardName, json: Json = False) -> None:
    """Bury a card: no review asks it until the next study day."""
    _mark(card, "buried", True, json)


@commands.command()
def unbury(card: CardName, json: Json = False) -> None:
    """Bring back a buried card today."""
    _mark(card, "buried", False, json)


@commands.command()
def flag(card: CardName, json: Json = False) -> None:
    """Flag a card, to find it again; its schedule stays as it is."""
    _mark(card, "flagged", True, json)


@commands.command()
def unflag(card: CardName, json: Json = False) -> None:
    """Take the flag off a card."""
    _mark(card, "flagged", False, json)


_BACK = {
    "suspended": "; bring it back with: studycli unsuspend {}",
    "buried": " until tomorrow; bring it back with: studycli unbury {}",
    "flagged": "; list them with: studycli cards --flagged",
}


def _mark(name: str, mark: Literal["suspended", "buried", "flagged"], on: bool, json: bool) -> None:
    from studycli.cli.context import open_collection

    with open_collection() as collection:
        study, store = collection.card(name), collection.repository
        was = getattr(study, mark)
        if mark == "suspended":
            store.suspend(study.id, on)
        elif mark == "buried":
            store.bury(study.id, collection.today if on else None)
        else:
            store.flag(study.id, on)
        if on:
            what = f"is already {mark}" if was else mark
            _show(collection, study.id, json, what, _BACK[mark].format(wording.place(study)))
        else:
            back = "flag taken off" if mark == "flagged" else "back in review"
            _show(collection, study.id, json, back if was else f"was not {mark}")


def _instant(at: str | None, day_start_hour: int) -> datetime:
    """The time of a grade: now, or the one given, where a day alone is its noon, or now if that is still to come.

    Raises UsageError for what is no time, or in the future.
    """
    from studycli import clock

    now = clock.now()
    if at is None or clock.parse_day(at) == clock.study_day(now, day_start_hour):
        return now
    instant = clock.parse_instant(at)
    if instant > now:
        raise UsageError(f"{at} is in the future", hint="a review is graded after it happened")
    return instant


def _check_order(instant: datetime, history: Sequence[Review]) -> None:
    """Refuse a time before the last review that stands: the schedule is made of reviews in their order."""
    undone = {row.undoes for row in history}
    last = max((row.reviewed_at for row in history if row.quality is not None and row.id not in undone), default=None)
    if last is not None and instant < last:
        hint = "give a later time, or take grades back with: studycli undo"
        raise UsageError(f"the card was reviewed after that, at {_local(last)}", hint=hint)


def _review(collection: Collection, study: StudyCard, quality: int, instant: datetime, seconds: float) -> Review:
    from studycli import clock
    from studycli.model.review import Review
    from studycli.scheduler import sm2

    day = clock.study_day(instant, collection.settings.day_start_hour)
    first_interval = study.card.initial_interval_days
    return Review(
        card_id=study.id,
        reviewed_at=instant,
        study_day=day,
        quality=quality,
        seconds=seconds,
        before=study.state,
        after=sm2.review(study.state, quality, day, initial_interval=first_interval),
        initial_interval_days=first_interval,
        scheduler=sm2.NAME,
        scheduler_version=sm2.VERSION,
    )


def _show(collection: Collection, card_id: str, json: bool, what: str, rest: str | None = None) -> None:
    """Print the card as it is now: all of it as JSON, or what was done, and `rest` or else where it stands."""
    study = collection.repository.card(card_id, collection.today)
    if json:
        from studycli.model.card_data import card_data

        repository = collection.repository
        output.print_json(card_data(study, repository.history(card_id), repository.note(card_id)))
        return
    from studycli.demos.computed.filling import asked
    from studycli.render.card import gist

    print(f"{study.deck} card {study.card.place}: {gist(asked(study))}")
    print(what + (f"; {wording.standing(study, collection.today)}" if rest is None else rest))


def _local(instant: datetime) -> str:
    return f"{instant.astimezone():%Y-%m-%d %H:%M}"
