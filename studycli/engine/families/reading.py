"""Reading: the settings and tensors of a foreign checkpoint, where nothing is guessed and nothing left over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from studycli.engine.config import Activation, Config, RotaryScaling
from studycli.errors import EngineError

_ACTIVATIONS: dict[str, Activation] = {
    "gelu": "gelu",
    "gelu_new": "gelu_tanh",
    "gelu_fast": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "relu": "relu",
    "silu": "silu",
    "swish": "silu",
}


class Settings:
    """The values of a config.json."""

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self._values, self.where = values, where

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - whatever the file holds
        return self.first(name)

    def first(self, *names: str) -> Any:  # noqa: ANN401
        """The value under the first of these names that is there. Raises EngineError where none is."""
        for name in names:
            if self._values.get(name) is not None:
                return self._values[name]
        raise EngineError(f"'{names[0]}' is missing", where=self.where, hint="fetch the checkpoint again")

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401
        """The value, or the default where there is none or null."""
        value = self._values.get(name)
        return default if value is None else value

    def inner(self, name: str) -> Settings:
        """The settings nested under a name; empty where there are none."""
        return Settings(self.get(name, {}), f"{self.where}: {name}")

    def refuse(self, name: str, *allowed: object) -> None:
        """Raise EngineError where the value is there and none of those that this engine computes."""
        value = self._values.get(name)
        if value is not None and value not in allowed:
            hint = f"this engine computes {', '.join(map(str, allowed)) or 'none of it'}"
            raise EngineError(f"{name} = {value!r} is not known here", where=self.where, hint=hint)

    def tied(self, default: bool) -> bool:
        """Whether the output layer is the embedding; the default is the family's own."""
        return bool(self.get("tie_word_embeddings", default))

    def activation(self, name: str) -> Activation:
        """The activation that the setting names."""
        value = self[name]
        if value not in _ACTIVATIONS:
            hint = f"known are {', '.join(_ACTIVATIONS)}"
            raise EngineError(f"{name} = {value!r} is not known here", where=self.where, hint=hint)
        return _ACTIVATIONS[value]

    def rotary(self) -> dict[str, Any]:
        """`rotary_base` and `rotary_scaling` for a Config, from either spelling of the settings."""
        given = self.inner("rope_parameters") if self.get("rope_parameters") else self.inner("rope_scaling")
        base = float(given.get("rope_theta", self.get("rope_theta", 10_000.0)))
        kind = given.get("rope_type", given.get("type", "default"))
        if kind == "default":
            return {"rotary_base": base}
        if kind not in ("linear", "llama3"):
            hint = "known are default, linear and llama3"
            raise EngineError(f"rotary positions of type {kind!r} are not known here", where=self.where, hint=hint)
        scaling = RotaryScaling(kind=kind, factor=float(given["factor"]))
        if kind == "llama3":
            scaling = RotaryScaling(
                kind=kind,
                factor=float(given["factor"]),
                low_frequency_factor=float(given["low_freq_factor"]),
                high_frequency_factor=float(given["high_freq_factor"]),
                original_length=int(given["original_max_position_embeddings"]),
            )
        return {"rotary_base": base, "rotary_scaling": scaling}


