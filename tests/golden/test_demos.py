"""Demos as a terminal shows them, letter by letter, on numbers that are the same on every machine.

`python tests/golden/test_demos.py` writes the files anew; look at the difference before keeping it.
"""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from studycli.model.trace import Claim, DemoResult, Step
from studycli.render.trace import render

GOLDEN = Path(__file__).parent / "demos"
WIDTHS = (80, 120, 200)
SHORT = ("A", "query", "asks", "each", "注意", "incomprehensibility", ".")
KINDS = {"kind": ("multi-head", "grouped-query attention", "multi-query")}
LONG = tuple(f"word{i}" for i in range(20))


def weights(n: int, sharpness: int) -> list[list[float]]:
    """A pattern of whole-number odds: the closer a key to its query's partner, the more weight."""
    odds = [[(1 + n - abs((3 * i + 1) % n - j)) ** sharpness for j in range(n)] for i in range(n)]
    return [[odd / sum(row) for odd in row] for row in odds]


def grid(rows: int, columns: int) -> list[list[float]]:
    return [[((7 * i + 3 * j) % 19 - 9) / 4 for j in range(columns)] for i in range(rows)]


def result(tokens: tuple[str, ...]) -> DemoResult:
    n = len(tokens)
    pair = {"axes": ("query", "key"), "labels": {"query": tokens, "key": tokens}}
    per_head = {"axes": ("head", "query", "key"), "labels": pair["labels"]}
    row = {"axes": ("token", "d_k"), "labels": {"token": tokens}, "preview": True}
    scores = [[8 * x for x in row] for row in grid(n, n)]
    return DemoResult(
        demo="golden",
        title="A picture that stays",
        inputs={"text": " ".join(tokens), "tokens": n, "seed": 0, "device": "cpu"},
        steps=(
            Step(name="tokens", shape=(n,), values=list(tokens), axes=("token",), note=f"All {n} of the text."),
            Step(name="q", shape=(n, 64), values=grid(n, 64), note="What each token looks for.", **row),
            Step(name="scores", shape=(n, n), values=scores, note="Look at their size, and at their signs.", **pair),
            Step(name="pattern", shape=(n, n), values=weights(n, 2), note="Even.", compare="sharp", **pair),
            Step(name="sharp", shape=(n, n), values=weights(n, 9), note="Sharp.", **pair),
            Step(
                name="heads",
                shape=(4, n, n),
                values=[weights(n, power) for power in (1, 3, 6, 12)],
                note="Each head by itself.",
                **per_head,
            ),
            Step(name="load", shape=(3,), values=[1.0, 0.25, 2.0], note="By expert.", axes=("kind",), labels=KINDS),
            Step(
                name="cost",
                shape=(3, 2),
                values=[[2.0e9, 0.25], [12345.0, 1.0], [7.0, 0.001]],
                note="Quantities of several kinds.",
                axes=("kind", "cost"),
                labels=KINDS | {"cost": ("bytes of the cache", "ms")},
            ),
            Step(
                name="pieces",
                shape=(2, 3),
                values=[["un + believ", 3, "the longest rule that still applies"], ["cat", 1, "whole"]],
                note="Words and numbers.",
                axes=("merge", "column"),
                labels={"column": ("joins", "rank", "why")},
            ),
        ),
        claims=(
            Claim(name="holds", statement="Each row of the pattern sums to 1.", measured=1.25e-8, holds=True),
            Claim(
                name="fails",
                statement="A statement that is long enough to need a second line in a narrow terminal, but not in a "
                "wide one, and that does not hold.",
                measured="3 of 4",
                holds=False,
            ),
        ),
    )


CASES = {
    f"{name}-{width}.txt": (tokens, width) for name, tokens in (("short", SHORT), ("long", LONG)) for width in WIDTHS
}


def drawn(name: str) -> str:
    tokens, width = CASES[name]
    console = Console(width=width, file=StringIO(), markup=False, highlight=False, emoji=False)
    console.print(render(result(tokens), width))
    return "\n".join(line.rstrip() for line in console.file.getvalue().split("\n"))


@pytest.mark.parametrize("name", CASES)
def test_a_demo_looks_as_it_did(name: str) -> None:
    assert drawn(name) == (GOLDEN / name).read_text("utf-8")


def test_colour_changes_nothing_but_colour() -> None:
    console = Console(width=80, file=StringIO(), force_terminal=True, color_system="truecolor", markup=False)
    console.print(render(result(SHORT), 80))
    coloured = console.file.getvalue()
    assert "\x1b[38;2;0;0;0;48;2;242;199;68m" in coloured.replace("\x1b[0m", "")
    plain = "".join(part.partition("m")[2] if index else part for index, part in enumerate(coloured.split("\x1b[")))
    assert "\n".join(line.rstrip() for line in plain.split("\n")) == (GOLDEN / "short-80.txt").read_text("utf-8")


if __name__ == "__main__":
    for each in CASES:
        (GOLDEN / each).write_text(drawn(each), "utf-8")
