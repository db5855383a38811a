"""tiled(): the online softmax by hand, what it records, and what it refuses."""

from __future__ import annotations

import math

import pytest
import torch

from studycli.engine.attention import attend
from studycli.engine.tiled import tiled
from studycli.engine.trace import Trace
from studycli.errors import EngineError

INFINITY = math.inf
LOG2, LOG4 = math.log(2), math.log(4)

# One query of 1 and keys whose scores are the logarithms of 1, 4, 2, 4; the values are 8, 16, 24, 32.
HAND = [
    # tile, open keys, maxima, denominators, z
    (1, [1, 1, 1, 1], [0, LOG4, LOG4, LOG4], [1, 1.25, 1.75, 2.75], (8 + 4 * 16 + 2 * 24 + 4 * 32) / 11),
    (2, [1, 1, 1, 1], [LOG4, LOG4], [1.25, 2.75], (8 + 4 * 16 + 2 * 24 + 4 * 32) / 11),
    (3, [1, 1, 1, 1], [LOG4, LOG4], [1.75, 2.75], (8 + 4 * 16 + 2 * 24 + 4 * 32) / 11),
    (9, [1, 1, 1, 1], [LOG4], [2.75], (8 + 4 * 16 + 2 * 24 + 4 * 32) / 11),
    (1, [0, 0, 1, 1], [-INFINITY, -INFINITY, LOG2, LOG4], [0, 0, 1, 1.5], (2 * 24 + 4 * 32) / 6),
    (2, [0, 1, 0, 0], [LOG4, LOG4], [1, 1], 16),
    (3, [0, 0, 0, 0], [-INFINITY, -INFINITY], [0, 0], 0),
]


@pytest.mark.parametrize(("tile", "keys", "maxima", "denominators", "z"), HAND)
def test_the_online_softmax_by_hand(
    tile: int, keys: list[int], maxima: list[float], denominators: list[float], z: float
) -> None:
    q, k = torch.ones(1, 1), torch.tensor([[1.0], [4.0], [2.0], [4.0]]).log()
    v = torch.tensor([[8.0], [16.0], [24.0], [32.0]])
    trace = Trace()
    out = tiled(q, k, v, mask=torch.tensor([keys]) > 0, tile=tile, trace=trace)
    tiles = range(len(maxima))
    assert list(trace) == [f"tiles.{j}.{name}" for j in tiles for name in ("maximum", "denominator")] + ["z"]
    assert [trace[f"tiles.{j}.maximum"].item() for j in tiles] == pytest.approx(maxima)
    assert [trace[f"tiles.{j}.denominator"].item() for j in tiles] == pytest.approx(denominators)
    assert trace["tiles.0.maximum"].shape == trace["tiles.0.denominator"].shape == (1, 1)
    assert out.item() == trace["z"].item() == pytest.approx(z)


@pytest.mark.parametrize("tile", [*range(1, 12), 64])
def test_every_tile_size_is_exact(tile: int) -> None:
    random = torch.Generator().manual_seed(tile)
    q, k, v = (torch.randn(2, heads, 10, 4, generator=random) for heads in (6, 2, 2))
    exact = attend(q.double(), k.double(), v.double(), causal=True)
    assert (tiled(q, k, v, causal=True, tile=tile) - exact).abs().max() < 1e-6
    assert (tiled(q.double(), k.double(), v.double(), causal=True, tile=tile) - exact).abs().max() < 1e-12


@pytest.mark.parametrize(("queries", "keys"), [(140, 140), (130, 200), (200, 130), (1, 200)])
@pytest.mark.parametrize("causal", [False, True])
def test_many_queries_are_as_exact_as_few(queries: int, keys: int, causal: bool) -> None:
    random = torch.Generator().manual_seed(queries)
    q = torch.randn(queries, 4, generator=random, dtype=torch.float64)
    k, v = torch.randn(2, keys, 4, generator=random, dtype=torch.float64)
    options = {
        "mask": torch.rand(queries, keys, generator=random) < 0.5,
        "bias": torch.randn(keys, generator=random, dtype=torch.float64),
    }
    exact = attend(q, k, v, causal=causal, **options)
    trace = Trace()
    torch.testing.assert_close(tiled(q, k, v, causal=causal, **options), exact, atol=1e-12, rtol=0)
    torch.testing.assert_close(tiled(q, k, v, causal=causal, trace=trace, **options), exact, atol=1e-12, rtol=0)
    assert trace["tiles.0.maximum"].shape == (queries, 1)


