"""tiled(): exact attention, one tile of keys at a time, by the online softmax of FlashAttention."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from studycli.engine.attention import check_shapes
from studycli.engine.trace import NO_TRACE, Trace
from studycli.errors import EngineError

BLOCK = 128  # queries computed at once, where their tiles aren't traced


def tiled(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    mask: Tensor | None = None,
    bias: Tensor | None = None,
    causal: bool = False,
    scale: float | None = None,
    trace: Trace = NO_TRACE,
    tile: int = 64,
) -> Tensor:
    """What `attend` computes, never holding more scores than (..., query, tile); returns z (..., query, d_v).

    The online softmax (Milakov and Gimelshein 2018; Dao et al. 2022, algorithm 1) walks over the keys, `tile` at a
    time. It keeps each query's largest score so far m, the sum l of exp(score - m) and the sum of the values so
    weighted. Whenever m grows, both sums are multiplied by exp(old m - new m). In the end z is the quotient of the two.

    Arguments are those of `attend`. Sums are float32 at least. After tile j the trace gets `tiles.{j}.maximum` and
    `tiles.{j}.denominator`, both (..., query, 1): m, which is -inf for a query that has seen no key yet, and l. In the
    end it gets `z`. The gradient is exact too; computing it keeps the weights of every tile. Raises EngineError for
    what `attend` refuses, and for a tile without keys.
    """
    check_shapes(q, k, v, mask, bias)
    if tile < 1:
        raise EngineError(f"a tile of {tile} keys", hint="a tile holds one key or more")
    queries, keys = q.shape[-2], k.shape[-2]
    scaled_q = q.to(torch.promote_types(q.dtype, torch.float32))  # (..., query, d_k)
    scaled_q = scaled_q * (q.shape[-1] ** -0.5 if scale is None else scale)  # (..., query, d_k)
    mask, bias = _over_pairs(mask, queries, keys), _over_pairs(bias, queries, keys)  # (..., query, key)
    names = (f"tiles.{j}.{name}" for j in range(-(-keys // tile)) for name in ("maximum", "denominator"))
    step = queries if trace.wants(*names) else BLOCK
    blocks = []
    for start in range(0, max(queries, 1), max(step, 1)):
        rows = slice(start, min(start + step, queries))
        first = start + keys - queries if causal else None
        block = scaled_q[..., rows, :], k, v, _rows(mask, rows), _rows(bias, rows)
        blocks.append(_online_softmax(*block, first, tile, trace).to(v.dtype))  # (..., block, d_v)
    return trace.put("z", torch.cat(blocks, -2))  # (..., query, d_v)


def _online_softmax(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None,
    bias: Tensor | None,
    first: int | None,
    tile: int,
    trace: Trace,
) -> Tensor:
    """z (..., query, d_v) of scaled queries; with causal attention, `first` is the position of the first of them."""
    seen = k.shape[-2] if first is None else max(first + q.shape[-2], 0)
    maximum = q.new_full((*q.shape[:-1], 1), -math.inf)  # (..., query, 1)
    denominator = q.new_zeros(*q.shape[:-1], 1)  # (..., query, 1)
    numerator = q.new_zeros(*q.shape[:-1], v.shape[-1])  # (..., query, d_v)
    for j, start in enumerate(range(0, seen, tile)):
        part = slice(start, min(start + tile, seen))
        scores = _scores(q, k, mask, bias, first, part)  # (..., query, tile)
        # z doesn't depend on the maximum, so no gradient flows through it.
        largest = torch.maximum(maximum, scores.detach().amax(-1, keepdim=True))  # (..., query, 1)
        largest = trace.put(f"tiles.{j}.maximum", largest)  # (..., query, 1)
        # -inf - -inf is NaN: a query that has seen no key yet is shifted by nothing.
        shift = largest.masked_fill(largest.isneginf(), 0)  # (..., query, 1)
        weights = (scores - shift).exp()  # (..., query, tile)
        shrink = (maximum - shift).exp()  # (..., query, 1)
        denominator = denominator * shrink + weights.sum(-1, keepdim=True)  # (..., query, 1)
        denominator = trace.put(f"tiles.{j}.denominator", denominator)  # (..., query, 1)
        weighted = _matmul_by_group(weights, v[..., part, :].to(q.dtype))  # (..., query, d_v)
        numerator = numerator * shrink + weighted  # (..., query, d_v)
        maximum = largest
    return numerator / denominator.masked_fill(denominator == 0, 1)  # (..., query, d_v)


def _scores(q: Tensor, k: Tensor, mask: Tensor | None, bias: Tensor | None, first: int | None, part: slice) -> Tensor:
    """Biased and masked scores against the keys of one tile, (..., query, tile)."""
    scores = _matmul_by_group(q, k[..., part, :].to(q.dtype).transpose(-2, -1))  # (..., query, tile)
    if bias is not None:
        scores = scores + bias[..., part].to(q.dtype)  # (..., query, tile)
    if mask is not None:
        scores = scores.masked_fill(~mask[..., part], -math.inf)  # (..., query, tile)
    if first is not None and part.stop > first + 1:
        positions = torch.arange(first, first + q.shape[-2], device=q.device)  # (query)
        later = torch.arange(part.start, part.stop, device=q.device) > positions[:, None]  # (query, tile)
        scores = scores.masked_fill(later, -math.inf)  # (..., query, tile)
    return scores


def _over_pairs(x: Tensor | None, queries: int, keys: int) -> Tensor | None:
    return None if x is None else x.expand(*x.shape[:-2], queries, keys)  # (..., query, key), without a copy


def _rows(x: Tensor | None, rows: slice) -> Tensor | None:
    return None if x is None else x[..., rows, :]  # (..., block, key)


def _matmul_by_group(x: Tensor, y: Tensor) -> Tensor:
    """x @ y, where a head of y serves a group of heads of x: their rows are stacked, so that y isn't repeated."""
    if x.dim() < 3 or x.shape[-3] == y.shape[-3]:
        return x @ y
    heads, queries, kv_heads = x.shape[-3], x.shape[-2], y.shape[-3]
    stacked = x.reshape(*x.shape[:-3], kv_heads, heads // kv_heads * queries, x.shape[-1])
    product = stacked @ y  # (..., kv_heads, group * query, m)
    return product.reshape(*product.shape[:-3], heads, queries, y.shape[-1])  # (..., heads, query, m)
