"""attend(): values computed by hand, masks, and what it refuses."""

from __future__ import annotations

import math
from unittest import mock

import pytest
import torch

from studycli.engine import Trace, attend
from studycli.engine import attention as attention_module
from studycli.engine.attention import causal_mask
from studycli.errors import EngineError

E1, E2 = math.exp(1), math.exp(2)
NAMES = ["scores", "scaled", "biased", "masked", "pattern", "z"]

# d_k = 4, so the scale is 1/2; keys are chosen so that the scores are the wanted ones.
HAND = [
    # scores, pattern
    ([2.0, 1.0, 0.0], [E1 / (E1 + E1**0.5 + 1), E1**0.5 / (E1 + E1**0.5 + 1), 1 / (E1 + E1**0.5 + 1)]),
    ([0.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]),
    ([0.0, 2 * math.log(2), 2 * math.log(5)], [1 / 8, 2 / 8, 5 / 8]),
    ([4.0, 4.0, 0.0], [E2 / (2 * E2 + 1), E2 / (2 * E2 + 1), 1 / (2 * E2 + 1)]),
]


@pytest.mark.parametrize(("scores", "pattern"), HAND)
def test_values_by_hand(scores: list[float], pattern: list[float]) -> None:
    q = torch.tensor([[1.0, 0, 0, 0]])
    k = torch.tensor([[score, 7, -3, 1] for score in scores])
    v = torch.tensor([[1.0, 10], [2, 20], [3, 30]])
    trace = Trace()
    z = attend(q, k, v, trace=trace)
    assert list(trace) == NAMES
    torch.testing.assert_close(trace["scores"], torch.tensor([scores]))
    torch.testing.assert_close(trace["scaled"], torch.tensor([scores]) / 2)
    torch.testing.assert_close(trace["pattern"], torch.tensor([pattern]))
    mean = pattern[0] + 2 * pattern[1] + 3 * pattern[2]
    torch.testing.assert_close(z, torch.tensor([[mean, 10 * mean]]))
    torch.testing.assert_close(attend(q, k, v), z)


def test_a_mask_takes_the_weight_from_a_key() -> None:
    trace = Trace()
    attend(torch.zeros(1, 2), torch.zeros(3, 2), torch.eye(3), mask=torch.tensor([[True, False, True]]), trace=trace)
    assert trace["masked"].tolist() == [[0, -math.inf, 0]]
    assert trace["pattern"].tolist() == [[0.5, 0, 0.5]]


def test_a_bias_is_added_after_the_scaling() -> None:
    bias = torch.tensor([[0.0, math.log(3)]])
    trace = Trace()
    z = attend(torch.zeros(1, 2), torch.zeros(2, 2), torch.eye(2), bias=bias, trace=trace)
    torch.testing.assert_close(trace["biased"], bias)
    torch.testing.assert_close(z, torch.tensor([[0.25, 0.75]]))
    torch.testing.assert_close(attend(torch.zeros(1, 2), torch.zeros(2, 2), torch.eye(2), bias=bias), z)


@pytest.mark.parametrize(
    ("queries", "keys", "expected"),
    [
        (3, 3, [[1, 0, 0], [1, 1, 0], [1, 1, 1]]),
        (2, 4, [[1, 1, 1, 0], [1, 1, 1, 1]]),
        (1, 3, [[1, 1, 1]]),
        (3, 2, [[0, 0], [1, 0], [1, 1]]),
    ],
)
def test_the_last_query_stands_at_the_last_key(queries: int, keys: int, expected: list[list[int]]) -> None:
    assert causal_mask(queries, keys).int().tolist() == expected
    q, k, v = torch.zeros(queries, 2), torch.zeros(keys, 2), torch.eye(keys)
    weights = torch.tensor(expected, dtype=torch.float)
    weights = weights / weights.sum(-1, keepdim=True).clamp(min=1)
    torch.testing.assert_close(attend(q, k, v, causal=True), weights)
    torch.testing.assert_close(attend(q, k, v, causal=True, trace=Trace()), weights)


def naive_kernel(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, *, attn_mask: torch.Tensor, scale: float, enable_gqa: bool
) -> torch.Tensor:
    """The formula as it stands: a row without keys is NaN, as in some kernels of some versions of torch."""
    if attn_mask.dtype == torch.bool:
        attn_mask = torch.zeros(attn_mask.shape).masked_fill(~attn_mask, -math.inf)
    return (q @ k.transpose(-2, -1) * scale + attn_mask).softmax(-1) @ v


