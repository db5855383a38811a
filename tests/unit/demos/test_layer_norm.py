"""The demo `layer-norm`: both norms recomputed in float64, its claims, and what makes them fail."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from studycli.demos import layer_norm
from studycli.demos.catalogue import ALL
from studycli.demos.edits import Edits, parse
from studycli.demos.embedding import embed
from studycli.demos.explain import explain
from studycli.demos.inputs import DEFAULT_TEXT, Inputs
from studycli.demos.registry import run
from studycli.engine.trace import Trace
from studycli.errors import UsageError

NAMES = [
    "tokens", "features", "before", "layer norm", "rms norm", "after layer norm", "after rms norm", "placement"
]  # fmt: skip
CLAIMS = next(demo.claims for demo in ALL if demo.name == "layer-norm")


def demo(text: str = DEFAULT_TEXT, seed: int = 0):
    return run("layer-norm", Inputs(text, "cpu", seed))


def test_steps_recomputed_in_float64(values) -> None:
    result = demo()
    assert [step.name for step in result.steps] == NAMES
    x = values(result, "features")
    np.testing.assert_allclose(x, 3 * embed(result.steps[0].values, 64, 0).double().numpy() + 1, atol=1e-6)
    mean, variance, square = x.mean(1), x.var(1), (x**2).mean(1)
    np.testing.assert_allclose(values(result, "before"), np.stack([mean, variance, square], axis=1))
    normed = (x - mean[:, None]) / np.sqrt(variance + 1e-5)[:, None]
    np.testing.assert_allclose(values(result, "layer norm"), normed, atol=1e-5)
    scaled = x / np.sqrt(square + 1e-5)[:, None]
    np.testing.assert_allclose(values(result, "rms norm"), scaled, atol=1e-5)
    for name, rows in (("after layer norm", normed), ("after rms norm", scaled)):
        expected = np.stack([rows.mean(1), rows.var(1), (rows**2).mean(1)], axis=1)
        np.testing.assert_allclose(values(result, name), expected, atol=1e-5)
    placement = values(result, "placement")
    np.testing.assert_allclose(placement[1:, 1], 1, atol=1e-3)
    assert placement[0, 0] == placement[0, 1] and placement[-1, 0] > 2


@pytest.mark.parametrize("text", [DEFAULT_TEXT, "Softmax", "word " * 500, "αβγ 你好 \x00\x1b[31m"])
@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1])
def test_claims_hold(text: str, seed: int) -> None:
    result = demo(text, seed)
    assert tuple(claim.name for claim in result.claims) == CLAIMS
    assert [claim for claim in result.claims if not claim.holds] == []


def test_a_wrong_number_makes_its_claim_fail() -> None:
    with torch.inference_mode():
        good = layer_norm._compute(embed(["a", "b", "c"], 64, 0), 0, Trace())
    assert all(claim.holds for claim in layer_norm._claims(good))
    over_batch = (good["features"] - good["features"].mean(0)) / good["features"].std(0)
    worse = {
        "norm-mean-0": [{"layer": good["layer"] + 0.001}, {"layer": over_batch}, {"layer": good["rms"]}],
        "norm-variance-1": [{"layer": good["layer"] * 1.001}],
        "norm-ignores-scale": [{"ten times": 10 * good["layer"]}],
        "rms-norm-keeps-mean": [{"rms": good["layer"]}, {"rms": good["rms"] * 1.001}],
        "norm-per-token": [{"layer beside others": good["layer"] + 0.001}, {"rms beside others": good["rms"][::-1]}],
        "norm-parameters": [{"rms parameters": good["layer parameters"]}],
        "post-norm-keeps-variance": [{"placement": good["placement"][:, ::-1]}],
    }
    assert set(worse) == set(CLAIMS)
    for name, changes in worse.items():
        for change in changes:
            found = {claim.name: claim for claim in layer_norm._claims({**good, **change})}
            assert not found[name].holds, name


def test_the_same_seed_gives_the_same_numbers_whatever_the_global_state() -> None:
    torch.manual_seed(1)
    first = demo()
    torch.manual_seed(2)
    assert demo() == first
    assert demo(seed=1) != first


def test_a_cell_is_explained_by_mean_and_variance(values) -> None:
    result = demo()
    stage = explain(result, "layer norm[2,5]").stages[0]
    assert stage.kind == "normalised" and stage.computed == pytest.approx(values(result, "layer norm")[2, 5], abs=1e-5)
    assert "mean square" in explain(result, "rms norm[2,5]").stages[0].sentence


@pytest.mark.parametrize("number", ["0", "3e38", "-3e38"])
def test_an_edit_of_the_features_changes_what_follows(number: str) -> None:
    edit = parse(f"features[token=1,feature=2]={number}")
    changed = run("layer-norm", Inputs(DEFAULT_TEXT, "cpu", edits=Edits([edit])))
    names = [step.name for step in changed.steps]
    assert {"features", "layer norm", "rms norm"} <= set(names) and "placement" not in names


@pytest.mark.parametrize("text", ["", "   ", "\x00\x01"])
def test_a_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        demo(text)
