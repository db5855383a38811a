"""Narrowing: a step by name or number, a layer, a head."""

from __future__ import annotations

import pytest

from studycli.demos import narrowing, registry
from studycli.demos.inputs import Inputs
from studycli.errors import UsageError
from studycli.model.trace import DemoResult, Step

RESULT = DemoResult(
    demo="d",
    title="D",
    inputs={},
    steps=(
        Step(name="tokens", shape=(2,), values=["a", "b"], note="", axes=("token",)),
        Step(
            name="pattern",
            shape=(2, 2, 1),
            values=[[[1.0], [2.0]], [[3.0], [4.0]]],
            note="",
            axes=("layer", "head", "key"),
            labels={"head": ("previous", "first")},
        ),
        Step(name="one", shape=(1, 1), values=[[5.0]], note="", axes=("layer", "key")),
    ),
    claims=(),
)


@pytest.mark.parametrize("wanted", ["pattern", "1"])
def test_one_step(wanted: str) -> None:
    assert [step.name for step in narrowing.one_step(RESULT, wanted).steps] == ["pattern"]


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        ("patern", "did you mean pattern"),
        ("9", "its steps are 0 tokens, 1 pattern, 2 one"),
        ("-1", "its steps are"),
        ("", "its steps are"),
    ],
)
def test_a_step_that_is_not_there(wanted: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        narrowing.one_step(RESULT, wanted)
    assert hint in str(caught.value.hint)


def test_a_layer_and_a_head() -> None:
    tokens, pattern, one = narrowing.at(narrowing.at(RESULT, "layer", 1), "head", 0).steps
    assert pattern.values == [[[3.0]]] and pattern.shape == (1, 1, 1)
    assert pattern.labels == {"layer": ("1",), "head": ("0 previous",)}
    assert tokens == RESULT.steps[0] and one == RESULT.steps[2]  # it has no layer 1, so it stays


def test_what_was_picked_is_named_and_its_number_kept() -> None:
    picked = narrowing.at(RESULT, "head", 1)
    assert picked.inputs["head"] == 1 and picked.steps[1].note.startswith("Head 1 first of 2 alone.")
    assert narrowing.taken(picked.steps[1], "head") == 1 and narrowing.taken(picked.steps[1], "layer") is None
    assert narrowing.taken(RESULT.steps[1], "head") is None
    assert narrowing.narrowed(picked.steps[1], "head", 0) == picked.steps[1]


def test_a_demo_runs_at_the_head_that_was_chosen_and_whole() -> None:
    inputs = Inputs(device="cpu", head=2)
    shapes = [
        next(step.shape for step in result.steps if step.name == "pattern")
        for result in (registry.run("multi-head", inputs), registry.whole("multi-head", inputs))
    ]
    assert shapes == [(1, 11, 11), (4, 11, 11)]


@pytest.mark.parametrize(("axis", "index", "said"), [("head", 2, "no head 2"), ("layer", 9, "no layer 9")])
def test_one_that_is_not_there(axis: str, index: int, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        narrowing.at(RESULT, axis, index)
    with pytest.raises(UsageError, match=f"has no {axis}s to choose from"):
        narrowing.at(RESULT.model_copy(update={"steps": RESULT.steps[:1]}), axis, 0)


@pytest.mark.parametrize("name", [demo.name for demo in registry.ALL if demo.chooses])
def test_a_demo_that_chooses_refuses_what_is_not_there(name: str) -> None:
    demo = registry.DEMOS[name]
    for axis in demo.chooses:
        with pytest.raises(UsageError, match=f"there is no {axis} 99"):
            registry.run(name, Inputs(demo.text, "cpu", **{axis: 99}))


@pytest.mark.parametrize("name", registry.DEMOS)
def test_the_catalogue_knows_how_many_there_are(name: str) -> None:
    demo = registry.DEMOS[name]
    for axis, count in (("layer", demo.layers), ("head", demo.heads)):
        said = f"there is no {axis} {count}" if count else f"has no {axis}s to choose from"
        with pytest.raises(UsageError, match=said):
            registry.run(name, Inputs(demo.text, "cpu", **{axis: count}))
        if count:
            registry.run(name, Inputs(demo.text, "cpu", **{axis: count - 1}))


def test_what_the_catalogue_knows_is_refused_before_anything_is_computed() -> None:
    patterns, block, masks = (registry.DEMOS[name] for name in ("head-patterns", "block", "masks"))
    narrowing.check(block, {}, 3, None)
    with pytest.raises(UsageError, match="there is no layer 4") as caught:
        narrowing.check(block, {}, 4, None)
    assert caught.value.hint == "layers count from 0 to 3"
    with pytest.raises(UsageError, match="'masks' has no heads to choose from"):
        narrowing.check(masks, {}, None, 0)
    with pytest.raises(UsageError, match="there is no head 9"):
        narrowing.check(patterns, {"model": "induction"}, None, 9)
    narrowing.check(patterns, {"model": "syntax"}, None, 9)  # another model may have more


def test_what_a_demo_chooses_itself_is_left_to_it() -> None:
    demo = registry.DEMOS["syntax"]
    assert narrowing.chosen(RESULT, demo, 1, 1) is RESULT
    assert narrowing.chosen(RESULT, registry.DEMOS["multi-head"], None, None) is RESULT
    assert narrowing.chosen(RESULT, registry.DEMOS["multi-head"], None, 1).steps[1].values == [[[2.0]], [[4.0]]]
