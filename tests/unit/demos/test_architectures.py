"""The demo `architectures`: what the three models make of texts, and what makes its claims fail."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from studycli.demos import architectures, three_tasks
from studycli.demos.edits import Edits, parse
from studycli.demos.inputs import Inputs
from studycli.demos.registry import find, run
from studycli.engine.miniatures import bundle, translation
from studycli.errors import UsageError


def demo(text: str = "", seed: int = 0, edits: Edits | None = None):
    return run("architectures", Inputs(text, "cpu", seed, edits=edits))


def words(result, name: str) -> list[str]:
    return next(step for step in result.steps if step.name == name).values


def test_the_three_tasks_are_solved(values) -> None:
    result = demo()
    assert "".join(words(result, "completion")) == "85;"
    assert " ".join(words(result, "german")) == "ich weiß , dass der Mann den kleinen Hund gesehen hat <end>"
    urgency = next(step for step in result.steps if step.name == "urgency")
    assert urgency.labels["label"] == ("low", "normal", "high")
    assert values(result, "urgency").argmax() == 2
    assert values(result, "ticket pattern").shape == (10, 10)
    assert values(result, "cross pattern").shape == (12, 10)


def test_the_cross_pattern_is_that_of_the_steps_that_write(values) -> None:
    loaded = bundle.load("tasks/encoder-decoder")
    alignment = translation.translate(loaded, three_tasks.ENGLISH).alignment.double().numpy()
    np.testing.assert_allclose(values(demo(), "cross pattern")[:-1], alignment, atol=1e-6)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_claims_hold_and_are_those_of_the_catalogue(seed: int) -> None:
    result = demo(seed=seed)
    assert [claim for claim in result.claims if not claim.holds] == []
    assert tuple(claim.name for claim in result.claims) == find("architectures").claims


@pytest.mark.parametrize(
    ("text", "step", "value"),
    [
        ("sorted([4,1,3])", "completion", "[1,3,4];"),
        ("12 + 34", "completion", "46;"),
        ("a cat sees my dog", "german", "eine Katze sieht meinen Hund <end>"),
        ("**A cat** sees my dog.", "german", "eine Katze sieht meinen Hund <end>"),
    ],
)
def test_a_text_goes_to_the_task_whose_words_it_is_in(text: str, step: str, value: str) -> None:
    found = words(demo(text), step)
    assert ("".join(found) if step == "completion" else " ".join(found)) == value
    assert "\n".join(words(demo(text), "ticket")) == "\n".join(words(demo(), "ticket"))


def test_a_ticket_is_told(values) -> None:
    assert values(demo("The mail server is up again"), "urgency").argmax() == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("What is attention?", "learned the word 'What'"),
        ("the server is bananas", "learned the word 'bananas'"),
        ("999+1", "never learned an expression"),
        ("(" * 200, "at most 18"),
        ("...", "no words"),
        ("\x00\x01\ufffd", "no words"),
    ],
)
def test_other_texts_are_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError, match="no words") if said == "no words" else pytest.raises(UsageError) as caught:
        demo(text)
    assert said in caught.value.message
    assert caught.value.hint


def test_a_long_text_is_cut_and_says_so() -> None:
    result = demo("the mail server is down and " * 20_000)
    assert len(words(result, "ticket")) == 21
    note = result.steps[0].note
    assert "left out" in note and result.claims[0].holds


def test_an_edit_changes_the_output(values) -> None:
    edits = Edits([parse("encoder.blocks.0.attn.z=0")])
    changed = demo(edits=edits)
    assert "urgency before" in [step.name for step in changed.steps]


def test_a_wrong_number_makes_its_claim_fail() -> None:
    inputs = Inputs("", "cpu")
    told = three_tasks.tell(three_tasks.TICKET, "cpu", inputs)
    wrote = three_tasks.complete(three_tasks.EXPRESSION, "cpu", inputs)
    both = three_tasks.translate(three_tasks.ENGLISH, "cpu", inputs)
    good = three_tasks.Measured(1.0, 1.0, 1.0)
    whole = (told, wrote, both, good)
    assert all(claim.holds for claim in architectures._claims(*whole))
    worse = {
        "encoder-sees-later-tokens": (replace(told, pattern=np.tril(told.pattern)), *whole[1:]),
        "decoder-sees-no-later-token": (told, replace(wrote, pattern=wrote.pattern.T), both, good),
        "cross-pattern-shape": (told, wrote, replace(both, pattern=both.pattern.T), good),
        "encoder-on-unseen-tickets": (told, wrote, both, replace(good, tickets=0.8)),
        "decoder-on-unseen-expressions": (told, wrote, both, replace(good, expressions=0.8)),
        "translator-on-unseen-sentences": (told, wrote, both, replace(good, sentences=0.8)),
    }
    for name, given in worse.items():
        failed = [claim.name for claim in architectures._claims(*given) if not claim.holds]
        assert failed == [name]


def test_the_same_inputs_give_the_same_result_as_json() -> None:
    first = demo()
    assert demo() == first
    json.dumps(first.model_dump(mode="json"), allow_nan=False)
