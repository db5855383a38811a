"""The layers of a block: multi-head attention."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from studycli.engine.attention import attend
from studycli.engine.trace import NO_TRACE, Trace
from studycli.errors import EngineError


class MultiHeadAttention(nn.Module):
    """n_heads attentions side by side, concatenated and projected (Vaswani et al. 2017, section 3.2.2).

    W_Q, W_K and W_V are (d_model, n_heads * d_head), W_O (n_heads * d_head, d_model), without biases. They are drawn
    from N(0, 1/fan-in) by `generator`, so that values of unit variance keep it. `d_head` is d_model / n_heads unless
    given. Raises EngineError where that is not whole.
    """

    def __init__(self, d_model: int, n_heads: int, d_head: int | None = None, *, generator: torch.Generator) -> None:
        super().__init__()
        if min(d_model, n_heads) < 1 or (d_head is None and d_model % n_heads):
            raise EngineError(f"d_model {d_model} does not divide into {n_heads} heads", hint="name a d_head")
        self.n_heads = n_heads
        self.d_head = d_model // n_heads if d_head is None else d_head
        width = n_heads * self.d_head
        self.W_Q = _matrix(d_model, width, generator)  # (d_model, n_heads * d_head)
        self.W_K = _matrix(d_model, width, generator)  # (d_model, n_heads * d_head)
        self.W_V = _matrix(d_model, width, generator)  # (d_model, n_heads * d_head)
        self.W_O = _matrix(width, d_model, generator)  # (n_heads * d_head, d_model)

    def forward(
        self,
        x: Tensor,
        *,
        mask: Tensor | None = None,
        bias: Tensor | None = None,
        causal: bool = False,
        trace: Trace = NO_TRACE,
    ) -> Tensor:
        """x (..., seq, d_model) to the same shape. Puts `q`, `k`, `v`, what `attend` puts, `concat` and `out`."""
        q = trace.put("q", self._split(x @ self.W_Q))  # (..., heads, seq, d_head)
        k = trace.put("k", self._split(x @ self.W_K))  # (..., heads, seq, d_head)
        v = trace.put("v", self._split(x @ self.W_V))  # (..., heads, seq, d_head)
        z = attend(q, k, v, mask=mask, bias=bias, causal=causal, trace=trace)  # (..., heads, seq, d_head)
        concat = trace.put("concat", z.transpose(-3, -2).flatten(-2))  # (..., seq, heads * d_head)
        return trace.put("out", concat @ self.W_O)  # (..., seq, d_model)

    def _split(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:-1], self.n_heads, self.d_head).transpose(-3, -2)  # (..., heads, seq, d_head)


def _matrix(rows: int, columns: int, generator: torch.Generator) -> nn.Parameter:
    return nn.Parameter(torch.randn(rows, columns, generator=generator) / rows**0.5)  # (rows, columns)
