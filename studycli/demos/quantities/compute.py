"""Compute: floating-point operations, counted by the engine, and how long they take."""

from __future__ import annotations

from studycli.demos.quantities import shapes
from studycli.engine import flops as engine

_PAIRS = ("scores", "weighted_values", "cross_scores", "cross_weighted_values")


def forward_flops(tokens: int, preset: str, written: int, part: str, **sizes: int) -> int:
    """2 for each multiply-add of the matrices, and of every query with every key (Hoffmann et al. 2022, appendix F).

    Raises EngineError for sizes that don't fit together.
    """
    config = shapes.changed(preset, **sizes)
    return _part(engine.flops(config, batch=1, seq=tokens, decoder_seq=written or tokens), part)


def decoding_flops(past: int, preset: str, part: str, **sizes: int) -> int:
    """As `forward_flops`, of one more token; an encoder-decoder looks at as many tokens of its encoder.

    Raises EngineError for an encoder.
    """
    return _part(engine.flops_per_token_decoding(shapes.changed(preset, **sizes), past, memory=past), part)


def attention_flops(tokens: int, d_model: int) -> int:
    """4 tokens² d_model: scores and weighted sums, in all heads together."""
    return _part(engine.flops(shapes.block(d_model), batch=1, seq=tokens), "pairs")


def training_flops(parameters: float, tokens: float) -> float:
    """6 · parameters · tokens: 2 forward and 4 backward (Kaplan et al. 2020, section 2.1)."""
    return 6 * parameters * tokens


def seconds(work: float, per_second: float, utilization: float) -> float:
    """work / (per_second · utilization)."""
    return work / (per_second * utilization)


def _part(parts: dict[str, int], part: str) -> int:
    spelled = {name.replace("_", "-"): count for name, count in parts.items()}
    pairs = sum(parts[name] for name in _PAIRS)
    return {"total": sum(parts.values()), "pairs": pairs, **spelled}[part]
