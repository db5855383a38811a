"""What a demo computed: named steps with real numbers, and claims that were measured on them."""

from __future__ import annotations

from typing import Any, Literal

from studycli.model.value import Value


class Origin(Value):
    """How each number of a step follows from numbers of other steps of the same result, named in `of`.

    With i the row, j the column and leading axes alike (an operand with fewer axes lacks the first ones):

    - given: not computed here; `note` says where it comes from.
    - product: sum over d of left[i, d] right[d, j], or right[j, d] where `transposed`.
    - softmax: exp(x[i, j]) over the sum of exp(x[i, k]) for all k.
    - ratio: x[i, j] / `by`.
    - sum: the same place in each of `of`, added.
    - masked: x[i, j] where the second of `of`, a mask, is 1, else minus infinity.
    - normalised: (x[i, j] - mean of row i) / sqrt(variance of row i + `by`).
    - function: `note` names a function, such as gelu, of x[i, j].
    """

    kind: Literal["given", "product", "softmax", "ratio", "sum", "masked", "normalised", "function"]
    of: tuple[str, ...] = ()
    by: float | None = None
    transposed: bool = False
    note: str = ""


class Step(Value):
    """One named intermediate value: nested lists of numbers or strings, its shape, and what to look at.

    `axes` names the dimensions of `values`, e.g. ("query", "key"); `labels` holds the names along an axis
    (such as the tokens) keyed by axis name. Numbers are finite: what is not is the text "inf", "-inf" or "nan".
    `origin` says how its numbers follow from other steps. `preview` says that a part of it is enough to see what it is
    like, `compare` names the step to set beside it.
    """

    name: str
    shape: tuple[int, ...]
    values: Any
    note: str
    axes: tuple[str, ...] = ()
    labels: dict[str, tuple[str, ...]] = {}
    preview: bool = False
    compare: str | None = None
    origin: Origin | None = None


class Claim(Value):
    """A statement, what was measured for it, and whether it holds."""

    name: str
    statement: str
    measured: float | str
    holds: bool


class DemoResult(Value):
    """Everything one run of a demo gives."""

    demo: str
    title: str
    inputs: dict[str, Any]
    steps: tuple[Step, ...]
    claims: tuple[Claim, ...]
