"""Convert: Hugging Face checkpoints, and those of this engine, to a Transformer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from studycli.engine import checkpoint
from studycli.engine.config import Config
from studycli.engine.device import choose, memory_errors
from studycli.engine.families import FAMILIES
from studycli.engine.families.reading import Settings, Weights
from studycli.engine.model import Transformer, embedding_layout
from studycli.errors import EngineError

OWN = "studycli"
LABELS = "id2label"  # as Hugging Face spells it
_BESIDE = ("model_type", LABELS)
_APART = "config.json and the weights do not belong together"
_DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16, "float64": torch.float64}


def load_pretrained(path: str | Path, device: str = "cpu", dtype: torch.dtype | str | None = None) -> Transformer:
    """The model in a folder with config.json and safetensors, on the device, ready to compute.

    `dtype` is a torch dtype or its name; None keeps what the file has. Loading is strict: every tensor has its place
    and every place its tensor. Raises EngineError for an architecture that is not known, for a tensor that is missing,
    not expected or of another shape, for a file that is truncated, or changed where the folder holds SHA256SUMS, and
    for pickles, which are never opened; MissingError for a device that isn't there.
    """
    folder = Path(path)
    target = choose(device)
    wanted = _dtype(dtype)
    config, tensors = read(folder)
    where = str(folder)
    model = _empty(config, tensors, where)
    _check_places(model, tensors, where)
    kept = wanted or checkpoint.common_dtype(tensors.values())
    with memory_errors(where):
        # Taken out one by one, so that no more than one tensor is there twice.
        placed = {name: tensors.pop(name).to(device=target, dtype=kept).contiguous() for name in list(tensors)}
        placed["W_E"] = embedding_layout(placed["W_E"], config)  # (vocab, d_model)
        model.load_state_dict(placed, strict=True, assign=True)
    return model.eval()


def read(folder: Path) -> tuple[Config, dict[str, Tensor]]:
    """The config and the tensors, by this engine's names, of a checkpoint."""
    values = checkpoint.read_config(folder)
    settings = Settings(values, str(folder / "config.json"))
    kind = settings["model_type"]
    if not isinstance(kind, str) or (kind != OWN and kind not in FAMILIES):
        hint = f"known are {', '.join(FAMILIES)}"
        raise EngineError(f"the architecture '{kind}' is not known here", where=settings.where, hint=hint)
    settings.refuse("quantization_config")
    tensors = checkpoint.read_tensors(folder)
    if kind == OWN:
        return own_config(values, settings.where), tensors
    weights = Weights(tensors, str(folder))
    try:
        config, found = FAMILIES[kind](settings, weights)
        config = Config.from_json(config.to_json(), settings.where)
    except EngineError as error:
        if error.where == "config":
            error.where = settings.where
        raise
    except (TypeError, ValueError, AttributeError, ArithmeticError, RuntimeError) as error:
        hint = "config.json and the weights do not belong together, or one of them is damaged"
        raise EngineError(
            f"a setting or a tensor is not what it should be: {error}", where=str(folder), hint=hint
        ) from error
    weights.finish()
    return config, found


def own_config(values: Mapping[str, Any], where: str) -> Config:
    """The config that `save_pretrained` wrote. Raises EngineError for a name or a value that none has."""
    return Config.from_json({name: value for name, value in values.items() if name not in _BESIDE}, where)


def save_pretrained(model: Transformer, path: str | Path, labels: Sequence[str] = ()) -> None:
    """Write a folder that `load_pretrained` reads: config.json, model.safetensors and their SHA-256 sums.

    `labels` name the classes of a classifier, in their order.
    """
    config = {"model_type": OWN} | model.config.to_json()
    if labels:
        config[LABELS] = {str(at): label for at, label in enumerate(labels)}
    checkpoint.write(Path(path), config, dict(model.named_parameters()))


def _empty(config: Config, tensors: dict[str, Tensor], where: str) -> Transformer:
    """The model without numbers. Raises EngineError for sizes that the tensors cannot have."""
    layers = config.encoder_layers + config.decoder_layers
    if layers > len(tensors):
        raise EngineError(f"{layers} layers cannot be made of {len(tensors)} tensors", where=where, hint=_APART)
    try:
        with torch.device("meta"):
            return Transformer(config)
    except (RuntimeError, TypeError, OverflowError) as error:
        raise EngineError(f"a size in the config is impossible: {error}", where=where, hint=_APART) from error


def _check_places(model: Transformer, tensors: dict[str, Tensor], where: str) -> None:
    places = dict(model.named_parameters())
    for name in sorted(places.keys() - tensors.keys()):
        raise EngineError(f"the tensor {name} is missing", where=where, hint=_APART)
    for name in sorted(tensors.keys() - places.keys()):
        raise EngineError(f"the tensor {name} is not expected", where=where, hint=_APART)
    for name, x in tensors.items():
        if x.shape != places[name].shape:
            message = f"the tensor {name} has shape {tuple(x.shape)}, and {tuple(places[name].shape)} was expected"
            raise EngineError(message, where=where, hint=_APART)
        if x.dtype not in _DTYPES.values():
            raise EngineError(f"the tensor {name} holds {x.dtype}", where=where, hint=f"known are {', '.join(_DTYPES)}")


def _dtype(given: torch.dtype | str | None) -> torch.dtype | None:
    if given is None or (isinstance(given, torch.dtype) and given in _DTYPES.values()):
        return given
    if given not in _DTYPES:
        raise EngineError(f"there is no dtype '{given}' for weights", hint=f"the dtypes are {', '.join(_DTYPES)}")
    return _DTYPES[str(given)]
