"""Length extrapolation: four models that differ in their positions alone, on texts beyond their length."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from studycli.demos import models
from studycli.demos.measure import Array
from studycli.demos.steps import claim, step
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    from studycli.demos.inputs import Inputs
    from studycli.engine.miniatures.extrapolation import Reading

Curves = Mapping[str, tuple["Reading | None", ...]]
"""How a model of each position fares at each of the factors; None where it refuses the text."""

FACTORS = (1.0, 2.0, 4.0, 8.0)
_ROWS = 2
_KEPT, _WORSE, _LOST = 0.1, 0.5, 1.0


def length_extrapolation(inputs: Inputs) -> DemoResult:
    """The loss of the bundled extrapolation models at 1, 2, 4 and 8 times the length of their training.

    One model of each position, on two held-out texts: enough to see it, not enough for a figure to quote; `studycli
    engine models extrapolation` has those. Raises MissingError where the device is not there.
    """
    from studycli.engine.device import choose
    from studycli.engine.miniatures import extrapolation

    device = choose(inputs.device)
    checkpoints = {name: f"extrapolation/{name}-0" for name in extrapolation.POSITIONS}
    loaded = {checkpoint: models.load(checkpoint, device.type) for checkpoint in checkpoints.values()}
    readings = extrapolation.readings(loaded, FACTORS, _ROWS)
    curves: Curves = {name: tuple(readings[name][factor][0] for factor in FACTORS) for name in extrapolation.POSITIONS}
    refusal = _refusal(checkpoints["learned"], device.type)
    return DemoResult(
        demo="length-extrapolation",
        title="Length extrapolation",
        inputs={
            "length": extrapolation.LENGTH,
            "texts": _ROWS,
            "scored": f"the last {extrapolation.SCORED} tokens of each text, the same ones at every length",
            "device": str(device),
            "weights": f"bundled: {', '.join(checkpoints.values())}",
        },
        steps=_steps(curves, refusal, extrapolation.LENGTH, _repeated_words()),
        claims=_claims(curves, refusal),
    )


def _refusal(checkpoint: str, device: str) -> str:
    """What the engine says of a text of one token more than the learned table has rows, '' where it reads it."""
    import torch

    from studycli.engine.miniatures.extrapolation import LENGTH, held_out
    from studycli.errors import EngineError

    ids = held_out(1).last(LENGTH + 1).ids  # (1, seq)
    try:
        with torch.inference_mode():
            models.load(checkpoint, device).model(ids)
    except EngineError as error:
        return error.message
    return ""


def _repeated_words() -> int:
    """How many of the scored tokens repeat an earlier word."""
    from studycli.engine.miniatures.extrapolation import SCORED, held_out

    return int(held_out(_ROWS).repeated[:, -SCORED:].sum())


def _steps(curves: Curves, refusal: str, length: int, repeated: int) -> tuple[Step, ...]:
    losses = _losses(curves)
    copying = _values(curves, "copying")
    lengths = tuple(f"{factor:g}x" for factor in FACTORS)
    labels = {"position": tuple(curves), "length": lengths}

    def table(name: str, values: Array, note: str, origin: Origin | None = None) -> Step:
        return step(name, values, note, ("position", "length"), (), labels=labels, origin=origin)

    steps = [
        table(
            "loss",
            losses,
            f"Nats per token, lower is better, at 1, 2, 4 and 8 times the {length} tokens of training: read along a "
            f"row; {_kept(losses, tuple(curves))}; nan is a text that a model refuses.",
            Origin(kind="given", note="the mean cross-entropy of the scored tokens"),
        ),
        table(
            "rise",
            losses - losses[:, :1],
            "The same less the loss at the length of training: look how early a row leaves 0.",
        ),
        table(
            "copying",
            copying,
            f"Of the {repeated} words that repeat an earlier sentence, the share that the model finds likeliest: one "
            f"word more is {1 / max(repeated, 1):.2f}; look where most are lost, not at small steps.",
            Origin(kind="given", note="counted on the scored tokens that repeat an earlier word"),
        ),
    ]
    if refusal:
        asked = np.array([[length + 1, length]])  # (1, 2)
        note = f"The learned table refuses one token more than it has rows for; the engine says: {refusal}."
        found = {"count": ("tokens asked for", "rows there are")}
        steps.append(step("refusal", asked, note, ("model", "count"), (), labels=found))
    return tuple(steps)


def _kept(losses: Array, names: tuple[str, ...]) -> str:
    """Which rows of losses (position, length) stay near their first, to the longest text."""
    kept = [name for name, row in zip(names, losses, strict=True) if abs(row[-1] / row[0] - 1) <= _KEPT]
    who = f"only {' and '.join(kept)} {'end' if len(kept) > 1 else 'ends'}" if kept else "none ends"
    return f"{who} within {_KEPT:.0%} of its start"


def _losses(curves: Curves) -> Array:
    """(position, length), nan where a model refuses."""
    return _values(curves, "loss")


def _values(curves: Curves, name: str) -> Array:
    rows = [[math.nan if each is None else float(getattr(each, name)) for each in curve] for curve in curves.values()]
    return np.array(rows)  # (position, length)


def _claims(curves: Curves, refusal: str) -> tuple[Claim, ...]:
    losses = dict(zip(curves, _losses(curves), strict=True))
    alike = np.array([curve[0] for curve in losses.values()])  # (position)
    spread = float(alike.max() / alike.min() - 1)
    alibi = losses["alibi"]
    beyond = [curves["learned"][at] is None for at in range(1, len(FACTORS))]
    return (
        claim(
            "alike-at-trained-length",
            f"At the length of training the four kinds are within {_KEPT:.0%} of each other's loss.",
            f"{spread:.1%} apart",
            spread <= _KEPT,
        ),
        claim(
            "learned-fails-beyond-length",
            "A learned position table fails beyond its length: one token more is an error.",
            refusal or "it read the text",
            bool(refusal) and all(beyond),
        ),
        claim(
            "alibi-holds-at-8x",
            f"With ALiBi the loss at 8 times the length stays within {_KEPT:.0%} of that at the length of training.",
            f"{alibi[0]:.3f} to {alibi[-1]:.3f} nats",
            abs(alibi[-1] / alibi[0] - 1) <= _KEPT,
        ),
        claim(
            "sinusoidal-worse-at-2x",
            f"With sinusoidal positions the loss at twice the length is at least {_WORSE:g} nats higher.",
            *_rise(losses["sinusoidal"], 1, _WORSE),
        ),
        claim(
            "sinusoidal-lost-beyond-2x",
            f"With sinusoidal positions the loss at 4 and 8 times the length is at least {_LOST:g} nat higher.",
            *_rise(losses["sinusoidal"], 2, _LOST),
        ),
        claim(
            "rotary-degrades-beyond-2x",
            f"With plain rotary positions the loss at 4 and 8 times the length is at least {_LOST:g} nat higher.",
            *_rise(losses["rotary"], 2, _LOST),
        ),
    )


def _rise(losses: Array, first: int, least: float) -> tuple[str, bool]:
    """The losses from this length on, beside the first; and whether each is at least so much higher."""
    beyond = losses[first:] if first > 1 else losses[first : first + 1]
    spelled = ", ".join(f"{loss:.2f}" for loss in beyond)
    return f"{losses[0]:.2f} to {spelled} nats", bool((beyond - losses[0] >= least).all())
