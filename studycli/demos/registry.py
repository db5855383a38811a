"""The demos by name. Each is named by a string, so that listing them imports no torch."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from studycli.demos.catalogue import ALL
from studycli.demos.demo import Demo
from studycli.demos.echo import brief
from studycli.demos.inputs import Inputs
from studycli.errors import EngineError, UsageError

if TYPE_CHECKING:
    from studycli.engine.miniatures.recipe import Progress
    from studycli.model.trace import DemoResult

DEMOS: dict[str, Demo] = {demo.name: demo for demo in ALL}
FALLBACK = "scaled-dot-product"
_LONGEST = 80
"""So much of a name is compared with those of the demos."""


def find(name: str) -> Demo:
    """The demo of this name. Raises UsageError with the names that come close."""
    if name in DEMOS:
        return DEMOS[name]
    close = difflib.get_close_matches(name[:_LONGEST], DEMOS, n=3, cutoff=0.45)
    hint = f"did you mean {' or '.join(close)}?" if close else "studycli demo lists them all"
    raise UsageError(f"there is no demo '{brief(name)}'", hint=hint)


def run(name: str, inputs: Inputs) -> DemoResult:
    """Compute a demo, at the layer and head that were chosen; with edits, beside the same without them.

    Parameters that `inputs` lacks get their defaults. Raises UsageError for an unknown name, a text without tokens, a
    layer or head that isn't there or an edit of nothing, MissingError for no device, EngineError for an edit with which
    nothing can be computed.
    """
    from studycli.demos import narrowing

    demo = find(name)
    if inputs.edits is None:
        return narrowing.chosen(whole(name, inputs), demo, inputs.layer, inputs.head)
    from studycli.demos.changes import compared

    after = _edited(name, inputs)
    inputs.edits.check()
    before = whole(name, replace(inputs, edits=None))
    return compared(*(narrowing.chosen(result, demo, inputs.layer, inputs.head) for result in (before, after)))


def whole(name: str, inputs: Inputs) -> DemoResult:
    """What a demo computes, with all the layers and heads that it leaves to its steps. Raises as `run` does."""
    demo = find(name)
    result: DemoResult = _function(demo.target)(replace(inputs, parameters=demo.settings({}) | dict(inputs.parameters)))
    return result


def _edited(name: str, inputs: Inputs) -> DemoResult:
    import numpy as np

    try:
        with np.errstate(all="ignore"):  # an edit may lead to infinities, which are shown, not warned of
            return whole(name, inputs)
    except EngineError as error:
        whole(name, replace(inputs, edits=None))  # what fails without the edit too says so itself
        message = f"nothing can be computed with this edit: {error.message}"
        raise EngineError(message, where="--edit", hint="set a number nearer to 0") from error


def train(name: str, inputs: Inputs, report: Callable[[Progress], None]) -> DemoResult:
    """Train a demo's model while `report` hears of each step, and compute the demo with it.

    Raises UsageError, beside what `run` raises, for a demo that trains nothing.
    """
    target = find(name).training
    if target is None:
        others = [demo.name for demo in ALL if demo.training is not None]
        raise UsageError(f"the demo '{name}' trains nothing", hint=f"those that do: {', '.join(others)}")
    from studycli.demos import narrowing

    result: DemoResult = _function(target)(inputs, report)
    return narrowing.chosen(result, find(name), inputs.layer, inputs.head)


def _function(target: str) -> Callable[..., DemoResult]:
    module, name = target.split(":")
    function: Callable[..., DemoResult] = getattr(import_module(module), name)
    return function


def serving(concept: str) -> str | None:
    """The name of the demo that shows this concept, or None.

    It has the same name as one of the demo's concepts, or holds one; of several that it holds, the longest counts.
    """
    wanted = _normal(concept)
    named = [(_normal(name), demo.name) for demo in ALL for name in demo.concepts]
    exact = next((demo for name, demo in named if name == wanted), None)
    held = [(len(name), demo) for name, demo in named if f" {name} " in f" {wanted} "]
    return exact or max(held, key=lambda item: item[0], default=(0, None))[1]


def _normal(name: str) -> str:
    """A concept's name in lower case, without punctuation: `Scaled Dot-Product` as `scaled dot product`."""
    return " ".join(re.findall(r"\w+", name.casefold()))
