"""linear(): the feature map and the state by hand, and what it refuses."""

from __future__ import annotations

import math

import pytest
import torch

from studycli.engine.linear import linear
from studycli.engine.trace import Trace
from studycli.errors import EngineError

# φ turns 0, 1 and -log 2 into 1, 2 and 1/2; with queries of 0 these are the weights.
KEYS = torch.tensor([[0.0], [1.0], [-math.log(2)]])


def test_values_by_hand() -> None:
    trace = Trace()
    z = linear(torch.tensor([[0.0], [2.0]]), KEYS, torch.eye(3), trace=trace)
    assert list(trace) == ["phi_q", "phi_k", "state", "normaliser", "z"]
    torch.testing.assert_close(trace["phi_q"], torch.tensor([[1.0], [3.0]]))
    torch.testing.assert_close(trace["phi_k"], torch.tensor([[1.0], [2.0], [0.5]]))
    torch.testing.assert_close(trace["state"], torch.tensor([[1.0, 2.0, 0.5]]))
    torch.testing.assert_close(trace["normaliser"], torch.tensor([[3.5]]))
    torch.testing.assert_close(z, torch.tensor([[2 / 7, 4 / 7, 1 / 7]] * 2))
    assert trace["z"].equal(z)


@pytest.mark.parametrize(
    ("queries", "expected"),
    [
        (3, [[1, 0, 0], [1 / 3, 2 / 3, 0], [2 / 7, 4 / 7, 1 / 7]]),
        (2, [[1 / 3, 2 / 3, 0], [2 / 7, 4 / 7, 1 / 7]]),
        (1, [[2 / 7, 4 / 7, 1 / 7]]),
        (5, [[0, 0, 0], [0, 0, 0], [1, 0, 0], [1 / 3, 2 / 3, 0], [2 / 7, 4 / 7, 1 / 7]]),
    ],
)
def test_with_causal_the_last_query_stands_at_the_last_key(queries: int, expected: list[list[float]]) -> None:
    trace = Trace()
    z = linear(torch.zeros(queries, 1), KEYS, torch.eye(3), causal=True, trace=trace)
    torch.testing.assert_close(z, torch.tensor(expected, dtype=torch.float))
    torch.testing.assert_close(trace["state"], torch.tensor([[1.0, 2.0, 0.5]]))
    torch.testing.assert_close(trace["normaliser"], torch.tensor([[3.5]]))


@pytest.mark.parametrize(
    ("mask", "row"),
    [
        ([[True, False, True]], [2 / 3, 0, 1 / 3]),
        ([True, False, True], [2 / 3, 0, 1 / 3]),
        ([[True]], [2 / 7, 4 / 7, 1 / 7]),
        ([[False, False, False]], [0, 0, 0]),
        (False, [0, 0, 0]),
    ],
)
@pytest.mark.parametrize("causal", [False, True])
def test_a_mask_takes_the_weight_from_a_key(mask: object, row: list[float], causal: bool) -> None:
    q = torch.zeros(2, 1).requires_grad_()
    trace = Trace()
    z = linear(q, KEYS, torch.eye(3), mask=torch.tensor(mask), causal=causal, trace=trace)
    torch.testing.assert_close(z[1], torch.tensor(row, dtype=torch.float))
    assert trace["phi_k"].shape == (3, 1)
    z.sum().backward()
    assert q.grad is not None and q.grad.isfinite().all()


def test_the_feature_map_keeps_small_values_apart() -> None:
    # elu(-50) + 1, computed as it stands, is 0.
    k = torch.tensor([[-50.0], [-50 + math.log(3)]])
    torch.testing.assert_close(linear(torch.zeros(1, 1), k, torch.eye(2)), torch.tensor([[0.25, 0.75]]))


@pytest.mark.parametrize("x", [-1e4, -1.0, 0.0, 1.0, 1e4])
def test_the_feature_map_has_the_gradient_of_elu(x: float) -> None:
    k = torch.tensor([[x]], dtype=torch.float64, requires_grad=True)
    zero = torch.zeros_like(k)
    # One key of value 1 beside one of weight 1 and value 0: z = φ / (φ + 1), with the slope φ' / (φ + 1)².
    linear(zero, torch.cat((k, zero)), torch.cat((zero + 1, zero))).sum().backward()
    phi, slope = (math.exp(x), math.exp(x)) if x <= 0 else (x + 1, 1)
    assert k.grad is not None and k.grad.item() == pytest.approx(slope / (phi + 1) ** 2)


