"""Which study card of a document is which known one, where a card may be asked in several ways.

Each way is matched by itself, so that no cloze and no direction ever takes the history of another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from studycli.documents import matching
from studycli.documents.identity import Arriving, Known
from studycli.documents.matching import Match


def match(known: Sequence[Known], cards: Sequence[Arriving], taken: Collection[str] = ()) -> list[Match]:
    """The identity of each arriving card, as `matching.match` finds it among those that are asked the same way."""
    olds: dict[str, list[Known]] = defaultdict(list)
    places: dict[str, list[int]] = defaultdict(list)
    for old in known:
        olds[old.variant].append(old)
    for place, card in enumerate(cards):
        places[card.variant].append(place)
    plain, first_places = olds.get("", []), places.get("", [])
    others = (card for card in known if card.variant)
    first = matching.match(plain, [cards[place] for place in first_places], frozenset(taken) | _keys(others))
    found = dict(zip(first_places, first, strict=True))
    # An id that a document spells out may be any text, even one that would be derived for another way of asking.
    used = frozenset(taken) | _keys(plain) | {each.id for each in first}
    for variant in sorted(places.keys() - {""}):
        of_variant = matching.match(olds.get(variant, []), [cards[place] for place in places[variant]], used)
        found |= zip(places[variant], of_variant, strict=True)
    return [found[place] for place in range(len(cards))]


def _keys(cards: Iterable[Known]) -> set[str]:
    return {key for card in cards for key in (card.id, card.explicit) if key is not None}
