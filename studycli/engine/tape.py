"""Tape: the torch calls of a decoding step, recorded from the layers themselves and replayed as straight-line code.

In small models Python between the kernels takes longer than the kernels. The calls of two steps are recorded as they
are made, and written down as one function: what was the same in both is a constant, a number that grew by one grows
with the tokens read. It gives the same tensors by the same kernels, without the layers' own Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from studycli.engine.model import Transformer

# What reads a number out of a tensor: code that does may take another way at another step.
_READS = {
    getattr(Tensor, name)
    for name in ("item", "tolist", "__bool__", "__int__", "__float__", "__index__", "nonzero", "__contains__")
}


class Call(NamedTuple):
    """One call of a torch function: its arguments, and what it gave."""

    function: Callable[..., Any]
    args: Sequence[Any]
    kwargs: dict[str, Any]
    result: Any


class Recorder(TorchFunctionMode):
    """Writes down every torch call that gives tensors, for as long as it is on."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.reads = False

    def __torch_function__(
        self, func: Callable[..., Any], types: object, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> object:
        result = func(*args, **(kwargs or {}))
        self.reads = self.reads or func in _READS
        if any(True for _ in _tensors(result)):
            self.calls.append(Call(func, args, kwargs or {}, result))
        return result


class Tape:
    """A step of one model, for inputs of one shape: recorded twice, and then a function."""

    def __init__(self, model: Transformer) -> None:
        self._weights = tuple(model.parameters())
        self._first: tuple[Recorder, Tensor, int, list[Tensor]] | None = None
        self.replay: Callable[..., Tensor] | None = None
        self.usable = True

    def fits(self, model: Transformer) -> bool:
        """Whether the model still has the weights that were recorded."""
        return [id(own) for own in self._weights] == [id(now) for now in model.parameters()]

    def record(self, compute: Callable[[], Tensor], length: int, inputs: list[Tensor]) -> Tensor:
        """Run a step with `length` tokens in the cache, and write it down; from the second on, as a function."""
        with Recorder() as recorder:
            result = compute()
        if self._first is None or self._first[2] + 1 != length:
            self._first = (recorder, result, length, inputs)
            return result
        self.replay = _written(self._first, (recorder, result, length, inputs), self._weights)
        self.usable, self._first = self.replay is not None, None
        return result


_TAPES: WeakKeyDictionary[Transformer, dict[tuple[Any, ...], Tape]] = WeakKeyDictionary()


def recordable(model: Transformer) -> bool:
    """Whether every step of a decoder makes the same calls: not with experts, nor where a window fills up."""
    return model.config.attention == "full" and not model.config.n_experts


def tape_of(model: Transformer, inputs: list[Tensor]) -> Tape:
    """The tape of a model's step for inputs of these shapes."""
    tapes = _TAPES.setdefault(model, {})
    # The rooms of caches differ in their lengths, and steps read only what is filled.
    kind = model.device.type
    mixed = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else None
    key = (model.device, model.dtype, mixed, *(tuple(x.shape[:2]) for x in inputs))
    if key not in tapes or not tapes[key].fits(model):
        tapes[key] = Tape(model)
    return tapes[key]


def _written(
    first: tuple[Recorder, Tensor, int, list[Tensor]],
    second: tuple[Recorder, Tensor, int, list[Tensor]],
    weights: Iterable[Tensor],
) -> Callable[..., Tensor] | None:
    """The function `replay(length, *inputs)`; None for steps that are not the same calls, or that read numbers."""
    (one, _, start, _), (two, result, _, inputs) = first, second
    if one.reads or two.reads or [call.function for call in one.calls] != [call.function for call in two.calls]:
        return None
    writer = _Writer(start, inputs, weights)
    try:
        for call, later in zip(one.calls, two.calls, strict=True):
            writer.add(call, later)
        code = writer.source(result)
    except _UnwritableError:
        return None
    scope = dict(writer.constants)
    # Nothing from outside gets into the text: it is made of names and whole numbers of our own.
    exec(compile(code, "<tape>", "exec"), scope)
    replay: Callable[..., Tensor] = scope["replay"]
    return replay


class _UnwritableError(Exception):
    """A value that no line of code can stand for."""


class _Writer:
    """Turns calls into lines. Tensors are known by identity; `constants` are what the lines refer to by name."""

    def __init__(self, start: int, inputs: list[Tensor], weights: Iterable[Tensor]) -> None:
        self.start, self.lines = start, [""]
        self.names = {id(x): f"input{i}" for i, x in enumerate(inputs)}
        self.arguments = ["length", *self.names.values()]
        self.constants: dict[str, Any] = {}
        self.fixed: set[int] = set()
        for x in weights:
            self.names[id(x)] = self._constant(x)
            self.fixed.add(id(x))

    def add(self, call: Call, later: Call) -> None:
        args = [self._value(a, b) for a, b in zip(call.args, later.args, strict=True)]
        args += [f"{name}={self._value(call.kwargs[name], value)}" for name, value in later.kwargs.items()]
        given = list(_tensors((later.args, later.kwargs)))
        grows = any("length" in arg for arg in args)
        if given and not grows and all(id(x) in self.fixed for x in given) and _is_view(later.result, given):
            # A view of weights, such as a transpose: it stays the same view, whatever the weights become.
            self.names[id(later.result)] = self._constant(later.result)
            self.fixed.add(id(later.result))
            return
        name = f"x{len(self.lines)}"
        self.lines.append(f"    {name} = {self._constant(later.function)}({', '.join(args)})")
        if isinstance(later.result, Tensor):
            self.names[id(later.result)] = name
        else:
            self.names.update({id(x): f"{name}[{i}]" for i, x in enumerate(later.result)})

    def source(self, result: Tensor) -> str:
        self.lines[0] = f"def replay({', '.join(self.arguments)}):"
        return "\n".join([*self.lines, f"    return {self.names[id(result)]}"])

    def _value(self, a: Any, b: Any) -> str:  # noqa: ANN401
        """How a value that was `a` in the first step and `b` in the second is written."""
        if isinstance(b, Tensor):
            if id(b) not in self.names:
                raise _UnwritableError
            return self.names[id(b)]
        if isinstance(b, tuple | list):
            inner = "".join(f"{self._value(x, y)}, " for x, y in zip(a, b, strict=True))
            return f"({inner})" if isinstance(b, tuple) else f"[{inner}]"
        if type(b) is int and b == a + 1:
            return f"length + {b - 1 - self.start}"
        if a != b:
            raise _UnwritableError
        return repr(b) if type(b) in (int, bool, type(None)) else self._constant(b)

    def _constant(self, value: Any) -> str:  # noqa: ANN401
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name


def _is_view(result: Any, of: Iterable[Tensor]) -> bool:  # noqa: ANN401
    return isinstance(result, Tensor) and result.untyped_storage().data_ptr() in {
        x.untyped_storage().data_ptr() for x in of
    }


def _tensors(value: Any) -> Iterable[Tensor]:  # noqa: ANN401
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _tensors(inner)
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))
