"""linear(): attention without a softmax, through a feature map and a state of fixed size."""

from __future__ import annotations

import torch
from torch import Tensor

from studycli.engine.attention import causal_mask, check_shapes, share_heads
from studycli.engine.trace import NO_TRACE, Trace
from studycli.errors import EngineError

BLOCK = 64  # queries computed at once with a causal state


def linear(
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
    """φ(q) S / (φ(q) · n) with S = Σ φ(k) vᵀ and n = Σ φ(k), φ(x) = elu(x) + 1; returns z (..., query, d_v).

    That is attention with the weights φ(q) · φ(k) instead of exp(q · k) (Katharopoulos et al. 2020, equations 5 to 7),
    in time and memory linear in the length. With `causal`, S and n sum the keys up to the query's own (equations 9 to
    12), a block of queries at a time. Shapes, groups of heads and where queries stand are as in `attend`. A query
    without any key gets zeros. The method has no scale, and `scale` changes nothing.

    S and n are the same for all queries, so `mask` has to be: it broadcasts to (..., 1, key). The trace gets `phi_q`
    and `phi_k` (zero where a key is masked), `state` S (..., d_k, d_v) and `normaliser` n (..., d_k, 1), both over all
    keys, in float32 at least and with the heads of q, and `z`. With `causal`, an edit of state or normaliser comes
    after the last query and changes nothing. Raises EngineError for shapes that don't fit, for a mask with a row for
    each query, and for a bias.
    """
    check_shapes(q, k, v, mask, bias)
    _check_no_pairs(mask, bias)
    dtype = torch.promote_types(q.dtype, torch.float32)
    phi_q = trace.put("phi_q", _phi(q.to(dtype)))  # (..., query, d_k)
    phi_k = _phi(share_heads(q, k).to(dtype))  # (..., key, d_k)
    if mask is not None:
        closed = ~mask.expand(*mask.shape[:-2], 1, k.shape[-2]).transpose(-2, -1)  # (..., key, 1)
        phi_k = phi_k.masked_fill(closed, 0)  # (..., key, d_k)
    phi_k = trace.put("phi_k", phi_k)  # (..., key, d_k)
    values = share_heads(q, v).to(dtype)  # (..., key, d_v)
    if causal and q.shape[-2] > 1:
        z = _causal(phi_q, phi_k, values, trace)  # (..., query, d_v)
    else:
        state = trace.put("state", phi_k.transpose(-2, -1) @ values)  # (..., d_k, d_v)
        normaliser = trace.put("normaliser", phi_k.sum(-2)[..., None])  # (..., d_k, 1)
        z = _quotient(phi_q @ state, phi_q @ normaliser)  # (..., query, d_v)
    return trace.put("z", z.to(v.dtype))  # (..., query, d_v)


def _causal(phi_q: Tensor, phi_k: Tensor, values: Tensor, trace: Trace) -> Tensor:
    """z (..., query, d_v): each block of queries sees the state before it, and its own keys one by one."""
    queries, ahead = phi_q.shape[-2], phi_k.shape[-2] - phi_q.shape[-2]
    seen = max(ahead, 0)
    state = (phi_k[..., :seen, :].transpose(-2, -1) @ values[..., :seen, :]).to(values.dtype)  # (..., d_k, d_v)
    normaliser = phi_k[..., :seen, :].sum(-2)[..., None]  # (..., d_k, 1)
    blocks = []
    for start in range(0, queries, BLOCK):
        stop = min(start + BLOCK, queries)
        rows, keys = phi_q[..., start:stop, :], phi_k[..., seen : max(stop + ahead, 0), :]  # (..., block, d_k) both
        v = values[..., seen : max(stop + ahead, 0), :]  # (..., block, d_v)
        lower = causal_mask(stop - start, keys.shape[-2], keys.device)  # (block, block)
        weights = (rows @ keys.transpose(-2, -1)).masked_fill(~lower, 0)  # (..., block, block)
        total = rows @ normaliser + weights.sum(-1, keepdim=True)  # (..., block, 1)
        blocks.append(_quotient(rows @ state + weights @ v, total))  # (..., block, d_v)
        state = state + keys.transpose(-2, -1) @ v  # (..., d_k, d_v)
        normaliser = normaliser + keys.sum(-2)[..., None]  # (..., d_k, 1)
        seen = max(stop + ahead, 0)
    trace.put("state", state)  # (..., d_k, d_v)
    trace.put("normaliser", normaliser)  # (..., d_k, 1)
    return torch.cat(blocks, -2)  # (..., query, d_v)


def _phi(x: Tensor) -> Tensor:
    # elu(x) + 1 without taking 1 away and adding it again, which would round small values to 0.
    return torch.where(x > 0, x + 1, x.clamp(max=0).exp())  # as x


def _quotient(weighted: Tensor, total: Tensor) -> Tensor:
    return weighted / total.masked_fill(total == 0, 1)  # (..., query, d_v)


def _check_no_pairs(mask: Tensor | None, bias: Tensor | None) -> None:
    instead = "attend, tiled, window and sparse can"
    if bias is not None:
        raise EngineError("linear attention has no scores that a bias could be added to", hint=instead)
    if mask is not None and mask.dim() > 1 and mask.shape[-2] != 1:
        message = f"linear attention cannot mask keys for each query apart, with a mask {tuple(mask.shape)}"
        raise EngineError(message, hint=f"mask keys for all queries, with (..., 1, key), or use causal; {instead}")
