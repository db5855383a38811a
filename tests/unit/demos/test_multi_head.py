"""The demo `multi-head`: its steps recomputed in float64, its claims, and what makes them fail."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from studycli.demos import multi_head
from studycli.demos.edits import Edits, parse
from studycli.demos.embedding import embed
from studycli.demos.explain import explain
from studycli.demos.inputs import DEFAULT_TEXT, Inputs
from studycli.demos.registry import run
from studycli.engine import MultiHeadAttention, Trace
from studycli.engine.seed import generator

NAMES = [
    "tokens", "embeddings", "W_Q", "W_K", "W_V", "q", "k", "v", "scores", "scaled", "pattern", "z", "concat", "W_O",
    "out",
]  # fmt: skip
CLAIMS = [
    "rows-sum-to-1", "concat-shape", "concat-keeps-heads", "output-shape", "projection", "heads-differ",
    "same-flops", "same-parameters",
]  # fmt: skip


def demo(text: str = DEFAULT_TEXT, seed: int = 0):
    return run("multi-head", Inputs(text, "cpu", seed))


def test_steps_recomputed_in_float64(values) -> None:
    result = demo()
    assert [step.name for step in result.steps] == NAMES
    x, q, k, v, scores, pattern, z = (
        values(result, name) for name in ("embeddings", "q", "k", "v", "scores", "pattern", "z")
    )
    layer = MultiHeadAttention(64, 4, generator=generator(0, "attn"))
    weights = {name: getattr(layer, name).detach().double().numpy() for name in ("W_Q", "W_K", "W_V", "W_O")}
    for name, heads in (("W_Q", q), ("W_K", k), ("W_V", v)):
        assert heads.shape == (4, 11, 16)
        np.testing.assert_allclose(heads, (x @ weights[name]).reshape(11, 4, 16).swapaxes(0, 1), atol=1e-5)
    np.testing.assert_allclose(scores, q @ k.swapaxes(1, 2), atol=1e-5)
    np.testing.assert_allclose(values(result, "scaled"), scores / 4, atol=1e-6)
    exponentials = np.exp(scores / 4)
    np.testing.assert_allclose(pattern, exponentials / exponentials.sum(-1, keepdims=True), atol=1e-5)
    np.testing.assert_allclose(z, pattern @ v, atol=1e-5)
    concat = values(result, "concat")
    np.testing.assert_allclose(concat, np.hstack(list(z)), atol=0)
    np.testing.assert_allclose(values(result, "out"), concat @ weights["W_O"], atol=1e-5)


@pytest.mark.parametrize("text", [DEFAULT_TEXT, "a few words", "word " * 500])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_claims_hold(text: str, seed: int) -> None:
    result = demo(text, seed)
    assert [claim.name for claim in result.claims] == CLAIMS
    assert [claim for claim in result.claims if not claim.holds] == []


def test_a_single_token_claims_no_difference_between_heads() -> None:
    claims = {claim.name: claim for claim in demo("Softmax").claims}
    assert "heads-differ" not in claims and all(claim.holds for claim in claims.values())


def test_flops_are_what_torch_counts() -> None:
    x = embed(["a", "b", "c", "d", "e"], 64, 0)
    for n_heads in (1, 4):
        _, cost = multi_head._compute(x, n_heads, 0, Trace())
        layer = MultiHeadAttention(64, n_heads, generator=generator(0))
        with FlopCounterMode(display=False) as counter:
            layer(x, trace=Trace())
        assert cost.flops == counter.get_total_flops() == 4 * 2 * 5 * 64 * 64 + 2 * 2 * 5 * 5 * 64
        assert cost.parameters == 4 * 64 * 64


def test_a_wrong_number_makes_its_claim_fail() -> None:
    numbers, cost = multi_head._compute(embed(["a", "b", "c"], 64, 0), 4, 0, Trace())
    assert all(claim.holds for claim in multi_head._claims(numbers))
    worse = {
        "rows-sum-to-1": {"pattern": numbers["pattern"] * 1.001},
        "concat-keeps-heads": {"z": numbers["z"][::-1]},
        "concat-shape": {"concat": numbers["concat"][:-1]},
        "output-shape": {"embeddings": numbers["embeddings"][:, :-1]},
        "projection": {"out": numbers["out"] + 0.001},
        "heads-differ": {"pattern": np.repeat(numbers["pattern"][:1], 4, axis=0)},
    }
    for name, change in worse.items():
        found = {claim.name: claim for claim in multi_head._claims({**numbers, **change})}
        assert not found[name].holds, name
    dearer = multi_head._cost_claims(cost, multi_head.Cost(cost.flops + 1, cost.parameters + 1))
    assert [claim.holds for claim in dearer] == [False, False]


def test_the_same_seed_gives_the_same_numbers_whatever_the_global_state() -> None:
    torch.manual_seed(1)
    first = demo()
    torch.manual_seed(2)
    assert demo() == first
    assert demo(seed=1) != first


def test_explain_goes_back_to_the_embeddings() -> None:
    result = demo()
    out = explain(result, "out[3, 5]")
    assert (out.stages[0].kind, out.stages[0].computed) == ("product", pytest.approx(out.stages[0].value, abs=1e-5))
    weight = explain(result, "pattern[2, 4, 1]")
    assert [stage.kind for stage in weight.stages] == ["softmax", "ratio", "product"]
    assert all(stage.computed == pytest.approx(stage.value, abs=1e-5) for stage in weight.stages)
    assert [cell.partition("[")[0] for cell in weight.onward] == ["q", "k"]
    query = explain(result, "q[2, 4, 0]").stages[0]
    assert query.columns[1:3] == ("embeddings[4, :]", "W_Q[2, :, 0]")
    assert query.computed == pytest.approx(query.value, abs=1e-5)


def test_a_silenced_head_leaves_its_columns_empty(values) -> None:
    result = run("multi-head", Inputs(DEFAULT_TEXT, "cpu", edits=Edits([parse("z[head=1]=0")])))
    assert {step.name for step in result.steps[1:]} == {
        "z before", "z", "concat before", "concat", "out before", "out",
    }  # fmt: skip
    concat, before = values(result, "concat"), values(result, "concat before")
    assert not concat[:, 16:32].any() and before[:, 16:32].all()
    assert (np.delete(concat, np.s_[16:32], axis=1) == np.delete(before, np.s_[16:32], axis=1)).all()
    assert all(claim.holds for claim in result.claims)


def test_json() -> None:
    data = json.loads(json.dumps(demo().model_dump(mode="json"), allow_nan=False))
    pattern = next(step for step in data["steps"] if step["name"] == "pattern")
    assert pattern["shape"] == [4, 11, 11] and pattern["axes"] == ["head", "query", "key"]
    assert pattern["labels"]["query"] == pattern["labels"]["key"] == data["steps"][0]["values"]
