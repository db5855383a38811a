"""Recipe: how one miniature model is trained, and what is measured on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from studycli.engine.loaded import Loaded
from studycli.engine.model import Transformer
from studycli.engine.tokenizer import Tokenizer
from studycli.engine.training import Loss, Step, train

Scores = Callable[[Transformer], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a training stands after a step: its loss in nats, and the newest scores by name, each from 0 to 1."""

    checkpoint: str
    step: int
    steps: int
    loss: float
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training leaves: a model, its tokenizer if it has one, and text files by name that belong to it.

    `labels` are the names of a classifier's classes.
    """

    model: Transformer
    tokenizer: Tokenizer | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Training:
    """One checkpoint in training: which one, from which seed, on which device, and who hears of its progress."""

    checkpoint: str
    seed: int
    device: torch.device
    report: Callable[[Progress], None]

    def run(
        self,
        model: Transformer,
        batches: Iterable[Mapping[str, Tensor]],
        loss: Callable[..., Loss],
        *,
        steps: int,
        scores: Scores | None = None,
        every: int = 20,
        **settings: Any,  # noqa: ANN401 - those of `training.train`
    ) -> Transformer:
        """Train the model on the device, reporting each step, with new `scores` every so many steps and at the end."""
        model = model.to(self.device)
        newest: dict[str, float] = {}

        def hear(step: Step) -> None:
            if scores is not None and (step.step % every == 0 or step.step == steps):
                with torch.inference_mode():
                    newest.update(scores(model))
            self.report(Progress(self.checkpoint, step.step, steps, step.loss, dict(newest)))

        train(model, batches, loss, steps=steps, on_step=hear, **settings)
        return model


@dataclass(frozen=True, slots=True)
class Measurement:
    """Metrics that one function takes of the loaded checkpoints, by their names.

    Measured anew, a metric may differ by `tolerance` from what the model card states: another processor rounds
    otherwise, and a borderline example may fall to the other side. A `slow` one takes more than a few seconds.
    """

    measure: Callable[[Mapping[str, Loaded]], Mapping[str, float]]
    tolerance: float = 0.002
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Gate:
    """What a metric must be above for the model to be shipped."""

    metric: str
    above: float


@dataclass(frozen=True, slots=True)
class Recipe:
    """One bundled model, which may be several checkpoints.

    `task` and `data` are sentences for the model card, `generator` the function that makes the data, by its dotted
    name. A checkpoint is named as its folder in `weights/`: `induction`, or `tasks/decoder`. Training on a CPU takes
    `threads` of them, so that the same machine gives the same bits.
    """

    name: str
    task: str
    data: str
    generator: str
    seed: int
    checkpoints: tuple[str, ...]
    train: Callable[[Training], Trained]
    measurements: tuple[Measurement, ...]
    gates: tuple[Gate, ...] = ()
    threads: int = 1
