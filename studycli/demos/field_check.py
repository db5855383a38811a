"""The fields of cards that compute something, checked without running: `Demo`, `Claims` and computed numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from random import Random

from studycli.demos import card_inputs
from studycli.demos.claims import naming
from studycli.demos.computed import filling, template
from studycli.demos.computed.draw import Draw
from studycli.demos.computed.filling import Values
from studycli.demos.quantities import call, stated
from studycli.documents import variants
from studycli.errors import StudyError, UsageError
from studycli.model.card import Card
from studycli.model.deck import Deck
from studycli.model.problem import Problem, Severity
from studycli.model.variant import REVERSED

_SEEDS = "01234567"
_MOST = 64
"""Combinations of the values at the edges of what is drawn; beyond, they are tried one at a time."""


def problems(decks: Sequence[Deck]) -> list[tuple[str, Problem]]:
    """What of the decks cannot be run, each as (path of the deck, problem). Imports no torch."""
    return [(deck.path, problem) for deck in decks for card in deck.cards for problem in _once(card)]


def _once(card: Card) -> Iterator[Problem]:
    """The problems of a card as its document states it, and of its other direction where it is asked in both."""
    other = [each for each in variants.expand(card) if each.variant == REVERSED]
    yield from dict.fromkeys(problem for each in (card, *other) for problem in _of_card(each))


def _of_card(card: Card) -> Iterator[Problem]:
    if card.demo is not None:
        yield from _tried(card, "demo", "the demo", card_inputs.parse_field, card.demo)
    for claim in card.claims:
        yield from _tried(card, "claims", "a claim", _check_claim, claim)
    if filling.is_computed(card):
        yield from _of_templates(card)


def _tried(card: Card, field: str, what: str, read: Callable[[str], object], text: str) -> Iterator[Problem]:
    try:
        read(text)
    except StudyError as error:
        message = f"{what} of card {card.number} cannot be run: {error.message}"
        yield _problem(card.line_of(field), message, error)


def _problem(line: int, message: str, error: StudyError) -> Problem:
    return Problem(severity=Severity.ERROR, line=line, message=message, hint=error.hint or "")


def _check_claim(claim: str) -> None:
    if naming.is_name(claim):
        naming.maker(claim)
    else:
        stated.parse(claim)


def _of_templates(card: Card) -> Iterator[Problem]:
    full, brief = (card.front, card.back), (card.brief_front or "", card.brief_back or "")
    of_full = _tries(filling.draws(full))
    of_brief = _tries({**filling.draws(full), **filling.draws(brief)})
    for texts, draws, prefix in ((full, of_full, ""), (brief, of_brief, "brief_")):
        names: set[str] = set()
        for text, side in zip(texts, ("front", "back"), strict=True):
            for place in template.places(text):
                try:
                    _check_template(place, draws, names, is_question=side == "front")
                except StudyError as error:
                    message = f"a number of card {card.number} cannot be computed: {error.message}"
                    yield _problem(card.line_of(prefix + side, place.start), message, error)


def _tries(draws: Mapping[str, Draw]) -> list[Values]:
    """Some draws, and what lies at their edges: an argument may be out of its bounds for some of the numbers."""
    some = [{name: draw.take(Random(f"{seed} {name}")) for name, draw in draws.items()} for seed in _SEEDS]
    edges = {name: draw.edges for name, draw in draws.items()}
    if math.prod(map(len, edges.values())) <= _MOST:
        return [*some, *(dict(zip(edges, values, strict=True)) for values in product(*edges.values()))]
    return [*some, *({**some[0], name: value} for name, values in edges.items() for value in values)]


def _check_template(place: template.Place, draws: Sequence[Values], drawn: set[str], *, is_question: bool) -> None:
    """Raise StudyError for a template that one of the draws cannot fill; `drawn` gains the name that it draws."""
    found = template.parse(place)
    if found.draw is not None and found.name is not None:
        if found.name in drawn:
            raise UsageError(f"'{found.name}' is drawn twice", hint=f"show it again with {{{{compute: {found.name}}}}}")
        drawn.add(found.name)
    for values in draws:
        if is_question or found.call is None:
            filling.show_drawn(values, found)
        else:
            call.parse(found.call, values)
