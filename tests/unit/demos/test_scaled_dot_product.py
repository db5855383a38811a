"""The demo `scaled-dot-product`: its steps recomputed in float64, its claims, and what makes them fail."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from studycli.demos import attention
from studycli.demos.edits import Edits, parse
from studycli.demos.explain import explain
from studycli.demos.inputs import DEFAULT_TEXT, Inputs
from studycli.demos.registry import run
from studycli.errors import MissingError, UsageError

NAMES = [
    "tokens", "embeddings", "W_Q", "W_K", "W_V", "q", "k", "v", "scores", "scaled", "pattern", "unscaled_pattern", "z",
]  # fmt: skip
CLAIMS = [
    "rows-sum-to-1", "output-shape", "weighted-sum", "same-on-fast-path", "quadratic-scores",
    "scale-of-scores", "sharper-without-scaling", "saturated-without-scaling",
]  # fmt: skip


def demo(text: str = DEFAULT_TEXT, seed: int = 0):
    return run("scaled-dot-product", Inputs(text, "cpu", seed))


def test_steps_recomputed_in_float64(values) -> None:
    result = demo()
    assert [step.name for step in result.steps] == NAMES
    q, k, v, scores = (values(result, name) for name in ("q", "k", "v", "scores"))
    assert q.shape == k.shape == v.shape == (11, 64)
    np.testing.assert_allclose(scores, q @ k.T, atol=1e-4)
    np.testing.assert_allclose(values(result, "scaled"), scores / 8, atol=1e-6)
    for name, x in (("pattern", scores / 8), ("unscaled_pattern", scores)):
        exponentials = np.exp(x - x.max(axis=1, keepdims=True))
        np.testing.assert_allclose(
            values(result, name), exponentials / exponentials.sum(axis=1, keepdims=True), atol=1e-5
        )
    np.testing.assert_allclose(values(result, "z"), values(result, "pattern") @ v, atol=1e-5)


@pytest.mark.parametrize("text", [DEFAULT_TEXT, "two words", "word " * 500, "注意 हिन्दी ok", "# A\n\n- *b*\n- `c`"])
@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1])
def test_claims_hold(text: str, seed: int) -> None:
    result = demo(text, seed)
    assert [claim.name for claim in result.claims] == CLAIMS
    assert [claim for claim in result.claims if not claim.holds] == []


def test_a_single_token_claims_nothing_of_scaling() -> None:
    result = demo("Softmax")
    assert [claim.name for claim in result.claims] == CLAIMS[:5]
    assert all(claim.holds for claim in result.claims)


def test_a_wrong_number_makes_its_claim_fail() -> None:
    numbers = attention._compute(attention.split("a b c d"), Inputs(), torch.device("cpu"))
    assert all(claim.holds for claim in attention._claims(numbers))
    worse = {
        "rows-sum-to-1": {"pattern": numbers["pattern"] * 1.001},
        "output-shape": {"z": numbers["z"][:, :-1]},
        "weighted-sum": {"z": numbers["z"] + 0.001},
        "same-on-fast-path": {"fast_z": numbers["explicit_z"] + 0.001},
        "quadratic-scores": {"scores": numbers["scores"][:, :-1]},
        "scale-of-scores": {"scaled": numbers["scores"]},
        "sharper-without-scaling": {"unscaled_pattern": np.full((4, 4), 0.25)},
        "saturated-without-scaling": {"unscaled_pattern": np.full((4, 4), 0.25)},
    }
    assert [*worse] == CLAIMS
    for name, change in worse.items():
        found = {claim.name: claim for claim in attention._claims({**numbers, **change})}
        assert not found[name].holds, name


def test_the_same_seed_gives_the_same_numbers_whatever_the_global_state() -> None:
    torch.manual_seed(1)
    first = demo()
    torch.manual_seed(2)
    assert demo() == first
    assert demo(seed=1) != first


def test_the_same_numbers_in_another_process() -> None:
    code = (
        "import hashlib; from studycli.demos.registry import run; from studycli.demos.inputs import Inputs;"
        "r = run('scaled-dot-product', Inputs(device='cpu'));"
        "print(hashlib.sha256(r.model_dump_json().encode()).hexdigest())"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(hashes) == 1


def test_the_same_word_has_the_same_vector_before_its_position(values) -> None:
    from studycli.engine.position import sinusoidal

    x = values(demo("the cat The"), "embeddings") * 1.5**0.5 - sinusoidal(3, 64).double().numpy()
    np.testing.assert_allclose(x[0], x[2], atol=1e-6)
    assert np.abs(x[0] - x[1]).max() > 0.5


def test_explain_goes_back_to_the_embeddings() -> None:
    result = demo()
    weight = explain(result, "pattern[4, 1]")
    assert [stage.kind for stage in weight.stages] == ["softmax", "ratio", "product"]
    assert all(stage.computed == pytest.approx(stage.value, abs=1e-5) for stage in weight.stages)
    assert [cell.partition("[")[0] for cell in weight.onward] == ["q", "k"]
    for cell in (*weight.onward, "v[2, 7]", "z[2, 7]"):
        stage = explain(result, cell).stages[0]
        assert (stage.kind, stage.computed) == ("product", pytest.approx(stage.value, abs=1e-5))
    assert explain(result, "q[4, 0]").stages[0].columns[1:3] == ("embeddings[4, :]", "W_Q[:, 0]")


def test_an_edited_row_of_the_pattern_takes_nothing(values) -> None:
    result = run("scaled-dot-product", Inputs(device="cpu", edits=Edits([parse("pattern[query=2]=0")])))
    assert [step.name for step in result.steps[1:]] == ["pattern before", "pattern", "z before", "z"]
    z, before = values(result, "z"), values(result, "z before")
    assert not z[2].any() and before[2].any() and (np.delete(z, 2, axis=0) == np.delete(before, 2, axis=0)).all()
    failed = [claim.name for claim in result.claims if not claim.holds]
    assert failed == ["rows-sum-to-1"]  # the two paths still agree: the edit is of neither


def test_the_unscaled_pattern_has_a_name_of_its_own_to_edit() -> None:
    result = run("scaled-dot-product", Inputs(device="cpu", edits=Edits([parse("unscaled.scaled[key=1]=0")])))
    assert [step.name for step in result.steps[1:]] == ["unscaled_pattern before", "unscaled_pattern"]


def test_json() -> None:
    data = json.loads(json.dumps(demo().model_dump(mode="json"), allow_nan=False))
    assert {"demo", "inputs", "steps", "claims"} <= data.keys()
    assert all({"name", "shape", "values", "note"} <= step.keys() for step in data["steps"])
    assert all({"name", "statement", "measured", "holds"} == claim.keys() for claim in data["claims"])
    assert data["inputs"]["weights"] == "random (seeded), not trained"
    assert data["steps"][0]["values"][:3] == ["The", "cat", "drank"]


def test_a_long_text_says_what_it_leaves_out() -> None:
    result = demo("word " * 40)
    assert result.inputs["tokens"] == 32 and result.inputs["tokens_left_out"] == 8
    assert result.steps[0].note.endswith("the first 32 of 40; the other 8 are left out.")


def test_bad_input() -> None:
    with pytest.raises(UsageError, match="no words"):
        demo(" \x00 ")
    if not torch.cuda.is_available():
        with pytest.raises(MissingError):
            run("scaled-dot-product", Inputs(device="cuda"))


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA GPU here")
@pytest.mark.parametrize("name", ["scaled-dot-product", "multi-head"])
def test_a_gpu_gives_the_same_numbers(name: str) -> None:
    here, there = (run(name, Inputs(device=device)) for device in ("cpu", "cuda"))
    assert there.inputs["device"].startswith("cuda")
    assert all(claim.holds for claim in there.claims)
    for a, b in zip(here.steps[1:], there.steps[1:], strict=True):
        np.testing.assert_allclose(a.values, b.values, atol=1e-4, rtol=1e-4)
