"""Scaling: what the engine's scaling laws predict."""

from __future__ import annotations

from studycli.engine import scaling_laws

_FITS = {"besiroglu": scaling_laws.BESIROGLU_2024, "hoffmann": scaling_laws.HOFFMANN_2022}


def optimal_parameters(flops: float, constants: str) -> float:
    """N of the lowest loss with 6 N D = flops (Hoffmann et al. 2022, equation 4)."""
    return scaling_laws.optimal_allocation(flops, _FITS[constants]).parameters


def optimal_tokens(flops: float, constants: str) -> float:
    """D of the lowest loss with 6 N D = flops (Hoffmann et al. 2022, equation 4)."""
    return scaling_laws.optimal_allocation(flops, _FITS[constants]).tokens


def optimal_tokens_per_parameter(flops: float, constants: str) -> float:
    """D / N of the lowest loss with 6 N D = flops."""
    best = scaling_laws.optimal_allocation(flops, _FITS[constants])
    return best.tokens / best.parameters


def scaling_loss(parameters: float, tokens: float, constants: str) -> float:
    """E + A / N^alpha + B / D^beta, in nats per token (Hoffmann et al. 2022, equation 2)."""
    return scaling_laws.loss(parameters, tokens, _FITS[constants])
