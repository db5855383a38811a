"""Displayed formulas, and those that never close."""

from __future__ import annotations

import pytest

from studycli.documents.formulas import formulas
from studycli.documents.outline import Outline
from studycli.model.problem import Problem


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$$\na = b\n$$\n", [("a = b", 1)]),
        ("x\n\n  $$\n  a \\\\[2pt]\n  b\n  $$\n", [("a \\\\[2pt]\n  b", 3)]),
        ("where $$a$$ and $$b$$ hold", [("a", 1), ("b", 1)]),
        ("\\[\na = b\n\\]", [("a = b", 1)]),
        ("- \\[ a \\]", [("a", 1)]),
        ("an \\[escaped\\] bracket", []),
        ("`$$` and `$$` are code, and \\$$ a \\$$ is none\n", []),
        ("```\n$$\na\n$$\n```\n", []),
        ("$$ $$", []),
    ],
)
def test_formulas(text: str, found: list[tuple[str, int]]) -> None:
    problems: list[Problem] = []
    assert [(formula.text, formula.line) for formula in formulas(Outline(text), problems)] == found
    assert problems == []


def test_a_formula_that_never_closes_ends_at_the_next_heading() -> None:
    problems: list[Problem] = []
    found = formulas(Outline("# One\n$$\na\n\n# Two\n\n$$\nb\n$$\n"), problems)
    assert [formula.text for formula in found] == ["b"]
    assert [problem.line for problem in problems] == [2]


def test_dollars_in_prose_are_no_problem() -> None:
    problems: list[Problem] = []
    assert formulas(Outline("it costs $$ and more\n"), problems) == ()
    assert problems == []
