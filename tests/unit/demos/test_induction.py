"""The demo `induction`: it copies any text, its claims can fail, and it can be trained on the spot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studycli.demos import induction, models, registry
from studycli.demos.edits import Edits, parse
from studycli.demos.explain import explain
from studycli.demos.inputs import DEFAULT_TEXT, Inputs
from studycli.engine import Transformer
from studycli.engine.loaded import Loaded
from studycli.engine.miniatures import bundle, catalogue
from studycli.engine.miniatures.recipe import Progress, Trained
from studycli.errors import UsageError

CLAIMS = ["previous-token", "induction", "copies", "composition"]
LONG = "attention lets every token look at all the others before it speaks"


def test_the_steps(values) -> None:
    result = registry.run("induction", Inputs(LONG, "cpu"))
    assert [step.name for step in result.steps] == ["tokens", "previous", "induction scores", "induction", "next"]
    words = LONG.split()
    assert result.steps[0].values == ["<s>", *words, *words]
    previous, copying, following = (values(result, name) for name in ("previous", "induction", "next"))
    assert previous.shape == copying.shape == (25, 25) and following.shape == (11, 2)
    np.testing.assert_allclose(previous.sum(-1), 1, atol=1e-5)
    # Position 13 + n is word n again; what followed it the first time stands at 2 + n.
    assert [int(copying[13 + n].argmax()) for n in range(11)] == [2 + n for n in range(11)]
    assert following[:, 0].min() > 0.9 and following[:, 1].mean() < 0.5


@pytest.mark.parametrize("text", [DEFAULT_TEXT, LONG, "word " * 500, "αβγ 你好 नमस्ते and back", "a b c d e f g h"])
@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1])
def test_claims_hold_for_words_it_has_never_seen(text: str, seed: int) -> None:
    result = registry.run("induction", Inputs(text, "cpu", seed))
    assert [claim for claim in result.claims if not claim.holds] == []
    assert [claim.name for claim in result.claims] == CLAIMS[: len(result.claims)] and len(result.claims) >= 2


def test_the_seed_draws_other_syllables() -> None:
    one, two = (registry.run("induction", Inputs(LONG, "cpu", seed)) for seed in (0, 1))
    assert one.steps[0] == two.steps[0] and one.steps[1] != two.steps[1]


def test_a_long_text_is_cut_at_twenty_words() -> None:
    result = registry.run("induction", Inputs("one two three " * 30, "cpu"))
    assert result.steps[0].shape == (41,) and result.inputs["tokens_left_out"] == 70


def test_a_model_that_learned_nothing_fails_the_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    bundled = models.load("induction", "cpu")
    fresh = Loaded(Transformer(bundled.model.config), bundled.tokenizer, "fresh")
    monkeypatch.setattr(models, "load", lambda name, device: fresh)
    result = registry.run("induction", Inputs(LONG, "cpu"))
    assert [claim.holds for claim in result.claims] == [False] * 4


def test_where_nothing_is_silenced_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(induction, "silenced", lambda inputs, z, head, only: inputs.trace(only))
    claims = {claim.name: claim for claim in registry.run("induction", Inputs(LONG, "cpu")).claims}
    assert not claims["composition"].holds and claims["composition"].measured == 0


def test_silencing_a_head_by_hand_shows_what_the_demo_shows(values) -> None:
    plain = registry.run("induction", Inputs(LONG, "cpu"))
    head = int(plain.steps[1].note.split()[1])
    edits = Edits([parse(f"decoder.blocks.0.attn.z[head={head}]=0")])
    edited = registry.run("induction", Inputs(LONG, "cpu", edits=edits))
    assert "previous" not in [step.name for step in edited.steps]  # what comes before the edit stays
    np.testing.assert_allclose(values(edited, "next")[:, 0], values(plain, "next")[:, 1], atol=1e-5)
    claims = {claim.name: claim.holds for claim in edited.claims}
    assert claims["previous-token"] and not claims["induction"] and not claims["composition"]


def test_explain_shows_the_exponentials_of_a_weight() -> None:
    stages = explain(registry.run("induction", Inputs(LONG, "cpu")), "induction[13, 2]").stages
    assert [stage.kind for stage in stages] == ["softmax", "given"]
    assert stages[0].computed == pytest.approx(stages[0].value, abs=1e-5)


def test_it_is_trained_on_the_spot_while_someone_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe, heard, seeds = catalogue.recipe("induction"), [], []

    def quick(training) -> Trained:
        seeds.append(training.seed)
        for step in range(1, 101):
            training.report(Progress("induction", step, 100, 4 - step / 50, {"a": step / 100, "b": 0.0, "c": 0.0}))
        return Trained(bundle.load("induction").model)

    monkeypatch.setattr(catalogue, "recipe", lambda name: replace(recipe, train=quick))
    result = registry.train("induction", Inputs(LONG, "cpu", 7), heard.append)
    assert len(heard) == 100 and seeds == [7]
    loss, scores = result.steps[:2]
    assert (loss.name, loss.shape, scores.name, scores.shape) == ("loss", (2, 1), "scores", (2, 3))
    assert loss.values == [[3.0], [2.0]] and scores.values == [[0.5, 0, 0], [1.0, 0, 0]]
    assert loss.labels["step"] == ("50", "100")
    assert all(claim.holds for claim in result.claims)
    assert result.inputs["weights"] == "trained just now, from seed 7"


def test_a_demo_that_trains_nothing_says_so() -> None:
    with pytest.raises(UsageError) as caught:
        registry.train("multi-head", Inputs("one two", "cpu"), lambda progress: None)
    assert caught.value.hint == "those that do: induction"
