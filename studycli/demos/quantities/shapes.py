"""Shapes: the configuration that a quantity's preset and sizes describe."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studycli.engine.config import PRESETS, Config


def changed(preset: str, **sizes: int) -> Config:
    """The preset with these sizes in place of its own; 0 keeps what it has. Raises EngineError.

    Where d_model or n_heads changes, d_head is d_model / n_heads again, and d_ff keeps its proportion to d_model
    unless it is given too. n_kv_heads follows n_heads.
    """
    config = PRESETS[preset]
    given: dict[str, Any] = {name: size for name, size in sizes.items() if size}
    if "d_model" in given:
        given.setdefault("d_ff", round(config.d_ff * given["d_model"] / config.d_model))
    if "n_heads" in given:
        given.setdefault("n_kv_heads", None)
    if "d_model" in given or "n_heads" in given:
        given.update(d_head=None, rotary_dim=None)
    if "n_layers" in given and config.decoder_layers and config.encoder_layers:
        given["n_decoder_layers"] = given["n_layers"]
    return replace(config, **given)


def block(d_model: int, n_heads: int = 1, d_ff: int = 1, **settings: Any) -> Config:  # noqa: ANN401 - of any field
    """A decoder of one block, with the usual values for what is not given. Raises EngineError."""
    base: dict[str, Any] = {"architecture": "decoder", "vocab_size": 1, "n_layers": 1, "position": "none"}
    return Config(**{**base, "d_model": d_model, "n_heads": n_heads, "d_ff": d_ff, **settings})
