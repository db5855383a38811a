"""Controls of a demo: the steps of a slider, layers and heads in turn, and lines that fit."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from studycli.demos.catalogue import ALL
from studycli.demos.parameter import Parameter, Value
from studycli.tui.demo_controls import Place, moved, packed, slider, stops

EVERY = [parameter for demo in ALL for parameter in demo.parameters]


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        (Parameter("groups", 2, "", 1, 4), (1, 2, 3, 4)),
        (Parameter("d_k", 256, "", 2, 512), (2, 4, 8, 16, 32, 64, 128, 256, 512)),
        (Parameter("length", 256, "", 128, 1100), (128, 256, 512, 1024, 1100)),
        (Parameter("temperature", 1.0, "", 0.5, 60), (0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50, 60)),
        (Parameter("share", 0.5, "", 0, 1), tuple(round(0.05 * index, 2) for index in range(21))),
        (Parameter("top_k", 5, "", 1, 100), (1, *range(5, 101, 5))),
        (Parameter("kind", "a", "", choices=("a", "b")), ("a", "b")),
        (Parameter("name", "a", ""), ()),
        (Parameter("count", 3, "", 0), ()),
    ],
)
def test_the_values_that_a_slider_goes_through(parameter: Parameter, expected: tuple[Value, ...]) -> None:
    assert stops(parameter) == pytest.approx(expected) if not parameter.choices else stops(parameter) == expected


@pytest.mark.parametrize("parameter", EVERY, ids=lambda parameter: parameter.name)
def test_every_stop_of_every_demo_is_allowed_and_reached(parameter: Parameter) -> None:
    there = stops(parameter)
    assert 2 <= len(there) <= 100
    value = there[0]
    seen = [value]
    for _ in there[1:]:
        value = moved(parameter, value, 1)
        assert parameter.read(str(value)) == value
        seen.append(value)
    assert tuple(seen) == there
    assert moved(parameter, value, 1) == (there[0] if parameter.choices else there[-1])
    assert moved(parameter, there[1], -1) == there[0]
    assert moved(parameter, parameter.default, 1) != parameter.default or parameter.default == there[-1]


def test_a_value_between_stops_goes_to_the_nearest() -> None:
    parameter = Parameter("length", 256, "", 128, 1024)
    assert moved(parameter, 300, 1) == 512
    assert moved(parameter, 300, -1) == 256


@pytest.mark.parametrize("parameter", EVERY, ids=lambda parameter: parameter.name)
def test_a_slider_fits(parameter: Parameter) -> None:
    for value in stops(parameter):
        assert cell_len(slider(parameter, value, 50).plain.split("\n")[0]) <= 50 or parameter.choices


def test_heads_come_in_turn_with_all_of_them_between() -> None:
    index: int | None = None
    seen = []
    for _ in range(5):
        index = Place("head", index, 3, "").moved(1)
        seen.append(index)
    assert seen == [0, 1, 2, None, 0]
    assert Place("head", None, 3, "").moved(-1) == 2
    assert Place("head", 0, 3, "").moved(-1) is None
    assert Place("head", 2, 3, "", silenced=True).moved(1) == 0
    assert Place("head", 2, 3, "", silenced=True).text.plain.startswith("head 2 of 0 to 2 silenced")


@given(st.lists(st.integers(1, 30), max_size=8), st.integers(30, 60))
def test_parts_are_packed_whole(sizes: list[int], width: int) -> None:
    parts = [str(index) * size for index, size in enumerate(sizes)]
    lines = packed([Text(part) for part in parts], width, "  ").plain.split("\n")
    assert [part for line in lines for part in line.split()] == parts
    assert all(len(line) <= width for line in lines)
    assert all(len(f"{line}  {after.split()[0]}") > width for line, after in pairwise(lines))
