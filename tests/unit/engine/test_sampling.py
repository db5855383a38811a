"""The distribution of the next token, against numpy and by hand, and draws from it by their frequencies."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from studycli.engine import sampling
from studycli.errors import EngineError

LOG = torch.tensor([[0.1, 0.4, 0.3, 0.2]]).log()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [0.1, 0.4, 0.3, 0.2]),
        ({"temperature": 0}, [0, 1, 0, 0]),
        ({"temperature": 0.5}, [1 / 30, 16 / 30, 9 / 30, 4 / 30]),
        ({"top_k": 1}, [0, 1, 0, 0]),
        ({"top_k": 2}, [0, 4 / 7, 3 / 7, 0]),
        ({"top_k": 9}, [0.1, 0.4, 0.3, 0.2]),
        ({"top_p": 0.39}, [0, 1, 0, 0]),
        ({"top_p": 0.41}, [0, 4 / 7, 3 / 7, 0]),  # 0.4 falls short of it: the token that crosses is included
        ({"top_p": 0.75}, [0, 4 / 9, 3 / 9, 2 / 9]),
        ({"top_p": 1.0}, [0.1, 0.4, 0.3, 0.2]),
        ({"top_k": 3, "top_p": 0.5}, [0, 4 / 7, 3 / 7, 0]),
        ({"top_k": 2, "top_p": 0.5}, [0, 1, 0, 0]),  # of what top_k leaves, the first has 4/7 already
    ],
)
def test_by_hand(options: dict, expected: list[float]) -> None:
    torch.testing.assert_close(sampling.distribution(LOG, **options), torch.tensor([expected], dtype=torch.float32))


def reference(logits: np.ndarray, temperature: float, top_k: int | None, top_p: float | None) -> np.ndarray:
    """One row, token by token, in float64."""
    weights = np.exp((logits - logits.max()) / temperature)
    order = sorted(range(len(weights)), key=lambda i: (-weights[i], i))[:top_k]
    total = sum(weights[i] for i in order)
    kept, reached = [], 0.0
    for i in order:
        if top_p is not None and reached >= top_p:
            break
        kept.append(i)
        reached += weights[i] / total
    result = np.zeros_like(weights)
    result[kept] = weights[kept] / weights[kept].sum()
    return result


@given(
    st.integers(0, 2**31),
    st.integers(1, 40),
    st.floats(0.2, 3),
    st.one_of(st.none(), st.integers(1, 50)),
    st.one_of(st.none(), st.floats(0.05, 0.999)),
)
def test_against_numpy(seed: int, vocab: int, temperature: float, top_k: int | None, top_p: float | None) -> None:
    logits = 3 * torch.randn(2, vocab, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    ours = sampling.distribution(logits.float(), temperature, top_k, top_p).numpy()
    for row, given_logits in zip(ours, logits.float().double().numpy(), strict=True):
        np.testing.assert_allclose(row, reference(given_logits, temperature, top_k, top_p), atol=1e-5)


@given(st.integers(0, 2**31), st.floats(0.01, 1))
def test_top_p_is_the_smallest_set_that_reaches_p(seed: int, p: float) -> None:
    logits = torch.randn(1, 30, generator=torch.Generator().manual_seed(seed))
    whole, cut = sampling.distribution(logits)[0].double(), sampling.distribution(logits, top_p=p)[0]
    kept = whole[cut > 0]
    assert kept.sum() >= p - 1e-6
    assert kept.sum() - kept.min() < p + 1e-6


def test_half_precision_rounds_nothing_more() -> None:
    logits = torch.tensor([[21.25, 20.5, -30.0, 20.875]], dtype=torch.bfloat16)
    torch.testing.assert_close(sampling.distribution(logits), logits.float().softmax(-1))


def test_ties_keep_the_smaller_ids() -> None:
    assert sampling.distribution(torch.zeros(1, 4), top_k=2).tolist() == [[0.5, 0.5, 0, 0]]


def test_extreme_logits_and_temperatures_stay_finite() -> None:
    logits = torch.tensor([[1e30, -1e30, 5.0, -math.inf]])
    for temperature in (1e-6, 1.0, 1e6):
        probabilities = sampling.distribution(logits, temperature)
        assert probabilities.isfinite().all() and probabilities[0, 0] == pytest.approx(1)
    assert sampling.distribution(torch.tensor([[3.0, 1.0]], dtype=torch.bfloat16), 0.5).dtype == torch.float32


@pytest.mark.parametrize("options", [{}, {"temperature": 0.7}, {"top_k": 4}, {"top_p": 0.8}])
def test_frequencies_of_draws_by_a_chi_squared_test(options: dict) -> None:
    logits = torch.randn(1, 8, generator=torch.Generator().manual_seed(0))
    expected = sampling.distribution(logits, **options)
    n = 20_000
    drawn = sampling.draw(expected.expand(n, -1), torch.Generator().manual_seed(1))
    counts = drawn.bincount(minlength=8).double()
    possible = expected[0] > 0
    assert counts[~possible].sum() == 0
    statistic = ((counts - n * expected[0]).square() / (n * expected[0]))[possible].sum()
    # 24.3 is the 99.9th percentile of the chi-squared distribution with 7 degrees of freedom; fewer have lower ones.
    assert statistic < 24.3


def test_a_draw_never_takes_what_cannot_be() -> None:
    probabilities = torch.tensor([[0.0, 0.5, 0.0, 0.5, 0.0]]).expand(5000, -1)
    assert set(sampling.draw(probabilities, torch.Generator().manual_seed(2)).tolist()) == {1, 3}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": -1}, "the temperature is -1"),
        ({"temperature": math.nan}, "the temperature is nan"),
        ({"temperature": math.inf}, "the temperature is inf"),
        ({"top_k": 0}, "top_k is 0"),
        ({"top_p": 0}, "top_p is 0"),
        ({"top_p": 1.5}, "top_p is 1.5"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        sampling.distribution(LOG, **options)
