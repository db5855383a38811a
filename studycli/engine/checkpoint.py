"""Checkpoint: the files of a folder with config.json and safetensors, read strictly and never unpickled."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from studycli.engine.whole_file import write_whole
from studycli.errors import EngineError

SUMS = "SHA256SUMS"
_CONFIG, _WEIGHTS, _INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.msgpack", "*.h5")


def read_config(folder: Path) -> dict[str, Any]:
    """config.json as a mapping. Raises EngineError where the folder has none, or none that can be read."""
    if not folder.exists():
        raise EngineError(
            "there is no such folder", where=str(folder), hint="name a folder with config.json and weights"
        )
    if not folder.is_dir():
        raise EngineError("this is a file", where=str(folder), hint="name the folder with config.json and weights")
    file = folder / _CONFIG
    values = _read_json(file, "a checkpoint is a folder with config.json and model.safetensors")
    if not isinstance(values, dict):
        raise EngineError("this is no object of settings", where=str(file), hint="fetch the file again")
    return values


def read_tensors(folder: Path) -> dict[str, Tensor]:
    """Every tensor by name, from one safetensors file or from those an index lists, on the CPU.

    Raises EngineError for a file that is missing, truncated or damaged, and for pickles, which can run code.
    """
    files = _weight_files(folder)
    check_sums(folder, [_CONFIG, *(file.name for file in files)])
    tensors: dict[str, Tensor] = {}
    for file in files:
        try:
            part = load_file(file)
        except FileNotFoundError as error:
            raise EngineError("the file is missing", where=str(file), hint="fetch the checkpoint again") from error
        except (SafetensorError, OSError, ValueError) as error:
            hint = "it is truncated or damaged; fetch it again"
            raise EngineError(f"these are no whole safetensors: {error}", where=str(file), hint=hint) from error
        twice = sorted(tensors.keys() & part.keys())
        if twice:
            raise EngineError(
                f"the tensor {twice[0]} is in two files", where=str(file), hint="fetch the checkpoint again"
            )
        tensors |= part
    return tensors


def write(folder: Path, config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
    """Write config.json, model.safetensors and their sums, each file whole or not at all. Raises EngineError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        hint = "choose another place"
        raise EngineError(f"cannot be written: {error.strerror}", where=str(folder), hint=hint) from error
    text = json.dumps(config, indent=2, sort_keys=True) + "\n"
    write_whole(folder / _CONFIG, lambda file: file.write_text(text, "utf-8"))
    contiguous = {name: x.detach().cpu().contiguous() for name, x in tensors.items()}
    write_whole(folder / _WEIGHTS, lambda file: _save(contiguous, file))
    lines = "".join(f"{sha256(folder / name)}  {name}\n" for name in (_CONFIG, _WEIGHTS))
    write_whole(folder / SUMS, lambda file: file.write_text(lines, "utf-8"))


def _save(tensors: dict[str, Tensor], file: Path) -> None:
    try:
        save_file(tensors, file)
        file.chmod(0o666 & ~_umask())  # safetensors lets nobody but its owner read a file
    except SafetensorError as error:
        raise OSError(str(error)) from error


def _umask() -> int:
    """Which permissions new files don't get; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def check_sums(folder: Path, needed: Collection[str] = ()) -> None:
    """Compare every file that SHA256SUMS names with its sum, and see that it names those `needed`.

    Raises EngineError for one that differs, is missing or is not named. A folder without SHA256SUMS passes.
    """
    file = folder / SUMS
    if not file.exists():
        return
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError as error:
        raise EngineError(
            f"the sums cannot be read: {error.strerror}", where=str(file), hint="fetch it again"
        ) from error
    # Each line is 64 digits, a blank, a blank or an asterisk, and a name: what sha256sum writes.
    sums = {line[66:]: line[:64] for line in lines if line.strip()}
    if "" in sums:
        raise EngineError("a line is no sum and name", where=str(file), hint="write it with sha256sum")
    for name in sorted({*sums, *needed}):
        target = folder / name
        if name not in sums:
            raise EngineError(f"the file '{name}' has no sum", where=str(file), hint="fetch the checkpoint again")
        if Path(name).name != name or not target.is_file():
            raise EngineError(f"the file '{name}' is missing", where=str(file), hint="fetch the checkpoint again")
        if sha256(target) != sums[name]:
            hint = "the file was changed or damaged; fetch it again"
            raise EngineError(f"its SHA-256 is not the one in {SUMS}", where=str(target), hint=hint)


def sha256(file: Path) -> str:
    """The SHA-256 sum of a file, in hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def common_dtype(tensors: Iterable[Tensor]) -> torch.dtype:
    """The dtype that most of the numbers have."""
    counts: dict[torch.dtype, int] = {}
    for x in tensors:
        if x.is_floating_point():
            counts[x.dtype] = counts.get(x.dtype, 0) + x.numel()
    return max(counts, key=lambda dtype: counts[dtype], default=torch.float32)


def _weight_files(folder: Path) -> list[Path]:
    if (folder / _WEIGHTS).exists():
        return [folder / _WEIGHTS]
    index = folder / _INDEX
    if index.exists():
        names = _read_json(index, "fetch the checkpoint again")
        names = names.get("weight_map") if isinstance(names, dict) else None
        if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
            raise EngineError("the index names no files", where=str(index), hint="fetch the checkpoint again")
        if outside := [name for name in names.values() if Path(name).name != name]:
            raise EngineError(
                f"the index points out of the folder: {outside[0]}", where=str(index), hint="do not trust it"
            )
        return [folder / name for name in sorted(set(names.values()))]
    pickles = sorted(file.name for pattern in _PICKLES for file in folder.glob(pattern))
    if pickles:
        hint = "pickles can run code and are never opened; save the model as safetensors (save_pretrained does)"
        raise EngineError(f"{pickles[0]} is a pickle or another format", where=str(folder), hint=hint)
    raise EngineError("there are no weights", where=str(folder), hint=f"put a {_WEIGHTS} there")


def _read_json(file: Path, hint: str) -> Any:  # noqa: ANN401 - whatever the file holds
    try:
        return json.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise EngineError("the file is missing", where=str(file), hint=hint) from error
    except (OSError, ValueError, RecursionError) as error:
        raise EngineError(f"the file cannot be read: {error}", where=str(file), hint="fetch it again") from error
