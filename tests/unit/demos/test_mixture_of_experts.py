"""The demo `mixture-of-experts`: routing recomputed in float64, its claims, and what makes them fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from studycli.demos import mixture_of_experts
from studycli.demos.catalogue import ALL
from studycli.demos.edits import Edits, parse
from studycli.demos.embedding import embed
from studycli.demos.explain import explain
from studycli.demos.inputs import DEFAULT_TEXT, Inputs
from studycli.demos.registry import run
from studycli.engine.config import PRESETS
from studycli.engine.trace import Trace
from studycli.errors import UsageError

NAMES = [
    "tokens", "embeddings", "W_router", "router", "probabilities", "routing", "load", "out", "active share"
]  # fmt: skip
CLAIMS = next(demo.claims for demo in ALL if demo.name == "mixture-of-experts")


def demo(text: str = DEFAULT_TEXT, seed: int = 0, experts: int = 8, top: int = 2):
    return run("mixture-of-experts", Inputs(text, "cpu", seed, parameters={"experts": experts, "top": top}))


def test_steps_recomputed_in_float64(values) -> None:
    result = demo()
    assert [step.name for step in result.steps] == NAMES
    router = values(result, "embeddings") @ values(result, "W_router")
    np.testing.assert_allclose(values(result, "router"), router, atol=1e-5)
    p = np.exp(router) / np.exp(router).sum(1, keepdims=True)
    np.testing.assert_allclose(values(result, "probabilities"), p, atol=1e-6)
    best = p >= np.sort(p, axis=1)[:, -2:-1]
    routing = np.where(best, p, 0) / np.where(best, p, 0).sum(1, keepdims=True)
    np.testing.assert_allclose(values(result, "routing"), routing, atol=1e-5)
    np.testing.assert_array_equal(values(result, "load"), best.sum(0))
    assert values(result, "load").sum() == 2 * 11


def test_active_shares(values) -> None:
    shares = values(demo(experts=16, top=4), "active share")
    assert shares[0, 0] == 4 / 16
    assert shares[1, 0] == 2 / 8 and round(shares[1, 1], 3) == 0.276  # 12.9 of 46.7 billion


@pytest.mark.parametrize("text", [DEFAULT_TEXT, "Softmax", "word " * 500, "αβγ 你好 \x00\x1b[31m"])
@pytest.mark.parametrize(("experts", "top"), [(8, 2), (2, 2), (2, 1), (32, 8), (32, 32)])
@pytest.mark.parametrize("seed", [0, 2**63 - 1])
def test_claims_hold(text: str, experts: int, top: int, seed: int) -> None:
    result = demo(text, seed, experts, top)
    assert tuple(claim.name for claim in result.claims) == CLAIMS
    assert [claim for claim in result.claims if not claim.holds] == []


def test_a_wrong_number_makes_its_claim_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    config = mixture_of_experts._config(4, 2)
    with torch.inference_mode():
        good = mixture_of_experts._compute(embed(["a", "b", "c"], 32, 0), config, 0, Trace())
    assert all(claim.holds for claim in mixture_of_experts._claims(good, config))
    routing = good["routing"]
    one = np.where(routing == routing.max(1, keepdims=True), routing, 0)
    worse = {
        "top-experts-per-token": {"routing": one},
        "likeliest-experts": {"routing": np.where(routing > 0, 0, 0.5).astype("float32")},
        "routing-sums-to-1": {"routing": routing * 1.001},
        "experts-weighted-sum": {"out": good["out"] + 0.001},
    }
    for name, change in worse.items():
        found = {claim.name: claim for claim in mixture_of_experts._claims({**good, **change}, config)}
        assert not found[name].holds, name
    monkeypatch.setitem(PRESETS, "mixtral-8x7b", replace(PRESETS["mixtral-8x7b"], experts_per_token=3))
    monkeypatch.setattr(mixture_of_experts.accounting, "active_parameters", mixture_of_experts.accounting.parameters)
    claims = {claim.name: claim for claim in mixture_of_experts._claims(good, config)}
    failed = {name for name, claim in claims.items() if not claim.holds}
    assert failed == {"active-experts-share", "mixtral-active-parameters"}
    assert set(worse) | failed == set(CLAIMS)


def test_more_experts_than_there_are_is_refused() -> None:
    known = next(demo for demo in ALL if demo.name == "mixture-of-experts")
    for top in (5, 9, 32):
        settings = known.settings({"experts": "4", "top": str(top)})
        with pytest.raises(UsageError) as caught:
            run("mixture-of-experts", Inputs(DEFAULT_TEXT, "cpu", parameters=settings))
        assert caught.value.message == f"a token cannot go to {top} of 4 experts" and "4" in str(caught.value.hint)


def test_the_same_seed_gives_the_same_numbers_whatever_the_global_state() -> None:
    torch.manual_seed(1)
    first = demo()
    torch.manual_seed(2)
    assert demo() == first
    assert demo(seed=1) != first


def test_cells_are_explained() -> None:
    result = demo()
    softmax, product = explain(result, "probabilities[1,2]").stages[:2]
    assert (softmax.kind, product.kind) == ("softmax", "product")
    assert softmax.computed == pytest.approx(softmax.value, abs=1e-6)
    assert product.computed == pytest.approx(product.value, abs=1e-5)


@pytest.mark.parametrize("edit", ["router[token=1,feature=3]=100", "routing[token=0]=-3e38", "embeddings=3e38"])
def test_an_edit_changes_what_follows(edit: str) -> None:
    edits = Edits([parse(edit)])
    changed = {step.name for step in run("mixture-of-experts", Inputs(DEFAULT_TEXT, "cpu", edits=edits)).steps}
    assert {"routing", "out"} <= changed and "W_router" not in changed


@pytest.mark.parametrize("text", ["", "   ", "\x00\x01"])
def test_a_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        demo(text)
