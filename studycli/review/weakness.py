"""Weakness: which concepts are forgotten most, without one slip counting as much as ten."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

PRIOR_REVIEWS = 10
"""How many reviews at the learner's own average every concept is taken to have had before its first."""


class Tally(NamedTuple):
    """Answers to the cards of one concept, and how many of them were misses."""

    name: str
    misses: int
    answers: int


def weakness(misses: int, answers: int, average: float) -> float:
    """The share of misses to expect, 0 to 1: (misses + k * average) / (answers + k), with k = `PRIOR_REVIEWS`.

    That is the mean of a Beta distribution with the prior Beta(k * average, k * (1 - average)) after these answers, so
    few answers say little: at an average of 0.1, one miss of one gives 0.18, five of ten 0.3, fifty of a hundred 0.46.
    `average` is the learner's own share of misses. Source: Gelman et al., *Bayesian Data Analysis* (3rd ed., 2013),
    section 2.4.
    """
    return (misses + PRIOR_REVIEWS * average) / (answers + PRIOR_REVIEWS)


def average(tallies: Iterable[Tally]) -> float:
    """The share of misses of all of them together; 0 without an answer."""
    misses = answers = 0
    for tally in tallies:
        misses, answers = misses + tally.misses, answers + tally.answers
    return misses / answers if answers else 0.0


def weakest_first(tallies: Iterable[Tally]) -> list[tuple[Tally, float]]:
    """Each with its weakness, the weakest first; of two that are equal the one with more answers, then by name."""
    counted = list(tallies)
    usual = average(counted)
    rated = [(tally, weakness(tally.misses, tally.answers, usual)) for tally in counted]
    return sorted(rated, key=lambda pair: (-pair[1], -pair[0].answers, pair[0].name.casefold(), pair[0].name))
