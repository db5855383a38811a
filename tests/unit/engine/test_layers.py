"""MultiHeadAttention: parity with torch's own layer, the names on its trace, and where its weights come from."""

from __future__ import annotations

import pytest
import torch

from studycli.engine import MultiHeadAttention, Trace
from studycli.engine.seed import generator
from studycli.errors import EngineError

NAMES = ["q", "k", "v", "scores", "scaled", "biased", "masked", "pattern", "z", "concat", "out"]


def make(d_model: int = 12, n_heads: int = 3, d_head: int | None = None) -> MultiHeadAttention:
    return MultiHeadAttention(d_model, n_heads, d_head, generator=generator(0))


@pytest.mark.parametrize("n_heads", [1, 3, 4])
@pytest.mark.parametrize("trace", [None, Trace()])
def test_parity_with_torch(n_heads: int, trace: Trace | None) -> None:
    layer = make(n_heads=n_heads)
    reference = torch.nn.MultiheadAttention(12, n_heads, bias=False, batch_first=True)
    with torch.no_grad():
        reference.in_proj_weight.copy_(torch.cat([layer.W_Q.T, layer.W_K.T, layer.W_V.T]))
        reference.out_proj.weight.copy_(layer.W_O.T)
    x = torch.randn(2, 5, 12, generator=generator(1))
    expected, weights = reference(x, x, x, average_attn_weights=False)
    out = layer(x) if trace is None else layer(x, trace=trace)
    torch.testing.assert_close(out, expected, atol=1e-5, rtol=1e-5)
    if trace is not None:
        assert list(trace) == NAMES
        torch.testing.assert_close(trace["pattern"], weights, atol=1e-5, rtol=1e-5)


def test_d_head_is_free() -> None:
    trace = Trace()
    out = make(d_model=10, n_heads=3, d_head=7)(torch.ones(4, 10), trace=trace)
    assert out.shape == (4, 10)
    assert trace["q"].shape == (3, 4, 7) and trace["concat"].shape == (4, 21)


def test_causal_is_passed_on() -> None:
    x = torch.randn(5, 12, generator=generator(2))
    layer = make()
    trace = Trace()
    layer(x, causal=True, trace=trace)
    assert trace["pattern"].triu(1).eq(0).all()
    torch.testing.assert_close(layer(x, causal=True)[:3], layer(x[:3], causal=True))


def test_weights_come_from_the_generator_alone() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = make()
    assert torch.get_rng_state().equal(before)
    torch.manual_seed(2)
    second = make()
    assert all(a.equal(b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
    assert not first.W_Q.equal(first.W_K)


@pytest.mark.parametrize(("d_model", "n_heads"), [(10, 3), (0, 1), (4, 0)])
def test_sizes_that_do_not_divide_are_refused(d_model: int, n_heads: int) -> None:
    with pytest.raises(EngineError, match="does not divide"):
        make(d_model, n_heads)
