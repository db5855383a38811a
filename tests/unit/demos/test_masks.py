"""The demo `masks`: its steps recomputed in float64, its claims, and what makes them fail."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from studycli.demos import masks
from studycli.demos.catalogue import ALL
from studycli.demos.edits import Edits, parse
from studycli.demos.inputs import DEFAULT_TEXT, Inputs
from studycli.demos.registry import run
from studycli.errors import MissingError, UsageError

CLAIMS = [
    "rows-sum-to-1", "causal-no-later-weight", "causal-pairs", "masked-is-minus-infinity", "zero-is-no-mask",
    "padding-no-weight", "later-token-no-effect", "prefix-both-ways",
]  # fmt: skip


def demo(text: str = DEFAULT_TEXT, seed: int = 0):
    return run("masks", Inputs(text, "cpu", seed))


def softmax(x: np.ndarray) -> np.ndarray:
    exponentials = np.exp(x - x.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def test_steps_recomputed_in_float64(values) -> None:
    result = demo()
    q, k, scaled = (values(result, name) for name in ("q", "k", "scaled"))
    np.testing.assert_allclose(values(result, "scores"), q @ k.T, atol=1e-4)
    np.testing.assert_allclose(scaled, q @ k.T / 8, atol=1e-5)
    query, key = np.indices((8, 8))
    rules = [key <= query, key >= 0, key < 6, (key <= query) | (key < 3)]
    np.testing.assert_array_equal(values(result, "allowed"), rules)
    for kind, rule in enumerate(rules):
        masked = np.where(rule, scaled, -np.inf)
        np.testing.assert_allclose(values(result, "masked")[kind], masked, atol=1e-6)
        np.testing.assert_allclose(values(result, "pattern")[kind], softmax(masked), atol=1e-6)
    zeroed = np.where(rules[0], scaled, 0)
    np.testing.assert_allclose(values(result, "zeroed scores"), zeroed, atol=1e-6)
    np.testing.assert_allclose(values(result, "zeroed pattern"), softmax(zeroed), atol=1e-6)


def test_the_kinds_are_named_and_padding_stands_behind_the_words() -> None:
    step = next(step for step in demo("one two").steps if step.name == "pattern")
    assert step.labels["mask"] == ("causal", "bidirectional", "padding", "prefix")
    assert step.labels["key"] == ("one", "two", "<pad>", "<pad>")


@pytest.mark.parametrize("text", [DEFAULT_TEXT, "word", "a b", "same " * 500, "注意 हिन्दी 🦊", "# A\n\n- *b*"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_claims_hold(text: str, seed: int) -> None:
    result = demo(text, seed)
    assert [claim.name for claim in result.claims] == CLAIMS
    assert [claim for claim in result.claims if not claim.holds] == []


def test_the_catalogue_names_the_claims() -> None:
    assert [*next(demo for demo in ALL if demo.name == "masks").claims] == CLAIMS


def test_a_wrong_number_makes_its_claim_fail() -> None:
    row = masks.Row(("a", "b", "c", "d", "<pad>", "<pad>"), 4)
    numbers = masks._compute(Inputs(), row, torch.device("cpu"))
    assert all(claim.holds for claim in masks._claims(row, numbers))
    pattern, masked = numbers["pattern"], numbers["masked"]
    unmasked = np.repeat(pattern[1:2], 4, axis=0)  # what a forgotten mask gives
    worse = {
        "rows-sum-to-1": {"pattern": pattern * 1.001},
        "causal-no-later-weight": {"pattern": unmasked},
        "causal-pairs": {"pattern": np.where(numbers["allowed"] > 0, unmasked, 0)[[1, 1, 2, 3]]},
        "masked-is-minus-infinity": {"masked": np.where(np.isneginf(masked), -1e9, masked)},
        "zero-is-no-mask": {"zeroed pattern": pattern[0]},
        "padding-no-weight": {"pattern": unmasked},
        "later-token-no-effect": {"changed_z": numbers["changed_z"][::-1]},
        "prefix-both-ways": {"alone_z": numbers["alone_z"] + 0.001},
    }
    assert [*worse] == CLAIMS
    for name, change in worse.items():
        found = {claim.name: claim for claim in masks._claims(row, {**numbers, **change})}
        assert not found[name].holds, name
    open_prefix = np.concatenate([pattern[:3], pattern[1:2]])
    after = {claim.name: claim for claim in masks._claims(row, {**numbers, "pattern": open_prefix})}
    assert not after["prefix-both-ways"].holds


def test_an_edit_reaches_the_pattern_and_the_claims() -> None:
    result = run("masks", Inputs("one two three", "cpu", edits=Edits([parse("pattern[head=0,query=0,key=2]=0.5")])))
    assert any(step.name == "pattern" for step in result.steps)
    assert not next(claim for claim in result.claims if claim.name == "causal-no-later-weight").holds


def test_the_same_seed_gives_the_same_numbers() -> None:
    torch.manual_seed(1)
    first = demo()
    torch.manual_seed(2)
    assert demo() == first != demo(seed=1)


def test_bad_input() -> None:
    with pytest.raises(UsageError, match="no words"):
        demo(" \x00 ")
    if not torch.cuda.is_available():
        with pytest.raises(MissingError):
            run("masks", Inputs(device="cuda"))


def test_its_own_text_is_shown_whole() -> None:
    text = next(demo.text for demo in ALL if demo.name == "masks")
    assert demo(text).inputs["tokens"] == 6
    assert "all 6 of the text" in demo(text).steps[0].note
