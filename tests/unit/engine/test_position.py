"""Sinusoidal positions, against the formula written out."""

from __future__ import annotations

import math

import pytest
import torch

from studycli.engine.position import sinusoidal
from studycli.errors import EngineError


def test_values_by_the_formula() -> None:
    d_model = 6
    expected = [
        [
            math.cos(p / 10_000 ** ((i - 1) / d_model)) if i % 2 else math.sin(p / 10_000 ** (i / d_model))
            for i in range(d_model)
        ]
        for p in range(50)
    ]
    torch.testing.assert_close(sinusoidal(50, d_model), torch.tensor(expected), atol=1e-6, rtol=0)


def test_every_position_has_the_same_length() -> None:
    torch.testing.assert_close(sinusoidal(20, 64).square().sum(-1), torch.full((20,), 32.0))


def test_no_positions() -> None:
    assert sinusoidal(0, 4).shape == (0, 4)


@pytest.mark.parametrize("d_model", [0, 3])
def test_an_odd_width_is_refused(d_model: int) -> None:
    with pytest.raises(EngineError, match="pairs"):
        sinusoidal(4, d_model)
