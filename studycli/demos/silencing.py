"""Silencing: a pass in which one head's output is at 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studycli.demos.inputs import Inputs
    from studycli.engine.trace import Trace


def silenced(inputs: Inputs, z: str, head: int, only: str | None = None) -> Trace:
    """A trace with the learner's edits, and with a head of the value named `z` (batch, heads, query, d_head) at 0.

    `only` is a glob, as a Trace takes it.
    """
    from studycli.demos.edits import Edit, Edits

    given = () if inputs.edits is None else inputs.edits.edits
    return Edits([*given, Edit(z, (("head", head),), 0.0)]).trace(only)
