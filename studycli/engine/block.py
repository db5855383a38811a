"""Block: attention and feed-forward around the residual stream, in every order that is in use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import Tensor, nn

from studycli.engine.attention import attend
from studycli.engine.cache import Cache
from studycli.engine.config import Config
from studycli.engine.experts import MixtureOfExperts
from studycli.engine.layers import FeedForward, Norm
from studycli.engine.linear import linear
from studycli.engine.multi_head import MultiHeadAttention
from studycli.engine.position import Rotary
from studycli.engine.tiled import tiled
from studycli.engine.trace import NO_TRACE, Trace
from studycli.engine.window import sparse, window


@dataclass(slots=True)
class Surroundings:
    """What all blocks of a stack share in one forward pass.

    `mask` is boolean and `bias` added to scores, both broadcasting to (batch, heads, query, key). `memory` is what
    cross-attention looks at, (batch, key, d_model), and `memory_mask` where it may look, (batch, 1, 1, key).
    """

    causal: bool
    mask: Tensor | None = None
    bias: Tensor | None = None
    rotary: Rotary | None = None
    memory: Tensor | None = None
    memory_mask: Tensor | None = None
    cache: Cache | None = None


class Block(nn.Module):
    """Attention, then feed-forward, each added to the residual stream; a decoder's may look at an encoder between.

    Pre-norm: x + f(norm(x)). Post-norm: norm(x + f(x)). Parallel: x + attention(norm(x)) + feed-forward(norm(x)).
    """

    def __init__(self, config: Config, layer: int, *, cross: bool) -> None:
        super().__init__()
        self.layer = layer
        self.post, self.parallel = config.norm_position == "post", config.residual != "sequential"
        self.norm1 = Norm(config)
        self.attn = _attention(config, layer, variant=True)
        self.cross_norm = Norm(config) if cross else None
        self.cross_attn = _attention(config, layer, variant=False) if cross else None
        self.norm2 = Norm(config) if config.residual != "parallel-shared-norm" else None
        self.ffn = MixtureOfExperts(config) if config.n_experts else FeedForward(config)

    def forward(self, x: Tensor, around: Surroundings, trace: Trace = NO_TRACE) -> Tensor:
        """x (batch, seq, d_model) to the same shape. Puts the stream after each part: `mid`, `cross_mid`, `out`."""
        if self.parallel:
            own = trace.put("norm1", self.norm1(x))  # (batch, seq, d_model)
            other = own if self.norm2 is None else trace.put("norm2", self.norm2(x))  # (batch, seq, d_model)
            x = trace.put("mid", x + self._look(own, around, trace))  # (batch, seq, d_model)
            return trace.put("out", x + self.ffn(other, trace.scope("ffn")))  # (batch, seq, d_model)
        x = trace.put("mid", self._add(x, "norm1", self.norm1, lambda y: self._look(y, around, trace), trace))
        if self.cross_norm is not None:
            cross = partial(self._look_across, around=around, trace=trace)
            x = trace.put("cross_mid", self._add(x, "cross_norm", self.cross_norm, cross, trace))
        assert self.norm2 is not None
        return trace.put("out", self._add(x, "norm2", self.norm2, lambda y: self.ffn(y, trace.scope("ffn")), trace))

    def _add(self, x: Tensor, name: str, norm: Norm, part: Callable[[Tensor], Tensor], trace: Trace) -> Tensor:
        """The stream with a part added to it, (batch, seq, d_model)."""
        if self.post:
            return trace.put(name, norm(x + part(x)))  # (batch, seq, d_model)
        return x + part(trace.put(name, norm(x)))  # (batch, seq, d_model)

    def _look(self, x: Tensor, around: Surroundings, trace: Trace) -> Tensor:
        out: Tensor = self.attn(
            x, mask=around.mask, bias=around.bias, causal=around.causal, rotary=around.rotary,
            cache=around.cache, layer=self.layer, trace=trace.scope("attn"),
        )  # fmt: skip
        return out  # (batch, seq, d_model)

    def _look_across(self, x: Tensor, around: Surroundings, trace: Trace) -> Tensor:
        assert self.cross_attn is not None
        out: Tensor = self.cross_attn(
            x, memory=around.memory, mask=around.memory_mask,
            cache=around.cache, layer=self.layer, trace=trace.scope("cross_attn"),
        )  # fmt: skip
        return out  # (batch, seq, d_model)


def _attention(config: Config, layer: int, *, variant: bool) -> MultiHeadAttention:
    """A block's attention; a variant serves self-attention alone."""
    scale = config.attention_scale
    if config.scale_by_layer:
        scale = (config.head_size**-0.5 if scale is None else scale) / (layer + 1)
    return MultiHeadAttention(
        config.d_model, config.n_heads, config.head_size, n_kv_heads=config.kv_heads, qkv_bias=config.qkv_bias,
        out_bias=config.out_bias, scale=scale, clip=config.clip_qkv, rotary_style=config.rotary_style,
        attend=_variant(config) if variant else attend,
    )  # fmt: skip


def _variant(config: Config) -> Callable[..., Tensor]:
    """The attention function that the config names."""
    if config.attention == "tiled":
        return partial(tiled, tile=config.tile)
    if config.attention == "window":
        return partial(window, window=config.window)
    if config.attention == "sparse":
        return partial(sparse, window=config.window, global_tokens=config.global_tokens)
    return linear if config.attention == "linear" else attend
