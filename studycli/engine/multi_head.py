"""Multi-head attention: the layer around attend(), with its weights, for one head or many."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from studycli.engine.attention import attend
from studycli.engine.cache import Cache
from studycli.engine.layers import Layer, drawn, project
from studycli.engine.position import ROTATE, Rotary
from studycli.engine.trace import NO_TRACE, Trace
from studycli.errors import EngineError


class MultiHeadAttention(Layer):
    """n_heads attentions side by side, concatenated and projected (Vaswani et al. 2017, section 3.2.2).

    `n_kv_heads` below n_heads is grouped-query attention (Ainslie et al. 2023), 1 multi-query attention (Shazeer
    2019). Weights are laid out (in, out): W_QKV (d_model, (n_heads + 2 n_kv_heads) d_head), which holds W_Q, W_K and
    W_V side by side, and W_O (n_heads d_head, d_model). `d_head` is d_model / n_heads unless given. A `generator`
    draws them from N(0, 1 / fan-in), so that values of unit variance keep it; without one they are left empty.
    Raises EngineError where the sizes don't divide.
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        d_head: int | None = None,
        *,
        n_kv_heads: int | None = None,
        qkv_bias: bool = False,
        out_bias: bool = False,
        scale: float | None = None,
        clip: float | None = None,
        rotary_style: str = "half",
        attend: Callable[..., Tensor] = attend,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        if min(d_model, n_heads) < 1 or (d_head is None and d_model % n_heads):
            raise EngineError(f"d_model {d_model} does not divide into {n_heads} heads", hint="name a d_head")
        self.n_heads = n_heads
        self.d_head = d_model // n_heads if d_head is None else d_head
        self.n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        self.widths = [n_heads * self.d_head, self.n_kv_heads * self.d_head, self.n_kv_heads * self.d_head]
        self.scale, self.clip, self.attend, self.rotate = scale, clip, attend, ROTATE[rotary_style]
        self.W_QKV = nn.Parameter(torch.empty(d_model, sum(self.widths)))  # (d_model, (heads + 2 kv_heads) d_head)
        self.b_QKV = nn.Parameter(torch.zeros(sum(self.widths))) if qkv_bias else None  # ((heads + 2 kv_heads) d_head)
        self.W_O = nn.Parameter(torch.empty(self.widths[0], d_model))  # (heads d_head, d_model)
        self.b_O = nn.Parameter(torch.zeros(d_model)) if out_bias else None  # (d_model)
        if generator is not None:
            self.draw(generator)

    @property
    def W_Q(self) -> Tensor:
        """(d_model, n_heads d_head), a view of W_QKV."""
        return self.W_QKV[:, : self.widths[0]]  # (d_model, heads d_head)

    @property
    def W_K(self) -> Tensor:
        """(d_model, n_kv_heads d_head), a view of W_QKV."""
        return self.W_QKV[:, self.widths[0] : sum(self.widths[:2])]  # (d_model, kv_heads d_head)

    @property
    def W_V(self) -> Tensor:
        """(d_model, n_kv_heads d_head), a view of W_QKV."""
        return self.W_QKV[:, sum(self.widths[:2]) :]  # (d_model, kv_heads d_head)

    def draw(self, generator: torch.Generator, out_scale: float = 1.0) -> None:
        """Draw every weight from N(0, 1 / fan-in), W_O smaller by `out_scale`."""
        with torch.no_grad():
            for weights in (self.W_Q, self.W_K, self.W_V, self.W_O):
                weights.copy_(drawn(weights.shape, generator))
            self.W_O.mul_(out_scale)

    def forward(
        self,
        x: Tensor,
        *,
        memory: Tensor | None = None,
        mask: Tensor | None = None,
        bias: Tensor | None = None,
        causal: bool = False,
        rotary: Rotary | None = None,
        cache: Cache | None = None,
        layer: int = 0,
        trace: Trace = NO_TRACE,
    ) -> Tensor:
        """x (..., seq, d_model) to the same shape; it looks at `memory` (..., key, d_model), or without it at itself.

        A cache takes the keys and values of x, or keeps those of the memory, under the number `layer`. Puts `q`, `k`,
        `v`, with rotary positions `q_rotated` and `k_rotated`, what `attend` puts, `concat` and `out`.
        """
        if memory is None:
            q, k, v = self._project(x)
        else:
            q, k, v = self._cross(x, memory, cache, layer)
        of_kv = trace.of_groups(self.n_heads // self.n_kv_heads)
        q, k, v = trace.put("q", q), of_kv.put("k", k), of_kv.put("v", v)
        if rotary is not None:
            q = trace.put("q_rotated", self.rotate(q, rotary))  # (..., heads, seq, d_head)
            k = of_kv.put("k_rotated", self.rotate(k, rotary))  # (..., kv_heads, seq, d_head)
        if cache is not None and memory is None:
            k, v = cache.update(layer, k, v)  # (..., kv_heads, key, d_head)
        z = self.attend(q, k, v, mask=mask, bias=bias, causal=causal, scale=self.scale, trace=trace)
        concat = trace.put("concat", z.transpose(-3, -2).flatten(-2))  # (..., seq, heads d_head)
        return trace.put("out", project(concat, self.W_O, self.b_O))  # (..., seq, d_model)

    def _project(self, x: Tensor) -> Sequence[Tensor]:
        qkv = project(x, self.W_QKV, self.b_QKV)  # (..., seq, (heads + 2 kv_heads) d_head)
        if self.clip is not None:
            qkv = qkv.clamp(-self.clip, self.clip)
        heads = self._split(qkv)  # (..., heads + 2 kv_heads, seq, d_head)
        sizes = (self.n_heads, self.n_kv_heads, self.n_kv_heads)
        return heads.split_with_sizes(sizes, dim=-3)  # (..., heads, seq, d_head), (..., kv_heads, seq, d_head) twice

    def _cross(self, x: Tensor, memory: Tensor, cache: Cache | None, layer: int) -> tuple[Tensor, Tensor, Tensor]:
        edge = self.widths[0]
        b_Q = None if self.b_QKV is None else self.b_QKV[:edge]
        q = self._split(project(x, self.W_QKV[:, :edge], b_Q))  # (..., heads, seq, d_head)
        kept = None if cache is None else cache.cross[layer]
        if kept is None:
            b_KV = None if self.b_QKV is None else self.b_QKV[edge:]
            k, v = project(memory, self.W_QKV[:, edge:], b_KV).chunk(2, dim=-1)  # (..., key, kv_heads d_head)
            kept = self._split(k), self._split(v)  # (..., kv_heads, key, d_head)
            if cache is not None:
                cache.cross[layer] = kept
        return q, *kept

    def _split(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:-1], -1, self.d_head).transpose(-3, -2)  # (..., heads, seq, d_head)
