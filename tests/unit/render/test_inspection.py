"""What was understood of a lesson, as a terminal shows it."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from studycli.documents.load import load_text
from studycli.render.inspection import render

LESSON = """# Gardening for Absolute Beginners

**Prerequisites:** A *dry* shed, **Seeds**: [how to choose](./seeds.md) them
**Duration:** 1 hour

## 1. Digging the Ground Over Before Any Frost (20 min)

Text.

## Sowing - 40 min

Text.
"""


@pytest.fixture(scope="module")
def lines() -> list[str]:
    console = Console(width=44, file=StringIO(), markup=False)
    console.print(render(load_text(LESSON, "garden-lesson.md"), ()))
    return [line.rstrip() for line in console.file.getvalue().split("\n")]


def test_prerequisites_are_text_a_line_each(lines: list[str]) -> None:
    start = next(at for at, line in enumerate(lines) if line.startswith("needs"))
    assert [line[5:].strip() for line in lines[start : start + 2]] == ["A dry shed", "Seeds: how to choose them"]


def test_a_duration_stands_once(lines: list[str]) -> None:
    (sowing,) = (line for line in lines if "Sowing" in line)
    assert sowing.split() == ["Sowing", "40", "min", "10"]
    assert "(20" not in "\n".join(lines)


def test_a_wrapped_title_keeps_its_indent_and_its_number(lines: list[str]) -> None:
    start = next(at for at, line in enumerate(lines) if "Digging" in line)
    assert lines[start].startswith("  1. Digging")
    assert lines[start + 1].startswith("  ") and not lines[start + 1].startswith("   ")
