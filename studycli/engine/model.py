"""Transformer: encoder, decoder or both, built from one Config."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from studycli.engine import inputs
from studycli.engine.attention import causal_mask
from studycli.engine.block import Block, Surroundings
from studycli.engine.cache import Cache
from studycli.engine.config import Config
from studycli.engine.device import memory_errors
from studycli.engine.experts import MixtureOfExperts
from studycli.engine.layers import ACTIVATIONS, FeedForward, Layer, Norm, drawn, project
from studycli.engine.multi_head import MultiHeadAttention
from studycli.engine.position import alibi_bias, alibi_slopes, relative_buckets, rotary_table, sinusoidal_at
from studycli.engine.seed import generator
from studycli.engine.trace import NO_TRACE, Trace
from studycli.errors import EngineError


class Stack(Layer):
    """An encoder or a decoder: positions, blocks and the final norm, between token embeddings and hidden states."""

    def __init__(self, config: Config, *, decoder: bool) -> None:
        super().__init__()
        self.config, self.decoder = config, decoder
        cross = decoder and config.architecture == "encoder-decoder"
        rows = config.max_length if config.position == "learned" else None
        self.W_pos = nn.Parameter(torch.empty(rows, config.d_model)) if rows else None  # (max_length, d_model)
        segments = config.n_segments
        self.W_segment = (
            nn.Parameter(torch.empty(segments, config.d_model)) if segments else None
        )  # (segments, d_model)
        self.embedding_norm = Norm(config) if config.embedding_norm else None
        relative = config.position == "relative"
        self.relative = nn.Parameter(torch.empty(config.relative_buckets, config.n_heads)) if relative else None
        layers = config.decoder_layers if decoder else config.encoder_layers
        self.blocks = nn.ModuleList(Block(config, layer, cross=cross) for layer in range(layers))
        self.final_norm = Norm(config) if config.norm_position == "pre" else None

    def forward(
        self,
        tokens: Tensor,
        around: Surroundings,
        positions: Tensor,
        segment_ids: Tensor | None = None,
        trace: Trace = NO_TRACE,
    ) -> Tensor:
        """Token embeddings (batch, seq, d_model) at positions (seq) or (batch, seq) to hidden states of their shape."""
        x = self._embed(tokens, positions, segment_ids, trace.scope("embed"))  # (batch, seq, d_model)
        around.bias = self._bias(around.places, around.n_keys, x.dtype)
        if self.config.position == "rotary":
            around.rotary = rotary_table(positions, self.config, x.dtype)
        for layer, block in enumerate(self.blocks):
            x = block(x, around, trace.scope(f"blocks.{layer}"))  # (batch, seq, d_model)
        if around.cache is not None:
            around.cache.advance(x.shape[1])
        return x if self.final_norm is None else trace.put("final_norm", self.final_norm(x))  # (batch, seq, d_model)

    def _embed(self, tokens: Tensor, positions: Tensor, segment_ids: Tensor | None, trace: Trace) -> Tensor:
        """The sum, (batch, seq, d_model). Puts `token`, `segment`, `position` and `out`; one row may stand for all."""
        x = trace.put("token", tokens)  # (batch, seq, d_model)
        if self.W_segment is not None:
            rows = self.W_segment[0] if segment_ids is None else self.W_segment[segment_ids]
            x = x + trace.put("segment", rows.expand(x.shape))  # (batch, seq, d_model)
        if self.W_pos is not None:
            x = x + trace.put("position", torch.embedding(self.W_pos, positions))  # (batch, seq, d_model)
        elif self.config.position == "sinusoidal":
            encoded = sinusoidal_at(positions, self.config.d_model).to(x.dtype)  # (..., seq, d_model)
            x = x + trace.put("position", encoded)  # (batch, seq, d_model)
        return trace.put("out", x if self.embedding_norm is None else self.embedding_norm(x))  # (batch, seq, d_model)

    def _bias(self, places: Tensor, n_keys: int, dtype: torch.dtype) -> Tensor | None:
        """What positions add to scores, (heads, query, key), for queries at `places`; None for nothing."""
        if self.config.position not in ("alibi", "relative"):
            return None
        keys = torch.arange(n_keys, device=places.device)  # (key)
        if self.relative is None:
            slopes = alibi_slopes(self.config.n_heads, self.config.alibi_max_bias)  # (heads)
            return alibi_bias(slopes.to(places.device, dtype), places, keys)  # (heads, query, key)
        buckets = relative_buckets(
            keys[None, :] - places[:, None], self.config.relative_buckets, self.config.relative_max_distance,
            bidirectional=not self.decoder,
        )  # (query, key)  # fmt: skip
        return self.relative[buckets].permute(2, 0, 1)  # (heads, query, key)


class Unembedding(Layer):
    """Hidden states to logits over the vocabulary; without weights of its own where they are tied."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.scale = config.logit_scale
        self.W_U = (
            None if config.tied else nn.Parameter(torch.empty(config.d_model, config.vocab_size))
        )  # (d_model, vocab)
        self.b_U = nn.Parameter(torch.zeros(config.vocab_size)) if config.unembed_bias else None  # (vocab)

    def forward(self, x: Tensor, W_E: Tensor) -> Tensor:
        """x (..., d_model) to logits (..., vocab), by W_E (vocab, d_model) where tied."""
        x = x if self.scale == 1 else x * self.scale  # (..., d_model)
        return project(x, W_E.t() if self.W_U is None else self.W_U, self.b_U)  # (..., vocab)


