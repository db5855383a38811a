"""Config: what a transformer is made of, as one frozen value; and the shapes of well-known models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from studycli.errors import EngineError

Architecture = Literal["encoder", "decoder", "encoder-decoder"]
Activation = Literal["gelu", "gelu_tanh", "relu", "silu"]
Position = Literal["none", "learned", "sinusoidal", "rotary", "alibi", "relative"]
AttentionKind = Literal["full", "tiled", "window", "sparse", "linear"]


@dataclass(frozen=True, kw_only=True)
class RotaryScaling:
    """Stretched rotary frequencies: `linear` divides all by `factor`; `llama3` spares the high ones (Llama 3.1)."""

    kind: Literal["linear", "llama3"]
    factor: float
    low_frequency_factor: float = 1.0
    high_frequency_factor: float = 4.0
    original_length: int = 8192


@dataclass(frozen=True, kw_only=True)
class Config:
    """One transformer. Sizes are counts; `None` stands for the usual value, which is filled in.

    `d_head` is d_model / n_heads and `n_kv_heads` is n_heads unless given: fewer is grouped-query, 1 multi-query
    attention. `max_length` is the number of rows of a learned table, and otherwise the length that the model was made
    for, which it may exceed. `residual` is `parallel` where attention and feed-forward read the same input, each after
    its own norm, and `parallel-shared-norm` after one. A `d_ff` of 0 leaves the feed-forward out: blocks of attention
    alone, as in Elhage et al. 2021. `window` is the reach in tokens to each side.
    Raises EngineError for sizes that don't fit together.
    """

    architecture: Architecture
    vocab_size: int
    d_model: int
    n_layers: int
    n_heads: int
    d_ff: int
    n_decoder_layers: int | None = None
    n_kv_heads: int | None = None
    d_head: int | None = None
    max_length: int | None = None

    norm: Literal["layer", "rms"] = "layer"
    norm_position: Literal["pre", "post"] = "pre"
    norm_eps: float = 1e-5
    norm_bias: bool = True
    embedding_norm: bool = False
    residual: Literal["sequential", "parallel", "parallel-shared-norm"] = "sequential"

    activation: Activation = "gelu"
    gated: bool = False
    ffn_bias: bool = True
    n_experts: int = 0
    experts_per_token: int = 2

    attention: AttentionKind = "full"
    window: int = 128
    global_tokens: int = 1
    tile: int = 64
    qkv_bias: bool = True
    out_bias: bool = True
    attention_scale: float | None = None
    scale_by_layer: bool = False
    clip_qkv: float | None = None

    position: Position = "learned"
    rotary_dim: int | None = None
    rotary_style: Literal["half", "interleaved"] = "half"
    rotary_base: float = 10_000.0
    rotary_scaling: RotaryScaling | None = None
    alibi_max_bias: float = 8.0
    relative_buckets: int = 32
    relative_max_distance: int = 128

    n_segments: int = 0
    embedding_scale: float = 1.0
    tied: bool = True
    unembed_bias: bool = False
    logit_scale: float = 1.0
    pooler: bool = False
    mlm_head: bool = False
    n_labels: int = 0
    start_id: int | None = None
    pad_id: int | None = None

    def __post_init__(self) -> None:
        self._fill("n_decoder_layers", self.n_layers if self.architecture == "encoder-decoder" else 0)
        self._fill("n_kv_heads", self.n_heads)
        if self.d_head is None:
            if self.n_heads < 1 or self.d_model % self.n_heads:
                message = f"d_model {self.d_model} does not divide into {self.n_heads} heads"
                raise EngineError(message, where="config", hint="name a d_head")
            self._fill("d_head", self.d_model // self.n_heads)
        self._fill("rotary_dim", self.d_head)
        self._check()

    def _fill(self, name: str, value: int | None) -> None:
        if getattr(self, name) is None:
            object.__setattr__(self, name, value)

    def _check(self) -> None:
        sizes = ("vocab_size", "d_model", "n_layers", "n_heads", "n_kv_heads", "d_head", "tile")
        for name in sizes:
            if getattr(self, name) < 1:
                raise EngineError(f"{name} is {getattr(self, name)}", where="config", hint="it is at least 1")
        if self.d_ff < 0:
            raise EngineError(f"d_ff is {self.d_ff}", where="config", hint="it is at least 1, or 0 for attention alone")
        if not self.d_ff and (self.n_experts or self.residual != "sequential"):
            message = "experts and parallel blocks have a feed-forward, and d_ff is 0"
            raise EngineError(message, where="config", hint="name a d_ff of 1 or more")
        for name in ("norm_eps", "rotary_base", "alibi_max_bias"):
            if not 0 < getattr(self, name) < float("inf"):
                raise EngineError(f"{name} is {getattr(self, name)}", where="config", hint="it is above 0")
        for name in ("start_id", "pad_id"):
            token = getattr(self, name)
            if token is not None and not 0 <= token < self.vocab_size:
                raise EngineError(f"{name} is {token}", where="config", hint="it is an id of the vocabulary")
        if min(self.window, self.global_tokens) < 0:
            message = f"a window of {self.window} with {self.global_tokens} global tokens"
            raise EngineError(message, where="config", hint="both are 0 or more")
        if self.n_heads % self.kv_heads:
            message = f"n_heads {self.n_heads} is no multiple of n_kv_heads {self.kv_heads}"
            raise EngineError(message, where="config", hint="each key/value head serves the same number of query heads")
        if self.position == "learned" and self.max_length is None:
            raise EngineError("a learned position table needs max_length", where="config", hint="name its rows")
        if self.position == "rotary" and (self.rotary_dim or 0) % 2:
            raise EngineError(f"rotary_dim {self.rotary_dim} is odd", where="config", hint="rotations turn pairs")
        if self.position == "relative" and not 4 <= self.relative_buckets < 2 * self.relative_max_distance:
            message = f"{self.relative_buckets} buckets up to a distance of {self.relative_max_distance}"
            raise EngineError(message, where="config", hint="at least 4, and the distance more than half as many")
        if self.n_experts and not 1 <= self.experts_per_token <= self.n_experts:
            message = f"{self.experts_per_token} of {self.n_experts} experts cannot serve a token"
            raise EngineError(message, where="config", hint="experts_per_token is between 1 and n_experts")
        if self.norm_position == "post" and self.residual != "sequential":
            raise EngineError("post-norm blocks are sequential", where="config", hint="residual='sequential'")
        if self.architecture == "encoder-decoder" and self.residual != "sequential":
            hint = "residual='sequential'"
            raise EngineError("parallel blocks have no place for cross-attention", where="config", hint=hint)
        if self.architecture != "encoder" and (self.pooler or self.mlm_head or self.n_labels):
            raise EngineError(
                "only an encoder has a pooler, a masked-LM or a classification head",
                where="config",
                hint="leave them out",
            )

    @property
    def kv_heads(self) -> int:
        """Heads of keys and values."""
        return self.n_kv_heads or self.n_heads

    @property
    def head_size(self) -> int:
        """Numbers in one head's query, key or value: d_head."""
        return self.d_head or self.d_model // self.n_heads

    @property
    def decoder_layers(self) -> int:
        """Blocks of the decoder; 0 where there is none."""
        return self.n_layers if self.architecture == "decoder" else self.n_decoder_layers or 0

    @property
    def encoder_layers(self) -> int:
        """Blocks of the encoder; 0 where there is none."""
        return 0 if self.architecture == "decoder" else self.n_layers

    def to_json(self) -> dict[str, Any]:
        """What differs from the defaults, as JSON values."""
        plain = {field.name: field.default for field in fields(self)}
        return {name: value for name, value in asdict(self).items() if value != plain[name]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any], where: str = "config") -> Config:
        """The config of these JSON values. Raises EngineError for a name or a value that none has."""
        from pydantic import TypeAdapter, ValidationError

        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            raise EngineError(
                f"there is no '{unknown[0]}' in a config", where=where, hint="was it written by a later version?"
            )
        try:
            return TypeAdapter(cls).validate_python(dict(values))
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(map(str, first["loc"])) or "config"
            raise EngineError(f"{name}: {first['msg'].lower()}", where=where, hint="mend the config file") from error


