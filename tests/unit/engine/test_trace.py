"""Trace: what is recorded under which name, and how an edit changes what is computed."""

from __future__ import annotations

import pytest
import torch

from studycli.engine import NO_TRACE, Trace, attend
from studycli.errors import EngineError

X = torch.arange(6.0).reshape(2, 3)


def test_put_records_and_returns() -> None:
    trace = Trace()
    assert trace.put("x", X) is X
    assert trace["x"].equal(X)
    assert list(trace) == ["x"] and len(trace) == 1 and "x" in trace and "y" not in trace


def test_scopes_prefix_names_and_see_their_own() -> None:
    trace = Trace()
    inner = trace.scope("decoder.blocks.0").scope("attn")
    inner.put("pattern", X)
    trace.put("logits", X)
    assert list(trace) == ["decoder.blocks.0.attn.pattern", "logits"]
    assert list(inner) == ["pattern"]
    assert inner["pattern"].equal(trace["decoder.blocks.0.attn.pattern"])


def test_only_records_what_matches() -> None:
    trace = Trace(only="blocks.1.*")
    for block in (0, 1):
        trace.scope(f"blocks.{block}").put("z", X)
    assert list(trace) == ["blocks.1.z"]
    assert trace.scope("blocks.1").wants("z")
    assert not trace.scope("blocks.0").wants("z", "pattern")


def test_an_edit_is_recorded_and_computed_on() -> None:
    trace = Trace(edits={"a.x": lambda x: x * 2})
    assert trace.scope("a").put("x", X).equal(X * 2)
    assert trace["a.x"].equal(X * 2)
    assert trace.put("x", X).equal(X)


def test_an_edit_applies_to_names_that_are_not_recorded() -> None:
    trace = Trace(only="nothing", edits={"x": torch.zeros_like})
    assert trace.wants("x")
    assert trace.put("x", X).eq(0).all()
    assert len(trace) == 0


def test_an_edit_must_keep_the_shape() -> None:
    trace = Trace(edits={"a.x": lambda x: x[0]})
    with pytest.raises(EngineError, match=r"a\.x: .*\(2, 3\) into \(3,\)"):
        trace.scope("a").put("x", X)


def test_recorded_values_hold_no_graph_but_returned_ones_do() -> None:
    trace = Trace()
    y = trace.put("y", X.clone().requires_grad_() * 2)
    assert y.requires_grad and not trace["y"].requires_grad


def test_no_trace_wants_and_keeps_nothing() -> None:
    assert NO_TRACE.put("x", X) is X
    assert NO_TRACE.scope("a").put("x", X) is X
    assert not NO_TRACE.wants("x") and len(NO_TRACE) == 0


def test_an_edit_of_the_pattern_changes_the_output_of_attention() -> None:
    q = k = v = torch.eye(3)
    uniform = Trace(edits={"pattern": lambda pattern: torch.full_like(pattern, 1 / 3)})
    assert attend(q, k, v, trace=uniform).allclose(torch.full((3, 3), 1 / 3))


def test_an_edit_of_z_alone_is_applied_on_the_fast_path() -> None:
    trace = Trace(only="z", edits={"z": torch.zeros_like})
    assert attend(torch.eye(3), torch.eye(3), torch.eye(3), trace=trace).eq(0).all()
    assert list(trace) == ["z"]


def test_a_name_that_was_not_recorded() -> None:
    trace = Trace()
    trace.scope("attn").put("pattern", X)
    with pytest.raises(EngineError, match=r"attn\.patern: the trace has no such value .*did you mean attn\.pattern"):
        trace["attn.patern"]
    assert trace.get("attn.patern") is None and "attn.patern" not in trace
    with pytest.raises(KeyError):
        trace["z"]


def test_a_selected_head_keeps_values_of_heads_alone() -> None:
    trace = Trace(only="attn.*[head=1]")
    inner = trace.scope("attn")
    heads = torch.arange(12.0).reshape(3, 2, 2)
    inner.put("pattern", heads)
    inner.put("concat", torch.ones(3, 2, 6))
    inner.of_groups(2).put("k", heads[:2])  # head 0 serves the query heads 0 and 1
    assert dict(trace).keys() == {"attn.pattern", "attn.k"}
    assert trace["attn.pattern"].equal(heads[1:2]) and trace["attn.k"].equal(heads[:1])


@pytest.mark.parametrize(("x", "hint"), [(torch.ones(2, 3, 4), "there are 2"), (torch.ones(3, 4), "its shape is")])
def test_a_head_that_is_not_there(x: torch.Tensor, hint: str) -> None:
    with pytest.raises(EngineError, match="there is no head 2") as caught:
        Trace(only="*[head=2]").put("z", x)
    assert hint in str(caught.value.hint)


def test_only_keeps_no_larger_tensor_alive() -> None:
    whole = torch.arange(12.0).reshape(3, 4)
    trace = Trace(only="part")
    trace.put("part", whole[:, :1])
    assert trace["part"].untyped_storage().nbytes() == 3 * 4
    everything = Trace()
    everything.put("part", whole[:, :1])
    assert everything["part"].untyped_storage().nbytes() == 12 * 4


def test_an_edit_that_met_no_value_is_an_error() -> None:
    trace = Trace(edits={"a.x": torch.zeros_like})
    with pytest.raises(EngineError, match=r"a\.x: there is no such value"):
        trace.check_edits()
    trace.scope("a").put("x", X)
    trace.check_edits()
    NO_TRACE.check_edits()
