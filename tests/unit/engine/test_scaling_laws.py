"""Scaling laws: published figures, and the optimum against a search."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.engine.scaling_laws import BESIROGLU_2024, HOFFMANN_2022, Constants, loss, optimal_allocation
from studycli.errors import EngineError

BOTH = pytest.mark.parametrize("constants", [HOFFMANN_2022, BESIROGLU_2024], ids=["hoffmann", "besiroglu"])
BUDGETS = st.floats(16, 28).map(lambda exponent: 10.0**exponent)
CHINCHILLA = 5.76e23
"""FLOPs that trained Chinchilla, and Gopher before (Hoffmann et al. 2022)."""


def searched(flops: float, constants: Constants) -> float:
    """The number of parameters of the lowest loss on 6 N D = flops, by golden-section search over ln N."""

    def height(log_parameters: float) -> float:
        parameters = math.exp(log_parameters)
        tokens = flops / 6 / parameters
        return constants.A * parameters**-constants.alpha + constants.B * tokens**-constants.beta

    low, high = 0.0, math.log(flops)
    golden = (math.sqrt(5) - 1) / 2
    for _ in range(60):
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if height(left) < height(right) else (left, high)
    return math.exp((low + high) / 2)


@BOTH
@given(BUDGETS)
def test_the_closed_form_is_where_a_search_ends(constants: Constants, flops: float) -> None:
    best = optimal_allocation(flops, constants)
    assert best.parameters == pytest.approx(searched(flops, constants), rel=1e-5)
    assert 6 * best.parameters * best.tokens == pytest.approx(flops)
    assert best.loss == loss(best.parameters, best.tokens, constants)


@BOTH
@given(BUDGETS, st.floats(-3, 3).filter(lambda shift: abs(shift) > 0.01))
def test_any_other_split_of_the_budget_is_worse(constants: Constants, flops: float, shift: float) -> None:
    best = optimal_allocation(flops, constants)
    factor = math.exp(shift)
    assert loss(best.parameters * factor, best.tokens / factor, constants) > best.loss


def test_exponents_as_published() -> None:
    """N grows with C^0.46 (Hoffmann et al. 2022, table 2: rounded constants give 0.45), or C^0.513 in the refit."""
    for constants, exponent in ((HOFFMANN_2022, 0.452), (BESIROGLU_2024, 0.513)):
        grown = optimal_allocation(1e22, constants).parameters / optimal_allocation(1e21, constants).parameters
        assert math.log10(grown) == pytest.approx(exponent, abs=0.001)


def test_about_twenty_tokens_for_each_parameter_in_the_refit_alone() -> None:
    """Chinchilla has 70 billion parameters and read 1.4 trillion tokens."""
    refit, published = optimal_allocation(CHINCHILLA), optimal_allocation(CHINCHILLA, HOFFMANN_2022)
    assert refit.parameters == pytest.approx(70e9, rel=0.1) and refit.tokens == pytest.approx(1.4e12, rel=0.1)
    assert published.parameters < 45e9 and published.tokens / published.parameters > 50


def test_losses_worked_out_by_hand() -> None:
    assert loss(1e12, 1e12, HOFFMANN_2022) == pytest.approx(1.69 + 406.4 * 10**-4.08 + 410.7 * 10**-3.36)
    assert loss(1.0, 1.0, BESIROGLU_2024) == pytest.approx(1.8172 + 482.01 + 2085.43)
    assert loss(1e9, 1e10) == loss(1e9, 1e10, BESIROGLU_2024) != loss(1e9, 1e10, HOFFMANN_2022)
    assert loss(70e9, 1.4e12, HOFFMANN_2022) == pytest.approx(1.94, abs=0.005)


@pytest.mark.parametrize("flops", [0, -1.0, math.nan])
def test_no_flops_are_refused(flops: float) -> None:
    with pytest.raises(EngineError, match="flops is"):
        optimal_allocation(flops)


def test_no_parameters_and_no_tokens_are_refused() -> None:
    with pytest.raises(EngineError, match="parameters is 0"):
        loss(0, 1)
    with pytest.raises(EngineError, match="tokens is 0"):
        loss(1, 0)
