"""The heading at several widths."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from studycli.tui.heading import Facts, _Lines

FACTS = Facts(
    "Transformers · card 12: How weights are computed",
    "Attention · hard · Understand · new",
    "new 20 · due 115 · again 0",
    "3 of 30 · 12 min",
)


def lines(facts: Facts, width: int) -> list[str]:
    console = Console(width=width, file=io.StringIO(), color_system=None)
    with console.capture() as captured:
        console.print(_Lines(facts))
    return captured.get().splitlines()


@pytest.mark.parametrize(
    ("width", "first"),
    [
        (80, "Transformers · card 12: How weights are computed      new 20 · due 115 · again 0"),
        (60, "Transformers · card 12: How weights are …   new 20 · due 115"),
        (50, "Transformers · card 12: How …     new 20 · due 115"),
        (40, "Transformers · card 12  new 20 · due 115"),
        (36, "Transfo… · card 12  new 20 · due 115"),
    ],
)
def test_the_number_of_the_card_is_the_last_to_go(width: int, first: str) -> None:
    drawn = lines(FACTS, width)
    assert drawn[0] == first
    assert drawn[1].endswith("3 of 30 · 12 min")
    assert all(len(line) == width for line in drawn)


def test_a_count_stays_where_all_are_0() -> None:
    assert lines(Facts("A deck · card 1: title", "", "new 0 · due 0 · again 0"), 24)[0].endswith("new 0")


def test_what_is_no_card_is_cut_at_its_end() -> None:
    assert lines(Facts("x" * 50, "", "new 1"), 30)[0] == "x" * 22 + "…  new 1"
