"""Optimizer: AdamW over a model's weights, which decays those that multiply and spares the others."""

from __future__ import annotations

from torch import nn
from torch.optim import AdamW

# A row of a table moves only when its token or position comes up, and would shrink to nothing in between.
_TABLES = ("W_E", "W_pos", "W_segment", "relative")


def adamw(model: nn.Module, *, weight_decay: float = 0.1, betas: tuple[float, float] = (0.9, 0.98)) -> AdamW:
    """AdamW (Loshchilov and Hutter 2019) over all parameters; its learning rate is set at each step of training.

    Matrices that multiply decay. Vectors (biases, norms) don't, nor do tables that are looked up: embeddings of tokens
    (tied to the output or not), positions and segments, and relative biases.
    """
    decayed: list[nn.Parameter] = []
    spared: list[nn.Parameter] = []
    for name, weights in model.named_parameters():
        (decayed if decays(name, weights) else spared).append(weights)
    groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": spared, "weight_decay": 0.0}]
    return AdamW(groups, lr=0.0, betas=betas, fused=True)


def decays(name: str, weights: nn.Parameter) -> bool:
    """Whether weight decay is for the parameter of this name."""
    return weights.dim() > 1 and name.rpartition(".")[2] not in _TABLES
