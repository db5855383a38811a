"""Catalogue: all quantities by name. It imports no torch, so that decks can be checked and lists printed quickly."""

from __future__ import annotations

from difflib import get_close_matches

from studycli.demos.quantities.listed import (
    arithmetic,
    attention,
    compute,
    layers,
    memory,
    positions,
    retrieval,
    sampling,
    sizes,
    text,
)
from studycli.demos.quantities.quantity import Quantity
from studycli.errors import UsageError

_TOPICS = (attention, positions, sizes, memory, compute, sampling, layers, retrieval, text, arithmetic)

QUANTITIES: dict[str, Quantity] = {quantity.name: quantity for topic in _TOPICS for quantity in topic.LISTED}


def find(name: str) -> Quantity:
    """The quantity of this name. Raises UsageError with the names that come close."""
    if name in QUANTITIES:
        return QUANTITIES[name]
    close = get_close_matches(name.replace("_", "-").lower(), QUANTITIES, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else "`studycli claims --list` lists them"
    raise UsageError(f"there is no quantity '{name}'", hint=hint)
