"""The wire: what is sent is what arrives, numbers that JSON lacks and errors of every kind among it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli import errors
from studycli.demos.request import DemoRequest
from studycli.demos.wire import Failure, Reply, Request
from studycli.errors import EngineError, StudyError
from studycli.model.trace import Claim, DemoResult, Step

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, StudyError)]


def result(*numbers: float) -> DemoResult:
    step = Step(name="x", shape=(len(numbers),), values=list(numbers), note="")
    claim = Claim(name="c", statement="s", measured=numbers[0], holds=True)
    return DemoResult(demo="d", title="t", inputs={"none": None, "x": numbers[0]}, steps=(step,), claims=(claim,))


@pytest.mark.parametrize("number", [math.inf, -math.inf, 0.1, 1e-320, 1e308, -0.0])
def test_every_number_arrives_as_it_is(number: float) -> None:
    sent = result(number)
    line = Reply(demo=sent).line()
    assert line.count(b"\n") == 1
    assert Reply.model_validate_json(line).demo == sent


def test_a_nan_arrives_as_one() -> None:
    arrived = Reply.model_validate_json(Reply(demo=result(math.nan)).line()).demo
    assert arrived is not None
    assert math.isnan(arrived.steps[0].values[0])
    assert math.isnan(arrived.inputs["x"])
    assert isinstance(arrived.claims[0].measured, float)
    assert math.isnan(arrived.claims[0].measured)


parameters = st.tuples(st.text(), st.one_of(st.text(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)))
place = st.none() | st.integers(min_value=0)


@given(
    st.builds(
        DemoRequest, name=st.text(), text=st.text(), seed=st.integers(), layer=place, head=place,
        parameters=st.lists(parameters).map(tuple), edits=st.lists(st.text()).map(tuple), whole=st.booleans(),
    )
)  # fmt: skip
def test_every_request_arrives_as_it_is(request_: DemoRequest) -> None:
    line = Request(demo=request_).model_dump_json(exclude_unset=True)
    assert "\n" not in line
    assert Request.model_validate_json(line).demo == request_


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_comes_back_as_its_own_kind(kind: type[StudyError]) -> None:
    sent = kind("a message", hint="a hint", where="a place")
    error = Failure.model_validate_json(Failure.of(sent).model_dump_json()).error()
    assert type(error) is kind
    assert (error.message, error.hint, error.where) == ("a message", "a hint", "a place")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ZeroDivisionError("division\n  by zero"), "this could not be computed: ZeroDivisionError: division by zero"),
        (MemoryError(), "this could not be computed: MemoryError"),
        (ValueError("\ud800"), "this could not be computed: ValueError: ?"),
    ],
)
def test_an_unforeseen_error_is_told_by_its_type(error: Exception, told: str) -> None:
    back = Failure.model_validate_json(Failure.of(error).model_dump_json()).error()
    assert type(back) is EngineError
    assert back.message == told
    assert back.hint


def test_a_long_message_is_cut() -> None:
    assert len(Failure.of(ValueError("x" * 10_000_000)).message) < 400


def test_no_other_class_can_be_named() -> None:
    assert type(Failure(message="m", kind="annotations").error()) is EngineError
    assert type(Failure(message="m", kind="__builtins__").error()) is EngineError
