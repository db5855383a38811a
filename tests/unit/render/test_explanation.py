"""Explanations in the terminal: terms, their sum, what comes before, and hostile names."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from studycli.model.explanation import Explanation, Stage, Term
from studycli.render.explanation import render

EVIL = "[bold]x[/bold]\x1b[2J\u202e"


def show(explanation: Explanation, width: int = 80) -> str:
    console = Console(width=width, file=StringIO(), force_terminal=True, color_system=None)
    console.print(render(explanation))
    return "\n".join(line.rstrip() for line in console.file.getvalue().split("\n"))


def product(**more: object) -> Stage:
    terms = (Term(label="0", parts=(0.5, -2.0), value=-1.0), Term(label="3 'cat'", parts=(2.0, 3.0), value=6.0))
    facts = {
        "cell": "scores[1, 0]",
        "names": ("query 1 'sat'", "key 0"),
        "value": 5.25,
        "kind": "product",
        "sentence": "The dot product.",
        "columns": ("d_k", "q[1, :]", "k[0, :]", "product"),
        "terms": terms,
        "left_out": 62,
        "rest": 0.25,
        "outcome": "the sum of all 64",
        "computed": 5.25,
    }
    return Stage.model_validate(facts | more)


def test_terms_and_their_sum() -> None:
    out = show(Explanation(demo="d", stages=(product(),), onward=("q[1, 3]",)))
    assert out.split("\n")[:8] == [
        "scores[1, 0] = 5.25  query 1 'sat', key 0",
        "  The dot product.",
        "  d_k              q[1, :]  k[0, :]  product",
        "  0                    0.5       -2       -1",
        "  3 'cat'                2        3        6",
        "  62 smaller ones                       0.25",
        "  the sum of all 64 = 5.25",
        "",
    ]
    assert "go on with --explain 'q[1, 3]'" in out


def test_stages_follow_each_other() -> None:
    given = Stage(cell="q[1, 3]", names=(), value="-inf", kind="given", sentence="Drawn.")
    out = show(Explanation(demo="d", stages=(product(terms=(), left_out=0), given)))
    assert out.index("scores[1, 0]") < out.index("q[1, 3] = -inf") < out.index("Drawn.")


def test_nothing_is_wider_than_the_terminal_and_nothing_is_markup() -> None:
    stage = product(cell=EVIL, names=(EVIL,), sentence=EVIL, columns=(EVIL,) * 4, outcome=EVIL)
    out = show(Explanation(demo="d", stages=(stage,), onward=(EVIL,)), 40)
    assert max(map(len, out.split("\n"))) <= 40
    assert "\x1b" not in out and "\u202e" not in out and "[bold]x[/bold]" in out
