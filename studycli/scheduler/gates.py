"""Gates: which new cards wait until others of their document have been answered well."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from studycli.model.review import StudyCard

Gates = Mapping[str, tuple[str, ...]]
"""The id of a waiting card: the ids of the cards it waits for."""


def build(document: Sequence[StudyCard]) -> dict[str, tuple[str, ...]]:
    """The gates among the active cards of one document (not suspended, buried or archived), from `card.after`.

    A number that no active card has is ignored, so that no card waits for what never comes; one that several have
    means them all. Cards that wait for each other in a circle don't wait for each other.
    """
    waiting = [card for card in document if card.state.due is None and card.card.after]
    if not waiting:
        return {}
    unlearned: dict[int, list[str]] = {}
    for card in document:
        if not card.answered_well:
            unlearned.setdefault(card.card.number, []).append(card.id)
    gates = {}
    for card in waiting:
        leaders = dict.fromkeys(leader for number in card.card.after for leader in unlearned.get(number, ()))
        if leaders:
            gates[card.id] = tuple(leaders)
    return _without_circles(gates)


def followers(gates: Gates) -> dict[str, list[str]]:
    """The gates turned around: a card's id, and the ids of the cards that wait for it."""
    turned: dict[str, list[str]] = {}
    for follower, leaders in gates.items():
        for leader in leaders:
            turned.setdefault(leader, []).append(follower)
    return turned


def _without_circles(gates: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Drop the gates within the knot: the cards that are in circles or on a way from one circle to another.

    What is left after peeling off every card that waits for nobody, again and again from both ends, doesn't depend
    on any order, so neither does the result. Linear in the number of gates.
    """
    turned = followers(gates)
    nodes = gates.keys() | turned.keys()
    knot = _peel(_peel(nodes, gates, turned), turned, gates)
    if not knot:
        return gates
    free = {
        follower: tuple(leader for leader in leaders if not (follower in knot and leader in knot))
        for follower, leaders in gates.items()
    }
    return {follower: leaders for follower, leaders in free.items() if leaders}


def _peel(nodes: Collection[str], ahead: Mapping[str, Sequence[str]], behind: Mapping[str, Sequence[str]]) -> set[str]:
    """The nodes that are left when those with nothing ahead of them are taken away, again and again."""
    left = set(nodes)
    count = {node: sum(other in left for other in ahead.get(node, ())) for node in left}
    bare = [node for node in left if count[node] == 0]
    while bare:
        node = bare.pop()
        left.discard(node)
        for other in behind.get(node, ()):
            if other in left:
                count[other] -= 1
                if count[other] == 0:
                    bare.append(other)
    return left
