"""Reader: the logits after sequences that grow, by a cache or by a full pass each time."""

from __future__ import annotations

import torch
from torch import Tensor

from studycli.engine.model import Memory, Transformer
from studycli.errors import EngineError


class Reader:
    """Reads sequences with a model, and remembers what it has read."""

    def __init__(
        self,
        model: Transformer,
        batch: int,
        capacity: int,
        use_cache: bool,
        attention_mask: Tensor | None = None,
        memory: Memory | None = None,
    ) -> None:
        self.model, self.capacity, self.use_cache = model, capacity, use_cache
        self.memory = memory
        self.mask = _left_padded(attention_mask, model.device)
        self.pad_id = model.config.pad_id
        self._cache = model.cache(batch, capacity) if use_cache else None

    def next_logits(self, sequences: Tensor) -> Tensor:
        """Logits (batch, vocab) of what follows sequences (batch, seq), whose beginning it may have read before."""
        past = 0 if self._cache is None else self._cache.length
        mask = positions = None
        if self.mask is not None:
            grown = sequences.shape[1] - self.mask.shape[1]
            mask = torch.nn.functional.pad(self.mask, (0, grown), value=1)  # (batch, seq)
            positions = (mask.cumsum(-1) - 1).clamp(min=0)[:, past:]  # (batch, seq - past)
        hidden = self.model.decode(
            sequences[:, past:],
            memory=self.memory,
            attention_mask=mask,
            position_ids=positions,
            cache=self._cache,
        )  # (batch, seq - past, d_model)
        return self.model.unembed(hidden[:, -1])  # (batch, vocab)

    def select(self, rows: Tensor) -> None:
        """Go on with these rows (beams), in this order; a row may come more than once."""
        if self._cache is not None:
            self._cache.select(rows)
        if self.mask is not None:
            self.mask = self.mask[rows]  # (rows, seq)
        if self.memory is not None:
            mask = None if self.memory.mask is None else self.memory.mask[rows]  # (rows, 1, 1, key)
            self.memory = Memory(self.memory.states[rows], mask)

    def row(self, row: int) -> Reader:
        """A reader of one row that has read nothing yet."""
        one = slice(row, row + 1)
        memory = self.memory
        if memory is not None:
            memory = Memory(memory.states[one], None if memory.mask is None else memory.mask[one])
        mask = None if self.mask is None else self.mask[one]
        return Reader(self.model, 1, self.capacity, self.use_cache, mask, memory)


def _left_padded(given: Tensor | None, device: torch.device) -> Tensor | None:
    """A mask (batch, seq) of 1 and 0, None where it keeps everything. Raises EngineError for padding on the right."""
    if given is None or bool((given != 0).all()):
        return None
    mask = (given != 0).long().to(device)  # (batch, seq)
    if not bool(mask[:, -1].all()):
        hint = "pad prompts on the left, so that the new tokens follow the last of the prompt"
        raise EngineError("a prompt ends in padding", where="attention_mask", hint=hint)
    return mask
