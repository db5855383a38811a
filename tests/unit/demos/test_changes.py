"""Changes: what an edit made of a demo's steps and claims."""

from __future__ import annotations

from typing import Any

import pytest

from studycli.demos import registry
from studycli.demos.changes import compared
from studycli.demos.edits import Edits, parse
from studycli.demos.inputs import Inputs
from studycli.errors import EngineError
from studycli.model.trace import Claim, DemoResult, Step


def step(name: str, values: list[Any], **more: Any) -> Step:
    shape, inner = [], values
    while isinstance(inner, list):
        shape.append(len(inner))
        inner = inner[0]
    return Step(name=name, shape=tuple(shape), values=values, note="About it.", **more)


def result(*steps: Step, measured: float = 0.5) -> DemoResult:
    claims = (Claim(name="c", statement="So it is.", measured=measured, holds=measured < 1),)
    return DemoResult(demo="d", title="D", inputs={}, steps=steps, claims=claims)


def test_what_changed_stands_before_and_after_and_what_did_not_is_left_out() -> None:
    before = result(step("same", [1.0]), step("moved", [[1.0, 2.0]]))
    after = compared(before, result(step("same", [1.0]), step("moved", [[1.0, 5.0]]), measured=2.0))
    assert [each.name for each in after.steps] == ["changes", "moved before", "moved"]
    changes, old, new = after.steps
    assert changes.values == [["3", "[0, 1]", "2", "5"]] and changes.labels["step"] == ("moved",)
    assert old.values == [[1.0, 2.0]] and new.values == [[1.0, 5.0]]
    assert old.compare == "moved" and "moved most at [0, 1], by 3" in new.note
    assert after.claims[0].measured == "2; without the edit 0.5" and not after.claims[0].holds


def test_nothing_that_changed_is_said() -> None:
    after = compared(result(step("same", [1.0])), result(step("same", [1.0])))
    assert len(after.steps) == 1 and "changed nothing" in after.steps[0].note
    assert after.claims[0].measured == 0.5


def test_infinities_words_and_shapes() -> None:
    before = result(step("x", [["-inf", 1.0, 2.0]]), step("words", ["a"]), step("length", [1.0]))
    after = compared(
        before, result(step("x", [["-inf", 1.5, "nan"]]), step("words", ["b"]), step("length", [1.0, 2.0]))
    )
    changes = after.steps[0]
    assert changes.values[0] == ["inf", "[0, 2]", "2", "nan"]
    assert changes.values[1][0] == changes.values[2][0] == "other words"
    assert "its shape was (1,)" in after.steps[-1].note


def test_of_a_preview_the_head_that_changed_most_is_shown() -> None:
    axes = ("head", "token", "d_head")
    heads = [[[float(h)]] for h in range(3)]
    before = result(step("z", heads, axes=axes, preview=True))
    after = compared(before, result(step("z", [*heads[:2], [[9.0]]], axes=axes, preview=True)))
    assert after.steps[1].values == [[[2.0]]] and after.steps[2].values == [[[9.0]]]
    assert after.steps[2].labels["head"] == ("2",)


@pytest.mark.parametrize(
    ("name", "edit", "changed"),
    [
        ("multi-head", "z[head=1]=0", {"z", "concat", "out"}),
        ("scaled-dot-product", "pattern[query=0]=0", {"pattern", "z"}),
        ("induction", "decoder.blocks.0.attn.z[head=3]=0", {"induction", "next"}),
    ],
)
def test_a_silenced_value_changes_what_follows_from_it(name: str, edit: str, changed: set[str]) -> None:
    after = registry.run(name, Inputs(device="cpu", edits=Edits([parse(edit)])))
    plain = {each.name for each in registry.run(name, Inputs(device="cpu")).steps}
    found = set(after.steps[0].labels["step"])
    assert changed <= found < plain


@pytest.mark.parametrize("head", [0, 1, 3])
def test_a_chosen_head_is_compared_alone_and_keeps_its_address(head: int) -> None:
    edits = Edits([parse(f"z[head={head}]=0")])
    after = registry.run("multi-head", Inputs(device="cpu", head=head, edits=edits))
    steps = {each.name: each for each in after.steps}
    assert steps["z before"].shape == steps["z"].shape == (1, 11, 16) and steps["z"].labels["head"] == (str(head),)
    assert not any(number for row in steps["z"].values[0] for number in row)
    changes = dict(zip(steps["changes"].labels["step"], steps["changes"].values, strict=True))
    assert changes["z"][1].startswith(f"[{head}, ") and f"most at [{head}, " in steps["z"].note
    whole = registry.run("multi-head", Inputs(device="cpu", edits=Edits(edits.edits)))
    assert whole.steps[0].values == after.steps[0].values


def test_of_another_head_nothing_changed() -> None:
    after = registry.run("multi-head", Inputs(device="cpu", head=2, edits=Edits([parse("z[head=1]=0")])))
    assert "z" not in after.steps[0].labels["step"] and "concat" in after.steps[0].labels["step"]


def test_an_edit_with_which_nothing_can_be_computed_is_named_as_the_cause() -> None:
    with pytest.raises(EngineError, match="with this edit: the logits are not finite") as caught:
        registry.run("generation", Inputs(device="cpu", edits=Edits([parse("decoder.blocks.2.attn.z=1e30")])))
    assert "weight" not in str(caught.value)


def test_claims_that_an_edit_breaks_fail() -> None:
    after = registry.run("scaled-dot-product", Inputs(device="cpu", edits=Edits([parse("pattern[query=0]=0")])))
    broken = {claim.name: claim for claim in after.claims if not claim.holds}
    assert broken["rows-sum-to-1"].measured.startswith("1; without the edit")


@pytest.mark.parametrize("value", ["-1e38", "1e30"])
@pytest.mark.parametrize(("name", "of"), [("multi-head", "pattern"), ("block", "decoder.blocks.0.attn.out")])
def test_an_edit_to_what_is_no_number_ends_in_a_result(name: str, of: str, value: str) -> None:
    after = registry.run(name, Inputs(device="cpu", edits=Edits([parse(f"{of}={value}")])))
    assert after.steps[0].name == "changes" and after.model_dump_json()
