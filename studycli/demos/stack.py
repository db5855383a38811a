"""Stack: random engine blocks one on another, wired with and without residual connections and norms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import torch

from studycli.engine.block import Block, Surroundings
from studycli.engine.config import Config
from studycli.engine.layers import Norm
from studycli.engine.seed import generator
from studycli.engine.trace import NO_TRACE, Trace

if TYPE_CHECKING:
    from torch import Tensor

D_MODEL = 64
N_HEADS = 4
D_FF = 4 * D_MODEL

PRE, POST, NO_RESIDUAL, NEITHER = "pre-norm", "post-norm", "no residual", "neither"
KINDS = (PRE, POST, NO_RESIDUAL, NEITHER)
"""With residual connections: pre-norm and post-norm. Without them: norms are left, or neither."""

Pass = Callable[[Block, "Tensor", Surroundings, Trace], "Tensor"]


@dataclass(frozen=True)
class Stack:
    """The same attention and feed-forward layers in blocks of either order, and the norm that pre-norm ends with."""

    pre: tuple[Block, ...]
    post: tuple[Block, ...]
    final_norm: Norm

    def stream(self, kind: str, x: Tensor, trace: Trace = NO_TRACE) -> list[Tensor]:
        """x (1, seq, d_model), and what it is after each block. Puts the blocks' values under `pre_norm.blocks.0.` etc.

        Without residual connections nothing but `attn.…` and `ffn.…` is put.
        """
        places = torch.arange(x.shape[1], device=x.device)  # (seq)
        around = Surroundings(causal=False, places=places, n_keys=len(places))
        scope, xs = trace.scope(kind.replace("-", "_").replace(" ", "_")), [x]
        for at, block in enumerate(self.post if kind == POST else self.pre):
            xs.append(_PASSES[kind](block, xs[-1], around, scope.scope(f"blocks.{at}")))  # (1, seq, d_model)
        return xs

    def top(self, kind: str, x: Tensor) -> Tensor:
        """What is read of the last block's output: pre-norm ends with a norm. (..., d_model) to the same shape."""
        read: Tensor = self.final_norm(x) if kind == PRE else x
        return read  # (..., d_model)


def build(layers: int, seed: int, device: torch.device) -> Stack:
    """A stack with weights from N(0, 1 / fan-in), so that each layer by itself roughly keeps the size of its input."""
    pre, post = _config(layers, "pre"), _config(layers, "post")
    random = generator(seed, "stack")
    blocks = []
    for layer in range(layers):
        first, second = Block(pre, layer, cross=False), Block(post, layer, cross=False)
        first.attn.draw(random)
        assert first.ffn is not None
        first.ffn.draw(random)
        second.attn, second.ffn = first.attn, first.ffn
        blocks.append((first.to(device), second.to(device)))
    return Stack(tuple(block for block, _ in blocks), tuple(block for _, block in blocks), Norm(pre).to(device))


def _config(layers: int, norm_position: Literal["pre", "post"]) -> Config:
    return Config(
        architecture="encoder", vocab_size=1, d_model=D_MODEL, n_layers=layers, n_heads=N_HEADS, d_ff=D_FF,
        norm_position=norm_position, position="none",
    )  # fmt: skip


def _whole(block: Block, x: Tensor, around: Surroundings, trace: Trace) -> Tensor:
    out: Tensor = block(x, around, trace)
    return out  # (1, seq, d_model)


def _no_residual(block: Block, x: Tensor, around: Surroundings, trace: Trace) -> Tensor:
    """A pre-norm block without its two additions."""
    assert block.ffn is not None and block.norm2 is not None
    x = block.attn(block.norm1(x), trace=trace.scope("attn"))  # (1, seq, d_model)
    out: Tensor = block.ffn(block.norm2(x), trace.scope("ffn"))
    return out  # (1, seq, d_model)


def _neither(block: Block, x: Tensor, around: Surroundings, trace: Trace) -> Tensor:
    assert block.ffn is not None
    out: Tensor = block.ffn(block.attn(x, trace=trace.scope("attn")), trace.scope("ffn"))
    return out  # (1, seq, d_model)


_PASSES: dict[str, Pass] = {PRE: _whole, POST: _whole, NO_RESIDUAL: _no_residual, NEITHER: _neither}
