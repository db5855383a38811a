"""Tape: the torch calls of a decoding step, recorded from the layers themselves and replayed as straight-line code.

In small models Python between the kernels takes longer than the kernels. The calls of two steps are recorded as they
are made, and written down as one function: what was the same in both is a constant, a number that grew by one grows
with the tokens read. It gives the same tensors by the same kernels, without the layers' own Python.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
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


class Step(NamedTuple):
    """A step as it was computed: with how many tokens in the cache, on which inputs, by which calls."""

    length: int
    inputs: list[Tensor]
    calls: list[Call]
    result: Tensor


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
    """A step of one model for inputs of one shape, once it is written: `prepare()` gives `replay(length, *inputs)`.

    It refers to the model's parameters and holds no other tensor, so it follows what becomes of them. What is made of
    parameters alone, such as their transposes, is made once by `prepare`, for one generation.
    """

    def __init__(self) -> None:
        self.prepare: Callable[[], Callable[..., Tensor]] | None = None
        self.usable = True

    def write(self, first: Step, second: Step, weights: Iterable[Tensor]) -> None:
        """Become the function that made two steps, one token apart; not usable where they are not the same calls."""
        self.prepare = _written(first, second, weights)
        self.usable = self.prepare is not None


def recorded(compute: Callable[[], Tensor], length: int, inputs: list[Tensor]) -> Step | Tensor:
    """What `compute` gives, with its calls; alone where it read numbers on its way."""
    with Recorder() as recorder:
        result = compute()
    return result if recorder.reads else Step(length, inputs, recorder.calls, result)


def recordable(model: Transformer) -> bool:
    """Whether every step of a decoder makes the same calls: not with experts, nor where a window fills up."""
    return model.config.attention == "full" and not model.config.n_experts


_TAPES: WeakKeyDictionary[Transformer, tuple[object, dict[tuple[Any, ...], Tape]]] = WeakKeyDictionary()


def tape_of(model: Transformer, inputs: list[Tensor]) -> Tape:
    """The tape of a model's step for inputs of these shapes; a new one where the model is no longer what it was."""
    made_of = _made_of(model)
    if model not in _TAPES or _TAPES[model][0] != made_of:
        _TAPES[model] = (made_of, {})
    kind = model.device.type
    mixed = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else None
    # The rooms of caches differ in their lengths, and steps read only what is filled.
    key = (model.device, model.dtype, mixed, *(tuple(x.shape[:2]) for x in inputs))
    return _TAPES[model][1].setdefault(key, Tape())


def _made_of(model: Transformer) -> object:
    """Which parameters a model has, of which kinds its modules are, and what is set in them."""
    parts: list[object] = [id(weights) for weights in model.parameters()]
    for module in model.modules():
        parts.append(type(module))
        settings = (item for item in vars(module).items() if not item[0].startswith("_"))
        parts += [(name, value) for name, value in settings if isinstance(value, Hashable)]
    return parts


def _written(first: Step, second: Step, weights: Iterable[Tensor]) -> Callable[[], Callable[..., Tensor]] | None:
    """The function that both steps are; None where they are not the same calls."""
    if [call.function for call in first.calls] != [call.function for call in second.calls]:
        return None
    writer = _Writer(first.length, second.inputs, weights)
    try:
        for call, later in zip(first.calls, second.calls, strict=True):
            writer.add(call, later)
        code = writer.source(second.result)
    except _UnwritableError:
        return None
    scope = dict(writer.constants)
    # Nothing from outside gets into the text: it is made of names and whole numbers of our own.
    exec(compile(code, "<tape>", "exec"), scope)
    prepare: Callable[[], Callable[..., Tensor]] = scope["prepare"]
    return prepare


class _UnwritableError(Exception):
    """A value that no line of code can stand for."""


class _Writer:
    """Turns calls into lines. Tensors are known by identity; `constants` are what the lines refer to by name."""

    def __init__(self, start: int, inputs: list[Tensor], weights: Iterable[Tensor]) -> None:
        self.start = start
        self.once: list[str] = []
        self.each: list[str] = []
        self.names = {id(x): f"input{i}" for i, x in enumerate(inputs)}
        self.arguments = ["length", *self.names.values()]
        self.constants: dict[str, Any] = {}
        own = {id(x): self._constant(x) for x in weights}
        self.names.update(own)
        self.fixed = set(own)

    def add(self, call: Call, later: Call) -> None:
        args = [self._value(a, b) for a, b in zip(call.args, later.args, strict=True)]
        args += [f"{name}={self._value(call.kwargs[name], value)}" for name, value in later.kwargs.items()]
        name = f"x{len(self.once) + len(self.each)}"
        line = f"{name} = {self._constant(later.function)}({', '.join(args)})"
        results = list(_tensors(later.result))
        given = list(_tensors((later.args, list(later.kwargs.values()))))
        if given and all(id(x) in self.fixed for x in given) and not any("length" in arg for arg in args):
            self.once.append(f"    {line}")
            self.fixed.update(map(id, results))
        else:
            self.each.append(f"        {line}")
        if isinstance(later.result, Tensor):
            self.names[id(later.result)] = name
        else:
            self.names.update({id(x): f"{name}[{i}]" for i, x in enumerate(results)})

    def source(self, result: Tensor) -> str:
        head = f"    def replay({', '.join(self.arguments)}):"
        last = f"        return {self.names[id(result)]}"
        return "\n".join(["def prepare():", *self.once, head, *self.each, last, "    return replay"])

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


def _tensors(value: Any) -> Iterable[Tensor]:  # noqa: ANN401
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _tensors(inner)
