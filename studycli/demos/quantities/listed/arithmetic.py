"""Arithmetic: the quantities that are plain formulas of numbers, as listed."""

from __future__ import annotations

from studycli.demos.quantities.listed.slots import integer, number, word
from studycli.demos.quantities.quantity import Quantity

_AT = "studycli.demos.quantities.arithmetic"

LISTED = (
    Quantity(
        "calculation",
        "the result of a formula's arithmetic",
        f"{_AT}:calculation",
        (
            word("of", 'a formula in quotes, such as "4 * 512**2", with + - * / // % **, sqrt, log, exp, …'),
            *(number(name, f"what {name} stands for in the formula", 0) for name in "abcd"),
        ),
    ),
    Quantity(
        "power",
        "a factor multiplied by itself, as gradients are through many steps",
        f"{_AT}:power",
        (number("base", "the factor", low=-1e9, high=1e9), number("exponent", "how often", low=-10_000, high=10_000)),
    ),
    Quantity(
        "learning-rate",
        "the learning rate of a step: up along a line, then down along a cosine",
        f"{_AT}:rate",
        (
            integer("step", "which step, from 0", low=0, high=10**9),
            number("peak", "the highest rate", low=0, high=1e6),
            integer("warmup", "steps of the way up", low=0, high=10**9),
            integer("total", "steps in all", high=10**9),
            number("floor", "the rate at the end", 0, low=0, high=1e6),
        ),
    ),
)
