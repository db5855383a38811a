"""The demo `cross-attention`: the translator's alignment, its claims, and what makes them fail."""

from __future__ import annotations

import numpy as np
import pytest

from studycli.demos import cross_attention, models, registry
from studycli.demos.catalogue import FAMILIES
from studycli.demos.edits import Edits, parse
from studycli.demos.explain import explain
from studycli.demos.inputs import Inputs
from studycli.engine.miniatures import translation
from studycli.errors import UsageError

ENTRY = next(demo for demo in FAMILIES if demo.name == "cross-attention")
GERMAN = ["ich", "weiß", ",", "dass", "der", "Mann", "den", "kleinen", "Hund", "gesehen", "hat"]


def demo(text: str = ENTRY.text, **more):
    return registry.run("cross-attention", Inputs(text, "cpu", **more))


def test_the_steps(values) -> None:
    result = demo()
    assert [step.name for step in result.steps] == [
        "english", "german", "scores", "pattern", "alignment", "looked at", "probability",
    ]  # fmt: skip
    assert result.steps[0].values == ENTRY.text.split() and result.steps[1].values == GERMAN
    pattern, alignment = values(result, "pattern"), values(result, "alignment")
    assert pattern.shape == (2, 11, 10) and result.steps[3].labels["query"] == tuple(GERMAN)
    np.testing.assert_allclose(alignment, pattern.mean(0), atol=1e-6)
    there = translation.translate(models.load("tasks/encoder-decoder", "cpu"), ENTRY.text)
    np.testing.assert_allclose(alignment, there.alignment.numpy(), atol=1e-5)
    assert result.steps[5].values == ["I", "know", "that", "that", "the", "man", "the", "small", "dog", "seen", "has"]
    assert values(result, "probability").min() > 0.5


@pytest.mark.parametrize(
    "text",
    [
        ENTRY.text,
        "the small dog sees the big house today",
        "When the man sees the bird, he laughs!",
        "we know that the woman will describe the strange picture",
        "because the cat has forgotten the mouse, the child sings",
    ],
)
def test_claims_hold(text: str) -> None:
    assert [claim for claim in demo(text).claims if not claim.holds] == []


def test_the_entry_names_the_claims() -> None:
    assert tuple(claim.name for claim in demo().claims) == ENTRY.claims


def test_where_nothing_is_reordered_nothing_is_claimed_of_it() -> None:
    names = [claim.name for claim in demo("the dog sees the bird").claims]
    assert names == list(ENTRY.claims[:5])


def test_a_wrong_number_makes_its_claim_fail() -> None:
    loaded = models.load("tasks/encoder-decoder", "cpu")
    sentence = cross_attention.Sentence(tuple(ENTRY.text.split()), tuple(GERMAN))
    numbers = cross_attention._compute(Inputs(device="cpu"), loaded, sentence, None)
    assert all(claim.holds for claim in cross_attention._claims(sentence, numbers))
    straight = np.eye(11, 10)
    worse = {
        "rows-sum-to-1": {"pattern": numbers["pattern"] * 1.001},
        "a-row-for-each-target-word": {"pattern": numbers["pattern"].swapaxes(1, 2)},
        "queries-from-the-decoder": {"q": numbers["q"] + 0.001},
        "keys-from-the-encoder": {"k": numbers["k"][:, ::-1]},
        "content-words-look-at-their-translation": {"alignment": straight},
        "attention-follows-the-target-order": {"alignment": straight},
    }
    assert tuple(worse) == ENTRY.claims
    for name, change in worse.items():
        found = {claim.name: claim for claim in cross_attention._claims(sentence, numbers | change)}
        assert not found[name].holds, name


def test_a_head_alone(values) -> None:
    both, one = demo(), demo(head=1)
    np.testing.assert_array_equal(values(one, "pattern")[0], values(both, "pattern")[1])
    np.testing.assert_array_equal(values(one, "alignment"), values(both, "pattern")[1])
    assert all(claim.holds for claim in one.claims[:4]) and one.steps[3].labels["head"] == ("1",)
    for more in ({"head": 2}, {"layer": 1}):
        with pytest.raises(UsageError, match="there is no"):
            demo(**more)


def test_without_cross_attention_the_words_are_no_longer_known(values) -> None:
    result = demo(edits=Edits([parse("decoder.blocks.0.cross_attn.z=0")]))
    assert [step.name for step in result.steps[1:]] == ["probability before", "probability"]
    assert values(result, "probability before").mean() > 0.9 and values(result, "probability").mean() < 0.4


def test_explain_shows_the_exponentials() -> None:
    stages = explain(demo(), "pattern[1, 9, 6]").stages
    assert [stage.kind for stage in stages] == ["softmax", "given"]
    assert stages[0].computed == pytest.approx(stages[0].value, abs=1e-5)


@pytest.mark.parametrize(
    "text", ["the cat drank the milk", "x" * 100_000, "the \x1b[31mevil\x1b[0m dog", "<b>the</b> zebra"]
)
def test_an_unknown_word_is_named_with_a_sentence_that_is_known(text: str) -> None:
    with pytest.raises(UsageError, match="never learned the word") as caught:
        demo(text)
    assert "I know that the man has seen the small dog" in str(caught.value.hint)
    assert len(str(caught.value)) < 300 and "\x1b" not in str(caught.value)


def test_other_bad_texts() -> None:
    for text in ("", " \x00 ", "..."):
        with pytest.raises(UsageError):
            demo(text)
    long = demo("the dog sees the bird " * 20_000)
    assert long.inputs["tokens"] == 16 and long.inputs["tokens_left_out"] == 99_984
