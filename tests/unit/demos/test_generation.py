"""The demo `generation`: distributions recomputed in float64, texts beside the engine's, and what breaks claims."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from studycli.demos import generation, models, next_token, prompt
from studycli.demos.catalogue import ALL
from studycli.demos.edits import Edits, parse
from studycli.demos.explain import explain
from studycli.demos.inputs import DEFAULT_TEXT, Inputs
from studycli.demos.registry import find, run
from studycli.engine import generate, sampling
from studycli.errors import UsageError

ENTRY = next(demo for demo in ALL if demo.name == "generation")


def asked(text: str = DEFAULT_TEXT, seed: int = 0, **given: str) -> Inputs:
    return Inputs(text, "cpu", seed, parameters=find("generation").settings(given))


def demo(text: str = DEFAULT_TEXT, seed: int = 0, **given: str):
    return run("generation", asked(text, seed, **given))


def logits_of(text: str) -> np.ndarray:
    loaded = models.load("study-lm", "cpu")
    ids = torch.tensor([[0, *loaded.encode(text)]])
    with torch.inference_mode():
        return loaded.model(ids)[0, -1].double().numpy()


def following(logits: torch.Tensor, inputs: Inputs) -> next_token.Next:
    k, p, t = inputs.integer("top_k"), inputs.number("top_p"), inputs.number("temperature")
    return next_token.Next(
        logits=logits.numpy(),
        by_temperature={each: sampling.distribution(logits, each).numpy() for each in sorted({0.5, 1.0, 2.0, t})},
        top_k=sampling.distribution(logits, top_k=k).numpy(),
        top_p=sampling.distribution(logits, top_p=p).numpy(),
        together=sampling.distribution(logits, t, k, p).numpy(),
    )


def test_distributions_recomputed_in_float64(values) -> None:
    result, x = demo(temperature="0.7"), logits_of(DEFAULT_TEXT)
    order = np.argsort(-x, kind="stable")[:8]
    np.testing.assert_allclose(values(result, "logits"), x[order], atol=1e-4)
    shown = values(result, "distribution")
    for row, temperature in zip(shown, (0.5, 0.7, 1, 2), strict=True):
        p = np.exp(x / temperature - (x / temperature).max())
        p /= p.sum()
        np.testing.assert_allclose(row, [*p[order], 1 - p[order].sum()], atol=1e-5)
    plain = np.exp(x - x.max()) / np.exp(x - x.max()).sum()
    kept = values(result, "kept")
    np.testing.assert_allclose(kept[1], [*plain[order[:5]] / plain[order[:5]].sum(), 0, 0, 0, 0], atol=1e-5)
    np.testing.assert_allclose(kept.sum(-1), 1, atol=1e-5)


def test_an_explained_probability_is_the_shown_one() -> None:
    result = demo()
    stage = explain(result, "distribution[0, 8]").stages[0]
    assert stage.kind == "softmax" and stage.computed == pytest.approx(stage.value, abs=1e-5)


@pytest.mark.parametrize(("seed", "given"), [(0, {}), (3, {"temperature": "1.5", "top_k": "40", "beams": "2"})])
def test_texts_are_those_of_the_engine(seed: int, given: dict[str, str]) -> None:
    inputs = asked(seed=seed, **given)
    loaded = models.load("study-lm", "cpu")
    ids = prompt.read(DEFAULT_TEXT, loaded, 64).tensor(loaded)
    texts = generation._write(inputs, loaded, ids).texts
    new, drawing = inputs.integer("tokens"), (inputs.number("temperature"), inputs.integer("top_k"), 0.9)
    assert texts["greedy"].ids == tuple(generate(loaded.model, ids, new)[0, ids.shape[1] :].tolist())
    assert texts["drawn"].ids == tuple(
        generate(loaded.model, ids, new, *drawing, seed=seed)[0, ids.shape[1] :].tolist()
    )
    beams = generate(loaded.model, ids, new, num_beams=inputs.integer("beams"))
    assert texts["beam"].ids == tuple(beams[0, ids.shape[1] :].tolist())
    whole = torch.tensor([[*ids[0].tolist(), *texts["drawn"].ids]])
    with torch.inference_mode():
        x = loaded.model(whole)[0, ids.shape[1] - 1 : -1].double().numpy()
    expected = [row[id_] - np.log(np.exp(row).sum()) for row, id_ in zip(x, texts["drawn"].ids, strict=True)]
    np.testing.assert_allclose(texts["drawn"].log_probabilities, expected, atol=1e-4)
    assert texts["drawn"].total == pytest.approx(sum(expected), abs=1e-3)


@pytest.mark.parametrize(
    ("text", "given"),
    [
        (DEFAULT_TEXT, {}),
        ("Attention", {"tokens": "1", "top_k": "1", "top_p": "0.01", "beams": "1"}),
        ("What is a key?", {"temperature": "0.05", "top_k": "100", "top_p": "1"}),
        ("word " * 500, {"temperature": "10"}),
    ],
)
def test_claims_that_always_hold(text: str, given: dict[str, str]) -> None:
    result = demo(text, **given)
    assert tuple(claim.name for claim in result.claims) == ENTRY.claims
    assert [claim for claim in result.claims if not claim.holds and claim.name != "beam-against-greedy"] == []


@settings(max_examples=40, deadline=None)
@given(
    numbers=st.lists(st.floats(-20, 20, width=32), min_size=12, max_size=60, unique=True),
    k=st.integers(1, 12),
    p=st.floats(0.01, 1),
    temperature=st.floats(0.05, 10),
)
def test_claims_hold_for_any_logits(numbers: list[float], k: int, p: float, temperature: float) -> None:
    inputs = asked(top_k=str(k), top_p=str(p), temperature=str(temperature))
    claims = {claim.name: claim for claim in next_token.claims(inputs, following(torch.tensor(numbers), inputs))}
    for name in ("distributions-sum-to-1", "temperature-keeps-order", "top-k-keeps-k", "top-p-smallest-set"):
        assert claims[name].holds, claims[name]


def test_wrong_distributions_make_their_claims_fail() -> None:
    inputs = asked()
    right = following(torch.arange(12.0) / 2, inputs)
    assert all(claim.holds for claim in next_token.claims(inputs, right))
    plain, warm, cool = (right.by_temperature[t] for t in (1.0, 2.0, 0.5))
    order = np.argsort(-plain)
    at_most, one_more = (
        np.where(np.isin(np.arange(12), order[:n]), plain, 0) for n in (kept(right) - 1, kept(right) + 1)
    )
    another = np.where(np.isin(np.arange(12), order[1:]), plain, 0)
    worse = {
        "distributions-sum-to-1": [{"together": right.together * 0.99}],
        "temperature-changes-entropy": [
            {"by_temperature": {0.5: cool, 1.0: plain, 2.0: plain}},
            {"by_temperature": {0.5: warm, 1.0: plain, 2.0: warm}},
        ],
        "temperature-keeps-order": [{"by_temperature": {0.5: cool, 1.0: plain, 2.0: warm[::-1]}}],
        "top-k-keeps-k": [{"top_k": plain}],
        "top-p-smallest-set": [{"top_p": at_most}, {"top_p": one_more}, {"top_p": another}],
    }
    for name, changes in worse.items():
        for change in changes:
            found = {claim.name: claim for claim in next_token.claims(inputs, replace(right, **change))}
            assert not found[name].holds, (name, change)


def kept(of: next_token.Next) -> int:
    return int((of.top_p > 0).sum())


def test_wrong_texts_make_their_claims_fail() -> None:
    inputs, loaded = asked(), models.load("study-lm", "cpu")
    right = generation._write(inputs, loaded, prompt.read(DEFAULT_TEXT, loaded, 64).tensor(loaded))
    greedy, beam = right.texts["greedy"], right.texts["beam"]
    less = replace(beam, log_probabilities=tuple(x - 1 for x in greedy.log_probabilities))
    worse = {
        "text-log-probability-adds-up": {"greedy_in_one_pass": less},
        "greedy-is-top-k-1": {"top_1": (*greedy.ids[:-1], greedy.ids[-1] + 1)},
        "beam-against-greedy": {"texts": {**right.texts, "beam": less}},
    }
    for name, change in worse.items():
        found = {claim.name: claim for claim in generation._written_claims(inputs, replace(right, **change))}
        assert not found[name].holds, name


def test_a_long_word_is_cut_and_the_note_says_so() -> None:
    result = demo("x" * 3 + "qzj" * 200)
    assert result.steps[0].shape == (65,) and "Only the first 64 subwords" in result.steps[0].note
    assert result.inputs["tokens_left_out"] > 0
    assert "left out" in demo("word " * 100_000, tokens="1").steps[0].note


@pytest.mark.parametrize("text", ["", "  \n", "\x00\x01\x02"])
def test_no_words(text: str) -> None:
    with pytest.raises(UsageError, match="no words"):
        demo(text)


@pytest.mark.parametrize("given", [{"temperature": "0"}, {"top_p": "1.1"}, {"top_k": "0"}, {"beams": "9"}])
def test_impossible_parameters(given: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        demo(**given)


def test_an_edit_is_in_every_pass() -> None:
    edits = Edits([parse("logits[feature=300]=1000")])
    result = run("generation", replace(asked(), edits=edits))
    spelling = models.load("study-lm", "cpu").piece(300)
    table = next(step for step in result.steps if step.name == "written").values
    assert [row[::2] for row in table] == [[spelling] * 3] * 6
    assert {"distribution before", "distribution"} <= {step.name for step in result.steps}


def test_the_same_seed_gives_the_same_texts_whatever_the_global_state() -> None:
    torch.manual_seed(1)
    first = demo(temperature="3", top_k="100", top_p="1")
    torch.manual_seed(2)
    assert demo(temperature="3", top_k="100", top_p="1") == first
    assert demo(seed=1, temperature="3", top_k="100", top_p="1").steps != first.steps
