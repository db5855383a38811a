"""Layers: the quantities of norms and activations, as listed."""

from __future__ import annotations

from studycli.demos.quantities.listed.slots import numbers
from studycli.demos.quantities.quantity import Quantity

_AT = "studycli.demos.quantities.layers"
_VALUES = numbers("values", "a row of numbers")

LISTED = (
    Quantity(
        "layer-norm",
        "a row after layer normalization, without learned scale and shift",
        f"{_AT}:layer_norm",
        (_VALUES,),
    ),
    Quantity("rms-norm", "a row after RMS normalization, without learned scale", f"{_AT}:rms_norm", (_VALUES,)),
    Quantity("mean", "the mean of a row", f"{_AT}:mean", (_VALUES,)),
    Quantity("variance", "the variance of a row, divided by its length", f"{_AT}:variance", (_VALUES,)),
    Quantity("relu", "ReLU of each number", f"{_AT}:relu", (_VALUES,)),
    Quantity("gelu", "GELU of each number", f"{_AT}:gelu", (_VALUES,)),
    Quantity("silu", "SiLU (swish) of each number", f"{_AT}:silu", (_VALUES,)),
    Quantity(
        "swiglu",
        "SiLU of each gate times its hidden number",
        f"{_AT}:swiglu",
        (numbers("gate", "a row of numbers"), numbers("up", "as many")),
    ),
)
