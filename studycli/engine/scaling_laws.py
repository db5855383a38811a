"""Scaling laws: the loss that a model's size and its training tokens predict, and the best use of given FLOPs."""

from __future__ import annotations

from dataclasses import dataclass

from studycli.errors import EngineError


@dataclass(frozen=True, slots=True)
class Constants:
    """Those of loss = E + A / N^alpha + B / D^beta, in nats per token (Hoffmann et al. 2022, equation 2)."""

    E: float
    A: float
    B: float
    alpha: float
    beta: float


HOFFMANN_2022 = Constants(E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28)
"""The published fit of approach 3 (Hoffmann et al. 2022, equation 10). It disagrees with their approaches 1 and 2."""

BESIROGLU_2024 = Constants(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658)
"""Approach 3 fitted again to the data of the same paper's figure (Besiroglu et al. 2024); it agrees with 1 and 2."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """A number of parameters, of training tokens, and the loss in nats per token that they predict."""

    parameters: float
    tokens: float
    loss: float


def loss(parameters: float, tokens: float, constants: Constants = BESIROGLU_2024) -> float:
    """E + A / parameters^alpha + B / tokens^beta, in nats per token. Raises EngineError for what is not above 0."""
    _check(parameters=parameters, tokens=tokens)
    c = constants
    predicted: float = c.E + c.A / parameters**c.alpha + c.B / tokens**c.beta
    return predicted


def optimal_allocation(flops: float, constants: Constants = BESIROGLU_2024) -> Allocation:
    """Parameters N and tokens D of the lowest loss with 6 N D = flops of training (Hoffmann et al. 2022, equation 4).

    N = G (flops / 6)^a and D = (flops / 6)^b / G, where a = beta / (alpha + beta), b = alpha / (alpha + beta) and
    G = (alpha A / (beta B))^(1 / (alpha + beta)). The 6 is 2 forward and 4 backward for each parameter and token
    (Kaplan et al. 2020, section 2.1). Raises EngineError for flops that are not above 0.
    """
    _check(flops=flops)
    c = constants
    both = c.alpha + c.beta
    balance = (c.alpha * c.A / (c.beta * c.B)) ** (1 / both)
    parameters = balance * (flops / 6) ** (c.beta / both)
    tokens = (flops / 6) ** (c.alpha / both) / balance
    return Allocation(parameters, tokens, loss(parameters, tokens, constants))


def _check(**sizes: float) -> None:
    for name, size in sizes.items():
        if not size > 0:
            raise EngineError(f"{name} is {size}", where="scaling laws", hint="it is above 0")
