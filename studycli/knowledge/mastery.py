"""Mastery: how well a concept is known, told by the states of the cards that teach it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from enum import IntEnum

from studycli.knowledge.aliases import name_index
from studycli.model.concept import ConceptMap
from studycli.model.review import CardState
from studycli.model.teaching import Teaching

KNOWN_INTERVAL_DAYS = 21
"""From this interval on, a card that was passed twice in a row counts as known."""
FAMILIAR_REPETITIONS = 2
"""Passes in a row from which on a card is familiar."""
SHAKY_LAPSES = 2
"""Lapses from which on a card that isn't known yet is shaky."""
SHAKY_EASE = 1.7
"""An ease factor below this makes a card shaky after its first lapse already."""
_DECIMALS = 6  # an ease factor is a sum of tenths, and its float dust decides nothing


class Level(IntEnum):
    """How well a card or a concept is known, from the least to the most.

    A card, with repetitions n, interval I and ease factor EF:

    - NEW: never answered;
    - KNOWN: n >= 2 and I >= 21 days;
    - SHAKY: not known, with 2 lapses or more, or with 1 and EF < 1.7;
    - LEARNING: neither, and n < 2: just begun, or failed last time;
    - FAMILIAR: neither, and n >= 2.

    A concept is as well known as the least known of its cards that were answered; one that has cards which never were
    is at most LEARNING, and NEW if none was. Without cards it is NO_CARDS; suspended ones don't count.
    """

    NO_CARDS = 0
    NEW = 1
    SHAKY = 2
    LEARNING = 3
    FAMILIAR = 4
    KNOWN = 5

    @property
    def word(self) -> str:
        """The level in words."""
        return self.name.lower().replace("_", " ")

    @property
    def glyph(self) -> str:
        """The level as one character, a cell wide."""
        return "·○!◔◑●"[self]


def card_level(state: CardState) -> Level:
    """How well one card is known. A grade of 4 or 5 never lowers it."""
    if state.due is None:
        return Level.NEW
    passed = state.repetitions >= FAMILIAR_REPETITIONS
    if passed and state.interval_days >= KNOWN_INTERVAL_DAYS:
        return Level.KNOWN
    hard = round(state.ease_factor, _DECIMALS) < SHAKY_EASE
    if state.lapses >= SHAKY_LAPSES or (state.lapses and hard):
        return Level.SHAKY
    return Level.FAMILIAR if passed else Level.LEARNING


def concept_level(cards: Iterable[Teaching]) -> Level:
    """How well a concept is known that is taught by these cards. A grade of 4 or 5 never lowers it."""
    levels = {card_level(card.state) for card in cards if not card.suspended}
    if not levels:
        return Level.NO_CARDS
    answered = levels - {Level.NEW}
    if not answered:
        return Level.NEW
    return min(answered | {Level.LEARNING}) if Level.NEW in levels else min(answered)


def taught(concept_map: ConceptMap, cards: Iterable[Teaching]) -> dict[str, list[str]]:
    """The ids of the cards that teach each concept id of a map, found by every name that the concept goes by."""
    index = name_index(concept_map)
    by_name: dict[str, list[str]] = defaultdict(list)
    for card in cards:
        by_name[card.concept].append(card.card_id)
    found: dict[str, list[str]] = defaultdict(list)
    for name, ids in by_name.items():
        if (match := index.find(name)) is not None:
            found[match.owner] += ids
    return dict(found)
