"""Marks on names in a drawn text."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.text import Text

from studycli.tui.source_marks import Marked


def drawn(text: str, names: list[str], width: int = 40) -> list[Segment]:
    console = Console(width=width, file=io.StringIO(), color_system=None)
    return [segment for segment in console.render(Marked(Text(text), names)) if not segment.control]


def marked(text: str, names: list[str], width: int = 40) -> list[str]:
    return [s.text for s in drawn(text, names, width) if s.style is not None and s.style.underline and s.style.bold]


@pytest.mark.parametrize(
    ("text", "names", "found"),
    [
        ("Masks, a mask, unmasked", ["Mask"], ["Masks", "mask"]),
        ("softmaxes and a Softmax.", ["Softmax"], ["softmaxes", "Softmax"]),
        ("a mask", ["Masks"], ["mask"]),
        ("multi head or multi–head", ["Multi-Head"], ["multi head", "multi–head"]),
        ("the MHA", ["Multi-Head Attention (MHA)"], ["MHA"]),
        ("a head of attention heads", ["head", "attention head"], ["head", "attention heads"]),
        ("Q, K and Qs", ["Query (Q)"], ["Q"]),
        ("loss, not los", ["loss"], ["loss"]),
        ("a (b) [c] .*", [".*", "", "()"], []),
        ("x + y", [], []),
    ],
)
def test_what_is_marked(text: str, names: list[str], found: list[str]) -> None:
    assert marked(text, names) == found


def test_a_name_over_the_end_of_a_line() -> None:
    assert marked("about the causal mask there", ["causal mask"], width=17) == ["causal ", "mask"]


@given(st.text(alphabet="ab é\n-漢", max_size=60), st.lists(st.text(alphabet="ab é-", max_size=6), max_size=4))
def test_marking_changes_no_text(text: str, names: list[str]) -> None:
    plain = "".join(segment.text for segment in drawn(text, []))
    assert "".join(segment.text for segment in drawn(text, names)).split() == plain.split()
