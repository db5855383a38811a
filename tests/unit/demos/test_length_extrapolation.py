"""The demo `length-extrapolation`: its losses against torch's own, and what makes its claims fail."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch

from studycli.demos import length_extrapolation
from studycli.demos.inputs import Inputs
from studycli.demos.registry import find, run
from studycli.engine.miniatures import bundle
from studycli.engine.miniatures.extrapolation import Reading, held_out


@pytest.fixture(scope="module")
def result():
    return run("length-extrapolation", Inputs("", "cpu"))


def rows(result, name: str) -> np.ndarray:
    step = next(step for step in result.steps if step.name == name)
    return np.array([[float(value) for value in row] for row in step.values])


def test_losses_recomputed_from_the_logits(result) -> None:
    losses = rows(result, "loss")
    assert losses.shape == (4, 4) and np.isnan(losses[0, 1:]).all() and not np.isnan(losses[1:]).any()
    for row, name in ((2, "rotary"), (3, "alibi")):
        model = bundle.load(f"extrapolation/{name}-0").model
        ids = held_out(2).last(128).ids
        with torch.inference_mode():
            logits = model(ids)[:, -33:-1].double().numpy()
        shifted = logits - logits.max(-1, keepdims=True)
        log_probabilities = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
        told = np.take_along_axis(log_probabilities, ids[:, -32:, None].numpy(), -1)
        assert losses[row, 1] == pytest.approx(-told.mean(), abs=1e-4)


def test_rise_is_the_loss_less_the_first(result) -> None:
    losses = rows(result, "loss")
    np.testing.assert_allclose(rows(result, "rise"), losses - losses[:, :1], atol=1e-12)


def test_the_notes_say_how_many_words_are_copied_and_which_losses_stay(result) -> None:
    notes = {step.name: step.note for step in result.steps}
    count = int(held_out(2).repeated[:, -32:].sum())
    assert f"Of the {count} words that repeat" in notes["copying"]
    assert f"one word more is {1 / count:.2f};" in notes["copying"]
    copied = rows(result, "copying")[1:] * count
    np.testing.assert_allclose(copied, copied.round(), atol=1e-5)
    assert "only alibi ends within 10% of its start" in notes["loss"]
    flat, steep = [1.0, 1.0, 1.05], [1.0, 2.0, 3.0]
    assert length_extrapolation._kept(np.array([flat, steep, flat]), ("a", "b", "c")).startswith("only a and c end")
    assert length_extrapolation._kept(np.array([steep]), ("a",)).startswith("none ends")


def test_the_learned_table_s_own_error_is_shown(result) -> None:
    refusal = next(step for step in result.steps if step.name == "refusal")
    assert "64 rows" in refusal.note and refusal.values == [[65, 64]]


def test_claims_hold_and_are_those_of_the_catalogue(result) -> None:
    assert [claim for claim in result.claims if not claim.holds] == []
    assert tuple(claim.name for claim in result.claims) == find("length-extrapolation").claims


def curves(**losses: tuple[float | None, ...]) -> length_extrapolation.Curves:
    usual = {
        "learned": (1.0, None, None, None),
        "sinusoidal": (1.0, 2.0, 3.0, 3.0),
        "rotary": (1.0, 1.5, 3.0, 3.0),
        "alibi": (1.0, 1.0, 1.0, 1.0),
    }
    return {
        name: tuple(None if loss is None else Reading(loss, loss, 1.0) for loss in row)
        for name, row in (usual | losses).items()
    }


@pytest.mark.parametrize(
    ("name", "worse"),
    [
        ("learned-fails-beyond-length", {"learned": (1.0, 1.0, 1.0, 1.0)}),
        ("alibi-holds-at-8x", {"alibi": (1.0, 1.0, 1.0, 1.2)}),
        ("sinusoidal-worse-at-2x", {"sinusoidal": (1.0, 1.1, 3.0, 3.0)}),
        ("sinusoidal-lost-beyond-2x", {"sinusoidal": (1.0, 2.0, 1.5, 3.0)}),
        ("rotary-degrades-beyond-2x", {"rotary": (1.0, 1.0, 1.0, 3.0)}),
        ("alike-at-trained-length", {"rotary": (1.2, 1.5, 3.0, 3.0)}),
    ],
)
def test_other_losses_make_a_claim_fail(name: str, worse: dict) -> None:
    assert all(claim.holds for claim in length_extrapolation._claims(curves(), "refused"))
    failed = [claim.name for claim in length_extrapolation._claims(curves(**worse), "refused") if not claim.holds]
    assert failed == [name]


def test_without_an_error_the_learned_table_did_not_fail() -> None:
    claims = {claim.name: claim for claim in length_extrapolation._claims(curves(), "")}
    assert not claims["learned-fails-beyond-length"].holds


def test_a_loss_that_is_no_number_holds_nothing() -> None:
    found = {claim.name: claim for claim in length_extrapolation._claims(curves(alibi=(1.0, 1.0, 1.0, math.nan)), "no")}
    assert not found["alibi-holds-at-8x"].holds


def test_the_text_does_not_matter_and_json_is_finite(result) -> None:
    assert run("length-extrapolation", Inputs("\x00", "cpu", seed=3)).steps == result.steps
    json.dumps(result.model_dump(mode="json"), allow_nan=False)
