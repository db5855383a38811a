"""Claims on what is not a number."""

from __future__ import annotations

import math

import pytest

from studycli.demos.steps import claim


@pytest.mark.parametrize("measured", [math.nan, math.inf])
def test_a_claim_without_a_number_does_not_hold(measured: float) -> None:
    result = claim("name", "statement", measured, True)
    assert not result.holds and result.measured == str(measured)
