"""The transformer engine: torch, and nothing of cards or of a terminal. Names are imported when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studycli.engine.attention import attend as attend
    from studycli.engine.cache import Cache as Cache
    from studycli.engine.config import Config as Config
    from studycli.engine.convert import load_pretrained as load_pretrained
    from studycli.engine.generation import generate as generate
    from studycli.engine.model import Transformer as Transformer
    from studycli.engine.multi_head import MultiHeadAttention as MultiHeadAttention
    from studycli.engine.tokenizer import Tokenizer as Tokenizer
    from studycli.engine.trace import NO_TRACE as NO_TRACE
    from studycli.engine.trace import Trace as Trace

_HOMES = {
    "NO_TRACE": "trace",
    "Trace": "trace",
    "attend": "attention",
    "Cache": "cache",
    "Config": "config",
    "load_pretrained": "convert",
    "generate": "generation",
    "MultiHeadAttention": "multi_head",
    "Tokenizer": "tokenizer",
    "Transformer": "model",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"studycli.engine.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
