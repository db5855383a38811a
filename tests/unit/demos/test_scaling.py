"""The demo `scaling`: its measures recomputed in float64, its claims, and what makes them fail."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from studycli.demos import registry, scaling
from studycli.demos.catalogue.attention import ATTENTION
from studycli.demos.explain import explain
from studycli.demos.inputs import Inputs
from studycli.errors import UsageError

CLAIMS = [
    "variance-grows-with-d-k", "scaled-variance-stays-1", "scaled-softmax-stays-soft", "response-fades-without-scaling",
    "saturated-at-large-d-k", "gradient-fades-without-scaling",
]  # fmt: skip
ENTRY = next(demo for demo in ATTENTION if demo.name == "scaling")


def demo(seed: int = 0, **given: str):
    return registry.run("scaling", Inputs("", "cpu", seed, parameters=ENTRY.settings(given)))


def test_every_measure_recomputed_in_float64(values) -> None:
    result = demo(d_k="4", keys="8")
    assert result.steps[0].labels == {"d_k": ("2", "4"), "kind": ("unscaled", "scaled")}
    for row, size in enumerate((2, 4)):
        q, k, v = (x.double().numpy() for x in scaling._draw(0, size, 8, torch.device("cpu")))
        for column, scale in enumerate((1, size**-0.5)):
            scores = np.einsum("gqd,gkd->gqk", q, k) * scale
            p = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
            # Of z = sum of p v the derivative by score j is p_j (v_j - z).
            gradient = p * (v.swapaxes(1, 2) - p @ v)
            expected = {
                "variance": scores.var(), "largest weight": p.max(-1).mean(),
                "entropy": -(p * np.log(p)).sum(-1).mean(), "response": 1 - (p**2).sum(-1).mean(),
                "gradient": np.median(np.linalg.norm(gradient, axis=-1)),
            }  # fmt: skip
            for name, number in expected.items():
                assert values(result, name)[row, column] == pytest.approx(number, rel=1e-4), name
            kind = ("unscaled", "scaled")[column]
            np.testing.assert_allclose(values(result, f"{kind} scores")[row], scores[0, 0], atol=1e-5)
            np.testing.assert_allclose(values(result, f"{kind} weights")[row], p[0, 0], atol=1e-5)


@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1])
def test_claims_hold(seed: int) -> None:
    result = demo(seed)
    assert [claim.name for claim in result.claims] == CLAIMS == list(ENTRY.claims)
    assert [claim for claim in result.claims if not claim.holds] == []


@pytest.mark.parametrize(
    ("given", "claims"),
    [
        ({"d_k": "2", "keys": "2"}, CLAIMS[:3]),
        ({"d_k": "3"}, CLAIMS[:4]),
        ({"d_k": "512", "keys": "256"}, CLAIMS[:4]),
        ({"d_k": "100", "keys": "5"}, CLAIMS),
    ],
)
def test_what_is_claimed_at_the_edges_holds(given: dict[str, str], claims: list[str]) -> None:
    result = demo(**given)
    assert [claim.name for claim in result.claims] == claims
    assert all(claim.holds for claim in result.claims)


def test_sizes_double_up_to_the_largest() -> None:
    assert scaling._sizes(2) == (2,) and scaling._sizes(3) == (2, 3) and scaling._sizes(8) == (2, 4, 8)
    assert scaling._sizes(100) == (2, 4, 8, 16, 32, 64, 100)


def test_a_wrong_number_makes_its_claim_fail() -> None:
    sizes, inputs = (2, 64), Inputs("", "cpu")
    numbers = scaling._measured(inputs, sizes, 32, torch.device("cpu"))
    assert all(claim.holds for claim in scaling._claims(sizes, 32, numbers))
    swapped = {name: values[:, ::-1] for name, values in numbers.items()}
    assert [claim.name for claim in scaling._claims(sizes, 32, swapped) if claim.holds] == []
    worse = {
        "variance-grows-with-d-k": ("variance", np.array([[2, 1], [2, 1]])),
        "scaled-variance-stays-1": ("variance", np.array([[2, 1], [64, 8]])),
        "scaled-softmax-stays-soft": ("largest weight", np.array([[0.9, 0.1], [0.9, 0.3]])),
        "response-fades-without-scaling": ("response", np.array([[1, 1], [0.6, 1]])),
        "saturated-at-large-d-k": ("largest weight", np.array([[0.9, 0.1], [0.7, 0.1]])),
        "gradient-fades-without-scaling": ("gradient", np.array([[1, 1], [0.6, 1]])),
    }
    assert [*worse] == CLAIMS
    for claim, (name, change) in worse.items():
        found = {each.name: each.holds for each in scaling._claims(sizes, 32, numbers | {name: change})}
        assert [each for each in found if not found[each]] == [claim]


def test_explain_shows_the_exponentials() -> None:
    (stage, given) = explain(demo(d_k="8", keys="4"), "unscaled weights[2, 1]").stages
    assert (stage.kind, given.kind) == ("softmax", "given")
    assert stage.computed == pytest.approx(stage.value, abs=1e-5)


def test_the_same_seed_gives_the_same_numbers() -> None:
    torch.manual_seed(1)
    first = demo(d_k="16")
    torch.manual_seed(2)
    assert demo(d_k="16") == first != demo(1, d_k="16")


def test_impossible_parameters() -> None:
    for given in ({"d_k": "1"}, {"d_k": "4096"}, {"keys": "1"}, {"keys": "x"}, {"queries": "4"}):
        with pytest.raises(UsageError):
            demo(**given)
