"""Silencing: a pass in which one head's output is at 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studycli.demos.inputs import Inputs
    from studycli.demos.parameter import Value
    from studycli.engine.trace import Trace

_BLOCKS = "decoder.blocks.{}.attn"
_OF_ONE_LAYER = {
    "multi-head": "z",
    "grouped-query": "z",
    "rnn-vs-transformer": "z",
    "cross-attention": "decoder.blocks.0.cross_attn.z",
}
_ATTENTIONS = {
    "syntax": ("encoder.blocks.0.attn", "encoder.blocks.1.attn"),
    "translator": (
        "encoder.blocks.0.attn",
        "encoder.blocks.1.attn",
        "decoder.blocks.0.attn",
        "decoder.blocks.0.cross_attn",
    ),
}
"""The attentions of models that aren't decoders alone, in the order in which `--layer` counts them."""


def silenced(inputs: Inputs, z: str, head: int, only: str | None = None) -> Trace:
    """A trace with the learner's edits, and with a head of the value named `z` (batch, heads, query, d_head) at 0.

    `only` is a glob, as a Trace takes it.
    """
    from studycli.demos.edits import Edit, Edits

    given = () if inputs.edits is None else inputs.edits.edits
    return Edits([*given, Edit(z, (("head", head),), 0.0)]).trace(only)


def edit(demo: str, settings: Mapping[str, Value], layer: int, head: int) -> str | None:
    """The edit, as `edits.parse` reads it, that silences a head of a demo; None where it has no head to silence."""
    if demo in _OF_ONE_LAYER:
        return f"{_OF_ONE_LAYER[demo]}[head={head}]=0"
    if demo == "syntax":
        model = demo
    elif demo == "head-patterns":
        model = str(settings.get("model", ""))
    else:
        return None
    attentions = _ATTENTIONS.get(model)
    attention = _BLOCKS.format(layer) if attentions is None else attentions[min(layer, len(attentions) - 1)]
    return f"{attention}.z[head={head}]=0"
