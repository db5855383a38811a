"""Positions of every kind, against their formulas written out and by what they promise."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from studycli.engine.config import RotaryScaling
from studycli.engine.position import (
    ROTATE,
    alibi_bias,
    alibi_slopes,
    relative_buckets,
    rotary_frequencies,
    rotary_table,
    sinusoidal,
)
from studycli.errors import EngineError
from tests.engine_models import PLAIN


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


def test_rotary_scores_depend_on_the_distance_alone() -> None:
    q, k = torch.randn(2, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    def score(style: str, dim: int, i: int, j: int) -> float:
        config = replace(PLAIN, position="rotary", d_head=8, rotary_dim=dim, rotary_style=style)
        cos, sin = rotary_table(torch.tensor([i, j]), config, torch.float64)  # (1, 2, dim)
        turned = ROTATE[style](torch.stack((q, k))[None], (cos, sin))[0]  # (2, d_head)
        return float(turned[0] @ turned[1])

    for style in ROTATE:
        for dim in (2, 4, 8):
            assert score(style, dim, 3, 7) == pytest.approx(score(style, dim, 103, 107), abs=1e-9)
            assert score(style, dim, 3, 7) != pytest.approx(score(style, dim, 3, 8), abs=1e-3)
            assert score(style, dim, 5, 5) == pytest.approx(float(q @ k))


def test_rotary_turns_pairs_by_the_formula() -> None:
    x = torch.tensor([[[1.0, 0.0, 0.0, 0.0]]])
    angle = torch.tensor(3.0)
    for style, other in (("half", 2), ("interleaved", 1)):
        config = replace(PLAIN, position="rotary", d_head=4, rotary_style=style)
        turned = ROTATE[style](x, rotary_table(torch.tensor([3]), config, torch.float32))[0, 0]
        expected = torch.zeros(4).index_put((torch.tensor([0, other]),), torch.stack((angle.cos(), angle.sin())))
        torch.testing.assert_close(turned, expected)


def test_rotary_frequencies() -> None:
    torch.testing.assert_close(rotary_frequencies(4, 10_000), torch.tensor([1.0, 0.01], dtype=torch.float64))
    linear = RotaryScaling(kind="linear", factor=4)
    torch.testing.assert_close(rotary_frequencies(4, 10_000, linear), torch.tensor([0.25, 0.0025]).double())
    llama3 = RotaryScaling(kind="llama3", factor=8, original_length=64)
    scaled = rotary_frequencies(64, 10_000, llama3) / rotary_frequencies(64, 10_000)
    assert scaled[0] == 1 and scaled[-1] == pytest.approx(1 / 8) and (scaled.diff() <= 1e-12).all()
    assert ((scaled > 1 / 8 + 1e-9) & (scaled < 1 - 1e-9)).any()


@pytest.mark.parametrize(
    ("n_heads", "exponents"),
    [
        (1, [8]),
        (2, [4, 8]),
        (8, [1, 2, 3, 4, 5, 6, 7, 8]),
        (3, [4, 8, 2]),
        (6, [2, 4, 6, 8, 1, 3]),
        (12, [1, 2, 3, 4, 5, 6, 7, 8, 0.5, 1.5, 2.5, 3.5]),
    ],
)
def test_alibi_slopes(n_heads: int, exponents: list[float]) -> None:
    torch.testing.assert_close(alibi_slopes(n_heads), 2.0 ** -torch.tensor(exponents, dtype=torch.float64))


def test_alibi_takes_off_slope_times_distance() -> None:
    bias = alibi_bias(torch.tensor([0.5, 0.25]), torch.tensor([2, 3]), torch.arange(4))
    distances = torch.tensor([[2, 1, 0, 1], [3, 2, 1, 0]])
    assert bias.equal(torch.stack((-0.5 * distances, -0.25 * distances)))


@pytest.mark.parametrize(
    ("bidirectional", "offsets", "buckets"),
    [
        # 32 buckets up to 128: 16 a side, 8 of them exact; 8 to 128 in steps of a factor of 2^(1/2).
        (True, [0, -1, -7, -8, -11, -12, -127, -128, -9999], [0, 1, 7, 8, 8, 9, 15, 15, 15]),
        (True, [1, 7, 8, 11, 12, 128, 9999], [17, 23, 24, 24, 25, 31, 31]),
        # All for one side: 16 exact; 16 to 128 in 16 steps.
        (False, [0, 5, 9999, -1, -15, -16, -18, -19, -127, -128, -9999], [0, 0, 0, 1, 15, 16, 16, 17, 31, 31, 31]),
    ],
)
def test_relative_buckets(bidirectional: bool, offsets: list[int], buckets: list[int]) -> None:
    assert relative_buckets(torch.tensor(offsets), 32, 128, bidirectional=bidirectional).tolist() == buckets
