"""The transformer engine: torch, and nothing of cards or of a terminal. Names are imported when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studycli.engine.attention import attend as attend
    from studycli.engine.layers import MultiHeadAttention as MultiHeadAttention
    from studycli.engine.trace import NO_TRACE as NO_TRACE
    from studycli.engine.trace import Trace as Trace

_HOMES = {
    "NO_TRACE": "studycli.engine.trace",
    "Trace": "studycli.engine.trace",
    "attend": "studycli.engine.attention",
    "MultiHeadAttention": "studycli.engine.layers",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
