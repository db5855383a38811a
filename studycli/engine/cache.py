"""Cache: the keys and values of tokens that were seen, so that the next step computes only its own."""

from __future__ import annotations

import torch
from torch import Tensor

from studycli.engine.config import Config
from studycli.errors import EngineError


class Cache:
    """Preallocated keys and values of a decoder's self-attention, and those of its cross-attention once computed.

    `length` counts the tokens in it, `capacity` those that fit. Each layer's keys are (batch, kv_heads, capacity,
    d_head), and its values too.
    """

    def __init__(
        self, config: Config, batch: int, capacity: int, device: torch.device | str | None, dtype: torch.dtype
    ) -> None:
        shape = (batch, config.kv_heads, capacity, config.head_size)
        layers = range(config.decoder_layers)
        self.keys = [
            torch.zeros(shape, device=device, dtype=dtype) for _ in layers
        ]  # (batch, kv_heads, capacity, d_head)
        self.values = [
            torch.zeros(shape, device=device, dtype=dtype) for _ in layers
        ]  # (batch, kv_heads, capacity, d_head)
        self.cross: list[tuple[Tensor, Tensor] | None] = [None for _ in layers]
        self.length = 0
        self.capacity = capacity
        self.batch = batch

    def update(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Put a layer's new keys and values (batch, kv_heads, new, d_head) behind those there; give all of them.

        Raises EngineError where they don't fit. `advance` ends the step, after the last layer.
        """
        new = k.shape[-2]
        end = self.length + new
        if end > self.capacity:
            message = f"the cache holds {self.capacity} tokens, and {end} were to go in"
            raise EngineError(message, where="cache", hint="make it as long as the prompt and all new tokens")
        keys, values = self.keys[layer], self.values[layer]
        keys.narrow(2, self.length, new).copy_(k)
        values.narrow(2, self.length, new).copy_(v)
        return keys.narrow(2, 0, end), values.narrow(2, 0, end)  # (batch, kv_heads, length + new, d_head)

    def advance(self, tokens: int) -> None:
        """Count the tokens that every layer has put in."""
        self.length += tokens

    def select(self, rows: Tensor) -> None:
        """Keep these rows of the batch, in this order; a row may come more than once (beam search)."""
        self.batch = len(rows)
        self.keys = [keys.index_select(0, rows) for keys in self.keys]
        self.values = [values.index_select(0, rows) for values in self.values]
        self.cross = [
            None if kv is None else (kv[0].index_select(0, rows), kv[1].index_select(0, rows)) for kv in self.cross
        ]

    @property
    def nbytes(self) -> int:
        """Bytes of all keys and values, the room that is still free counted in."""
        own = sum(x.nbytes for x in (*self.keys, *self.values))
        return own + sum(k.nbytes + v.nbytes for k, v in filter(None, self.cross))
