"""Transformer: what it gives, what is on its trace, how edits work, and what it refuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from studycli.engine import Cache, Config, Trace, Transformer
from studycli.engine.config import PRESETS
from studycli.errors import EngineError
from tests.engine_models import CROSS, DECODERS, ENCODER, ENCODER_DECODERS, PLAIN, build, ids

ATTENTION = ["q", "k", "v", "scores", "scaled", "biased", "masked", "pattern", "z", "concat", "out"]


def test_shapes() -> None:
    assert build(PLAIN)(ids(2, 5)).shape == (2, 5, 23)
    assert build(ENCODER)(ids(2, 5)).shape == (2, 5, 24)
    assert build(ENCODER).mlm_logits(ids(2, 5)).shape == (2, 5, 23)
    assert build(replace(ENCODER, n_labels=3, pooler=True)).classify(ids(2, 5)).shape == (2, 3)
    assert build(CROSS)(ids(2, 5), decoder_input_ids=ids(2, 3)).shape == (2, 3, 23)


def test_the_names_on_the_trace_of_a_decoder() -> None:
    trace = Trace()
    build(PLAIN)(ids(2, 5), trace=trace)
    block = [
        "norm1",
        *(f"attn.{name}" for name in ATTENTION),
        "mid",
        "norm2",
        "ffn.hidden",
        "ffn.activation",
        "ffn.out",
    ]
    assert list(trace) == [
        *(f"decoder.embed.{name}" for name in ("token", "position", "out")),
        *(f"decoder.blocks.{i}.{name}" for i in range(2) for name in (*block, "out")),
        "decoder.final_norm",
        "logits",
    ]
    assert trace["decoder.blocks.0.attn.pattern"].shape == (2, 6, 5, 5)


def test_the_names_on_the_trace_of_an_encoder_decoder() -> None:
    trace = Trace()
    build(CROSS)(ids(2, 5), decoder_input_ids=ids(2, 3), trace=trace)
    assert trace["encoder.blocks.1.attn.pattern"].shape == (2, 4, 5, 5)
    assert trace["decoder.blocks.1.attn.pattern"].shape == (2, 4, 3, 3)
    assert trace["decoder.blocks.1.cross_attn.pattern"].shape == (2, 4, 3, 5)
    assert {"decoder.blocks.0.cross_norm", "decoder.blocks.0.cross_mid"} <= set(trace)


def test_without_a_feed_forward_a_block_is_attention_alone() -> None:
    trace = Trace()
    model = build(replace(PLAIN, d_ff=0))
    model(ids(2, 5), trace=trace)
    assert not [name for name in trace if "ffn" in name or "norm2" in name]
    added = trace["decoder.embed.out"] + trace["decoder.blocks.0.attn.out"] + trace["decoder.blocks.1.attn.out"]
    torch.testing.assert_close(trace["decoder.blocks.1.out"], added)
    assert not [name for name, _ in model.named_parameters() if "ffn" in name or "norm2" in name]


@pytest.mark.parametrize("name", DECODERS)
def test_both_paths_agree(name: str) -> None:
    model = build(DECODERS[name])
    x = ids(2, 9)
    torch.testing.assert_close(model(x), model(x, trace=Trace()), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", ENCODER_DECODERS)
def test_both_paths_agree_across(name: str) -> None:
    model = build(ENCODER_DECODERS[name])
    mask = torch.tensor([[1] * 6, [1] * 4 + [0] * 2])
    given = {"attention_mask": mask, "decoder_input_ids": ids(2, 5, seed=3)}
    torch.testing.assert_close(
        model(ids(2, 6), **given), model(ids(2, 6), trace=Trace(), **given), atol=1e-5, rtol=1e-5
    )


@pytest.mark.parametrize("name", [name for name in DECODERS if name not in ("tiled", "linear")])
def test_the_trace_recomputed_with_numpy(name: str) -> None:
    """softmax(masked) @ v, in float64, where masked is scaled + bias with -inf where a query may not look."""
    model = build(DECODERS[name])
    left, right = [0] * 3 + [1] * 6, [1] * 6 + [0] * 3
    mask = torch.tensor([[1] * 9, right if name == "sparse" else left])
    trace = Trace()
    model(ids(2, 9), attention_mask=mask, trace=trace)
    for layer in range(2):
        at = {key: trace[f"decoder.blocks.{layer}.attn.{key}"].double().numpy() for key in ATTENTION[2:9]}
        allowed = np.tril(np.ones((9, 9), dtype=bool)) & mask.bool().numpy()[:, None, None, :]
        if name in ("window", "sparse"):
            i, j = np.indices((9, 9))
            reach = 3 if name == "window" else 2
            allowed = allowed & ((i - j <= reach) | ((name == "sparse") & ((j < 2) | (i < 2))))
        np.testing.assert_array_equal(np.isneginf(at["masked"]), ~np.broadcast_to(allowed, at["masked"].shape))
        np.testing.assert_allclose(np.where(allowed, at["masked"], 0), np.where(allowed, at["biased"], 0))
        scale = DECODERS[name].attention_scale or DECODERS[name].head_size ** -0.5
        scale = scale / (layer + 1) if DECODERS[name].scale_by_layer else scale
        np.testing.assert_allclose(at["scaled"], at["scores"] * scale, rtol=1e-6)
        with np.errstate(invalid="ignore"):
            weights = np.exp(at["masked"] - at["masked"].max(-1, keepdims=True))
        weights = np.nan_to_num(weights)  # rows that may look nowhere
        pattern = weights / np.maximum(weights.sum(-1, keepdims=True), 1e-300)
        np.testing.assert_allclose(at["pattern"], pattern, atol=1e-6)
        v = np.repeat(at["v"], at["pattern"].shape[1] // at["v"].shape[1], axis=1)
        np.testing.assert_allclose(at["z"], pattern @ v, atol=1e-6)


def test_an_edit_silences_a_head() -> None:
    model = build(PLAIN)

    def silence(z: torch.Tensor) -> torch.Tensor:
        return z.index_fill(1, torch.tensor([3]), 0)

    name = "decoder.blocks.0.attn.z"
    edited = model(ids(1, 5), trace=Trace(edits={name: silence}))
    with torch.no_grad():
        model.decoder.blocks[0].attn.W_O[3 * 4 : 4 * 4] = 0  # what head 3 writes
    torch.testing.assert_close(edited, model(ids(1, 5)))
    assert not edited.allclose(build(PLAIN)(ids(1, 5)), atol=1e-3)


def test_an_edit_of_what_is_not_there_is_an_error() -> None:
    trace = Trace(edits={"decoder.blocks.7.attn.z": torch.zeros_like})
    with pytest.raises(EngineError, match=r"decoder\.blocks\.7\.attn\.z: there is no such value to edit"):
        build(PLAIN)(ids(1, 5), trace=trace)


def test_an_edit_of_a_heads_output_is_applied() -> None:
    model = build(replace(ENCODER, n_labels=2, pooler=True))
    for name in ("pooled", "labels"):
        assert model.classify(ids(1, 4), trace=Trace(edits={name: torch.zeros_like})).shape == (1, 2)
    assert model.mlm_logits(ids(1, 4), trace=Trace(edits={"logits": torch.zeros_like})).eq(0).all()


def test_one_head_alone() -> None:
    model = build(DECODERS["rotary"])
    whole, one = Trace(), Trace(only="decoder.blocks.1.attn.*[head=4]")
    torch.testing.assert_close(model(ids(2, 7), trace=one), model(ids(2, 7), trace=whole))
    for name in ("q", "q_rotated", "scores", "masked", "pattern", "z"):
        full = whole[f"decoder.blocks.1.attn.{name}"]
        torch.testing.assert_close(one[f"decoder.blocks.1.attn.{name}"], full[:, 4:5])
    for name in ("k", "k_rotated", "v"):  # of 2 heads, each of which serves 3
        full = whole[f"decoder.blocks.1.attn.{name}"]
        torch.testing.assert_close(one[f"decoder.blocks.1.attn.{name}"], full[:, 1:2])
    assert "decoder.blocks.1.attn.out" not in one  # it has no heads


class Meter(TorchDispatchMode):
    """The bytes of every tensor made while it is on, by the largest one and by shape."""

    def __init__(self) -> None:
        super().__init__()
        self.largest = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        for x in out if isinstance(out, tuple | list) else (out,):
            if isinstance(x, torch.Tensor):
                self.largest = max(self.largest, x.untyped_storage().nbytes())
        return out


def test_a_trace_of_one_layer_and_head_needs_little_memory() -> None:
    """1,024 tokens of a model with 12 heads: all scores of one layer are 50 MB, those of one head 4 MB."""
    config = replace(PLAIN, d_model=192, d_ff=768, n_heads=12, max_length=1024)
    model = Transformer(config).eval()
    x = ids(1, 1024)
    trace = Trace(only="decoder.blocks.1.attn.pattern[head=5]")
    with torch.no_grad(), Meter() as untraced:
        model(x)
    with torch.no_grad(), Meter() as meter:
        model(x, trace=trace)
    assert trace["decoder.blocks.1.attn.pattern"].shape == (1, 1, 1024, 1024)
    assert meter.largest <= max(untraced.largest, 4 * 1024 * 1024)
    assert sum(x.untyped_storage().nbytes() for x in trace.values()) == 4 * 1024 * 1024


def test_the_flash_kernel_runs_where_no_trace_is_asked_for() -> None:
    class Names(TorchDispatchMode):
        seen: set[str] = set()

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            self.seen.add(function.name())
            return function(*args, **(kwargs or {}))

    model = build(PLAIN)
    with torch.no_grad(), Names() as names:
        model(ids(1, 8))
    assert any("flash_attention" in name for name in names.seen), sorted(names.seen)
    assert not any("softmax" in name for name in names.seen)


def test_weights_come_from_the_seed_alone() -> None:
    torch.manual_seed(1)
    first = Transformer(PLAIN, seed=3).state_dict()
    torch.manual_seed(2)
    same, other = Transformer(PLAIN, seed=3).state_dict(), Transformer(PLAIN, seed=4).state_dict()
    assert all(first[name].equal(same[name]) for name in first)
    assert not first["W_E"].equal(other["W_E"])


def test_a_fresh_model_predicts_evenly() -> None:
    """Its loss begins near that of a guess, log(vocab), for every make."""
    for config in (*DECODERS.values(), PRESETS["gpt2"]):
        small = replace(
            config, vocab_size=101, d_model=48, n_heads=6, n_kv_heads=None, d_head=None, d_ff=96, n_layers=2
        )
        small = replace(small, rotary_dim=None, n_decoder_layers=None)
        x = ids(4, 16, vocab=101)
        logits = Transformer(small)(x)
        loss = torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), x[:, 1:].flatten())
        assert loss.item() == pytest.approx(np.log(101), abs=0.6)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
@pytest.mark.parametrize("name", DECODERS)
def test_dtypes_stay_what_they_are(name: str, dtype: torch.dtype) -> None:
    model = build(DECODERS[name], dtype=dtype, spread=0.1)
    x = ids(2, 6)
    assert model(x).dtype == model(x, trace=Trace()).dtype == dtype
    reference = build(DECODERS[name], spread=0.1)(x).detach()
    tolerance = 0.1 if dtype == torch.bfloat16 else 1e-4
    torch.testing.assert_close(model(x).float(), reference, atol=tolerance * float(reference.std()), rtol=0.1)


@pytest.mark.parametrize("name", DECODERS)
def test_mixed_precision_by_autocast(name: str) -> None:
    model = build(DECODERS[name], spread=0.1)
    reference = model(ids(2, 6)).detach()
    with torch.autocast("cpu", torch.bfloat16):
        mixed = model(ids(2, 6))
    mixed.sum().backward()
    torch.testing.assert_close(mixed.float(), reference, atol=0.1 * float(reference.std()), rtol=0.1)


@pytest.mark.parametrize("name", DECODERS)
def test_padding_changes_nothing_for_the_other_tokens(name: str) -> None:
    model = build(DECODERS[name], dtype=torch.float64)
    x = ids(2, 9)
    mask = torch.tensor([[1] * 9, [1] * 5 + [0] * 4])
    padded = model(x, attention_mask=mask)
    torch.testing.assert_close(padded[0:1], model(x[0:1]), atol=1e-12, rtol=1e-12)
    torch.testing.assert_close(padded[1:, :5], model(x[1:, :5]), atol=1e-12, rtol=1e-12)


LONG = torch.zeros(1, 49, dtype=torch.long)


@pytest.mark.parametrize(
    ("config", "given", "message"),
    [
        (
            PLAIN,
            {"input_ids": LONG},
            r"position 48 is beyond the end of the learned table, which has 48 rows \(0 to 47\)",
        ),
        (PLAIN, {"input_ids": torch.zeros(1, 0, dtype=torch.long)}, "there are no tokens"),
        (PLAIN, {"input_ids": torch.zeros(0, 3, dtype=torch.long)}, "there are no tokens"),
        (PLAIN, {"input_ids": [[1, 2]]}, "ids are a tensor, this is list"),
        (PLAIN, {"input_ids": torch.tensor([1, 2])}, r"the shape is \(2,\)"),
        (PLAIN, {"input_ids": torch.tensor([[1.0]])}, "ids are whole numbers, these are torch.float32"),
        (PLAIN, {"input_ids": torch.tensor([[True]])}, "ids are whole numbers, these are torch.bool"),
        (PLAIN, {"input_ids": torch.tensor([[1, 23]])}, "id 23 is out of range"),
        (PLAIN, {"input_ids": torch.tensor([[1, -1]])}, "id -1 is out of range"),
        (PLAIN, {"attention_mask": torch.ones(1, 3)}, r"attention_mask: the mask is \(1, 3\), the tokens are \(1, 4\)"),
        (PLAIN, {"attention_mask": torch.tensor([[0, -10000, 1, 1]])}, "the mask holds other values than 0 and 1"),
        (PLAIN, {"position_ids": torch.tensor([[0, 1, 2, 48]])}, "position 48 is beyond"),
        (PLAIN, {"position_ids": torch.tensor([[0, 1, 2, -1]])}, "position -1 is below 0"),
        (PLAIN, {"position_ids": torch.tensor([[0, 1]])}, r"the positions are \(1, 2\)"),
        (ENCODER, {"segment_ids": torch.tensor([[0, 1, 2, 1]])}, "segment 2 is out of range"),
        (ENCODER, {"segment_ids": torch.tensor([[0, 1]])}, r"the segments are \(1, 2\)"),
        (replace(ENCODER, n_segments=0), {"segment_ids": torch.zeros(1, 4)}, "knows no segments"),
        (PLAIN, {"segment_ids": torch.zeros(1, 4, dtype=torch.long)}, "decoder models take no segment_ids"),
        (PLAIN, {"decoder_input_ids": torch.zeros(1, 4, dtype=torch.long)}, "decoder models take no decoder_input_ids"),
        (ENCODER, {"decoder_input_ids": torch.zeros(1, 4)}, "encoder models take no decoder_input_ids"),
        (ENCODER, {"cache": Cache(PLAIN, 1, 4, "cpu", torch.float32)}, "encoder models take no cache"),
        (PLAIN, {"cache": Cache(PLAIN, 2, 4, "cpu", torch.float32)}, "cache: 1 rows of tokens, and 2 here"),
        (PLAIN, {"position_ids": torch.tensor([[0.5, 1, 2, 3]])}, "position_ids: ids are whole numbers"),
        (ENCODER, {"segment_ids": torch.tensor([[0.5, 1, 0, 1]])}, "segment_ids: ids are whole numbers"),
        (CROSS, {"decoder_input_ids": torch.tensor([[1], [2]])}, "decoder_input_ids: 2 rows of tokens, and 1 here"),
        (DECODERS["sparse"], {"attention_mask": torch.tensor([[0, 1, 1, 1]])}, "cannot be padded on the left"),
        (PLAIN, {"trace": Trace(edits={"logits": lambda x: None})}, "the edit gives NoneType"),
        (CROSS, {}, "an encoder-decoder needs decoder_input_ids too"),
        (CROSS, {"decoder_input_ids": torch.tensor([[99]])}, "decoder_input_ids: id 99 is out of range"),
        (PLAIN, {"trace": Trace(only="decoder.blocks.0.attn.pattern[head=6]")}, "there is no head 6"),
    ],
)
def test_what_a_model_cannot_take(config: Config, given: dict, message: str) -> None:
    with pytest.raises(EngineError, match=message) as caught:
        build(config)(**{"input_ids": ids(1, 4), **given})
    assert caught.value.where and caught.value.hint


@pytest.mark.parametrize("call", ["mlm_logits", "classify"])
def test_a_model_without_a_head_says_so(call: str) -> None:
    with pytest.raises(EngineError, match="this model has no"):
        getattr(build(replace(ENCODER, mlm_head=False)), call)(ids(1, 4))
    with pytest.raises(EngineError, match="no encoder"):
        build(PLAIN).encode(ids(1, 4))
    with pytest.raises(EngineError, match="no decoder"):
        build(ENCODER).decode(ids(1, 4))


def test_memory_that_is_not_enough_is_an_error() -> None:
    """The scores of 400,000 tokens are 640 GB in one piece, which no allocator hands out."""
    config = replace(PLAIN, d_model=4, n_heads=1, d_head=None, n_kv_heads=None, d_ff=4, position="none", n_layers=1)
    with torch.no_grad(), pytest.raises(EngineError, match="the memory is not enough"):
        Transformer(config)(torch.zeros(1, 400_000, dtype=torch.long), trace=Trace(only="*.pattern"))
