"""window() and sparse(): who sees whom, both paths, and what they refuse."""

from __future__ import annotations

import math

import pytest
import torch

from studycli.engine.attention import attend
from studycli.engine.trace import Trace
from studycli.engine.window import sparse, window
from studycli.errors import EngineError

# Rows are queries, columns keys; 1 where the query sees the key.
WINDOWS = [
    # queries, window, causal, seen
    (4, 0, False, ["1000", "0100", "0010", "0001"]),
    (4, 1, False, ["1100", "1110", "0111", "0011"]),
    (4, 2, False, ["1110", "1111", "1111", "0111"]),
    (4, 9, False, ["1111", "1111", "1111", "1111"]),
    (4, 0, True, ["1000", "0100", "0010", "0001"]),
    (4, 1, True, ["1000", "1100", "0110", "0011"]),
    (4, 9, True, ["1000", "1100", "1110", "1111"]),
    (2, 1, False, ["0111", "0011"]),  # after two keys in a cache
    (2, 1, True, ["0110", "0011"]),
    (1, 2, True, ["0111"]),
    (6, 1, False, ["0000", "1000", "1100", "1110", "0111", "0011"]),  # two queries stand before the first key
    (6, 1, True, ["0000", "0000", "1000", "1100", "0110", "0011"]),
]
SPARSE = [
    # queries, window, global tokens, causal, seen
    (4, 0, 1, False, ["1111", "1100", "1010", "1001"]),
    (4, 0, 1, True, ["1000", "1100", "1010", "1001"]),
    (4, 0, 2, False, ["1111", "1111", "1110", "1101"]),
    (4, 0, 2, True, ["1000", "1100", "1110", "1101"]),
    (4, 1, 0, False, ["1100", "1110", "0111", "0011"]),
    (4, 1, 9, False, ["1111", "1111", "1111", "1111"]),
    (3, 0, 2, False, ["1111", "1110", "1101"]),
    (1, 0, 1, True, ["1001"]),
    (5, 0, 1, False, ["1000", "1111", "1100", "1010", "1001"]),
    (5, 0, 1, True, ["0000", "1000", "1100", "1010", "1001"]),
]


def check_seen(seen: list[str], z: torch.Tensor, traced: torch.Tensor, pattern: torch.Tensor) -> None:
    """Equal scores and one-hot values: z is the pattern, each row uniform over what it sees."""
    expected = torch.tensor([[float(key) for key in row] for row in seen])
    expected = expected / expected.sum(-1, keepdim=True).clamp(min=1)
    for x in (z, traced, pattern):
        torch.testing.assert_close(x, expected)


@pytest.mark.parametrize(("queries", "reach", "causal", "seen"), WINDOWS)
def test_who_sees_whom_in_a_window(queries: int, reach: int, causal: bool, seen: list[str]) -> None:
    q, k, trace = torch.zeros(queries, 2), torch.zeros(4, 2), Trace()
    z = window(q, k, torch.eye(4), causal=causal, window=reach)
    traced = window(q, k, torch.eye(4), causal=causal, window=reach, trace=trace)
    check_seen(seen, z, traced, trace["pattern"])


@pytest.mark.parametrize(("queries", "reach", "global_tokens", "causal", "seen"), SPARSE)
def test_who_sees_whom_beside_global_tokens(
    queries: int, reach: int, global_tokens: int, causal: bool, seen: list[str]
) -> None:
    q, k, trace = torch.zeros(queries, 2), torch.zeros(4, 2), Trace()
    options = {"causal": causal, "window": reach, "global_tokens": global_tokens}
    z = sparse(q, k, torch.eye(4), **options)
    traced = sparse(q, k, torch.eye(4), **options, trace=trace)
    check_seen(seen, z, traced, trace["pattern"])


