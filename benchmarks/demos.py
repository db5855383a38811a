"""Every demo on a card's text: the time to compute it with torch loaded, and to draw it at 200 x 60."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from io import StringIO

COMPUTING_MS = 150
RENDERING_MS = 50
COLUMNS, ROWS = 200, 60
TURNS = 5
CARD = "Why are the scores divided by the square root of d_k before the softmax, and what would happen without it?"


def run() -> Iterator[str]:
    """A line for each demo, in milliseconds: first run (with its model's loading), another run, drawing."""
    import torch

    from studycli.demos import registry
    from studycli.demos.catalogue import ALL
    from studycli.demos.inputs import Inputs

    torch.softmax(torch.zeros(8, 8) @ torch.zeros(8, 8), -1)  # what torch does once is no demo's
    yield f"{'demo':<22}{'first':>8}{'again':>8}{'drawing':>9}   limits {COMPUTING_MS} and {RENDERING_MS} ms"
    over = 0
    for demo in ALL:
        inputs = Inputs(CARD if demo.reads == "any text" else demo.text)
        first, result = _timed(lambda name=demo.name, inputs=inputs: registry.run(name, inputs))
        again = min(_timed(lambda name=demo.name, inputs=inputs: registry.run(name, inputs))[0] for _ in range(TURNS))
        drawing = min(_timed(lambda result=result: _draw(result))[0] for _ in range(TURNS))
        marks = [f"{what} over its limit" for what, ms, limit in (
            ("first run", first, COMPUTING_MS), ("computing", again, COMPUTING_MS), ("drawing", drawing, RENDERING_MS)
        ) if ms > limit]  # fmt: skip
        over += bool(marks)
        yield f"{demo.name:<22}{first:8.0f}{again:8.0f}{drawing:9.0f}{'   ' + ', '.join(marks) if marks else ''}"
    yield f"{len(ALL) - over} of {len(ALL)} within both limits"


def _draw(result: object) -> None:
    from rich.console import Console

    from studycli.model.trace import DemoResult
    from studycli.render.trace import render

    assert isinstance(result, DemoResult)
    console = Console(
        width=COLUMNS,
        height=ROWS,
        file=StringIO(),
        force_terminal=True,
        color_system="truecolor",
        markup=False,
        highlight=False,
        emoji=False,
    )
    console.print(render(result, COLUMNS))


def _timed(work: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    result = work()
    return 1000 * (time.perf_counter() - start), result
