"""attend(): the one attention function, as a fast path and as a path that shows every intermediate value."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from studycli.engine.trace import NO_TRACE, Trace
from studycli.errors import EngineError

INNER_NAMES = ("scores", "scaled", "biased", "masked", "pattern")
"""What only the explicit path has to show."""


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
    in any case `z`. Where it wants them of one head, only that head's are computed, beside the fast path.
    Raises EngineError for shapes that don't fit, and for a mask that is not boolean.
    """
    check_shapes(q, k, v, mask, bias)
    scale = q.shape[-1] ** -0.5 if scale is None else scale
    if not trace.wants(*INNER_NAMES):
        z = _fast(q, k, v, mask, bias, causal, scale)  # (..., query, d_v)
    elif trace.head is None or trace.edits_any(*INNER_NAMES):
        z = _explicit(q, k, v, mask, bias, causal, scale, trace)  # (..., query, d_v)
    else:
        one = _one_head(q, k, v, mask, bias, trace.head)
        _explicit(*one, causal, scale, trace.of_one_head())
        z = _fast(q, k, v, mask, bias, causal, scale)  # (..., query, d_v)
    return trace.put("z", z)  # (..., query, d_v)


def causal_mask(queries: int, keys: int, device: torch.device | str | None = None) -> Tensor:
    """Boolean (query, key): True up to the query's own position, the last query standing at the last key."""
    return torch.ones(queries, keys, dtype=torch.bool, device=device).tril(keys - queries)  # (query, key)


def _explicit(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, bias: Tensor | None, causal: bool, scale: float, trace: Trace
) -> Tensor:
    k, v = share_heads(q, k), share_heads(q, v)  # (..., heads, key, d_k), (..., heads, key, d_v)
    # One name for all: what nobody recorded is given back as soon as the next value exists.
    x = trace.put("scores", q @ k.transpose(-2, -1))  # (..., query, key)
    x = trace.put("scaled", x * scale)  # (..., query, key)
    x = trace.put("biased", x if bias is None else x + bias)  # (..., query, key)
    allowed = allowed_keys(q, k, mask, causal)  # broadcasts to (..., query, key)
    x = trace.put("masked", x if allowed is None else x.masked_fill(~allowed, -math.inf))  # (..., query, key)
    if mask is None and bias is None and q.shape[-2] <= k.shape[-2]:
        x = x.softmax(-1)  # (..., query, key)
    else:
        idle = x.isneginf().all(-1, keepdim=True)  # (..., query, 1)
        x = x.masked_fill(idle, 0).softmax(-1).masked_fill(idle, 0)  # (..., query, key)
    x = trace.put("pattern", x.to(v.dtype))  # (..., query, key)
    return x @ v  # (..., query, d_v)


def _one_head(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, bias: Tensor | None, head: int
) -> tuple[Tensor, Tensor, Tensor, Tensor | None, Tensor | None]:
    """Everything narrowed to one query head and the key/value head that serves it."""
    if q.dim() < 3 or head >= q.shape[-3]:
        there = q.shape[-3] if q.dim() > 2 else 1
        raise EngineError(f"there is no head {head}", where="trace", hint=f"there are {there}; heads count from 0")
    served = head * k.shape[-3] // q.shape[-3]

    def narrow(x: Tensor | None) -> Tensor | None:
        return x if x is None or x.dim() < 3 or x.shape[-3] == 1 else x.narrow(-3, head, 1)

    return q.narrow(-3, head, 1), k.narrow(-3, served, 1), v.narrow(-3, served, 1), narrow(mask), narrow(bias)


def _fast(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, bias: Tensor | None, causal: bool, scale: float
) -> Tensor:
    if scale <= 0:  # the kernel finds a row's largest score before it scales
        q, scale = q * scale, 1.0
    grouped = q.dim() > 2 and q.shape[-3] != k.shape[-3]
    square = causal and mask is None and bias is None and q.shape[-2] == k.shape[-2]
    allowed = None if square else allowed_keys(q, k, mask, causal)  # broadcasts to (..., query, key)
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
    open_mask = open_mask if open_mask.dim() > 1 else open_mask[None]  # the kernel takes no fewer dimensions
    z = scaled_dot_product_attention(q, k, v, attn_mask=open_mask, scale=scale, enable_gqa=grouped)
    return z.masked_fill(idle, 0)  # (..., query, d_v)


def allowed_keys(q: Tensor, k: Tensor, mask: Tensor | None, causal: bool) -> Tensor | None:
    """Where a query may look, broadcasting to (..., query, key); None for everywhere."""
    queries, keys = q.shape[-2], k.shape[-2]
    if not causal or queries == 1:
        return mask
    lower = causal_mask(queries, keys, q.device)  # (query, key)
    return lower if mask is None else mask & lower


def share_heads(q: Tensor, x: Tensor) -> Tensor:
    """Keys or values (..., kv_heads, key, d), each repeated for the query heads that it serves."""
    if q.dim() < 3 or q.shape[-3] == x.shape[-3]:
        return x
    return x.repeat_interleave(q.shape[-3] // x.shape[-3], dim=-3)  # (..., heads, key, d)


def check_shapes(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, bias: Tensor | None) -> None:
    """Raises EngineError where q, k and v cannot attend, and where mask or bias don't fit their scores."""
    problem = _problem(q, k, v)
    if problem is not None:
        raise EngineError(problem, where=f"q {tuple(q.shape)}, k {tuple(k.shape)}, v {tuple(v.shape)}")
    if mask is not None and mask.dtype != torch.bool:
        raise EngineError(f"the mask is {mask.dtype}", hint="a mask is boolean; what is added to scores is a bias")
    for name, x in (("mask", mask), ("bias", bias)):
        if x is not None and not _broadcasts(x.shape, scores := (*q.shape[:-1], k.shape[-2])):
            raise EngineError(f"the {name} is {tuple(x.shape)}, the scores are {scores}", hint="it broadcasts to them")


def _broadcasts(shape: Sequence[int], to: Sequence[int]) -> bool:
    pairs = zip(reversed(shape), reversed(to), strict=False)
    return len(shape) <= len(to) and all(own in (1, other) for own, other in pairs)


def _problem(q: Tensor, k: Tensor, v: Tensor) -> str | None:
    of_q, of_k, of_v = q.shape, k.shape, v.shape
    if len(of_q) < 2 or not len(of_q) == len(of_k) == len(of_v):
        return "q, k and v need the same number of dimensions, two or more"
    if of_q[-1] != of_k[-1]:
        return "queries and keys differ in d_k"
    if of_k[-2] != of_v[-2]:
        return "there must be one value for each key"
    if len(of_q) > 2 and (of_k[-3] != of_v[-3] or of_k[-3] == 0 or of_q[-3] % of_k[-3]):
        return "the heads of q must be a multiple of those of k and v"
    return None
