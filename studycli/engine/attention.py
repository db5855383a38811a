"""attend(): the one attention function, as a fast path and as a path that shows every intermediate value."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from studycli.engine.trace import NO_TRACE, Trace
from studycli.errors import EngineError

_INNER_NAMES = ("scores", "scaled", "biased", "masked", "pattern")


def attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    mask: Tensor | None = None,
    bias: Tensor | None = None,
    causal: bool = False,
    scale: float | None = None,
    trace: Trace = NO_TRACE,
) -> Tensor:
    """softmax(q kᵀ · scale + bias, masked) v (Vaswani et al. 2017, equation 1); returns z (..., query, d_v).

    q is (..., query, d_k), k (..., key, d_k) and v (..., key, d_v). With a heads dimension before these, k and v may
    have fewer heads than q, where each serves the same number of query heads in order (grouped-query attention).
    `mask` is boolean, True where a query may look, and `bias` is added to the scaled scores; both broadcast to
    (..., query, key). `causal` lets each query look at the keys up to its own, the last query at all of them, as
    with a key/value cache. `scale` is 1/sqrt(d_k) unless given. A query that may look nowhere gets zeros.

    A trace that wants one of them gets `scores`, `scaled`, `biased`, `masked`, `pattern`, all (..., query, key), and
    in any case `z`. Raises EngineError for shapes that don't fit, and for a mask that is not boolean.
    """
    _check(q, k, v, mask)
    scale = 1 / math.sqrt(q.shape[-1]) if scale is None else scale
    if trace.wants(*_INNER_NAMES):
        z = _explicit(q, k, v, mask, bias, causal, scale, trace)  # (..., query, d_v)
    else:
        z = _fast(q, k, v, mask, bias, causal, scale)  # (..., query, d_v)
    return trace.put("z", z)  # (..., query, d_v)


def causal_mask(queries: int, keys: int, device: torch.device | str | None = None) -> Tensor:
    """Boolean (query, key): True up to the query's own position, the last query standing at the last key."""
    return torch.ones(queries, keys, dtype=torch.bool, device=device).tril(keys - queries)  # (query, key)


def _explicit(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, bias: Tensor | None, causal: bool, scale: float, trace: Trace
) -> Tensor:
    k, v = _share_heads(q, k), _share_heads(q, v)  # (..., heads, key, d_k), (..., heads, key, d_v)
    scores = trace.put("scores", q @ k.transpose(-2, -1))  # (..., query, key)
    scaled = trace.put("scaled", scores * scale)  # (..., query, key)
    biased = trace.put("biased", scaled if bias is None else scaled + bias)  # (..., query, key)
    allowed = _allowed(q, k, mask, causal)  # broadcasts to (..., query, key)
    masked = biased if allowed is None else biased.masked_fill(~allowed, -math.inf)  # (..., query, key)
    masked = trace.put("masked", masked)  # (..., query, key)
    idle = masked.isneginf().all(-1, keepdim=True)  # (..., query, 1)
    pattern = masked.masked_fill(idle, 0).softmax(-1).masked_fill(idle, 0)  # (..., query, key)
    pattern = trace.put("pattern", pattern.to(v.dtype))  # (..., query, key)
    return pattern @ v  # (..., query, d_v)


def _fast(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, bias: Tensor | None, causal: bool, scale: float
) -> Tensor:
    grouped = q.dim() > 2 and q.shape[-3] != k.shape[-3]
    square = causal and mask is None and bias is None and q.shape[-2] == k.shape[-2]
    allowed = None if square else _allowed(q, k, mask, causal)  # broadcasts to (..., query, key)
    if bias is not None:
        # A bias of -inf forbids too; told apart here, so that rows which it closes wholly are found below.
        allowed = ~bias.isneginf() if allowed is None else allowed & ~bias.isneginf()
    if allowed is None:
        return scaled_dot_product_attention(q, k, v, is_causal=square, scale=scale, enable_gqa=grouped)
    # Rows without any key would be NaN, in their gradient at least: they look everywhere, and then give zeros.
    idle = ~allowed.any(-1, keepdim=True)  # broadcasts to (..., query, 1)
    open_mask = allowed | idle  # broadcasts to (..., query, key)
    if bias is not None:
        open_mask = bias.masked_fill(idle, 0).masked_fill(~open_mask, -math.inf).to(q.dtype)
    z = scaled_dot_product_attention(q, k, v, attn_mask=open_mask, scale=scale, enable_gqa=grouped)
    return z.masked_fill(idle, 0)  # (..., query, d_v)


def _allowed(q: Tensor, k: Tensor, mask: Tensor | None, causal: bool) -> Tensor | None:
    queries, keys = q.shape[-2], k.shape[-2]
    if not causal or queries == 1:
        return mask
    lower = causal_mask(queries, keys, q.device)  # (query, key)
    return lower if mask is None else mask & lower


def _share_heads(q: Tensor, x: Tensor) -> Tensor:
    if q.dim() < 3 or q.shape[-3] == x.shape[-3]:
        return x
    return x.repeat_interleave(q.shape[-3] // x.shape[-3], dim=-3)  # (..., heads, key, d)


def _check(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> None:
    shapes = f"q {tuple(q.shape)}, k {tuple(k.shape)}, v {tuple(v.shape)}"
    if min(q.dim(), k.dim(), v.dim()) < 2 or not q.dim() == k.dim() == v.dim():
        raise EngineError("q, k and v need the same number of dimensions, two or more", where=shapes)
    if q.shape[-1] != k.shape[-1]:
        raise EngineError("queries and keys differ in d_k", where=shapes)
    if k.shape[-2] != v.shape[-2]:
        raise EngineError("there must be one value for each key", where=shapes)
    if q.dim() > 2 and (k.shape[-3] != v.shape[-3] or k.shape[-3] == 0 or q.shape[-3] % k.shape[-3]):
        raise EngineError("the heads of q must be a multiple of those of k and v", where=shapes)
    if mask is not None and mask.dtype != torch.bool:
        raise EngineError(f"the mask is {mask.dtype}", hint="a mask is boolean; what is added to scores is a bias")
