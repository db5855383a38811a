"""Filling: a card's templates replaced by the values of one draw, and by what the engine computes from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from random import Random

from studycli.demos.computed import shown, template
from studycli.demos.computed.draw import Draw
from studycli.demos.computed.template import Template
from studycli.demos.quantities import call
from studycli.demos.quantities.quantity import Argument
from studycli.errors import StudyError, UsageError
from studycli.model.card import Card
from studycli.model.review import StudyCard

Values = Mapping[str, Argument]
Show = Callable[[Values, Template], str]


def is_computed(card: Card) -> bool:
    """Whether a side of the card has a template."""
    return any(template.is_in(side) for side in (card.front, card.back, card.brief_front, card.brief_back) if side)


def asked(study: StudyCard, given: int = 0) -> StudyCard:
    """The card with its questions filled, as it is asked after so many answers; its answers stay templates.

    The values depend on the card's id and on `given` alone, so they are the same until the card is answered.
    """
    if not is_computed(study.card):
        return study
    return study.model_copy(update={"card": _filled(study.card, f"{study.id} {given}", _QUESTIONS)})


def answered(study: StudyCard, given: int = 0) -> StudyCard:
    """The card with all sides filled. The engine computes the answers; where it cannot, the answer says why."""
    if not is_computed(study.card):
        return study
    return study.model_copy(update={"card": _filled(study.card, f"{study.id} {given}", _QUESTIONS | _ANSWERS)})


def example(card: Card) -> Card:
    """A card with its questions filled, by one fixed draw."""
    return _filled(card, "", _QUESTIONS) if is_computed(card) else card


def _filled(card: Card, seed: str, sides: Mapping[str, Show]) -> Card:
    full = drawn((card.front, card.back), seed)
    brief = {**full, **drawn((card.brief_front or "", card.brief_back or ""), seed)}
    texts = {}
    for side, shows in sides.items():
        if text := getattr(card, side):
            values = brief if side.startswith("brief") else full
            texts[side] = template.filled(text, partial(shows, values))
    return card.model_copy(update=texts)


def drawn(texts: Iterable[str], seed: str) -> dict[str, Argument]:
    """The value of each name that the texts draw; each depends on the seed and the name alone."""
    return {name: draw.take(Random(f"{seed} {name}")) for name, draw in draws(texts).items()}


def draws(texts: Iterable[str]) -> dict[str, Draw]:
    """What the texts draw, by name."""
    found: dict[str, Draw] = {}
    for text in texts:
        for place in template.places(text):
            try:
                one = template.parse(place)
            except StudyError:
                continue  # told where the text is filled
            if one.name is not None and one.draw is not None:
                found.setdefault(one.name, one.draw)
    return found


def lacks_an_answer(study: StudyCard, filled: StudyCard) -> bool:
    """Whether a side of the filled card says that something could not be computed."""
    return any(
        (getattr(filled.card, side) or "").count(template.NOT_COMPUTED)
        > (getattr(study.card, side) or "").count(template.NOT_COMPUTED)
        for side in (*_QUESTIONS, *_ANSWERS)
    )


def show_drawn(values: Values, found: Template) -> str:
    """What a template of a question shows. Raises UsageError where that isn't a drawn value."""
    if found.name is None:
        raise UsageError("a question shows drawn values only", hint="let the answer show what is computed")
    if found.name not in values:
        raise UsageError(f"nothing draws '{found.name}'", hint=f"write {{{{compute: {found.name} = integer(1, 9)}}}}")
    return shown.given(values[found.name])


def show(values: Values, found: Template) -> str:
    """What a template of an answer shows. Raises UsageError, and what the quantity raises."""
    if found.call is None:
        return show_drawn(values, found)
    return shown.computed(call.parse(found.call, values).value(), found.decimals)


_QUESTIONS: dict[str, Show] = {"front": show_drawn, "brief_front": show_drawn}
_ANSWERS: dict[str, Show] = {"back": show, "brief_back": show, "cloze": show}