@pytest.mark.parametrize(("queries", "keys"), [(90, 90), (70, 130), (150, 80), (1, 90)])
@pytest.mark.parametrize(("reach", "global_tokens"), [(0, 0), (5, 0), (75, 0), (5, 3), (0, 70), (20, 10)])
@pytest.mark.parametrize("causal", [False, True])
def test_blocks_of_queries_agree_with_the_whole(
    queries: int, keys: int, reach: int, global_tokens: int, causal: bool
) -> None:
    random = torch.Generator().manual_seed(queries + reach)
    q = torch.randn(2, queries, 3, generator=random, dtype=torch.float64)
    k, v = torch.randn(2, 1, keys, 3, generator=random, dtype=torch.float64)
    options = {
        "causal": causal,
        "mask": torch.rand(queries, keys, generator=random) < 0.7,
        "bias": torch.randn(2, 1, keys, generator=random, dtype=torch.float64),
    }
    z = sparse(q, k, v, window=reach, global_tokens=global_tokens, **options)
    rows, columns = torch.arange(keys - queries, keys)[:, None], torch.arange(keys)
    band = (rows - columns).abs() <= reach
    band |= (columns < global_tokens) | ((rows >= 0) & (rows < global_tokens))
    options["mask"] = options["mask"] & band
    torch.testing.assert_close(z, attend(q, k, v, trace=Trace(), **options), atol=1e-12, rtol=0)


def test_keys_out_of_reach_are_not_even_read() -> None:
    k = torch.zeros(400, 2)
    k[1:150] = math.nan
    q = torch.zeros(200, 2)
    assert sparse(q, k, k, causal=True, window=50, global_tokens=1).isfinite().all()
    assert window(q[:1], k, k, window=249).isfinite().all()
    assert window(q[:1], k, k, window=250).isnan().all()


def test_edits_reach_the_output() -> None:
    x = torch.randn(5, 4, generator=torch.Generator().manual_seed(0))
    zeroed = {"z": torch.zeros_like}
    first = {"pattern": lambda pattern: torch.eye(5)[torch.zeros(5, dtype=torch.long)]}
    assert window(x, x, x, window=1, trace=Trace(only="-", edits=zeroed)).eq(0).all()
    assert window(x, x, x, window=1, trace=Trace(edits=zeroed)).eq(0).all()
    assert window(x, x, x, window=1, trace=Trace(edits=first)).equal(x[:1].expand(5, 4))


def test_a_trace_of_z_alone_reads_no_more_keys() -> None:
    trace = Trace(only="z")
    k = torch.zeros(200, 4)
    k[0] = math.nan
    z = window(torch.zeros(200, 4), k, k, causal=True, window=2, trace=trace)
    assert z[199].isfinite().all() and trace["z"][199].equal(z[199])


def test_no_keys_or_queries_at_all() -> None:
    options = {"window": 0, "global_tokens": 0}
    assert sparse(torch.ones(2, 3), torch.ones(0, 3), torch.ones(0, 5), **options).tolist() == [[0.0] * 5] * 2
    assert sparse(torch.ones(0, 3), torch.ones(4, 3), torch.ones(4, 5), **options).shape == (0, 5)


@pytest.mark.parametrize("trace", [None, Trace()])
def test_half_precision_stays_half_precision(trace: Trace | None) -> None:
    x = torch.ones(5, 4, dtype=torch.bfloat16)
    options = {} if trace is None else {"trace": trace}
    assert sparse(x, x, x, window=1, global_tokens=1, **options).dtype == torch.bfloat16


ONES = torch.ones


@pytest.mark.parametrize(
    ("k", "options", "message"),
    [
        (ONES(2, 4), {}, "differ in d_k"),
        (ONES(2, 3), {"mask": ONES(2, 2)}, "the mask is torch.float32"),
        (ONES(2, 3), {"window": -1}, "a window of -1"),
        (ONES(2, 3), {"global_tokens": -2}, "-2 global tokens"),
    ],
)
def test_what_does_not_fit_is_refused(k: torch.Tensor, options: dict, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        sparse(ONES(2, 3), k, k, **{"window": 1, "global_tokens": 0, **options})
