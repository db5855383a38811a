"""The demo `embeddings`: its steps against the model's own table, its claims, and what makes them fail."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from studycli.demos import embeddings
from studycli.demos.catalogue import ALL
from studycli.demos.edits import Edits, parse
from studycli.demos.inputs import DEFAULT_TEXT, Inputs
from studycli.demos.models import load, tokenizer
from studycli.demos.registry import run
from studycli.errors import MissingError, UsageError

CLAIMS = [
    "lookup-is-one-hot-product", "same-token-same-row", "same-token-other-input", "input-is-row-plus-position",
    "rotary-leaves-embeddings", "sinusoidal-norm", "tied-logits",
]  # fmt: skip


def demo(text: str = DEFAULT_TEXT):
    return run("embeddings", Inputs(text, "cpu"))


def step(result, name: str):
    return next(step for step in result.steps if step.name == name)


def test_steps_recomputed_in_float64(values) -> None:
    result = demo("the query and the key")
    ids = tokenizer("study-lm").encode("the query and the key")
    table = load("study-lm", "cpu").model.W_E.detach().double().numpy()
    assert [int(row[0]) for row in step(result, "ids").values] == ids
    rows = table[ids]
    np.testing.assert_array_equal(values(result, "rows"), rows)
    np.testing.assert_allclose(values(result, "scaled"), rows * 192**0.5, rtol=1e-6)
    angles = np.arange(len(ids))[:, None] / 10_000 ** (np.arange(0, 192, 2) / 192)
    position = np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(len(ids), 192)
    np.testing.assert_allclose(values(result, "position"), position, atol=1e-6)
    total = rows * 192**0.5 + position
    np.testing.assert_allclose(values(result, "input"), total, atol=1e-5)
    norms = [np.linalg.norm(x, axis=1) for x in (rows, rows * 192**0.5, position, total)]
    np.testing.assert_allclose(values(result, "norms"), np.stack(norms, axis=1), rtol=1e-5)
    for name, x in (("similarity", rows), ("similarity with positions", total)):
        norm = np.linalg.norm(x, axis=1)
        np.testing.assert_allclose(values(result, name), x @ x.T / np.outer(norm, norm), atol=1e-5)


def test_the_nearest_rows_are_those_of_a_full_search() -> None:
    result, own = demo("attention"), tokenizer("study-lm")
    table = load("study-lm", "cpu").model.W_E.detach().double().numpy()
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    (id_,) = own.encode("attention")[:1]
    order = np.argsort(-(unit @ unit[id_]))
    words = [piece for at in order if at != id_ and any(map(str.isalpha, piece := own.piece(int(at)) or ""))]
    expected = [word.replace(" ", "␣") for word in words if "<" not in word][:3]
    assert step(result, "ids").values[0] == [str(id_), *expected]


def test_a_repeated_token_is_alike_before_and_not_after_its_position(values) -> None:
    result = demo("cat cat cat")
    tokens = step(result, "ids").labels["token"]
    first, second = [at for at, token in enumerate(tokens) if token == tokens[-1]][-2:]
    assert values(result, "similarity")[first, second] == pytest.approx(1)
    assert values(result, "similarity with positions")[first, second] < 0.999


@pytest.mark.parametrize("text", [DEFAULT_TEXT, "a", "word " * 500, "变压器 🦊", "# A\n\n- *b*", "x" * 100_000])
def test_claims_hold(text: str) -> None:
    result = demo(text)
    assert [claim.name for claim in result.claims] == CLAIMS
    assert [claim for claim in result.claims if not claim.holds] == []
    assert step(result, "rows").shape[0] <= 12


def test_the_catalogue_names_the_claims() -> None:
    assert [*next(demo for demo in ALL if demo.name == "embeddings").claims] == CLAIMS


def test_a_wrong_number_makes_its_claim_fail() -> None:
    numbers = embeddings._compute(Inputs(), load("study-lm", "cpu").model, [5, 300, 5])
    assert all(claim.holds for claim in embeddings._claims(numbers))
    worse = {
        "lookup-is-one-hot-product": {"product": numbers["product"][::-1] + 0.001},
        "same-token-same-row": {"twice": numbers["rows"][:2]},
        "same-token-other-input": {"twice_input": numbers["twice"]},
        "input-is-row-plus-position": {"input": numbers["scaled"]},
        "rotary-leaves-embeddings": {"read": numbers["input"]},
        "sinusoidal-norm": {"position": numbers["position"] * 1.001},
        "tied-logits": {"by_table": numbers["by_table"] + 0.01},
    }
    assert [*worse] == CLAIMS
    for name, change in worse.items():
        found = {claim.name: claim for claim in embeddings._claims({**numbers, **change})}
        assert not found[name].holds, name


def test_an_edit_changes_what_the_model_reads() -> None:
    edits = Edits([parse("decoder.embed.out[token=0]=0"), parse("position=0")])
    result = run("embeddings", Inputs(DEFAULT_TEXT, "cpu", edits=edits))
    held = {claim.name: claim.holds for claim in result.claims}
    assert not held["rotary-leaves-embeddings"] and not held["sinusoidal-norm"] and held["tied-logits"]


def test_the_model_is_left_as_it_was_and_results_repeat() -> None:
    before = load("study-lm", "cpu").model.W_E.detach().clone()
    assert demo() == demo()
    assert torch.equal(load("study-lm", "cpu").model.W_E, before)


def test_bad_input() -> None:
    with pytest.raises(UsageError, match="no words"):
        demo(" \x00 ")
    if not torch.cuda.is_available():
        with pytest.raises(MissingError):
            run("embeddings", Inputs(device="cuda"))
