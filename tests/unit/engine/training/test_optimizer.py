"""AdamW: its step by hand, and which weights decay."""

from __future__ import annotations

from dataclasses import replace

import torch

from studycli.engine import Transformer
from studycli.engine.training import adamw, causal_lm_loss, train
from tests.engine_models import CROSS, DECODERS, ENCODER, PLAIN, build, ids

SPARED = {"W_E", "W_pos", "W_segment", "relative", "w", "b", "b_QKV", "b_O", "b_in", "b_out", "b_U"}
DECAYED = {"W_QKV", "W_O", "W_in", "W_out", "W_U", "W", "W_router"}


def test_matrices_decay_and_nothing_else() -> None:
    seen = set()
    for config in (PLAIN, CROSS, replace(ENCODER, pooler=True, n_labels=3, unembed_bias=True), *DECODERS.values()):
        model = Transformer(config)
        optimizer = adamw(model, weight_decay=0.3)
        decay = {weights: group["weight_decay"] for group in optimizer.param_groups for weights in group["params"]}
        names = {name.rpartition(".")[2]: decay[weights] for name, weights in model.named_parameters()}
        assert names == {name: 0.3 if name in DECAYED else 0.0 for name in names}
        seen |= names.keys()
    assert seen == DECAYED | SPARED


def test_the_layout_of_a_table_in_memory_changes_nothing() -> None:
    """The kernel walks weights, gradient and moments in the order of memory."""
    trained = []
    for turned in (False, True):
        model = build(PLAIN)
        if turned:
            model.W_E = torch.nn.Parameter(model.W_E.detach().t().contiguous().t())
        else:
            model.W_E = torch.nn.Parameter(model.W_E.detach().contiguous())
        batches = [{"input_ids": ids(4, 8, seed=seed)} for seed in range(5)]
        train(model, batches, causal_lm_loss, steps=5, peak=0.01)
        trained.append(model.W_E)
    assert trained[0].stride() != trained[1].stride()
    torch.testing.assert_close(*trained, atol=1e-5, rtol=1e-5)


def test_two_steps_by_hand() -> None:
    """w - rate (m̂ / (sqrt(v̂) + eps) + decay w), Loshchilov and Hutter 2019, algorithm 2."""
    model = build(PLAIN)
    optimizer = adamw(model, weight_decay=0.5, betas=(0.8, 0.9))
    for group in optimizer.param_groups:
        group["lr"] = 0.01
    assert model.decoder is not None
    block = model.decoder.blocks[0]
    for weights, decay in ((block.ffn.W_in, 0.5), (block.ffn.b_in, 0.0), (model.W_E, 0.0)):
        expected = weights.detach().double()
        m, v = torch.zeros_like(expected), torch.zeros_like(expected)
        optimizer.zero_grad()
        for step in (1, 2):
            noise = torch.randn(weights.shape, generator=torch.Generator().manual_seed(step))
            weights.grad = torch.empty_like(weights).copy_(noise)
            g = weights.grad.double()
            m, v = 0.8 * m + 0.2 * g, 0.9 * v + 0.1 * g**2
            change = (m / (1 - 0.8**step)) / ((v / (1 - 0.9**step)).sqrt() + 1e-8)
            expected = expected - 0.01 * (change + decay * expected)
            optimizer.step()
        torch.testing.assert_close(weights.detach().double(), expected, atol=1e-6, rtol=1e-6)
