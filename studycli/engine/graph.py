"""Graph: a decoding step that CUDA records once and replays, without Python between the kernels."""

from __future__ import annotations

import torch
from torch import Tensor

from studycli.engine.block import Surroundings
from studycli.engine.cache import Cache
from studycli.engine.model import Transformer
from studycli.errors import EngineError


class FixedCache(Cache):
    """The room of another cache, where new keys and values go to `place`, a tensor, and all of the room is given."""

    def __init__(self, cache: Cache, place: Tensor) -> None:
        self.keys, self.values, self.cross = cache.keys, cache.values, cache.cross
        self.length, self.capacity, self.batch, self.place = 0, cache.capacity, cache.batch, place

    def update(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Put one token's keys and values (batch, kv_heads, 1, d_head) at the place; give (..., capacity, d_head)."""
        return self.keys[layer].index_copy_(2, self.place, k), self.values[layer].index_copy_(2, self.place, v)

    def advance(self, tokens: int) -> None:
        """Nothing: whoever replays the step moves the place."""


class DecodingStep:
    """One token for each row of a decoder, behind what is in a cache; its tensors stay where they are.

    Attention looks at all of the cache's room, the part that is still empty masked: the same numbers as `decode`, by
    the same layers. Raises EngineError for models whose step has no fixed shape.
    """

    def __init__(self, model: Transformer, cache: Cache, batch: int) -> None:
        config = model.config
        if config.architecture != "decoder" or config.attention != "full" or config.n_experts:
            hint = "it serves decoders with full attention and without experts"
            raise EngineError("this model's decoding step has no fixed shape", where="graph", hint=hint)
        self.model, self.cache = model, cache
        self.token = torch.zeros(batch, 1, dtype=torch.long, device=model.device)  # (batch, 1)
        self.place = torch.zeros(1, dtype=torch.long, device=model.device)  # (1)
        self._keys = torch.arange(cache.capacity, device=model.device)  # (key)
        self._fixed = FixedCache(cache, self.place)
        self._graph: torch.cuda.CUDAGraph | None = None
        self._logits: Tensor | None = None  # (batch, vocab)

    def compute(self) -> Tensor:
        """Logits (batch, vocab) after `token` at `place`."""
        mask = (self._keys <= self.place)[None, None, None]  # (1, 1, 1, key)
        around = Surroundings(causal=False, places=self.place, n_keys=self.cache.capacity, mask=mask, cache=self._fixed)
        assert self.model.decoder is not None
        hidden = self.model.decoder(self.model.embed(self.token), around, self.place)  # (batch, 1, d_model)
        return self.model.unembed(hidden[:, -1])  # (batch, vocab)

    def record(self) -> None:
        """Record the step as a CUDA graph, after a few runs that let libraries choose their kernels."""
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                self.compute()
        torch.cuda.current_stream().wait_stream(stream)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._logits = self.compute()

    def run(self, token: Tensor) -> Tensor:
        """Logits (batch, vocab) after ids (batch, 1), which go into the cache."""
        self.token.copy_(token)
        self.place.fill_(self.cache.length)
        if self._graph is None or self._logits is None:
            logits = self.compute()  # (batch, vocab)
        else:
            self._graph.replay()
            logits = self._logits  # (batch, vocab), overwritten by the next run
        self.cache.advance(1)
        return logits


@torch.inference_mode()
def generate_greedily(model: Transformer, input_ids: Tensor, max_new_tokens: int) -> Tensor:
    """Continue ids (batch, seq) by the likeliest tokens, (batch, seq + new); on CUDA by a recorded step."""
    batch, seq = input_ids.shape
    cache = model.cache(batch, seq + max_new_tokens)
    token = model.unembed(model.decode(input_ids, cache=cache)[:, -1]).argmax(-1, keepdim=True)  # (batch, 1)
    step = DecodingStep(model, cache, batch)
    if model.device.type == "cuda":
        step.place.fill_(cache.length)
        step.record()
    pieces = [input_ids, token]
    for _ in range(max_new_tokens - 1):
        token = step.run(token).argmax(-1, keepdim=True)  # (batch, 1)
        pieces.append(token)
    return torch.cat(pieces, dim=1)  # (batch, seq + new)
