"""What attention puts on the trace: Hugging Face's patterns, and values from which each next one follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import Tensor

from studycli.engine import Trace
from tests import hugging_face
from tests.hugging_face import DECODERS, ENCODER_DECODERS, ENCODERS, FAMILIES, Batch

if TYPE_CHECKING:
    from tests.parity.conftest import Pair

# Where each of Hugging Face's outputs stands on the trace.
SITES = {
    "attentions": "{stack}.blocks.{layer}.attn",
    "encoder_attentions": "encoder.blocks.{layer}.attn",
    "decoder_attentions": "decoder.blocks.{layer}.attn",
    "cross_attentions": "decoder.blocks.{layer}.cross_attn",
}
NAMES = {"q", "k", "v", "scores", "scaled", "biased", "masked", "pattern", "z", "concat", "out"}
ROTARY = {family for family in FAMILIES if family.startswith(("llama", "mixtral", "falcon", "gpt-neox", "gpt-j"))}
BIASED = {family for family in FAMILIES if family.startswith(("t5", "bloom", "mpt"))}
CASES = [
    (family, padding)
    for family in FAMILIES
    for padding in ("none", "right", "left")
    if padding != "left" or family in DECODERS
]


@torch.no_grad()
def traced(pair: Pair, batch: Batch) -> Trace:
    trace = Trace()
    inputs = batch.inputs
    pair.ours(inputs.pop("input_ids"), **inputs, trace=trace)
    return trace


def sites(trace: Trace) -> Iterator[str]:
    return (name.removesuffix(".pattern") for name in trace if name.endswith(".pattern"))


def allowed(site: str, batch: Batch, window: int | None) -> Tensor:
    """Which keys each query may look at: those kept, up to its own, the last `window` of them, (batch, query, key)."""
    cross, decoder = site.endswith("cross_attn"), site.startswith("decoder")
    queries = batch.kept_targets if decoder else batch.kept  # (batch, query)
    keys = queries if decoder and not cross else batch.kept  # (batch, key)
    open_keys = keys[:, None].expand(-1, queries.shape[1], -1)  # (batch, query, key)
    if cross or not decoder:
        return open_keys
    return open_keys.tril() if window is None else open_keys.tril().triu(1 - window)


@pytest.mark.parametrize(("family", "padding"), CASES)
def test_patterns_are_theirs(pairs: Callable[..., Pair], family: str, padding: str) -> None:
    pair = pairs(family)
    batch = hugging_face.batch(pair.theirs, padding)
    with torch.no_grad():
        output = pair.theirs(**batch.inputs, output_attentions=True)
    trace = traced(pair, batch)
    stack = "encoder" if family in ENCODERS else "decoder"
    seen = set()
    for kind, site in SITES.items():
        for layer, theirs in enumerate(output.get(kind) or ()):  # (batch, heads, query, key)
            name = site.format(stack=stack, layer=layer)
            seen.add(name)
            ours = trace[f"{name}.pattern"]
            assert ours.shape == theirs.shape
            kept = batch.kept if kind in ("attentions", "encoder_attentions") else batch.kept_targets
            rows = [pattern.transpose(1, 2)[kept] for pattern in (ours, theirs)]  # (kept, heads, key)
            torch.testing.assert_close(*rows, atol=1e-5, rtol=0)
    assert seen == set(sites(trace))
    assert len(seen) == (7 if family in ENCODER_DECODERS else 2)


@pytest.mark.parametrize("family", FAMILIES)
def test_attention_puts_every_step(pairs: Callable[..., Pair], family: str) -> None:
    pair = pairs(family)
    trace = traced(pair, hugging_face.batch(pair.theirs))
    names = NAMES | ({"q_rotated", "k_rotated"} if family in ROTARY else set())
    for site in sites(trace):
        assert names <= set(trace.scope(site))
        assert not ({"q_rotated", "k_rotated"} - names) & set(trace.scope(site))


@pytest.mark.parametrize(("family", "padding"), CASES)
def test_each_step_follows_from_the_one_before(pairs: Callable[..., Pair], family: str, padding: str) -> None:
    """Recomputed in float64 from what the trace recorded."""
    pair = pairs(family)
    batch = hugging_face.batch(pair.theirs, padding)
    trace = traced(pair, batch)
    window = getattr(pair.theirs.config, "sliding_window", None)
    for site in sites(trace):
        at = {name: x.double().numpy() for name, x in trace.scope(site).items()}
        q, k = (at["q_rotated"], at["k_rotated"]) if family in ROTARY else (at["q"], at["k"])
        repeats = q.shape[1] // k.shape[1]
        k, v = (np.repeat(x, repeats, axis=1) for x in (k, at["v"]))  # (batch, heads, key, d_head)
        np.testing.assert_allclose(at["scores"], q @ k.swapaxes(-1, -2), atol=1e-5, rtol=1e-6)

        places = allowed(site, batch, window).numpy()[:, None]  # (batch, 1, query, key)
        np.testing.assert_array_equal(at["masked"], np.where(places, at["biased"], -np.inf))
        bias = at["biased"] - at["scaled"]  # (batch, heads, query, key)
        assert (np.ptp(bias) > 0.1) == (family in BIASED and not site.endswith("cross_attn"))

        exp = np.exp(at["masked"] - np.where(places.any(-1, keepdims=True), at["masked"], 0).max(-1, keepdims=True))
        total = exp.sum(-1, keepdims=True)  # (batch, heads, query, 1)
        pattern = np.divide(exp, total, out=np.zeros_like(exp), where=total > 0)  # (batch, heads, query, key)
        np.testing.assert_allclose(at["pattern"], pattern, atol=1e-6, rtol=0)
        np.testing.assert_allclose(at["z"], pattern @ v, atol=1e-6, rtol=1e-6)
        np.testing.assert_array_equal(at["concat"], at["z"].swapaxes(1, 2).reshape(at["concat"].shape))
