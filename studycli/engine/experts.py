"""Mixture of experts: several feed-forwards, of which each token goes through a few."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from studycli.engine.config import Config
from studycli.engine.layers import ACTIVATIONS, Layer, activated, drawn
from studycli.engine.trace import NO_TRACE, Trace
from studycli.errors import EngineError


class MixtureOfExperts(Layer):
    """Several feed-forwards, of which a router picks the best few for each token (Shazeer et al. 2017; Mixtral).

    The weights of the picked ones are their softmax over all experts, made to sum to 1.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        if config.ffn_bias:
            raise EngineError("experts have no biases", where="config", hint="ffn_bias=False")
        width = 2 * config.d_ff if config.gated else config.d_ff
        self.act, self.gated = ACTIVATIONS[config.activation], config.gated
        self.n_experts, self.per_token = config.n_experts, config.experts_per_token
        self.W_router = nn.Parameter(torch.empty(config.d_model, config.n_experts))  # (d_model, experts)
        self.W_in = nn.Parameter(torch.empty(config.n_experts, config.d_model, width))  # (experts, d_model, width)
        self.W_out = nn.Parameter(
            torch.empty(config.n_experts, config.d_ff, config.d_model)
        )  # (experts, d_ff, d_model)

    def draw(self, generator: torch.Generator, out_scale: float = 1.0) -> None:
        """Draw the matrices from N(0, 1 / fan-in), W_out smaller by `out_scale`."""
        with torch.no_grad():
            self.W_router.copy_(drawn(self.W_router.shape, generator))
            for expert in range(self.n_experts):
                self.W_in[expert] = drawn(self.W_in.shape[1:], generator)
                self.W_out[expert] = drawn(self.W_out.shape[1:], generator) * out_scale

    def forward(self, x: Tensor, trace: Trace = NO_TRACE) -> Tensor:
        """x (..., d_model) to the same shape. Puts `router`, `routing` (both (..., experts)) and `out`."""
        router = trace.put("router", x @ self.W_router)  # (..., experts)
        top = router.float().softmax(-1).topk(self.per_token, dim=-1)
        shares = (top.values / top.values.sum(-1, keepdim=True)).to(router.dtype)  # (..., per_token)
        routing = torch.zeros_like(router).scatter(-1, top.indices, shares)  # (..., experts)
        routing = trace.put("routing", routing).flatten(0, -2)  # (tokens, experts)
        tokens = x.flatten(0, -2)  # (tokens, d_model)
        out = torch.zeros_like(tokens)  # (tokens, d_model)
        for expert in range(self.n_experts):
            mine = routing[:, expert].nonzero().squeeze(-1)  # (tokens of this expert)
            if len(mine):
                hidden = activated(tokens[mine] @ self.W_in[expert], self.act, self.gated)  # (tokens, d_ff)
                found = hidden @ self.W_out[expert] * routing[mine, expert, None]  # (tokens, d_model)
                out = out.index_add(0, mine, found.to(out.dtype))  # (tokens, d_model)
        return trace.put("out", out.view(x.shape))  # (..., d_model)