@pytest.mark.parametrize("path", ["kernel", "naive kernel", "traced"])
@pytest.mark.parametrize("by", ["mask", "bias", "both"])
def test_a_query_that_may_look_nowhere_gets_zeros_and_a_finite_gradient(
    path: str, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if path == "naive kernel":
        monkeypatch.setattr(attention_module, "scaled_dot_product_attention", naive_kernel)
    mask = torch.tensor([[True, True], [False, False], [True, by != "both"]])
    q = torch.randn(3, 4, generator=torch.Generator().manual_seed(0)).requires_grad_()
    options = {}
    if by in ("mask", "both"):
        options["mask"] = mask
    if by == "bias":
        options["bias"] = torch.zeros(3, 2).masked_fill(~mask, -math.inf)
    if by == "both":  # only together do they close the third row
        options["bias"] = torch.tensor([[0.0, 0], [0, 0], [-math.inf, 0]])
    if path == "traced":
        options["trace"] = Trace()
    z = attend(q, torch.ones(2, 4), torch.ones(2, 5), **options)
    assert z[1].eq(0).all() and z[0].allclose(torch.ones(5))
    assert z[2].eq(0 if by == "both" else 1).all()
    z.sum().backward()
    assert q.grad is not None and q.grad.isfinite().all()


@pytest.mark.parametrize("by", ["mask", "bias"])
def test_a_mask_or_bias_of_keys_alone_serves_every_query(by: str) -> None:
    q, k, v = torch.zeros(2, 3), torch.zeros(3, 3), torch.eye(3)
    options = {"mask": torch.tensor([True, False, True])} if by == "mask" else {"bias": torch.tensor([0, -math.inf, 0])}
    expected = torch.tensor([[0.5, 0, 0.5]] * 2)
    assert attend(q, k, v, **options).allclose(expected)
    assert attend(q, k, v, **options, trace=Trace()).allclose(expected)


@pytest.mark.parametrize("scale", [-3.0, 0.0])
def test_a_scale_below_0_or_0_is_the_same_on_both_paths(scale: float) -> None:
    q, k, v = torch.randn(3, 2, 5, 4, generator=torch.Generator().manual_seed(0)) * 6
    for options in ({}, {"causal": True}, {"mask": torch.tensor([True, False, True, True, True])}):
        fast = attend(q, k, v, scale=scale, **options)
        torch.testing.assert_close(fast, attend(q, k, v, scale=scale, trace=Trace(), **options))


def test_no_keys_at_all_give_zeros() -> None:
    q, k, v = torch.ones(2, 3), torch.ones(0, 3), torch.ones(0, 5)
    assert attend(q, k, v).tolist() == attend(q, k, v, trace=Trace()).tolist() == [[0.0] * 5] * 2


def test_groups_of_query_heads_share_a_key_head_in_order() -> None:
    q = torch.zeros(4, 1, 2)
    k = torch.zeros(2, 1, 2)
    v = torch.tensor([[[1.0]], [[2.0]]])
    assert attend(q, k, v).flatten().tolist() == [1, 1, 2, 2]
    assert attend(q, k, v, trace=Trace()).flatten().tolist() == [1, 1, 2, 2]


def test_the_kernel_runs_without_a_trace_and_where_only_z_is_wanted() -> None:
    q = torch.eye(3)
    with mock.patch.object(attention_module, "scaled_dot_product_attention", return_value=q) as kernel:
        attend(q, q, q)
        attend(q, q, q, trace=Trace(only="z"))
        assert kernel.call_count == 2
        attend(q, q, q, trace=Trace())
        attend(q, q, q, trace=Trace(only="pattern"))
        assert kernel.call_count == 2


@pytest.mark.parametrize("biased", [False, True])
def test_half_precision_stays_half_precision(biased: bool) -> None:
    q = torch.ones(1, 4, dtype=torch.bfloat16)
    k = torch.ones(300, 4, dtype=torch.bfloat16)
    options = {"bias": torch.zeros(1, 300, dtype=torch.float64)} if biased else {}
    trace = Trace()
    z = attend(q, k, k, trace=trace, **options)
    assert z.dtype == trace["pattern"].dtype == attend(q, k, k, **options).dtype == torch.bfloat16
    assert trace["pattern"].float()[0, 0].item() == pytest.approx(1 / 300, rel=0.01)


ONES = torch.ones


@pytest.mark.parametrize(
    ("q", "k", "v", "mask", "message"),
    [
        (ONES(2, 3), ONES(2, 4), ONES(2, 4), None, "differ in d_k"),
        (ONES(2, 3), ONES(2, 3), ONES(3, 3), None, "one value for each key"),
        (ONES(3, 2, 3), ONES(2, 2, 3), ONES(2, 2, 3), None, "multiple"),
        (ONES(2, 2, 3), ONES(2, 2, 3), ONES(1, 2, 3), None, "multiple"),
        (ONES(3), ONES(3), ONES(3), None, "dimensions"),
        (ONES(1, 2, 3), ONES(2, 3), ONES(2, 3), None, "dimensions"),
        (ONES(2, 3), ONES(2, 3), ONES(2, 3), ONES(2, 2), "the mask is torch.float32"),
    ],
)
def test_what_does_not_fit_is_refused(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor | None, message: str
) -> None:
    with pytest.raises(EngineError, match=message):
        attend(q, k, v, mask=mask)
