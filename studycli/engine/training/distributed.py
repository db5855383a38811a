"""Distributed: several processes that torchrun started, which train one model on parts of each batch."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from studycli.engine.device import choose
from studycli.errors import EngineError, MissingError


@dataclass(frozen=True, slots=True)
class Processes:
    """This process, number `rank` of `world`, and the device it computes on."""

    rank: int
    world: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and reports."""
        return self.rank == 0


@contextmanager
def join(device: str = "auto") -> Iterator[Processes]:
    """Join the other processes of torchrun, and leave them at the end; without torchrun this process is alone.

    They talk through gloo on CPUs, and through NCCL on GPUs, of which each takes the one of its LOCAL_RANK. Raises
    EngineError where torchrun's variables make no sense or the others don't come, MissingError for more processes than
    GPUs.
    """
    chosen = choose(device)
    if _variable("WORLD_SIZE", 1) == 1:
        yield Processes(0, 1, chosen)
        return
    if chosen.type == "cuda":
        chosen = _gpu(_variable("LOCAL_RANK", 0))
    try:
        dist.init_process_group("nccl" if chosen.type == "cuda" else "gloo")
    except (ValueError, RuntimeError) as error:
        raise EngineError(f"the processes cannot meet: {error}", hint="start them with torchrun") from error
    try:
        yield Processes(dist.get_rank(), dist.get_world_size(), chosen)
    finally:
        dist.destroy_process_group()


def share(batch: Mapping[str, Tensor], processes: Processes) -> dict[str, Tensor]:
    """This process's rows of every tensor (batch, ...), on its device. Every row is some process's, in order.

    Raises EngineError, in every process, where there are fewer rows than processes.
    """
    rows = {len(x) for x in batch.values()}
    if len(rows) != 1 or min(rows) < processes.world:
        message = f"the batch has {', '.join(map(str, sorted(rows)))} rows"
        raise EngineError(message, where="batch", hint=f"{processes.world} at least, in every tensor the same")
    return {name: x.tensor_split(processes.world)[processes.rank].to(processes.device) for name, x in batch.items()}


def synchronised(module: nn.Module, processes: Processes) -> nn.Module:
    """The module with the weights of the first process, and gradients that become the mean over all in backward.

    What the first backward pass leaves without a gradient must stay so: a head, say, that the loss doesn't use.
    """
    if processes.world == 1:
        return module
    gpu = [processes.device] if processes.device.type == "cuda" else None
    return DistributedDataParallel(module, device_ids=gpu, static_graph=True)


def total(x: Tensor, processes: Processes) -> Tensor:
    """The sum of a tensor over all processes, in its shape."""
    if processes.world > 1:
        x = x.clone()
        dist.all_reduce(x)
    return x


def _gpu(local: int) -> torch.device:
    count = torch.cuda.device_count()
    if local >= count:
        raise MissingError(f"there is no GPU for process {local}", hint=f"start at most {count} with --nproc-per-node")
    torch.cuda.set_device(local)
    return torch.device("cuda", local)


def _variable(name: str, default: int) -> int:
    value = os.environ.get(name, str(default))
    if not value.isdecimal():
        raise EngineError(f"{name} is {value!r}", where="environment", hint="start with torchrun, which sets it")
    return int(value)