def test_a_trace_of_one_tile_records_all_queries_of_it_alone() -> None:
    trace = Trace(only="tiles.3.maximum")
    x = torch.randn(2, 140, 4, generator=torch.Generator().manual_seed(0))
    tiled(x, x, x, causal=True, tile=20, trace=trace)
    assert {name: value.shape for name, value in trace.items()} == {"tiles.3.maximum": (2, 140, 1)}
    assert trace["tiles.3.maximum"].isneginf().sum() == 0
    assert trace["tiles.3.maximum"][:, 100, 0].equal((x[:, 100, None] @ x[:, :80].mT / 2).amax(-1)[:, 0])


def test_an_edit_of_a_maximum_changes_nothing_and_one_of_the_last_denominator_scales_z() -> None:
    random = torch.Generator().manual_seed(0)
    q, k, v = torch.randn(3, 5, 4, generator=random)
    z = tiled(q, k, v, tile=2)
    raised = tiled(q, k, v, tile=2, trace=Trace(edits={"tiles.1.maximum": lambda m: m + 3}))
    halved = tiled(q, k, v, tile=2, trace=Trace(edits={"tiles.2.denominator": lambda total: total * 2}))
    torch.testing.assert_close(raised, z)
    torch.testing.assert_close(halved, z / 2)
    assert tiled(q, k, v, tile=2, trace=Trace(only="-", edits={"z": torch.zeros_like})).eq(0).all()


@pytest.mark.parametrize("by", ["mask", "bias", "causal"])
@pytest.mark.parametrize("tile", [1, 2, 64])
def test_a_query_that_may_look_nowhere_gets_zeros_and_a_finite_gradient(by: str, tile: int) -> None:
    mask = torch.tensor([[False, False], [True, False], [True, True]])
    bias = torch.zeros(3, 2).masked_fill(~mask, -math.inf)
    options = {"mask": {"mask": mask}, "bias": {"bias": bias.requires_grad_()}, "causal": {"causal": True}}[by]
    inputs = [torch.ones(n, 4, requires_grad=True) for n in (3, 2, 2)]
    z = tiled(*inputs, **options, tile=tile)
    assert z.tolist() == [[0.0] * 4, [1.0] * 4, [1.0] * 4]
    z.sum().backward()
    assert all(x.grad is not None and x.grad.isfinite().all() for x in [*inputs, *([bias] if by == "bias" else [])])


def test_no_keys_at_all_give_zeros() -> None:
    assert tiled(torch.ones(2, 3), torch.ones(0, 3), torch.ones(0, 5)).tolist() == [[0.0] * 5] * 2
    assert tiled(torch.ones(0, 3), torch.ones(4, 3), torch.ones(4, 5)).shape == (0, 5)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_summed_in_single(dtype: torch.dtype) -> None:
    # A float16 score of 90,000 would be infinite, and a bfloat16 sum of ones would stay at 256.
    q, k = torch.full((1, 1), 300.0, dtype=dtype), torch.full((1000, 1), 300.0, dtype=dtype)
    trace = Trace()
    z = tiled(q, k, torch.ones(1000, 2, dtype=dtype), tile=1, trace=trace)
    assert trace["tiles.999.denominator"].item() == 1000
    assert z.dtype == trace["z"].dtype == dtype and z.tolist() == [[1.0, 1.0]]


def test_a_bias_of_another_precision_fits() -> None:
    q, k, bias = torch.zeros(1, 2), torch.zeros(2, 2), torch.tensor([[0, math.log(3)]], dtype=torch.float64)
    torch.testing.assert_close(tiled(q, k, torch.eye(2), bias=bias), torch.tensor([[0.25, 0.75]]))


ONES = torch.ones


@pytest.mark.parametrize(
    ("k", "options", "message"),
    [
        (ONES(2, 4), {}, "differ in d_k"),
        (ONES(2, 3), {"mask": ONES(2, 2)}, "the mask is torch.float32"),
        (ONES(2, 3), {"tile": 0}, "a tile of 0 keys"),
    ],
)
def test_what_does_not_fit_is_refused(k: torch.Tensor, options: dict, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        tiled(ONES(2, 3), k, k, **options)
