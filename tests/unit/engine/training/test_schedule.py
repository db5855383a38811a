"""The learning rate at chosen steps, and all along."""

from __future__ import annotations

import math

import pytest

from studycli.engine.training import learning_rate
from studycli.errors import EngineError

TABLE = [
    # step, warmup, total, floor, rate for a peak of 8
    (0, 4, 20, 0.0, 0.0),
    (1, 4, 20, 0.0, 2.0),
    (3, 4, 20, 2.0, 6.0),  # the floor is where it ends, not where it begins
    (4, 4, 20, 0.0, 8.0),
    (8, 4, 20, 0.0, 4 + 4 * math.cos(math.pi / 4)),
    (12, 4, 20, 0.0, 4.0),
    (12, 4, 20, 2.0, 5.0),
    (20, 4, 20, 0.0, 0.0),
    (20, 4, 20, 2.0, 2.0),
    (31, 4, 20, 2.0, 2.0),
    (0, 0, 10, 0.0, 8.0),
    (5, 0, 10, 0.0, 4.0),
    (5, 10, 10, 0.0, 4.0),
    (10, 10, 10, 0.0, 8.0),
]


@pytest.mark.parametrize(("step", "warmup", "total", "floor", "rate"), TABLE)
def test_known_rates(step: int, warmup: int, total: int, floor: float, rate: float) -> None:
    assert learning_rate(step, peak=8, warmup=warmup, total=total, floor=floor) == pytest.approx(rate, abs=1e-12)


def test_it_rises_to_the_peak_and_falls_to_the_floor() -> None:
    rates = [learning_rate(step, peak=0.3, warmup=10, total=100, floor=0.01) for step in range(101)]
    assert rates[:11] == sorted(rates[:11]) and rates[10:] == sorted(rates[10:], reverse=True)
    assert max(rates) == rates[10] == 0.3 and min(rates[10:]) == rates[100] == 0.01


@pytest.mark.parametrize("warmup", [-1, 11])
def test_a_warm_up_beyond_the_steps_is_refused(warmup: int) -> None:
    with pytest.raises(EngineError, match=f"warm-up is {warmup} of 10 steps"):
        learning_rate(1, peak=1, warmup=warmup, total=10)
