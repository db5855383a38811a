"""Slots: the arguments of quantities, in few words."""

from __future__ import annotations

from studycli.demos.quantities.quantity import Slot

LARGEST = 10**15
"""Of a count: parameters, tokens, bytes."""


def integer(name: str, meaning: str, default: int | None = None, low: int = 1, high: int = LARGEST) -> Slot:
    """A whole number, by default from 1 up."""
    return Slot(name, "integer", meaning, default, low, high)


def number(name: str, meaning: str, default: float | None = None, low: float = -1e30, high: float = 1e30) -> Slot:
    """Any number."""
    return Slot(name, "number", meaning, default, low, high)


def numbers(name: str, meaning: str, low: float = -1e6, high: float = 1e6, *, masks: bool = False) -> Slot:
    """A row of numbers; with `masks`, an entry may be -inf."""
    return Slot(name, "numbers", meaning, None, low, high, masks)


def shares(name: str, meaning: str) -> Slot:
    """A row of probabilities."""
    return numbers(name, meaning, 0, 1)


def word(name: str, meaning: str, choices: tuple[str, ...] = (), default: str | None = None) -> Slot:
    """A word, one of the choices if there are any."""
    return Slot(name, "word", meaning, default, choices=choices)


def switch(name: str, meaning: str, default: bool = False) -> Slot:
    """True or false."""
    return Slot(name, "switch", meaning, default)
