"""window() and sparse(): attention to the keys nearby, and to a few that everybody sees."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor

from studycli.engine.attention import INNER_NAMES, attend, check_shapes
from studycli.engine.trace import NO_TRACE, Trace
from studycli.errors import EngineError

_BLOCK = 64  # queries computed at once


def window(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    mask: Tensor | None = None,
    bias: Tensor | None = None,
    causal: bool = False,
    scale: float | None = None,
    trace: Trace = NO_TRACE,
    window: int,
) -> Tensor:
    """`attend` where the query at position i sees the keys j with |i - j| <= window; returns z (..., query, d_v).

    With `causal` these are i - window <= j <= i. `window` counts the keys to each side without the query's own:
    Mistral's `sliding_window` w counts it, so w is a causal window of w - 1 here, and Longformer's
    `attention_window` w counts both sides, so w is a window of w / 2. The last query stands at the last key, as in
    `attend`, whose other arguments, trace and errors these are. Raises EngineError for a negative window.

    Without scores or patterns to record, only the keys in reach of each block of queries are read, and memory is
    O(query * window).
    """
    return sparse(
        q, k, v, mask=mask, bias=bias, causal=causal, scale=scale, trace=trace, window=window, global_tokens=0
    )


def sparse(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    mask: Tensor | None = None,
    bias: Tensor | None = None,
    causal: bool = False,
    scale: float | None = None,
    trace: Trace = NO_TRACE,
    window: int,
    global_tokens: int,
) -> Tensor:
    """`window`, where the first `global_tokens` positions also see every key, and everybody sees them.

    This is the local and global pattern of Longformer (Beltagy et al. 2020, section 3.1), with the same projections
    for both. `causal`, `mask` and `bias` close keys to global tokens as to others. Arguments, trace and errors are
    those of `window`; returns z (..., query, d_v). Raises EngineError for a negative number of global tokens.

    Without scores or patterns to record, memory is O(query * (window + global_tokens) + global_tokens * key).
    """
    check_shapes(q, k, v, mask, bias)
    if window < 0 or global_tokens < 0:
        raise EngineError(f"a window of {window} with {global_tokens} global tokens", hint="both are 0 or more")
    queries, keys = q.shape[-2], k.shape[-2]
    if queries == 0 or window >= max(queries, keys) - 1 or global_tokens >= keys:  # nobody is out of reach
        return attend(q, k, v, mask=mask, bias=bias, causal=causal, scale=scale, trace=trace)  # (..., query, d_v)
    columns = torch.arange(keys, device=q.device)  # (key)
    positions = torch.arange(keys - queries, keys, device=q.device)  # (query)
    if trace.wants(*INNER_NAMES):
        near = _in_reach(positions, columns, window, global_tokens, causal)  # (query, key)
        near = near if mask is None else near & mask  # broadcasts to (..., query, key)
        return attend(q, k, v, mask=near, bias=bias, scale=scale, trace=trace)  # (..., query, d_v)
    blocks = []
    for start, stop in _blocks(queries, keys, global_tokens):
        rows, first = slice(start, stop), start + keys - queries
        seen = _keys_in_reach(first, first + stop - start - 1, keys, window, global_tokens, causal)
        near = _in_reach(positions[rows], _pick(columns, -1, seen), window, global_tokens, causal)  # (block, seen)
        near = near if mask is None else near & _part(mask, queries, keys, rows, seen)  # (..., block, seen)
        near_bias = None if bias is None else _part(bias, queries, keys, rows, seen)  # (..., block, seen)
        near_k, near_v = _pick(k, -2, seen), _pick(v, -2, seen)  # (..., seen, d_k), (..., seen, d_v)
        blocks.append(attend(q[..., rows, :], near_k, near_v, mask=near, bias=near_bias, scale=scale))
    return trace.put("z", torch.cat(blocks, -2))  # (..., query, d_v)


def _in_reach(positions: Tensor, columns: Tensor, window: int, global_tokens: int, causal: bool) -> Tensor:
    """Boolean (query, key): True where the query at a position may look at the key in a column."""
    rows = positions[:, None]  # (query, 1)
    seen = (columns >= rows - window) & (columns <= rows + window)  # (query, key)
    if global_tokens:
        seen = seen | (columns < global_tokens) | ((rows >= 0) & (rows < global_tokens))  # (query, key)
    return seen & (columns <= rows) if causal else seen  # (query, key)


# The keys that a block of queries sees: the first `head` ones, and those from `start` to `stop`.
_Seen = tuple[int, int, int]


def _keys_in_reach(first: int, last: int, keys: int, window: int, global_tokens: int, causal: bool) -> _Seen:
    """The keys that some query at the positions from first to last, all of them global or none, may look at."""
    if 0 <= first < global_tokens:
        return 0, 0, last + 1 if causal else keys
    start, stop = max(first - window, 0), min(last + 1 if causal else last + 1 + window, keys)
    if start <= global_tokens:
        return 0, 0, max(stop, global_tokens)
    return global_tokens, start, stop


def _blocks(queries: int, keys: int, global_tokens: int) -> Iterator[tuple[int, int]]:
    """Runs of at most _BLOCK queries, all of them global tokens or none."""
    before = max(queries - keys, 0)  # queries that stand before the first key
    beyond = min(max(global_tokens + queries - keys, before), queries)  # the first query after the global tokens
    for start, stop in pairwise((0, before, beyond, queries)):
        for at in range(start, stop, _BLOCK):
            yield at, min(at + _BLOCK, stop)


def _pick(x: Tensor, dim: int, seen: _Seen) -> Tensor:
    head, start, stop = seen
    near = x.narrow(dim, start, stop - start)
    return torch.cat((x.narrow(dim, 0, head), near), dim) if head else near


def _part(x: Tensor, queries: int, keys: int, rows: slice, seen: _Seen) -> Tensor:
    """The part of a mask or bias for a block of queries and the keys it sees."""
    return _pick(x.expand(*x.shape[:-2], queries, keys)[..., rows, :], -1, seen)  # (..., block, seen)
