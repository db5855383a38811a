"""The demo `grouped-query`: its numbers recomputed in float64, its claims, and what makes them fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from studycli.demos import grouped_query, shared_heads
from studycli.demos.catalogue import ALL
from studycli.demos.edits import Edits, parse
from studycli.demos.explain import explain
from studycli.demos.inputs import DEFAULT_TEXT, Inputs
from studycli.demos.registry import find, run
from studycli.engine import MultiHeadAttention
from studycli.engine.seed import generator
from studycli.errors import UsageError

ENTRY = next(demo for demo in ALL if demo.name == "grouped-query")


def asked(text: str = DEFAULT_TEXT, seed: int = 0, **given: str) -> Inputs:
    return Inputs(text, "cpu", seed, parameters=find("grouped-query").settings(given))


def demo(text: str = DEFAULT_TEXT, seed: int = 0, **given: str):
    return run("grouped-query", asked(text, seed, **given))


def softmax(x: np.ndarray) -> np.ndarray:
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_steps_recomputed_in_float64(groups: int, values) -> None:
    result = demo(groups=str(groups))
    x = values(result, "embeddings")
    layer = MultiHeadAttention(64, 4, generator=generator(0, "attn"))
    of_q, of_k = (weights.detach().double().numpy() for weights in (layer.W_Q, layer.W_K))
    q = (x @ of_q).reshape(-1, 4, 16).swapaxes(0, 1)  # (heads, token, d_head)
    pooled = of_k.reshape(64, groups, 4 // groups, 16).mean(2)  # (d_model, groups, d_head)
    k = np.einsum("td,dgh->gth", x, pooled).repeat(4 // groups, axis=0)  # (heads, token, d_head)
    np.testing.assert_allclose(values(result, "q"), q, atol=1e-5)
    np.testing.assert_allclose(values(result, "keys read"), k, atol=1e-5)
    np.testing.assert_allclose(values(result, "pattern"), softmax(q @ k.swapaxes(1, 2) / 4), atol=1e-5)
    np.testing.assert_array_equal(values(result, "read from"), [[head * groups // 4 for head in range(4)]])
    tokens = len(x)
    costs = [[kv, 2 * kv * 16 * tokens * 4, 2 * 64 * 64 + 2 * 64 * kv * 16] for kv in (4, groups, 1)]
    np.testing.assert_array_equal(values(result, "cost"), costs)


def test_every_number_of_a_pattern_can_be_explained() -> None:
    stages = explain(demo(), "pattern[3, 2, 1]").stages
    assert [stage.kind for stage in stages] == ["softmax", "ratio", "product"]
    for stage in stages:
        assert stage.computed == pytest.approx(stage.value, abs=1e-5)


@pytest.mark.parametrize("text", [DEFAULT_TEXT, "Softmax", "word " * 100_000])
@pytest.mark.parametrize("groups", ["1", "2", "4"])
def test_claims_hold(text: str, groups: str) -> None:
    result = demo(text, groups=groups)
    one_token = result.inputs["tokens"] == 1  # whose patterns are all alike
    expected = tuple(name for name in ENTRY.claims if not (one_token and name == "query-heads-stay"))
    assert tuple(claim.name for claim in result.claims) == expected
    assert [claim for claim in result.claims if not claim.holds] == []


def test_groups_that_do_not_divide_the_heads() -> None:
    with pytest.raises(UsageError, match="4 query heads don't divide into 3 groups") as raised:
        demo(groups="3")
    assert raised.value.hint == "groups may be 1, 2, 4"
    for groups in ("0", "5", "two"):
        with pytest.raises(UsageError):
            demo(groups=groups)


def test_wrong_costs_make_their_claims_fail() -> None:
    pattern = np.random.default_rng(0).dirichlet(np.ones(5), size=(4, 5))
    costs = {
        "multi-head": shared_heads.Cost(4, 800, 16_384, pattern),
        "grouped": shared_heads.Cost(2, 400, 12_288, pattern),
        "multi-query": shared_heads.Cost(1, 200, 10_240, pattern),
    }
    assert all(claim.holds for claim in grouped_query._cost_claims(costs))
    worse = {
        "cache-follows-kv-heads": {"cache_bytes": 800},
        "query-heads-stay": {"pattern": pattern[[0, 1, 2, 2]]},
        "grouped-parameters": {"parameters": 16_384},
    }
    for name, change in worse.items():
        changed = costs | {"grouped": replace(costs["grouped"], **change)}
        found = {claim.name: claim for claim in grouped_query._cost_claims(changed)}
        assert not found[name].holds, name
    fewer = grouped_query._patterns_claim(costs | {"grouped": replace(costs["grouped"], pattern=pattern[:2])})
    assert not fewer[0].holds
    assert [claim.name for claim in demo("Softmax").claims].count("query-heads-stay") == 0


def test_heads_that_share_otherwise_make_their_claims_fail() -> None:
    random = np.random.default_rng(0)
    q, k = random.normal(size=(4, 5, 16)), random.normal(size=(2, 5, 16))
    right = {"q": q, "k": k, "scores": q @ k.repeat(2, axis=0).swapaxes(1, 2)}
    assert grouped_query._shared_keys(right).holds
    alternating = q @ k[[0, 1, 0, 1]].swapaxes(1, 2)
    own = q @ random.normal(size=(4, 5, 16)).swapaxes(1, 2)
    assert not grouped_query._shared_keys(right | {"scores": alternating}).holds
    assert not grouped_query._shared_keys(right | {"scores": own}).holds
    out = random.normal(size=(5, 64))
    assert grouped_query._copied_claim({"out": out, "copied out": out}).holds
    assert not grouped_query._copied_claim({"out": out, "copied out": out + 0.001}).holds


def test_the_shape_of_llama_2_70b() -> None:
    own, full = grouped_query._llama_bytes()
    assert (own, full) == (2 * 80 * 8 * 128 * 2, 2 * 80 * 64 * 128 * 2)
    assert grouped_query._llama_claim(own, full).holds and not grouped_query._llama_claim(full, full).holds


def test_an_edit_reaches_the_grouped_layer() -> None:
    result = run("grouped-query", replace(asked(), edits=Edits([parse("k[head=1]=0")])))
    pattern = next(step for step in result.steps if step.name == "pattern")
    np.testing.assert_allclose(np.array(pattern.values)[2:], 1 / 11, atol=1e-6)
    assert "grouped-is-multi-head-with-copies" in {claim.name for claim in result.claims if not claim.holds}


def test_the_same_seed_gives_the_same_numbers_whatever_the_global_state() -> None:
    torch.manual_seed(1)
    first = demo()
    torch.manual_seed(2)
    assert demo() == first
    assert demo(seed=1) != first


def test_no_words() -> None:
    with pytest.raises(UsageError, match="no words"):
        demo("")