class MaskedHead(Layer):
    """The transform before a masked language model's logits: dense, activation, norm (Devlin et al. 2019)."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.W = nn.Parameter(torch.empty(config.d_model, config.d_model))  # (d_model, d_model)
        self.b = nn.Parameter(torch.zeros(config.d_model))  # (d_model)
        self.act, self.norm = ACTIVATIONS[config.activation], Norm(config)

    def forward(self, x: Tensor) -> Tensor:
        """x (..., d_model) to the same shape."""
        normed: Tensor = self.norm(self.act(project(x, self.W, self.b)))
        return normed  # (..., d_model)


class Linear(Layer):
    """x W + b, with W laid out (in, out)."""

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        self.W = nn.Parameter(torch.empty(rows, columns))  # (rows, columns)
        self.b = nn.Parameter(torch.zeros(columns))  # (columns)

    def forward(self, x: Tensor) -> Tensor:
        """x (..., rows) to (..., columns)."""
        return project(x, self.W, self.b)  # (..., columns)


def embedding_layout(W_E: Tensor, config: Config) -> Tensor:
    """The same embedding (vocab, d_model), where tied laid out in memory as the output layer reads it fastest.

    One token's logits need all of the table, its embedding only a row: so the order that serves the logits, that of an
    (in, out) matrix, makes generation faster and costs the lookup next to nothing.
    """
    return W_E.t().contiguous().t() if config.tied else W_E.contiguous()  # (vocab, d_model)


@dataclass(frozen=True, slots=True)
class Memory:
    """What a decoder's cross-attention looks at: hidden states (batch, key, d_model), and where it may look."""

    states: Tensor
    mask: Tensor | None


