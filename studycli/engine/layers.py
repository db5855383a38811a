"""The smallest layers: norms, projections, feed-forward."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from studycli.engine.config import Config
from studycli.engine.trace import NO_TRACE, Trace

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu": functional.gelu,
    "gelu_tanh": partial(functional.gelu, approximate="tanh"),
    "relu": functional.relu,
    "silu": functional.silu,
}


class Layer(nn.Module):
    """A module that is called without the machinery of hooks, which costs more than some of the layers compute."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        setattr(cls, "__call__", cls.forward)  # noqa: B010 - an assignment is no type for a method


class Norm(Layer):
    """LayerNorm (Ba et al. 2016) or RMSNorm (Zhang and Sennrich 2019) over the last dimension."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.eps = config.norm_eps
        self.shape = (config.d_model,)
        self.centered = config.norm == "layer"
        self.w = nn.Parameter(torch.ones(config.d_model))  # (d_model)
        self.b = nn.Parameter(torch.zeros(config.d_model)) if self.centered and config.norm_bias else None  # (d_model)

    def forward(self, x: Tensor) -> Tensor:
        """x (..., d_model) to the same shape."""
        if self.centered:
            return torch.layer_norm(x, self.shape, self.w, self.b, self.eps)  # (..., d_model)
        return torch.rms_norm(x, self.shape, self.w, self.eps)  # (..., d_model)


class FeedForward(Layer):
    """act(x W_in) W_out, or gated: (act(x W_gate) * (x W_up)) W_out, W_gate and W_up side by side in W_in.

    Gated with SiLU it is SwiGLU, with GELU GEGLU (Shazeer 2020).
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        width = 2 * config.d_ff if config.gated else config.d_ff
        self.act, self.gated = ACTIVATIONS[config.activation], config.gated
        self.W_in = nn.Parameter(torch.empty(config.d_model, width))  # (d_model, d_ff or 2 d_ff)
        self.b_in = nn.Parameter(torch.zeros(width)) if config.ffn_bias else None  # (d_ff or 2 d_ff)
        self.W_out = nn.Parameter(torch.empty(config.d_ff, config.d_model))  # (d_ff, d_model)
        self.b_out = nn.Parameter(torch.zeros(config.d_model)) if config.ffn_bias else None  # (d_model)

    def draw(self, generator: torch.Generator, out_scale: float = 1.0) -> None:
        """Draw the matrices from N(0, 1 / fan-in), W_out smaller by `out_scale`."""
        with torch.no_grad():
            self.W_in.copy_(drawn(self.W_in.shape, generator))
            self.W_out.copy_(drawn(self.W_out.shape, generator) * out_scale)

    def forward(self, x: Tensor, trace: Trace = NO_TRACE) -> Tensor:
        """x (..., d_model) to the same shape. Puts `hidden`, when gated `gate` and `up`, `activation` and `out`."""
        hidden = trace.put("hidden", project(x, self.W_in, self.b_in))  # (..., d_ff or 2 d_ff)
        hidden = activated(hidden, self.act, self.gated, trace)  # (..., d_ff)
        return trace.put("out", project(hidden, self.W_out, self.b_out))  # (..., d_model)


def project(x: Tensor, W: Tensor, b: Tensor | None) -> Tensor:
    """x W + b, for W (in, out): (..., in) to (..., out)."""
    return functional.linear(x, W.t(), b)  # (..., out)


def activated(hidden: Tensor, act: Callable[[Tensor], Tensor], gated: bool, trace: Trace = NO_TRACE) -> Tensor:
    """act(hidden), or act(gate) * up where hidden (..., 2 d_ff) holds both side by side."""
    if not gated:
        return trace.put("activation", act(hidden))  # (..., d_ff)
    gate, up = hidden.chunk(2, dim=-1)  # (..., d_ff)
    gate, up = trace.put("gate", gate), trace.put("up", up)  # (..., d_ff)
    return trace.put("activation", act(gate) * up)  # (..., d_ff)


def drawn(shape: Sequence[int], generator: torch.Generator) -> Tensor:
    """A matrix of this shape (rows, columns) from N(0, 1 / rows)."""
    normal = torch.randn(*shape, generator=generator)  # (rows, columns)
    return normal.div(shape[0] ** 0.5)  # (rows, columns)
