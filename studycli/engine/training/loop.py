"""Loop: a model's steps along the gradient of a loss, batch after batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from studycli.engine.device import memory_errors
from studycli.engine.model import Transformer
from studycli.engine.training.distributed import Processes, share, synchronised, total
from studycli.engine.training.losses import Loss
from studycli.engine.training.optimizer import adamw
from studycli.engine.training.schedule import learning_rate
from studycli.errors import EngineError


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its number from 1, the loss before it, over all processes, and what it did.

    `gradient_norm` is the global norm before clipping, `tokens` the number of predictions that the loss is a mean of.
    """

    step: int
    loss: float
    learning_rate: float
    gradient_norm: float
    tokens: int


def train(
    model: Transformer,
    batches: Iterable[Mapping[str, Tensor]],
    loss: Callable[..., Loss],
    *,
    steps: int,
    peak: float,
    warmup: int = 0,
    floor: float = 0.0,
    clip: float = 1.0,
    optimizer: Optimizer | None = None,
    done: int = 0,
    processes: Processes | None = None,
    on_step: Callable[[Step], None] | None = None,
) -> None:
    """Train in place up to step `steps`; `loss` is called with the model and each batch by the names of its tensors.

    The learning rate is `schedule.learning_rate` of `peak`, `warmup` and `floor`, which would come after the last step,
    so that no step is without effect; gradients are clipped to the global
    norm `clip` (Pascanu et al. 2013). On CUDA the forward pass runs in bfloat16 by autocast, weights and optimizer
    stay float32. To go on after `done` steps give their `optimizer` (`adamw(model)` by default) and the batches still
    to come. With `processes` every one is given the same batches and takes its rows; all hold the same weights after
    each step. `on_step` is called in the first process alone. Nothing here is drawn: on one CPU thread the same model
    and batches give the same weights.
    Raises EngineError, with the step, where the loss or the gradient is not finite, with the weights as they were
    before it, where nothing is to be predicted, where the batches end, and where memory runs out; and for weights in
    half precision, which small steps would not change.
    """
    _check(model, clip)
    learning_rate(0, peak=peak, warmup=warmup, total=steps)  # refuses a warm-up that is longer than the steps
    processes = Processes(0, 1, model.device) if processes is None else processes
    optimizer = adamw(model) if optimizer is None else optimizer
    objective = synchronised(_Objective(model, loss), processes)
    source = iter(batches)
    for step in range(done + 1, steps + 1):
        batch = next(source, None)
        if batch is None:
            raise EngineError("the batches have ended", where=f"step {step}", hint=f"give {steps - done} of them")
        rate = learning_rate(step, peak=peak, warmup=warmup, total=steps + 1, floor=floor)
        for group in optimizer.param_groups:
            group["lr"] = rate
        with memory_errors(f"step {step}"):
            optimizer.zero_grad()
            mean, tokens = _backward(objective, batch, processes, f"step {step}")
            norm = _clip(model, clip, f"step {step}")
            optimizer.step()
        if on_step is not None and processes.first:
            on_step(Step(step, mean, rate, norm, tokens))


class _Objective(nn.Module):
    """A model and its loss as one module: DistributedDataParallel must see the whole forward pass."""

    def __init__(self, model: Transformer, loss: Callable[..., Loss]) -> None:
        super().__init__()
        self.model, self.loss = model, loss

    def forward(self, **batch: Tensor) -> Loss:
        return self.loss(self.model, **batch)


def _backward(objective: nn.Module, batch: Mapping[str, Tensor], processes: Processes, where: str) -> tuple[float, int]:
    """Leave the gradients of the mean over the whole batch; that mean, and over how many tokens it is."""
    device = processes.device.type
    with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
        part: Loss = objective(**share(batch, processes))
    sums = torch.stack((part.mean.detach().double() * part.tokens, part.tokens.double()))  # (2)
    summed, tokens = total(sums, processes).tolist()
    if not tokens:
        raise EngineError("nothing in the batch is to be predicted", where=where, hint="labels are all ignored")
    if not math.isfinite(summed):
        hint = "a lower peak or a longer warm-up may help; were the weights finite before?"
        raise EngineError(f"the loss is {summed / tokens}", where=where, hint=hint)
    # The mean over processes is taken of gradients, and each has its own number of tokens.
    (part.mean * (part.tokens * processes.world / tokens)).backward()
    return summed / tokens, int(tokens)


def _clip(model: nn.Module, clip: float, where: str) -> float:
    norm = float(nn.utils.clip_grad_norm_(model.parameters(), clip))
    if not math.isfinite(norm):
        hint = "a lower peak or a longer warm-up may help"
        raise EngineError(f"the norm of the gradient is {norm}", where=where, hint=hint)
    return norm


def _check(model: Transformer, clip: float) -> None:
    if not any(weights.requires_grad for weights in model.parameters()):
        raise EngineError("every weight is frozen", where="train", hint="model.requires_grad_(True)")
    if model.dtype not in (torch.float32, torch.float64):
        hint = "load with dtype='float32'; on CUDA training computes in bfloat16 by itself"
        raise EngineError(f"the weights are {model.dtype}", where="train", hint=hint)
    if not clip > 0:
        raise EngineError(f"clip is {clip}", where="train", hint="it is above 0; inf clips nothing")