def _bert(d_model: int, n_layers: int, n_heads: int) -> Config:
    return Config(
        architecture="encoder", vocab_size=30_522, d_model=d_model, n_layers=n_layers, n_heads=n_heads,
        d_ff=4 * d_model, max_length=512, norm_position="post", norm_eps=1e-12, embedding_norm=True, n_segments=2,
        pooler=True,
    )  # fmt: skip


def _gpt2(d_model: int, n_layers: int, n_heads: int) -> Config:
    return Config(
        architecture="decoder", vocab_size=50_257, d_model=d_model, n_layers=n_layers, n_heads=n_heads,
        d_ff=4 * d_model, max_length=1024, activation="gelu_tanh",
    )  # fmt: skip


def _llama(d_model: int, n_layers: int, n_heads: int, d_ff: int, n_kv_heads: int | None = None) -> Config:
    return Config(
        architecture="decoder", vocab_size=32_000, d_model=d_model, n_layers=n_layers, n_heads=n_heads, d_ff=d_ff,
        n_kv_heads=n_kv_heads, max_length=4096, norm="rms", activation="silu", gated=True, ffn_bias=False,
        qkv_bias=False, out_bias=False, position="rotary", tied=False,
    )  # fmt: skip


def _t5(d_model: int, n_layers: int, n_heads: int, d_ff: int) -> Config:
    return Config(
        architecture="encoder-decoder", vocab_size=32_128, d_model=d_model, n_layers=n_layers, n_heads=n_heads,
        d_ff=d_ff, d_head=64, norm="rms", norm_eps=1e-6, activation="relu", ffn_bias=False, qkv_bias=False,
        out_bias=False, attention_scale=1.0, position="relative", logit_scale=d_model**-0.5, start_id=0, pad_id=0,
    )  # fmt: skip


PRESETS: dict[str, Config] = {
    "bert-base": _bert(768, 12, 12),
    "bert-large": _bert(1024, 24, 16),
    "gpt2": _gpt2(768, 12, 12),
    "gpt2-medium": _gpt2(1024, 24, 16),
    "gpt2-xl": _gpt2(1600, 48, 25),
    "llama-2-7b": _llama(4096, 32, 32, 11_008),
    "llama-2-70b": _llama(8192, 80, 64, 28_672, n_kv_heads=8),
    "mixtral-8x7b": replace(
        _llama(4096, 32, 32, 14_336, n_kv_heads=8), n_experts=8, max_length=32_768, rotary_base=1e6
    ),
    "t5-small": _t5(512, 6, 8, 2048),
    "t5-base": _t5(768, 12, 12, 3072),
}
"""Shapes from the papers and model cards; weights are not part of a preset."""
