"""The demos by name. Each is named by a string, so that listing them imports no torch."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from studycli.demos.inputs import Inputs
from studycli.errors import UsageError

if TYPE_CHECKING:
    from studycli.engine.miniatures.recipe import Progress
    from studycli.model.card import Card
    from studycli.model.trace import DemoResult


@dataclass(frozen=True)
class Demo:
    """A demo: `target` is the `module:function` that computes it, `concepts` the names of what it shows.

    `training` is the `module:function` that trains the demo's model first, for those that can.
    """

    name: str
    title: str
    summary: str
    target: str
    concepts: tuple[str, ...]
    training: str | None = None


_ALL = (
    Demo(
        name="scaled-dot-product",
        title="Scaled dot-product attention",
        summary="Tokens to queries, keys and values, to scores, to weights, to output; and why the scores are scaled.",
        target="studycli.demos.attention:scaled_dot_product",
        concepts=("scaled dot-product attention", "scaled dot-product", "dot-product attention", "self-attention"),
    ),
    Demo(
        name="multi-head",
        title="Multi-head attention",
        summary="The same over several heads: their patterns side by side, concatenated and projected; what it costs.",
        target="studycli.demos.multi_head:multi_head",
        concepts=("multi-head attention", "multi-head self-attention", "multihead attention", "attention heads"),
    ),
    Demo(
        name="induction",
        title="Induction heads",
        summary="A trained model copies your text, which it has never seen; --train lets you watch it learn to.",
        target="studycli.demos.induction:induction",
        concepts=("induction heads", "induction head", "copy heads", "copy head"),
        training="studycli.demos.induction:trained",
    ),
)
DEMOS: dict[str, Demo] = {demo.name: demo for demo in _ALL}
FALLBACK = "scaled-dot-product"


def find(name: str) -> Demo:
    """The demo of this name. Raises UsageError with the names that come close."""
    if name in DEMOS:
        return DEMOS[name]
    close = difflib.get_close_matches(name, DEMOS, n=3, cutoff=0.45)
    hint = f"did you mean {' or '.join(close)}?" if close else f"the demos are {', '.join(DEMOS)}"
    raise UsageError(f"there is no demo '{name}'", hint=hint)


def run(name: str, inputs: Inputs) -> DemoResult:
    """Compute a demo. Raises UsageError for an unknown name or a text without tokens, MissingError for no device."""
    result: DemoResult = _function(find(name).target)(inputs)
    return result


def train(name: str, inputs: Inputs, report: Callable[[Progress], None]) -> DemoResult:
    """Train a demo's model while `report` hears of each step, and compute the demo with it.

    Raises UsageError, beside what `run` raises, for a demo that trains nothing.
    """
    target = find(name).training
    if target is None:
        others = [demo.name for demo in _ALL if demo.training is not None]
        raise UsageError(f"the demo '{name}' trains nothing", hint=f"those that do: {', '.join(others)}")
    result: DemoResult = _function(target)(inputs, report)
    return result


def _function(target: str) -> Callable[..., DemoResult]:
    module, name = target.split(":")
    function: Callable[..., DemoResult] = getattr(import_module(module), name)
    return function


def demo_for(card: Card) -> str:
    """The name of the demo for a card's concept; where none serves it, attention over the card's own text."""
    return serving(card.concept or "") or FALLBACK


def serving(concept: str) -> str | None:
    """The name of the demo that shows this concept, or None: the same name, or one that holds a demo's concept."""
    wanted = _normal(concept)
    named = [(_normal(name), demo.name) for demo in _ALL for name in demo.concepts]
    exact = next((demo for name, demo in named if name == wanted), None)
    return exact or next((demo for name, demo in named if f" {name} " in f" {wanted} "), None)


def _normal(name: str) -> str:
    """A concept's name in lower case, without punctuation: `Scaled Dot-Product` as `scaled dot product`."""
    return " ".join(re.findall(r"\w+", name.casefold()))
