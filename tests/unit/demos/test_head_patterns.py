"""The demo `head-patterns`: heads of trained models, named by what they do, and what makes its claims fail."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

from studycli.demos import head_patterns, head_samples, head_tables, registry
from studycli.demos.catalogue.attention import ATTENTION
from studycli.demos.edits import Edits, parse
from studycli.demos.explain import explain
from studycli.demos.inputs import Inputs
from studycli.engine.miniatures import model_card
from studycli.errors import UsageError

ENTRY = next(demo for demo in ATTENTION if demo.name == "head-patterns")
MODELS = ("induction", "syntax", "translator", "study-lm")


def demo(model: str = "induction", text: str = "", seed: int = 0, **more):
    return registry.run("head-patterns", Inputs(text, "cpu", seed, parameters={"model": model}, **more))


@pytest.mark.parametrize("model", MODELS)
def test_claims_hold_and_patterns_are_what_their_scores_say(model: str, values) -> None:
    result = demo(model)
    assert tuple(claim.name for claim in result.claims) == ENTRY.claims
    assert [claim for claim in result.claims if not claim.holds] == []
    table = next(step for step in result.steps if step.name == "heads")
    rows = dict(zip(table.labels["place"], values(result, "heads"), strict=True))
    column = {name: at for at, name in enumerate(table.labels["score"])}
    shown = [step for step in result.steps[4:] if not step.name.endswith("scores")]
    assert 1 <= len(shown) <= 3
    for step in shown:
        pattern, name = values(result, step.name), step.name.split()[1]
        np.testing.assert_allclose(pattern.sum(-1), 1, atol=1e-5)
        entropy = -(pattern * np.log(np.where(pattern > 0, pattern, 1))).sum(-1).mean()
        assert rows[step.name][column["entropy"]] == pytest.approx(entropy, abs=1e-3)
        measured = {
            "previous": lambda: np.diagonal(pattern, -1).mean(),  # noqa: B023
            "own": lambda: np.diagonal(pattern).mean(),  # noqa: B023
            "first": lambda: pattern[1:, 0].mean(),  # noqa: B023
        }
        if name in measured:
            assert rows[step.name][column[name]] == pytest.approx(measured[name](), abs=1e-3)
            assert measured[name]() > 0.5


def test_the_names_of_the_heads() -> None:
    def names(model: str) -> set[str]:
        return {label.split()[1] for label in demo(model).steps[3].labels["place"]}

    assert names("induction") == {"previous", "own", "next", "mixed"}
    assert names("syntax") == {"verb", "pronoun", "mixed"}
    assert {"aligned", "own"} <= names("translator")
    assert head_tables._name({"own": 0.4, "entropy": 3.0}) == "mixed"
    assert head_tables._name({"own": 0.6, "first": 0.7, "next": float("nan"), "entropy": 3.0}) == "first"


def test_the_samples_are_near_the_model_cards() -> None:
    copying, card = head_samples.copying("cpu", 0), model_card.read("induction").metrics
    assert copying.previous.max() == pytest.approx(card["previous_token"], abs=0.05)
    assert copying.induction.max() == pytest.approx(card["induction"], abs=0.05)
    assert copying.whole == pytest.approx(card["copy_accuracy"], abs=0.02) and copying.without < 0.5
    assert copying.silenced[0].min() < 0.5 and copying.silenced[1].min() > 0.95  # layer 1 has several copying heads
    aligned = head_samples.alignment("cpu", 0)
    assert aligned.shape == (2,) and aligned.max() == pytest.approx(0.96, abs=0.05)


@pytest.mark.parametrize("seed", [1, 2**63 - 1])
def test_claims_hold_for_other_samples(seed: int) -> None:
    result = demo(seed=seed)
    assert [claim for claim in result.claims if not claim.holds] == []
    assert result.steps[0] != demo().steps[0]


def test_wrong_numbers_make_the_claims_fail() -> None:
    linked, copying = head_samples.linked("cpu", 0), head_samples.copying("cpu", 0)
    flat = np.full(4, 0.1)
    blind = {name: replace(of, weights=of.weights * 0 + 0.1) for name, of in linked.items()}
    worse = replace(copying, previous=flat, induction=flat, silenced=np.full((2, 4), copying.whole))
    assert [claim.holds for claim in head_patterns._sample_claims(blind, worse, flat[:2])] == [False] * 6 + [True] * 2
    dear = replace(worse, silenced=np.full((2, 4), 0.9 * copying.whole))
    assert [claim.holds for claim in head_patterns._sample_claims(blind, dear, flat[:2])[-2:]] == [False] * 2
    idle = replace(copying, no_copying=0.6 * copying.whole)
    assert not head_patterns._sample_claims(linked, idle, flat[:2])[-1].holds
    reading = head_tables.read_text(
        Inputs("", "cpu", parameters={"model": "syntax"}), "cpu", linked, head_samples.alignment("cpu", 0)
    )
    (focus,) = head_patterns._focus_claim(reading)
    (alike,) = head_patterns._focus_claim(replace(reading, heads=reading.heads[:4]))
    assert focus.holds and not alike.holds


@pytest.mark.parametrize(("text", "made"), [("a", False), ("a b c " * 9, False), ("a b c d e f g", True)])
def test_the_focus_is_claimed_of_texts_with_something_to_choose_from(text: str, made: bool) -> None:
    found = [claim.holds for claim in demo(text=text).claims if claim.name == "heads-differ-in-focus"]
    assert found == ([True] if made else [])


def test_all_heads_that_hurt_are_named() -> None:
    copying = head_samples.copying("cpu", 0)
    said = head_patterns._hurts(copying)
    assert np.argwhere(copying.silenced < 0.5).tolist() == [[0, 0], [0, 1]]
    for part in ("0.0 (previous token) 37", "0.1 (own token) 40", "without any other at least 98"):
        assert part in said
    assert "other" not in head_patterns._hurts(replace(copying, silenced=copying.silenced * 0))


def test_copying_heads_stand_in_for_one_another_but_not_for_all() -> None:
    import torch

    from studycli.demos import models
    from studycli.engine.miniatures.induction import repeated_sequences
    from studycli.engine.seed import generator

    copying, model = head_samples.copying("cpu", 0), deepcopy(models.load("induction", "cpu").model)
    batch = repeated_sequences(16, generator(0, "demo", "copying"))
    with torch.no_grad():
        model.decoder.blocks[1].attn.W_O.zero_()
        guesses = model(batch["input_ids"])[:, :-1].argmax(-1)
    asked = batch["labels"][:, 1:] >= 0
    right = float((guesses == batch["labels"][:, 1:])[asked].float().mean())
    assert copying.no_copying == pytest.approx(right, abs=1e-6) and right < 0.2


def test_the_note_on_roles_says_which_rows_have_one_specialist(values) -> None:
    result = demo()
    best, others = values(result, "roles").T
    assert (others > 0.5 * best).tolist() == [False, False, True, False, False, True]
    assert "stands out in 4 of 6 rows; in next (induction) and aligned (translator)" in result.steps[0].note
    assert head_patterns._alone({"a": np.array([0.9, 0.1])}) == "one head stands out in 1 of 1 rows."


def test_a_head_can_be_chosen() -> None:
    result = demo(layer=0, head=2)
    assert [step.name for step in result.steps[4:]] == ["0.2 scores", "0.2 mixed"]
    assert demo("translator", layer=3, head=1).steps[-1].name == "3.1 aligned"
    for model, more in (("induction", {"layer": 2}), ("syntax", {"head": 4}), ("translator", {"layer": 3, "head": 2})):
        with pytest.raises(UsageError, match="there is no"):
            demo(model, **more)


def test_an_edit_changes_what_comes_after_it() -> None:
    result = demo(layer=1, head=2, edits=Edits([parse("decoder.blocks.0.attn.z[head=0]=0")]))
    names = [step.name for step in result.steps]
    assert "heads" in names and "roles" not in names and any(name.startswith("1.2 ") for name in names)


def test_explain_shows_the_exponentials() -> None:
    stages = explain(demo(layer=0, head=0), "0.0 previous[5, 4]").stages
    assert [stage.kind for stage in stages] == ["softmax", "given"]
    assert stages[0].computed == pytest.approx(stages[0].value, abs=1e-5)


def test_texts() -> None:
    assert demo("induction", "any words at all").steps[2].shape == (9,)
    assert demo("study-lm", "word " * 100_000).steps[2].shape == (24,)
    assert demo("syntax", "the kings sleep").steps[2].values == ["the", "kings", "sleep"]
    for model in ("syntax", "translator"):
        with pytest.raises(UsageError, match="never learned the word 'zebra'") as caught:
            demo(model, "the zebra")
        assert "a text that it knows" in str(caught.value.hint)
    with pytest.raises(UsageError):
        ENTRY.settings({"model": "gpt"})
