"""Block: attention and feed-forward around the residual stream, in every order that is in use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import Tensor

from studycli.engine.attention import attend
from studycli.engine.cache import Cache
from studycli.engine.config import Config
from studycli.engine.experts import MixtureOfExperts
from studycli.engine.layers import FeedForward, Layer, Norm
from studycli.engine.linear import linear
from studycli.engine.multi_head import MultiHeadAttention
from studycli.engine.position import Rotary
from studycli.engine.tiled import tiled
from studycli.engine.trace import NO_TRACE, Trace
from studycli.engine.window import sparse, window


@dataclass(slots=True)
class Surroundings:
    """What all blocks of a stack share in one forward pass.

    `places` is where the queries stand among the `n_keys` keys, (query): what ALiBi and relative biases go by, also
    where rows count their positions from elsewhere. `mask` is boolean and `bias` added to scores, both broadcasting
    to (batch, heads, query, key). `memory` is what cross-attention looks at, (batch, key, d_model), and `memory_mask`
    where it may look, (batch, 1, 1, key).
    """

    causal: bool
    places: Tensor
    n_keys: int
    mask: Tensor | None = None
    bias: Tensor | None = None
    rotary: Rotary | None = None
    memory: Tensor | None = None
    memory_mask: Tensor | None = None
    cache: Cache | None = None


class Block(Layer):
    """Attention, then feed-forward, each added to the residual stream; a decoder's may look at an encoder between.

    Where d_ff is 0 there is attention alone, and `out` is what attention left.
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
        own_norm = config.d_ff > 0 and config.residual != "parallel-shared-norm"
        self.norm2 = Norm(config) if own_norm else None
        self.ffn = _feed_forward(config)

    def forward(self, x: Tensor, around: Surroundings, trace: Trace = NO_TRACE) -> Tensor:
        """x (batch, seq, d_model) to the same shape. Puts the norms, and the stream after each part: `mid`, `out`."""
        if self.parallel:
            assert self.ffn is not None
            own = trace.put("norm1", self.norm1(x))  # (batch, seq, d_model)
            other = own if self.norm2 is None else trace.put("norm2", self.norm2(x))  # (batch, seq, d_model)
            x = trace.put("mid", x + self._look(own, around, trace))  # (batch, seq, d_model)
            return trace.put("out", x + self.ffn(other, trace.scope("ffn")))  # (batch, seq, d_model)
        y = self._before("norm1", self.norm1, x, trace)  # (batch, seq, d_model)
        x = trace.put("mid", self._after("norm1", self.norm1, x + self._look(y, around, trace), trace))
        if self.cross_norm is not None:
            y = self._before("cross_norm", self.cross_norm, x, trace)  # (batch, seq, d_model)
            x = self._after("cross_norm", self.cross_norm, x + self._look_across(y, around, trace), trace)
            x = trace.put("cross_mid", x)  # (batch, seq, d_model)
        if self.ffn is None or self.norm2 is None:
            return trace.put("out", x)  # (batch, seq, d_model)
        y = self._before("norm2", self.norm2, x, trace)  # (batch, seq, d_model)
        return trace.put("out", self._after("norm2", self.norm2, x + self.ffn(y, trace.scope("ffn")), trace))

    def _before(self, name: str, norm: Norm, x: Tensor, trace: Trace) -> Tensor:
        """What a part reads of the stream, (batch, seq, d_model)."""
        return x if self.post else trace.put(name, norm(x))  # (batch, seq, d_model)

    def _after(self, name: str, norm: Norm, x: Tensor, trace: Trace) -> Tensor:
        """The stream that a part was added to, (batch, seq, d_model)."""
        return trace.put(name, norm(x)) if self.post else x  # (batch, seq, d_model)

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


def _feed_forward(config: Config) -> FeedForward | MixtureOfExperts | None:
    if not config.d_ff:
        return None
    return MixtureOfExperts(config) if config.n_experts else FeedForward(config)


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
