"""The demo `block`: the stream of the bundled model, its claims, and what makes them fail."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from studycli.demos import block, models
from studycli.demos.catalogue import ALL
from studycli.demos.edits import Edits, parse
from studycli.demos.explain import explain
from studycli.demos.inputs import DEFAULT_TEXT, Inputs
from studycli.demos.registry import run
from studycli.engine.trace import Trace
from studycli.errors import UsageError

NAMES = [
    "tokens", "stream", "attention adds", "feed-forward adds", "in", "attn.out", "mid", "ffn.out", "out", "likeliest",
    "logit lens",
]  # fmt: skip
CLAIMS = next(demo.claims for demo in ALL if demo.name == "block")


def demo(text: str = DEFAULT_TEXT, layer: int | None = None):
    return run("block", Inputs(text, "cpu", layer=layer))


def numbers(layer: int = 1) -> block.Numbers:
    loaded = models.load("study-lm", "cpu")
    with torch.inference_mode():
        return block._compute(loaded.model, loaded.encode("attention looks at all tokens"), layer, Trace())


def test_norms_are_those_of_the_parts(values) -> None:
    results = [demo(layer=layer) for layer in range(4)]
    assert [step.name for step in results[0].steps] == NAMES
    for whole, part in (("stream", "out"), ("attention adds", "attn.out"), ("feed-forward adds", "ffn.out")):
        expected = [np.linalg.norm(values(result, part), axis=1) for result in results]
        if whole == "stream":  # it begins with the embedding, which is what enters the first layer
            expected.insert(0, np.linalg.norm(values(results[0], "in"), axis=1))
        np.testing.assert_allclose(values(results[0], whole), expected, rtol=1e-5)
    for lower, upper in pairwise(results):
        np.testing.assert_array_equal(values(lower, "out"), values(upper, "in"))
    for result in results:
        np.testing.assert_allclose(values(result, "mid"), values(result, "in") + values(result, "attn.out"), atol=1e-5)
        np.testing.assert_allclose(values(result, "out"), values(result, "mid") + values(result, "ffn.out"), atol=1e-5)
    stream = results[0].steps[1]
    assert stream.labels["depth"] == ("embedding", "layer 0", "layer 1", "layer 2", "layer 3")
    means = values(results[0], "stream").mean(1)
    assert f"from {means[0]:.1f} to {means[-1]:.1f}" in stream.note


def test_the_lens_is_norm_and_table_on_the_stream_of_that_depth(values) -> None:
    model = models.load("study-lm", "cpu").model
    norm, table = model.decoder.final_norm, model.W_E.detach().double().numpy()
    lens = numbers().lens
    for layer in range(4):
        result = demo("attention looks at all tokens", layer)
        x = values(result, "in")[-1]
        normed = (x - x.mean()) / np.sqrt(x.var() + 1e-5) * norm.w.detach().numpy() + norm.b.detach().numpy()
        logits = table @ normed
        powers = np.exp(logits - logits.max())
        np.testing.assert_allclose(lens[layer], powers / powers.sum(), atol=1e-5)
    shown = values(result, "logit lens")
    assert shown[-1, 0] == pytest.approx(lens[-1].max()) and list(shown[-1, :3]) == sorted(shown[-1, :3])[::-1]
    likeliest = next(step for step in result.steps if step.name == "likeliest")
    labels = next(step for step in result.steps if step.name == "logit lens").labels["next"]
    assert set(likeliest.values) <= set(labels) and likeliest.values[-1] == labels[0]


@pytest.mark.parametrize("text", [DEFAULT_TEXT, "Softmax", "word " * 500, "αβγ 你好 \x00\x1b[31m", "."])
def test_claims_hold(text: str) -> None:
    for layer in range(4):
        result = demo(text, layer)
        assert [claim for claim in result.claims if not claim.holds] == []
        names = tuple(claim.name for claim in result.claims)
        several = result.steps[0].shape[0] > 1
        assert names == (CLAIMS if several else tuple(name for name in CLAIMS if "mixes" not in name))


def test_a_wrong_number_makes_its_claim_fail() -> None:
    good = numbers()
    assert all(claim.holds for claim in block._claims(good))
    adds = good.adds
    worse = {
        "residual-sum": replace(good, adds={**adds, "ffn.out": adds["ffn.out"] + 0.001}),
        "block-keeps-shape": replace(good, adds={**adds, "mid": adds["mid"][..., :-1]}),
        "attention-mixes-tokens": replace(good, moved={"attn": 0.0, "ffn": 0.0}),
        "feed-forward-mixes-nothing": replace(good, moved={"attn": 1.0, "ffn": 0.01}),
        "lens-ends-in-model": replace(good, lens=good.lens[:-1]),
    }
    assert set(worse) == set(CLAIMS)
    for name, changed in worse.items():
        found = {claim.name: claim for claim in block._claims(changed)}
        assert not found[name].holds, name


def test_a_part_that_looks_at_other_tokens_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    model = models.load("study-lm", "cpu").model
    ids = torch.tensor([[5, 300, 700, 900]])
    with torch.inference_mode():
        kept = block._moved(model, ids, 2)
        ffn = model.decoder.blocks[2].ffn
        plain = type(ffn).forward

        def mixing(self, x, trace):
            return plain(self, x + x.mean(-2, keepdim=True), trace)

        monkeypatch.setattr(type(ffn), "__call__", mixing)
        mixed = block._moved(model, ids, 2)
    assert kept["ffn"] < 1e-5 < 0.01 < mixed["ffn"] and kept["attn"] > 0.001


def test_an_unknown_layer_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        demo(layer=4)
    assert caught.value.hint == "there are layers 0 to 3"


def test_long_texts_are_cut_and_it_is_said() -> None:
    result = demo("word " * 100_000)
    assert result.steps[0].shape == (32,) and "the first 32; the rest is left out" in result.steps[0].note
    pieces = demo("unbelievability " * 30)
    assert pieces.steps[0].shape == (32,) and pieces.inputs["tokens_left_out"] > 0


def test_it_is_the_same_each_time_and_leaves_the_shared_model_alone() -> None:
    model = models.load("study-lm", "cpu").model
    before = {name: weights.clone() for name, weights in model.named_parameters()}
    assert demo() == demo()
    assert all(torch.equal(before[name], weights) for name, weights in model.named_parameters())


def test_a_sum_is_explained_by_its_addends() -> None:
    stage = explain(demo(layer=2), "out[3,5]").stages[0]
    assert stage.kind == "sum" and stage.computed == pytest.approx(stage.value, abs=1e-5)


@pytest.mark.parametrize("edit", ["decoder.blocks.0.attn.z[head=3]=0", "decoder.blocks.2.ffn.out=3e38"])
def test_an_edit_changes_the_stream(edit: str) -> None:
    changed = {step.name for step in run("block", Inputs(DEFAULT_TEXT, "cpu", edits=Edits([parse(edit)]))).steps}
    assert {"stream", "stream before", "logit lens"} <= changed


def test_an_edited_sum_breaks_the_claim() -> None:
    edit = Edits([parse("decoder.blocks.1.mid=0")])
    claims = {claim.name: claim for claim in run("block", Inputs(DEFAULT_TEXT, "cpu", edits=edit)).claims}
    assert not claims["residual-sum"].holds


@pytest.mark.parametrize("text", ["", "   ", "\x00\x01"])
def test_a_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        demo(text)
