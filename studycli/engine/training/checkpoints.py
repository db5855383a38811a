"""Checkpoints: a model in training, with its optimizer and its step, in safetensors and without pickles."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.optim import AdamW

from studycli.engine import checkpoint
from studycli.engine.convert import load_pretrained, save_pretrained
from studycli.engine.model import Transformer
from studycli.engine.training.optimizer import adamw
from studycli.errors import EngineError

_OPTIMIZER = "optimizer.safetensors"
_FILES = {"config.json", "model.safetensors", checkpoint.SUMS, _OPTIMIZER}
# As AdamW names them: how often a tensor was updated, and the running means of its gradient and of its square.
_PARTS = ("step", "exp_avg", "exp_avg_sq")


class Checkpoint(NamedTuple):
    """What training goes on with, after `step` steps."""

    model: Transformer
    optimizer: AdamW
    step: int


def save_checkpoint(path: str | Path, model: Transformer, optimizer: AdamW, step: int) -> None:
    """Write a folder for `load_checkpoint`, which `load_pretrained` reads too; its SHA256SUMS covers all of it.

    An earlier checkpoint there is replaced only when the new one is whole. Raises EngineError for a folder that holds
    anything else, and where it cannot be written.
    """
    folder = Path(path).resolve()
    partial, old = (folder.with_name(f".{folder.name}.{kind}") for kind in ("partial", "old"))
    try:
        _check_replaceable(folder)
        for leftover in (partial, old):
            shutil.rmtree(leftover, ignore_errors=True)
        save_pretrained(model, partial)
        _write(partial, model, optimizer, step)
        if folder.exists():
            folder.rename(old)
        partial.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    except EngineError as error:
        raise EngineError(error.message, where=str(folder), hint=error.hint) from error
    except (OSError, SafetensorError) as error:
        raise EngineError(f"cannot be written: {error}", where=str(folder), hint="choose another place") from error


def load_checkpoint(path: str | Path, device: str = "cpu") -> Checkpoint:
    """The checkpoint in a folder, on the device, as it was saved.

    Raises EngineError, beside what `load_pretrained` raises, where the folder holds no optimizer, or another model's.
    """
    folder = Path(path)
    model = load_pretrained(folder, device)
    tensors, metadata = _read(folder / _OPTIMIZER)
    try:
        step, weight_decay, betas = int(metadata["step"]), metadata["weight_decay"], metadata["betas"]
        optimizer = adamw(model, weight_decay=float(weight_decay), betas=json.loads(betas))
    except (LookupError, ValueError, TypeError) as error:
        raise _not_its_optimizer(folder, "the metadata") from error
    for name, weights in model.named_parameters():
        found = {part: tensors.pop(f"{part}.{name}") for part in _PARTS if f"{part}.{name}" in tensors}
        if not found:  # no gradient has reached it so far
            continue
        if len(found) < len(_PARTS) or any(found[part].shape != weights.shape for part in _PARTS[1:]):
            raise _not_its_optimizer(folder, name)
        # AdamW's kernel walks all of them in the order of memory, so they are laid out as the weights are.
        moments = {part: torch.empty_like(weights, requires_grad=False).copy_(found[part]) for part in _PARTS[1:]}
        optimizer.state[weights] = {"step": found["step"].to(model.device), **moments}
    if tensors:
        raise _not_its_optimizer(folder, min(tensors))
    return Checkpoint(model, optimizer, step)


def _write(folder: Path, model: Transformer, optimizer: AdamW, step: int) -> None:
    tensors = {
        f"{part}.{name}": optimizer.state[weights][part].detach().cpu().contiguous()
        for name, weights in model.named_parameters()
        if weights in optimizer.state
        for part in _PARTS
    }
    decayed = optimizer.param_groups[0]
    metadata = {"step": str(step), "weight_decay": str(decayed["weight_decay"]), "betas": json.dumps(decayed["betas"])}
    save_file(tensors, folder / _OPTIMIZER, metadata)
    with (folder / checkpoint.SUMS).open("a", encoding="utf-8") as sums:
        sums.write(f"{checkpoint.sha256(folder / _OPTIMIZER)}  {_OPTIMIZER}\n")


def _read(file: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(file, "pt") as opened:
            names = opened.keys()
            return {name: opened.get_tensor(name) for name in names}, opened.metadata() or {}
    except FileNotFoundError as error:
        hint = "this is a model and no checkpoint; train it from its first step"
        raise EngineError("the file is missing", where=str(file), hint=hint) from error
    except (SafetensorError, OSError) as error:
        hint = "it is truncated or damaged; take an earlier checkpoint"
        raise EngineError(f"these are no whole safetensors: {error}", where=str(file), hint=hint) from error


def _check_replaceable(folder: Path) -> None:
    if not folder.exists():
        return
    others = sorted({file.name for file in folder.iterdir()} - _FILES)
    if others:
        hint = "a checkpoint is replaced as a whole; name another folder"
        raise EngineError(f"the folder holds something else, {others[0]}", where=str(folder), hint=hint)


def _not_its_optimizer(folder: Path, name: str) -> EngineError:
    hint = "the files do not belong together; take another checkpoint"
    return EngineError(f"{name} is not as this model's optimizer has it", where=str(folder / _OPTIMIZER), hint=hint)