class Weights:
    """The tensors of a checkpoint by name; each is taken once, and none may be left."""

    def __init__(self, tensors: Mapping[str, Tensor], where: str) -> None:
        self._tensors, self.where = dict(tensors), where

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def drop_prefix(self, prefix: str) -> None:
        """Drop a prefix from the names that have it: a model with a head has one, its base alone has not."""
        self._renamed({name: name.removeprefix(prefix) for name in self._tensors})

    def rename(self, endings: Mapping[str, str]) -> None:
        """Change endings of names."""
        for old, new in endings.items():
            pattern = re.compile(re.escape(old) + "$")
            self._renamed({name: pattern.sub(new, name) for name in self._tensors})

    def _renamed(self, names: Mapping[str, str]) -> None:
        if len(set(names.values())) < len(names):
            twice = next(new for old, new in names.items() if old != new and new in self._tensors)
            hint = "the checkpoint holds it under two names"
            raise EngineError(f"the tensor {twice} is there twice", where=self.where, hint=hint)
        self._tensors = {names[name]: x for name, x in self._tensors.items()}

    def drop(self, *patterns: str) -> None:
        """Forget what matches, such as buffers that are no weights."""
        for name in [name for name in self._tensors if any(re.fullmatch(pattern, name) for pattern in patterns)]:
            del self._tensors[name]

    def take(self, name: str) -> Tensor:
        """The tensor of this name. Raises EngineError where it is missing."""
        if name not in self._tensors:
            hint = "config.json and the weights do not belong together, or a part of the weights was left out"
            raise EngineError(f"the tensor {name} is missing", where=self.where, hint=hint)
        return self._tensors.pop(name)

    def matrix(self, name: str) -> Tensor:
        """A torch.nn.Linear's weight (out, in), laid out (in, out)."""
        x = self.take(f"{name}.weight")
        if x.dim() != 2:
            raise EngineError(
                f"the tensor {name}.weight has shape {tuple(x.shape)}", where=self.where, hint="it is a matrix"
            )
        return x.t()  # (in, out)

    def finish(self) -> None:
        """Raises EngineError where a tensor was not taken."""
        if self._tensors:
            names = sorted(self._tensors)
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            hint = "the checkpoint holds more than this architecture computes"
            raise EngineError(f"the tensor {names[0]}{more} is not expected", where=self.where, hint=hint)


def norm(weights: Weights, source: str, target: str, *, bias: bool = True) -> dict[str, Tensor]:
    """A norm's tensors under the engine's names."""
    found = {f"{target}.w": weights.take(f"{source}.weight")}
    return found | ({f"{target}.b": weights.take(f"{source}.bias")} if bias else {})


def dense(weights: Weights, source: str, W: str, b: str | None) -> dict[str, Tensor]:
    """A torch.nn.Linear's tensors under the engine's names, the weight laid out (in, out)."""
    found = {W: weights.matrix(source)}
    return found | ({b: weights.take(f"{source}.bias")} if b else {})


def side_by_side(parts: Iterable[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Tensors of the same names joined along their last dimension, as queries, keys and values are in W_QKV."""
    joined: dict[str, list[Tensor]] = {}
    for part in parts:
        for name, x in part.items():
            joined.setdefault(name, []).append(x)
    return {name: torch.cat(xs, dim=-1) for name, xs in joined.items()}


def ungroup(x: Tensor, groups: int, queries: int, d_head: int) -> Tensor:
    """Queries, keys and values side by side, from groups that each hold `queries` query heads, a key and a value.

    x is (..., groups (queries + 2) d_head), a weight laid out (in, out) or a bias.
    """
    heads = x.reshape(*x.shape[:-1], groups, queries + 2, d_head)  # (..., groups, queries + 2, d_head)
    parts = (heads[..., :-2, :], heads[..., -2:-1, :], heads[..., -1:, :])  # (..., groups, queries or 1, d_head)
    return torch.cat([part.flatten(-3) for part in parts], dim=-1)  # (..., (queries + 2) groups d_head)


def with_unembedding(
    config: Config, found: dict[str, Tensor], weights: Weights, name: str, *, tied: bool
) -> tuple[Config, dict[str, Tensor]]:
    """The config and its tensors, with an output layer of its own where the checkpoint has one of this name.

    It may be left out, or be the embedding again, where the two are tied. Raises EngineError where it is missing.
    """
    if tied and f"{name}.weight" not in weights:
        return replace(config, tied=True), found
    own, W_E = weights.matrix(name), found["W_E"]  # (d_model, vocab), (vocab, d_model)
    if own.shape == W_E.t().shape and torch.equal(own, W_E.t()):
        return replace(config, tied=True), found
    return replace(config, tied=False), found | {"unembedding.W_U": own}
