"""What a document's card is asked as: one study card for each cloze, or for each direction."""

from __future__ import annotations

from collections.abc import Iterator

from studycli.documents import cloze, cloze_text
from studycli.model.card import Card
from studycli.model.problem import Problem, Severity
from studycli.model.variant import REVERSED


def expand(card: Card) -> tuple[Card, ...]:
    """The study cards of a document's card, in the order they are asked; a plain card is its own.

    Fronts and backs are ordinary Markdown. Claims stay with the first one, so that each is measured once.
    """
    if numbers := cloze.read(card.front).numbers:
        return tuple(_cloze(card, number, first=number == numbers[0]) for number in numbers)
    if card.reversed and card.front.strip() and card.back.strip():
        return (card, _reversed(card))
    return (card,)


def is_cloze(text: str) -> bool:
    """Whether a card with this front is a cloze card."""
    return bool(cloze.read(text).found)


def names(card: Card) -> tuple[str, ...]:
    """How a document's card is asked, where in more than the one way: ('c1', 'c2'), ('forward', 'reversed')."""
    if numbers := cloze.read(card.front).numbers:
        return tuple(f"c{number}" for number in numbers)
    return ("forward", REVERSED) if len(expand(card)) > 1 else ()


def own_back(card: Card) -> str:
    """The back that the document itself gives a cloze card, below the whole text; '' where it gives none."""
    if card.cloze is None:
        return card.back
    whole = cloze_text.answer(card.cloze, cloze.read(card.cloze), number_of(card))
    return card.back.removeprefix(whole).lstrip("\n")


def number_of(card: Card) -> int:
    """The number of the cloze that a study card asks for."""
    return int(card.variant.removeprefix("c") or 1)


def problems(card: Card) -> Iterator[Problem]:
    """What of a document's card looks like a cloze or a reversed card and is none."""
    clozes = cloze.read(card.front)
    for fault in clozes.faults:
        message = f"card {card.number}: {fault.message}"
        yield _problem(card.line_of("front", fault.offset), message, fault.hint)
    if not clozes.found and (in_back := cloze.read(card.back).found):
        message = f"card {card.number} has a cloze in its back only, where it is text"
        yield _problem(card.line_of("back", in_back[0].start), message, "write it into the front")
    if card.reversed and clozes.found:
        message = f"card {card.number} has clozes, so it is not asked in reverse"
        yield _problem(card.line_of("reversed"), message, "leave out the clozes, or 'Reversed'")
    elif card.reversed and not card.back.strip():
        message = f"card {card.number} has no back, so it cannot be asked in reverse"
        yield _problem(card.line_of("reversed"), message, "write a back, or leave out 'Reversed'")


def _problem(line: int, message: str, hint: str) -> Problem:
    return Problem(severity=Severity.WARNING, line=line, message=message, hint=hint)


def _cloze(card: Card, number: int, *, first: bool) -> Card:
    clozes = cloze.read(card.front)
    whole = cloze_text.answer(card.front, clozes, number)
    update: dict[str, object] = {
        "variant": "" if number == 1 else f"c{number}",
        "cloze": card.front,
        "front": cloze_text.question(card.front, clozes, number),
        "back": f"{whole}\n\n{card.back}" if card.back.strip() else whole,
        "brief_front": None,
        "brief_back": None,
        "field_lines": {name: line for name, line in card.field_lines.items() if name not in ("front", "back")},
    }
    if not first:
        update["claims"] = ()
    return card.model_copy(update=update)


def _reversed(card: Card) -> Card:
    swapped = {"front": "back", "back": "front"}
    return card.model_copy(
        update={
            "variant": REVERSED,
            "title": "",  # it names what is asked for now
            "front": card.back,
            "back": card.front,
            "brief_front": card.brief_back,
            "brief_back": card.brief_front,
            "claims": (),
            "field_lines": {swapped.get(name, name): line for name, line in card.field_lines.items()},
        }
    )
