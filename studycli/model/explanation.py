"""Where a number of a demo's step comes from."""

from __future__ import annotations

from studycli.model.value import Value


class Term(Value):
    """One addend: its place along the axis that is summed over, the numbers it is made of, and its size."""

    label: str
    parts: tuple[float | str, ...]
    value: float | str


class Stage(Value):
    """One cell of a step and the numbers that it follows from.

    `cell` is the step's name with the place, such as `pattern[0, 2, 1]`, `names` what its indices stand for, `kind` the
    kind of origin. `sentence` says how the number follows, `columns` what the parts of a term are. `terms` are the
    largest by size, or all; `left_out` counts the others and `rest` is their sum. `outcome` is the arithmetic in
    a line, `computed` what it gives: the value, but for rounding; None where nothing here gives it.
    """

    cell: str
    names: tuple[str, ...]
    value: float | str
    kind: str
    sentence: str
    columns: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    left_out: int = 0
    rest: float | str = 0.0
    outcome: str = ""
    computed: float | str | None = None


class Explanation(Value):
    """A cell, then the cells that it follows from one after the other, as far back as the step shows one for each.

    `onward` are cells to ask about next.
    """

    demo: str
    stages: tuple[Stage, ...]
    onward: tuple[str, ...] = ()
