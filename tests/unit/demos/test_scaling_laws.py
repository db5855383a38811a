"""The demo `scaling-laws`: the optimum found again by search, and what makes its claims fail."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from studycli.demos import scaling_laws
from studycli.demos.inputs import Inputs
from studycli.demos.registry import find, run
from studycli.engine.scaling_laws import BESIROGLU_2024, HOFFMANN_2022, optimal_allocation
from studycli.errors import UsageError

FITS = {"Besiroglu 2024": BESIROGLU_2024, "Hoffmann 2022": HOFFMANN_2022}


def demo(**parameters: object):
    return run("scaling-laws", Inputs("", "cpu", parameters=parameters))


@pytest.mark.parametrize("flops", [1e15, 5.76e23, 1e30])
def test_the_optimum_is_the_one_that_a_search_finds(values, flops: float) -> None:
    result = demo(flops=flops)
    found, lost = values(result, "optimum"), values(result, "loss")
    sizes = np.logspace(3, 20, 200_001)
    for column, c in enumerate(FITS.values()):
        losses = c.E + c.A / sizes**c.alpha + c.B / (flops / (6 * sizes)) ** c.beta
        assert found[0, column] * 1e9 == pytest.approx(sizes[losses.argmin()], rel=2e-3)
        assert found[0, column] * found[1, column] * 6e18 == pytest.approx(flops)
        assert lost[0, column] == pytest.approx(losses.min(), rel=1e-9)


def test_the_curve_has_its_lowest_in_the_middle(values) -> None:
    curve = values(demo(), "curve")
    assert (curve.argmin(axis=0) == 5).all()
    np.testing.assert_allclose(values(demo(), "excess"), curve - curve[5], atol=1e-12)
    np.testing.assert_allclose(values(demo(), "terms").sum(axis=0), values(demo(), "loss")[0])


def test_models_at_known_values(values) -> None:
    lost = values(demo(), "models")
    assert lost[2, 1] == pytest.approx(1.69 + 406.4 / 70e9**0.34 + 410.7 / 1.4e12**0.28)
    assert (values(demo(), "given away") >= 0).all()


@pytest.mark.parametrize("flops", [1e15, 1e20, 5.76e23, 1e30])
def test_claims_hold_and_are_those_of_the_catalogue(flops: float) -> None:
    result = demo(flops=flops)
    assert [claim for claim in result.claims if not claim.holds] == []
    assert tuple(claim.name for claim in result.claims) == find("scaling-laws").claims


def test_what_makes_claims_fail() -> None:
    best = {name: optimal_allocation(1e22, constants) for name, constants in FITS.items()}
    wrong = {name: replace(each, parameters=each.parameters * 1.3) for name, each in best.items()}
    assert [claim.holds for claim in scaling_laws._claims(FITS, best, 1e22)] == [True, True]
    assert [claim.holds for claim in scaling_laws._claims(FITS, wrong, 1e22)] == [False, False]
    twisted = {name: replace(constants, alpha=0.9) for name, constants in FITS.items()}
    failed = {claim.name for claim in scaling_laws._claims_of_models(twisted) if not claim.holds}
    assert {"twenty-tokens-per-parameter"} <= failed
    swapped = {"Besiroglu 2024": HOFFMANN_2022, "Hoffmann 2022": BESIROGLU_2024}
    failed = {claim.name for claim in scaling_laws._claims_of_models(swapped) if not claim.holds}
    assert failed == {"twenty-tokens-per-parameter", "published-fit-disagrees"}
    hungry = {name: replace(constants, B=constants.B / 1e6) for name, constants in FITS.items()}
    failed = {claim.name for claim in scaling_laws._claims_of_models(hungry) if not claim.holds}
    assert {"gpt-3-too-large-for-its-data", "parameters-alone-hit-the-data-term"} <= failed


def test_the_counted_flops_miss_6nd_for_a_model_of_long_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaling_laws, "_counted_share", lambda: 1.2)
    found = {claim.name: claim for claim in scaling_laws._claims_of_models(FITS)}
    assert not found["training-flops-are-6nd"].holds


@pytest.mark.parametrize("flops", ["0", "-1", "nan", "inf", "1e40", "many"])
def test_impossible_budgets_are_refused(flops: str) -> None:
    with pytest.raises(UsageError):
        find("scaling-laws").settings({"flops": flops})


def test_json_is_finite_and_the_same_again() -> None:
    assert demo() == demo()
    json.dumps(demo(flops=1e15).model_dump(mode="json"), allow_nan=False)
