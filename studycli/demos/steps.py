"""Steps that demos share, and how numbers become a step or a claim."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from studycli.demos.measure import Array, finite
from studycli.model.trace import Claim, Origin, Step

if TYPE_CHECKING:
    from torch import Tensor

    from studycli.demos.inputs import Inputs
    from studycli.demos.words import Words

WEIGHTS = "random (seeded), not trained"


def array(x: Tensor) -> Array:
    """A tensor's numbers, wherever they are."""
    numbers: Array = x.detach().cpu().numpy()
    return numbers


def step(
    name: str,
    values: Array,
    note: str,
    axes: tuple[str, ...],
    tokens: tuple[str, ...],
    *,
    preview: bool = False,
    compare: str | None = None,
    origin: Origin | None = None,
    labels: Mapping[str, tuple[str, ...]] | None = None,
) -> Step:
    """A step of these numbers. The tokens label the axes `token`, `query` and `key`, `labels` others, or these anew."""
    of_tokens = {axis: tokens for axis in axes if axis in ("token", "query", "key") and tokens}
    return Step(
        name=name,
        shape=values.shape,
        values=finite(values),
        note=note,
        axes=axes,
        labels=of_tokens | dict(labels or {}),
        preview=preview,
        compare=compare,
        origin=origin,
    )


def tokens_step(words: Words) -> Step:
    """The step `tokens`: what was made of the text."""
    note = f"Words and punctuation marks, {words.summary}."
    return Step(name="tokens", shape=(len(words.tokens),), values=list(words.tokens), note=note, axes=("token",))


def claim(name: str, statement: str, measured: float | str, holds: bool) -> Claim:
    """A claim; one whose measurement is not a number does not hold."""
    if isinstance(measured, float) and not math.isfinite(measured):
        return Claim(name=name, statement=statement, measured=str(measured), holds=False)
    return Claim(name=name, statement=statement, measured=measured, holds=bool(holds))


def size(values: Array) -> str:
    """A shape as a claim shows it: `11 x 64`."""
    return " x ".join(map(str, values.shape))


def described(inputs: Inputs, words: Words, device: object, **sizes: int) -> dict[str, Any]:
    """The inputs of a result: the text as far as it is used, how much of it that is, device, seed and sizes."""
    return {
        "text": words.text,
        "tokens": len(words.tokens),
        "tokens_left_out": words.left_out,
        "seed": inputs.seed,
        "device": str(device),
        "weights": WEIGHTS,
        **sizes,
    }