class Transformer(nn.Module):
    """A transformer with the weights of a seed, until others are loaded or learned.

    Matrices come from N(0, 1 / fan-in), those that add to the residual stream smaller by sqrt(2 n_layers), as in
    GPT-2; tables of embeddings from N(0, 0.02).
    """

    def __init__(self, config: Config, *, seed: int = 0) -> None:
        super().__init__()
        self.config = config
        self.W_E = nn.Parameter(embedding_layout(torch.empty(config.vocab_size, config.d_model), config))
        self.encoder = Stack(config, decoder=False) if config.encoder_layers else None
        self.decoder = Stack(config, decoder=True) if config.decoder_layers else None
        has_logits = config.architecture != "encoder" or config.mlm_head
        self.unembedding = Unembedding(config) if has_logits else None
        self.pooler = Linear(config.d_model, config.d_model) if config.pooler else None
        self.mlm = MaskedHead(config) if config.mlm_head else None
        self.classifier = Linear(config.d_model, config.n_labels) if config.n_labels else None
        if not self.W_E.is_meta:
            self._draw(generator(seed, "transformer"))

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.W_E.device

    @property
    def dtype(self) -> torch.dtype:
        """What the weights are made of."""
        return self.W_E.dtype

    def forward(
        self,
        input_ids: Tensor,
        *,
        attention_mask: Tensor | None = None,
        decoder_input_ids: Tensor | None = None,
        segment_ids: Tensor | None = None,
        position_ids: Tensor | None = None,
        cache: Cache | None = None,
        trace: Trace = NO_TRACE,
    ) -> Tensor:
        """A decoder's logits (batch, seq, vocab), or an encoder's last hidden state (batch, seq, d_model).

        An encoder-decoder reads `decoder_input_ids` too, and gives logits for these. Ids are whole numbers (batch,
        seq); `attention_mask` is of their shape, 1 keep and 0 pad, with a cache over all tokens so far. Positions
        count from 0 unless `position_ids` names them. Raises EngineError for ids, masks and lengths that the model
        can't take, for edits of values that don't exist, and where memory runs out.
        """
        result = self._run(
            input_ids, attention_mask=attention_mask, decoder_input_ids=decoder_input_ids, segment_ids=segment_ids,
            position_ids=position_ids, cache=cache, trace=trace,
        )  # fmt: skip
        trace.check_edits()
        return result

    def _run(
        self,
        input_ids: Tensor,
        *,
        attention_mask: Tensor | None,
        decoder_input_ids: Tensor | None = None,
        segment_ids: Tensor | None = None,
        position_ids: Tensor | None = None,
        cache: Cache | None = None,
        trace: Trace,
    ) -> Tensor:
        input_ids = inputs.ids(input_ids, self.config, self.device, "input_ids")  # (batch, seq)
        with memory_errors(f"{self.config.architecture} of {tuple(input_ids.shape)} tokens"):
            if self.decoder is None:
                inputs.unused(self.config, decoder_input_ids=decoder_input_ids, cache=cache)
                return self.encode(
                    input_ids, attention_mask, segment_ids=segment_ids, position_ids=position_ids, trace=trace
                ).states  # (batch, seq, d_model)
            inputs.unused(self.config, segment_ids=segment_ids)
            if self.encoder is None:
                inputs.unused(self.config, decoder_input_ids=decoder_input_ids)
                hidden = self.decode(
                    input_ids, attention_mask=attention_mask, position_ids=position_ids, cache=cache, trace=trace
                )  # (batch, seq, d_model)
                return trace.put("logits", self.unembed(hidden))  # (batch, seq, vocab)
            if decoder_input_ids is None:
                hint = "begin with the start token; generate() does so by itself"
                raise EngineError(
                    "an encoder-decoder needs decoder_input_ids too", where="decoder_input_ids", hint=hint
                )
            decoder_ids = inputs.ids(decoder_input_ids, self.config, self.device, "decoder_input_ids")  # (batch, query)
            memory = self.encode(input_ids, attention_mask, position_ids=position_ids, trace=trace)
            hidden = self.decode(decoder_ids, memory=memory, cache=cache, trace=trace)  # (batch, query, d_model)
            return trace.put("logits", self.unembed(hidden))  # (batch, query, vocab)

    def encode(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        *,
        segment_ids: Tensor | None = None,
        position_ids: Tensor | None = None,
        trace: Trace = NO_TRACE,
    ) -> Memory:
        """The encoder's hidden states of ids (batch, seq), and where a decoder may look at them."""
        if self.encoder is None:
            raise EngineError("a decoder-only model has no encoder", where="encode", hint="call the model itself")
        mask = inputs.key_mask(attention_mask, input_ids.shape, self.device)  # (batch, 1, 1, seq)
        places, positions = inputs.positions(position_ids, 0, input_ids, self.config)  # (seq), (seq) or (batch, seq)
        if segment_ids is not None:
            segment_ids = inputs.segments(segment_ids, input_ids, self.config)  # (batch, seq)
        around = Surroundings(causal=False, places=places, n_keys=len(places), mask=mask)
        states = self.encoder(self.embed(input_ids), around, positions, segment_ids, trace.scope("encoder"))
        return Memory(states, mask)

    def decode(
        self,
        input_ids: Tensor,
        *,
        memory: Memory | None = None,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        cache: Cache | None = None,
        trace: Trace = NO_TRACE,
    ) -> Tensor:
        """The decoder's hidden states (batch, seq, d_model) of ids (batch, seq), behind what is in the cache."""
        if self.decoder is None:
            raise EngineError("an encoder-only model has no decoder", where="decode", hint="call the model itself")
        past = 0 if cache is None else cache.length
        batch, seq = input_ids.shape
        if cache is not None:
            inputs.same_rows(batch, cache.batch, "cache")
        if memory is not None:
            inputs.same_rows(batch, len(memory.states), "decoder_input_ids")
        mask = inputs.key_mask(attention_mask, (batch, past + seq), self.device)  # (batch, 1, 1, key)
        if mask is not None and self.config.attention == "sparse" and not bool(mask[..., 0].all()):
            hint = "pad on the right; its global tokens are the first ones"
            raise EngineError("sparse attention cannot be padded on the left", where="attention_mask", hint=hint)
        causal = mask is None or self.config.attention == "linear"
        if mask is not None and seq > 1 and not causal:
            # Once for all layers. Linear attention keeps the two apart: it has no pairs of queries and keys.
            mask = mask & causal_mask(seq, past + seq, self.device)  # (batch, 1, query, key)
        places, positions = inputs.positions(position_ids, past, input_ids, self.config)  # (seq), (seq) or (batch, seq)
        around = Surroundings(causal=causal, places=places, n_keys=past + seq, mask=mask, cache=cache)
        if memory is not None:
            around.memory, around.memory_mask = memory.states, memory.mask
        hidden: Tensor = self.decoder(self.embed(input_ids), around, positions, None, trace.scope("decoder"))
        return hidden  # (batch, seq, d_model)

    def unembed(self, hidden: Tensor) -> Tensor:
        """Logits (..., vocab) of hidden states (..., d_model)."""
        if self.unembedding is None:
            raise EngineError("this encoder has no head over the vocabulary", where="unembed", hint="mlm_head=True")
        logits: Tensor = self.unembedding(hidden, self.W_E)
        return logits  # (..., vocab)

    def mlm_logits(
        self, input_ids: Tensor, *, attention_mask: Tensor | None = None, segment_ids: Tensor | None = None,
        trace: Trace = NO_TRACE,
    ) -> Tensor:  # fmt: skip
        """A masked language model's logits (batch, seq, vocab). Raises EngineError for a model without that head."""
        if self.mlm is None:
            raise EngineError("this model has no masked-LM head", where="mlm_logits", hint="a BertForMaskedLM has one")
        hidden = self._run(input_ids, attention_mask=attention_mask, segment_ids=segment_ids, trace=trace)
        logits = trace.put("logits", self.unembed(self.mlm(hidden)))  # (batch, seq, vocab)
        trace.check_edits()
        return logits

    def classify(
        self, input_ids: Tensor, *, attention_mask: Tensor | None = None, segment_ids: Tensor | None = None,
        trace: Trace = NO_TRACE,
    ) -> Tensor:  # fmt: skip
        """Logits (batch, labels) from the first token. Raises EngineError for a model without a classification head."""
        if self.classifier is None:
            hint = "a BertForSequenceClassification has one"
            raise EngineError("this model has no classification head", where="classify", hint=hint)
        hidden = self._run(input_ids, attention_mask=attention_mask, segment_ids=segment_ids, trace=trace)
        first = hidden[:, 0]  # (batch, d_model)
        pooled = first if self.pooler is None else trace.put("pooled", self.pooler(first).tanh())  # (batch, d_model)
        labels = trace.put("labels", self.classifier(pooled))  # (batch, labels)
        trace.check_edits()
        return labels

    def cache(self, batch: int, capacity: int) -> Cache:
        """An empty cache for this many rows and tokens."""
        return Cache(self.config, batch, capacity, self.device, self.dtype)

    def embed(self, input_ids: Tensor) -> Tensor:
        """Token embeddings (batch, seq, d_model) of ids (batch, seq)."""
        x = torch.embedding(self.W_E, input_ids)  # (batch, seq, d_model)
        return x if self.config.embedding_scale == 1 else x * self.config.embedding_scale  # (batch, seq, d_model)

    def _draw(self, random: torch.Generator) -> None:
        out_scale = (2 * max(self.config.encoder_layers, self.config.decoder_layers)) ** -0.5
        with torch.no_grad():
            for module in self.modules():
                if isinstance(module, MultiHeadAttention | FeedForward | MixtureOfExperts):
                    module.draw(random, out_scale)
            for name, weights in self.named_parameters():
                if name.endswith(("W_E", "W_pos", "W_segment", "relative")):
                    weights.copy_(0.02 * torch.randn(weights.shape, generator=random))
                elif name.endswith((".W", ".W_U")):
                    weights.copy_(drawn(weights.shape, random))
