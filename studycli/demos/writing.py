"""Writing: how the study-lm continues a prompt, token by token, with the learner's edits on every pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from studycli.engine import sampling
from studycli.engine.beam import beam_search
from studycli.engine.reader import Reader

if TYPE_CHECKING:
    from torch import Tensor

    from studycli.demos.inputs import Inputs
    from studycli.engine.model import Transformer


@dataclass(frozen=True)
class Settings:
    """How the next token is chosen: `temperature` 0 takes the likeliest, above it one is drawn."""

    temperature: float = 0.0
    top_k: int | None = None
    top_p: float | None = None


@dataclass(frozen=True)
class Text:
    """What was written: the ids, and the log-probability of each in nats, by the model's own distribution."""

    ids: tuple[int, ...]
    log_probabilities: tuple[float, ...]

    @property
    def total(self) -> float:
        """The log-probability of the whole text, in nats."""
        return sum(self.log_probabilities)


class EditedReader(Reader):
    """A reader whose every pass goes over all tokens so far and through a trace with the learner's edits."""

    def __init__(self, model: Transformer, inputs: Inputs) -> None:
        super().__init__(model, 1, 0, use_cache=False)
        self._inputs = inputs

    def _compute(self, tokens: Tensor, positions: Tensor | None = None) -> Tensor:
        logits: Tensor = self.model(tokens, position_ids=positions, trace=self._inputs.trace("logits"))[:, -1]
        return logits  # (batch, vocab)


def reader(model: Transformer, inputs: Inputs, capacity: int) -> Reader:
    """What reads on: with a cache of so many tokens, or where there are edits without one."""
    return Reader(model, 1, capacity, use_cache=True) if inputs.edits is None else EditedReader(model, inputs)


def step_by_step(reading: Reader, prompt: Tensor, tokens: int, settings: Settings, seed: int = 0) -> Text:
    """So many tokens behind ids (1, seq), each chosen as `engine.generate` does it, with the same seed."""
    random = torch.Generator().manual_seed(seed)
    unread, ids, found = prompt, [], []
    for _ in range(tokens):
        logits = reading.read(unread)  # (1, vocab)
        probabilities = sampling.distribution(logits, settings.temperature, settings.top_k, settings.top_p)
        if settings.temperature == 0:
            unread = probabilities.argmax(-1, keepdim=True)  # (1, 1)
        else:
            unread = sampling.draw(probabilities, random)[:, None]  # (1, 1)
        ids.append(int(unread))
        found.append(float(logits.float().log_softmax(-1)[0, ids[-1]]))
    return Text(tuple(ids), tuple(found))


def by_beams(reading: Reader, prompt: Tensor, tokens: int, beams: int) -> tuple[int, ...]:
    """The ids that a beam search of this width writes behind ids (1, seq)."""
    found = beam_search(reading, prompt, tokens, beams, (), 1.0)  # (1, seq + tokens)
    return tuple(found[0, prompt.shape[1] :].tolist())


def scored(model: Transformer, prompt: Tensor, ids: tuple[int, ...], inputs: Inputs) -> tuple[Text, Tensor]:
    """Ids behind ids (1, seq) with their log-probabilities, and the logits (new, vocab) of each: all of one pass."""
    written = torch.tensor([ids], device=prompt.device)  # (1, new)
    logits = model(torch.cat((prompt, written), dim=1), trace=inputs.trace("logits"))  # (1, seq + new, vocab)
    own = logits[0, prompt.shape[1] - 1 : -1]  # (new, vocab)
    found = own.float().log_softmax(-1).gather(-1, written.t())  # (new, 1)
    return Text(ids, tuple(found[:, 0].tolist())), own
