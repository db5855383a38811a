"""Reader: the logits after sequences that grow, by a cache or by a full pass each time."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from studycli.engine.model import Memory, Transformer
from studycli.engine.tape import Step, Tape, recordable, recorded, tape_of
from studycli.errors import EngineError


class Reader:
    """Reads rows of tokens with a model, piece by piece, and remembers what it has read."""

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
        self.mask = _left_padded(attention_mask, model.device)  # (batch, seq)
        self._cache = model.cache(batch, capacity) if use_cache else None
        self._tapes = use_cache and recordable(model)
        self._tape: Tape | None = None
        self._replay: Callable[..., Tensor] | None = None
        self._first: Step | None = None
        self._seen: Tensor | None = None  # (batch, seq), where no cache holds it

    def read(self, tokens: Tensor) -> Tensor:
        """Read on, by ids (batch, new); the logits (batch, vocab) of what follows."""
        if self._cache is None:
            self._seen = tokens if self._seen is None else torch.cat((self._seen, tokens), dim=1)
            tokens = self._seen  # (batch, seq)
        past = 0 if self._cache is None else self._cache.length
        if self.mask is None and self._tapes and tokens.shape[1] == 1 and past:
            return self._step(tokens)
        positions = None
        if self.mask is not None:
            new = past + tokens.shape[1] - self.mask.shape[1]
            self.mask = torch.nn.functional.pad(self.mask, (0, new), value=1)  # (batch, past + new)
            positions = (self.mask.cumsum(-1) - 1).clamp(min=0)[:, past:]  # (batch, new)
        return self._compute(tokens, positions)

    def _compute(self, tokens: Tensor, positions: Tensor | None = None) -> Tensor:
        hidden = self.model.decode(
            tokens, memory=self.memory, attention_mask=self.mask, position_ids=positions, cache=self._cache
        )  # (batch, new, d_model)
        return self.model.unembed(hidden.select(1, -1))  # (batch, vocab)

    def _step(self, tokens: Tensor) -> Tensor:
        """One token for each row, behind those in the cache: by a tape, or on the way to one."""
        cache = self._cache
        assert cache is not None
        inputs = [tokens, *cache.keys, *cache.values, *(x for kv in cache.cross if kv is not None for x in kv)]
        if self.memory is not None and self.memory.mask is not None:
            inputs.append(self.memory.mask)
        if self._tape is None:
            self._tape = tape_of(self.model, inputs)
        if self._replay is None and self._tape.prepare is not None:
            self._replay = self._tape.prepare()
        if self._replay is not None:
            logits = self._replay(cache.length, *inputs)  # (batch, vocab)
            cache.advance(1)
            return logits
        if not self._tape.usable:
            return self._compute(tokens)
        step = recorded(lambda: self._compute(tokens), cache.length, inputs)
        if isinstance(step, Tensor):
            self._tape.usable = False
            return step  # (batch, vocab)
        if self._first is not None and self._first.length + 1 == step.length:
            self._tape.write(self._first, step, self.model.parameters())
            self._first = None
        else:
            self._first = step
        return step.result  # (batch, vocab)

    def select(self, rows: Tensor) -> None:
        """Go on with these rows (beams), in this order; a row may come more than once."""
        self._tapes = False  # rows that move take the cache's tensors with them
        if self._cache is not None:
            self._cache.select(rows)
        if self._seen is not None:
            self._seen = self._seen[rows]  # (rows, seq)
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
