"""The demo `feed-forward`: both networks recomputed in float64, its claims, and what makes them fail."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from studycli.demos import feed_forward
from studycli.demos.catalogue import ALL
from studycli.demos.edits import Edits, parse
from studycli.demos.embedding import embed
from studycli.demos.explain import explain
from studycli.demos.inputs import DEFAULT_TEXT, Inputs
from studycli.demos.registry import run
from studycli.engine.config import PRESETS
from studycli.engine.model import Transformer
from studycli.engine.trace import Trace
from studycli.errors import UsageError

NAMES = [
    "tokens", "curves", "embeddings", "W_in", "hidden", "activation", "W_out", "out", "gated", "zeros", "shares"
]  # fmt: skip
CLAIMS = next(demo.claims for demo in ALL if demo.name == "feed-forward")
erf = np.vectorize(math.erf)


def demo(text: str = DEFAULT_TEXT, seed: int = 0):
    return run("feed-forward", Inputs(text, "cpu", seed))


def test_steps_recomputed_in_float64(values) -> None:
    result = demo()
    assert [step.name for step in result.steps] == NAMES
    x, hidden = values(result, "embeddings"), values(result, "hidden")
    np.testing.assert_allclose(hidden, x @ values(result, "W_in"), atol=1e-5)
    activation = hidden * (1 + erf(hidden / math.sqrt(2))) / 2
    np.testing.assert_allclose(values(result, "activation"), activation, atol=1e-6)
    np.testing.assert_allclose(values(result, "out"), activation @ values(result, "W_out"), atol=1e-5)
    np.testing.assert_allclose(values(result, "zeros")[:, 1], (hidden < 0).mean(1), atol=1e-6)
    gated = feed_forward._drawn(feed_forward._GATED, 0).W_in.detach().double().numpy()
    gate, up = np.split(x @ gated, 2, axis=1)
    np.testing.assert_allclose(values(result, "gated"), gate / (1 + np.exp(-gate)) * up, atol=1e-5)


def test_shares_are_those_of_a_model_that_is_built(values) -> None:
    with torch.device("meta"):
        model = Transformer(PRESETS["gpt2"])
    counts = {name: weights.numel() for name, weights in model.named_parameters()}
    of_block = {name: count for name, count in counts.items() if ".blocks.0." in name}
    shares = values(demo(), "shares")
    for column, names in enumerate((of_block, counts)):
        total = sum(names.values())
        for row, part in enumerate((".attn.", ".ffn.", "norm", "W_E", "W_pos")):
            expected = sum(count for name, count in names.items() if part in name) / total
            assert shares[row, column] == pytest.approx(expected), part
    assert round(shares[1, 0], 4) == 0.6663 and round(shares[1, 1], 3) == 0.455


@pytest.mark.parametrize("text", [DEFAULT_TEXT, "Softmax", "word " * 500, "αβγ 你好 \x00\x1b[31m"])
@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1])
def test_claims_hold(text: str, seed: int) -> None:
    result = demo(text, seed)
    assert tuple(claim.name for claim in result.claims) == CLAIMS
    assert [claim for claim in result.claims if not claim.holds] == []


def test_a_wrong_number_makes_its_claim_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    with torch.inference_mode():
        good = feed_forward._compute(embed(["a", "b", "c"], 48, 0), 0, Trace())
    assert all(claim.holds for claim in feed_forward._claims(good))

    def changed(**values: np.ndarray) -> feed_forward.Numbers:
        return replace(good, values=good.values | {name.replace("_", " "): value for name, value in values.items()})

    curves = good.values["curves"]
    worse = {
        "activation-formulas": changed(curves=curves + 0.001),
        "gelu-near-relu": changed(curves=curves[:, [2, 1, 0]]),
        "feed-forward-per-token": changed(swiglu_apart=good.values["swiglu apart"] + 0.001),
        "relu-zeros": changed(zeros=good.values["zeros"][:, [1, 0, 2]]),
        "feed-forward-two-thirds": replace(good, block={**good.block, "norms": 400_000}),
        "feed-forward-of-gpt2": replace(good, whole={**good.whole, "token_embedding": 0}),
        "swiglu-same-weights": replace(good, weights=(good.weights[0], good.weights[1] + 1)),
    }
    assert set(worse) == set(CLAIMS)
    for name, numbers in worse.items():
        found = {claim.name: claim for claim in feed_forward._claims(numbers)}
        assert not found[name].holds, name
    monkeypatch.setitem(PRESETS, "gpt2", replace(PRESETS["gpt2"], d_ff=3 * 768))
    assert not {claim.name: claim for claim in feed_forward._claims(good)}["feed-forward-two-thirds"].holds


def test_the_same_seed_gives_the_same_numbers_whatever_the_global_state() -> None:
    torch.manual_seed(1)
    first = demo()
    torch.manual_seed(2)
    assert demo() == first
    assert demo(seed=1) != first


@pytest.mark.parametrize("cell", ["hidden[1,7]", "out[2,3]"])
def test_a_product_is_explained_by_its_terms(values, cell: str) -> None:
    result = demo()
    stage = explain(result, cell).stages[0]
    assert stage.kind == "product" and stage.computed == pytest.approx(stage.value, abs=1e-5)


def test_an_activation_is_explained_by_its_function() -> None:
    assert "gelu of hidden[1, 7]" in explain(demo(), "activation[1,7]").stages[0].sentence


@pytest.mark.parametrize("edit", ["ffn.hidden[token=1]=0", "embeddings[feature=3]=3e38", "swiglu.gate=-3e38"])
def test_an_edit_changes_what_follows(edit: str) -> None:
    changed = {step.name for step in run("feed-forward", Inputs(DEFAULT_TEXT, "cpu", edits=Edits([parse(edit)]))).steps}
    assert changed and "curves" not in changed
    assert ("out" in changed) == (not edit.startswith("swiglu"))


@pytest.mark.parametrize("text", ["", "   ", "\x00\x01"])
def test_a_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        demo(text)