@pytest.mark.parametrize(("queries", "keys"), [(70, 70), (100, 140), (140, 80), (64, 128), (65, 64)])
def test_blocks_of_queries_agree_with_the_whole(queries: int, keys: int) -> None:
    random = torch.Generator().manual_seed(keys)
    q = torch.randn(2, 2, queries, 3, generator=random, dtype=torch.float64)
    k, v = torch.randn(2, 2, 1, keys, 3, generator=random, dtype=torch.float64)
    mask = torch.rand(2, 1, 1, keys, generator=random) < 0.8
    z = linear(q, k, v, causal=True, mask=mask)
    phi_q, phi_k = (torch.nn.functional.elu(x) + 1 for x in (q, k.repeat_interleave(2, 1)))
    weights = (phi_q @ phi_k.mT).tril(keys - queries) * mask
    expected = weights @ v.repeat_interleave(2, 1) / weights.sum(-1, keepdim=True)
    torch.testing.assert_close(z, expected.nan_to_num(0), atol=1e-12, rtol=0)


def test_scale_changes_nothing() -> None:
    x = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
    assert linear(x, x, x, scale=0.1).equal(linear(x, x, x))


def test_groups_of_query_heads_share_a_key_head_in_order() -> None:
    trace = Trace()
    v = torch.tensor([[[1.0]], [[2.0]]])
    assert linear(torch.zeros(4, 1, 2), torch.zeros(2, 1, 2), v, trace=trace).flatten().tolist() == [1, 1, 2, 2]
    assert trace["state"].shape == (4, 2, 1) and trace["normaliser"].shape == (4, 2, 1)


def test_edits_reach_the_output() -> None:
    x = torch.randn(4, 2, generator=torch.Generator().manual_seed(0))
    z = linear(x, x, x)
    torch.testing.assert_close(linear(x, x, x, trace=Trace(edits={"state": lambda state: state * 2})), 2 * z)
    torch.testing.assert_close(linear(x, x, x, trace=Trace(edits={"normaliser": lambda total: total * 2})), z / 2)
    first = Trace(edits={"phi_k": lambda phi: phi * torch.tensor([[1.0], [0], [0], [0]])})
    torch.testing.assert_close(linear(x, x, x, causal=True, trace=first), x[:1].expand(4, 2))
    assert linear(x, x, x, causal=True, trace=Trace(only="-", edits={"z": torch.zeros_like})).eq(0).all()


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_summed_in_single(dtype: torch.dtype, causal: bool) -> None:
    trace = Trace()
    q, k, v = torch.zeros(3, 1, dtype=dtype), torch.zeros(3000, 1, dtype=dtype), torch.full((3000, 1), 100, dtype=dtype)
    z = linear(q, k, v, causal=causal, trace=trace)
    assert trace["normaliser"].item() == 3000 and trace["state"].item() == 300_000
    assert z.dtype == dtype and z.flatten().tolist() == [100] * 3


def test_no_keys_or_queries_at_all() -> None:
    for causal in (False, True):
        z = linear(torch.ones(2, 3), torch.ones(0, 3), torch.ones(0, 5), causal=causal)
        assert z.tolist() == [[0.0] * 5] * 2
        assert linear(torch.ones(0, 3), torch.ones(4, 3), torch.ones(4, 5), causal=causal).shape == (0, 5)


ONES = torch.ones


@pytest.mark.parametrize(
    ("k", "options", "message"),
    [
        (ONES(2, 4), {}, "differ in d_k"),
        (ONES(2, 3), {"mask": ONES(1, 2)}, "the mask is torch.float32"),
        (ONES(2, 3), {"mask": ONES(2, 2) > 0}, "for each query apart"),
        (ONES(2, 3), {"bias": ONES(1, 2)}, "no scores that a bias could be added to"),
    ],
)
def test_what_does_not_fit_is_refused(k: torch.Tensor, options: dict, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        linear(ONES(2, 3), k, k, **options)
